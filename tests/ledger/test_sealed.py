"""Sealing as an attacker meets it who holds the database: what opens, with which key, and what shows."""

from __future__ import annotations

import io
import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
from psycopg import errors, sql

from adapters.contract import parse_fact
from adapters.keys.key_file import KeyFile, WrongKey
from adapters.keys.keyring import Keyring, StreamKey
from adapters.keys.sealing import SealBroken
from adapters.postgres.mapper import to_event
from domain.errors import MalformedFact, PledgerError
from domain.events.customer import DataCollected
from tests.controls import cloud_event, verified
from tests.reading import events_of, positions_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from adapters.bootstrap import Installation
    from adapters.postgres.rows import EventRow
    from tests.ledger.conftest import Say

MARK = "Zyxwvut"
"""In every personal value of these tests, and nowhere else."""


def _row(it: Installation, name: str) -> EventRow:
    position = positions_of(it, name)[0]
    return next(row for row in rows_of(it) if row.position == position)


def _key(it: Installation, stream: UUID) -> StreamKey:
    with it.connect() as connection:
        row = connection.execute("SELECT wrapped FROM stream_keys WHERE stream_id = %s", (stream,)).fetchone()
    assert row is not None
    return it.keyring.unwrap(stream, row[0])


def _tamper(it: Installation, change: LiteralString) -> None:
    """Change the log as a superuser can: with the triggers disabled, and enabled again.

    `a`, `b` and `c` stand for the positions of the events of these facts.
    """
    wanted = {name: positions_of(it, name) for name in "abc"}
    with it.database.connect_as_owner() as connection:
        connection.execute("SET search_path TO pledger")
        connection.execute("ALTER TABLE events DISABLE TRIGGER events_stay")
        assert connection.execute(sql.SQL(change), wanted).rowcount > 0
        connection.execute("ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay")


def test_a_value_opens_with_its_own_key_only(installation: Installation, say: Say) -> None:
    """The customer's key opens the envelope; another customer's, another row's and another key file do not."""
    installation.ledger.append_many(
        [say.collection("a", subject="customer:a"), say.collection("b", subject="customer:b")]
    )
    row, other = _row(installation, "a"), _row(installation, "b")
    key = _key(installation, row.stream_id)
    event = to_event(row, key.dek)
    assert isinstance(event, DataCollected)
    assert event.values == {"user.contact.email": "ada@example.org"}
    for wrong in (_key(installation, other.stream_id).dek, bytes(32)):
        with pytest.raises(SealBroken):
            to_event(row, wrong)
    # A wrapped key that is moved to another customer's row does not open there.
    with installation.connect() as connection:
        (wrapped,) = connection.execute(
            "SELECT wrapped FROM stream_keys WHERE stream_id = %s", (row.stream_id,)
        ).fetchone() or (b"",)
    with pytest.raises(WrongKey):
        installation.keyring.unwrap(other.stream_id, wrapped)
    with pytest.raises(WrongKey):
        Keyring(KeyFile(bytes(32)), bytes(32)).unwrap(row.stream_id, wrapped)


TAMPERINGS: tuple[LiteralString, ...] = (
    "UPDATE events SET actor = 'somebody' WHERE position = ANY (%(a)s)",
    "UPDATE events SET source = '/elsewhere' WHERE position = ANY (%(a)s)",
    "UPDATE events SET part = part + 1 WHERE position = ANY (%(a)s)",
    "UPDATE events SET policy = '1999' WHERE position = ANY (%(a)s)",
    "UPDATE events SET occurred_at = occurred_at + interval '1 microsecond' WHERE position = ANY (%(a)s)",
    'UPDATE events SET data = data || \'{"notice": "another"}\' WHERE position = ANY (%(a)s) AND version = 1',
    "UPDATE events SET data = data - 'online' WHERE position = ANY (%(a)s) AND version = 1",
    "UPDATE events SET version = version + 100 WHERE position = ANY (%(a)s)",
    "UPDATE events SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE position = ANY (%(a)s)",
    "UPDATE events SET sealed = substr(sealed, 1, 60) WHERE position = ANY (%(a)s)",
    "UPDATE events SET key_commitment = set_byte(key_commitment, 0, 255 - get_byte(key_commitment, 0))",
    "UPDATE events SET key_commitment = '' WHERE position = ANY (%(a)s)",
    (
        "UPDATE events SET (sealed, key_commitment) ="
        " (SELECT sealed, key_commitment FROM events WHERE position = ANY (%(b)s) LIMIT 1)"
        " WHERE position = ANY (%(a)s)"
    ),
    (
        "UPDATE events SET version = version + 100,"
        " stream_id = (SELECT stream_id FROM events WHERE position = ANY (%(c)s) LIMIT 1)"
        " WHERE position = ANY (%(a)s)"
    ),
)


@pytest.mark.parametrize("change", TAMPERINGS)
def test_a_changed_header_or_envelope_is_found(installation: Installation, say: Say, change: LiteralString) -> None:
    """Reading an event says that its seal is broken if a superuser changed any part of it behind the triggers."""
    installation.ledger.append_many(
        [
            say.collection("a", act="inbound_message"),
            say.collection("b", act="inbound_message"),
            say.collection("c", subject="customer:c", act="inbound_message"),
        ]
    )
    stream = _row(installation, "a").stream_id
    other = _row(installation, "c").stream_id
    assert len(list(events_of(installation, stream))) == 2
    _tamper(installation, change)
    with pytest.raises(SealBroken):
        [list(events_of(installation, one)) for one in (stream, other)]


def test_an_envelope_and_its_commitment_go_together(installation: Installation, say: Say) -> None:
    """The table refuses one without the other, and reading does too, where somebody dropped the table's check."""
    installation.ledger.append(say.collection("a"))
    with pytest.raises(errors.CheckViolation):
        _tamper(installation, "UPDATE events SET key_commitment = NULL WHERE position = ANY (%(a)s)")
    row = _row(installation, "a")
    with pytest.raises(SealBroken):
        to_event(row._replace(key_commitment=None), _key(installation, row.stream_id).dek)


def _everything_personal(it: Installation, say: Say) -> None:
    """Append facts with a mark in every personal value that the contract knows."""
    one, two = f"customer:{MARK}1", f"email:{MARK}@example.org"
    day = "2016-04-02T10:15:00Z"
    facts = [
        say.collection(
            "p1",
            subject=one,
            also=[verified(two), verified(f"order:{MARK}")],
            act="order",
            reference=f"{MARK}-order",
            values={"user.contact.email": f"{MARK}@example.org", "user.name": f"{MARK} Lovelace"},
        ),
        say.collection("p2", subject=f"order:{MARK}2", act="gift", reference=f"{MARK}-gift", source=one),
        say.fact("p3", "order_completed", one, day, reference=f"{MARK}-order"),
        say.fact(
            "p4",
            "share",
            one,
            day,
            recipient="carrier",
            purpose="deliver_order",
            categories=["user.name"],
            reference=f"{MARK}-order",
            relying_on=[{"act": "order", "reference": f"{MARK}-order"}],
        ),
        say.fact(
            "p5", "correction", one, day, request="r1", category="user.contact.email", value=f"{MARK}2@example.org"
        ),
        say.fact("p6", "correction_declined", one, day, request="r1", reason=f"{MARK} was right"),
        say.fact("p7", "request_denied", one, day, request="r1", reason=f"{MARK} was wrong"),
        say.fact("p8", "entry_correction", one, day, entry={"source": "/shop", "id": "p1"}, reason=f"{MARK} said so"),
        say.fact("p9", "order_cancelled", one, day, reference=f"{MARK}-order"),
        say.fact("p10", "enrollment", one, day, program="email_marketing", cause="purchase", reference=f"{MARK}-order"),
        say.cookie_refusal("p11", subject=f"visitor:{MARK}"),
        say.fact("p12", "identifier_linked", f"visitor:{MARK}", day, to=f"customer:{MARK}1"),
        say.collection("p13", subject=f"customer:{MARK}9", also=[verified(one)]),
        say.fact("p14", "erasure", f"order:{MARK}2", day, reason=f"{MARK} asked"),
    ]
    answers = it.ledger.append_many(facts)
    assert not [answer for answer in answers if isinstance(answer, PledgerError)]
    # The large way in, by COPY, too.
    many = [say.collection(f"q{n}", subject=f"customer:{MARK}{n}", reference=f"{MARK}{n}") for n in range(120)]
    assert not [answer for answer in it.ledger.append_many(many) if isinstance(answer, PledgerError)]


def _marks(text: str) -> bool:
    return any(form in text.lower() for form in (MARK.lower(), MARK.encode().hex()))


def test_no_personal_value_stands_in_the_database(installation: Installation, say: Say) -> None:
    """The text of every row of every table, and the bytes of the database's files and its journal, hold no mark."""
    _everything_personal(installation, say)
    assert _marks(f"{MARK}@example.org")
    with psycopg.connect(installation.database.url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pledger'::regnamespace AND relkind = 'r'"
        ).fetchall()
        assert len(tables) >= 10
        for (table,) in tables:
            name = sql.SQL(".").join(map(sql.Identifier, table.split(".")))
            rows = connection.execute(sql.SQL("SELECT one::text FROM {} AS one").format(name)).fetchall()
            assert not [row for (row,) in rows if _marks(row)], table
        connection.execute("CHECKPOINT")
        folder, database = connection.execute(
            "SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()"
        ).fetchone() or ("", "")
    home = Path(folder)
    if not home.is_dir():
        return  # The server is not on this machine, so its files are not here to be looked at.
    files = [*(home / "base" / database).iterdir(), *(home / "pg_wal").iterdir(), home / "log"]
    assert len(files) > 100
    for file in files:
        if file.is_file():
            assert MARK.encode() not in file.read_bytes(), file.name


def test_no_personal_value_stands_in_an_error_or_a_log(
    installation: Installation, say: Say, capfd: pytest.CaptureFixture[str]
) -> None:
    """Errors, tracebacks and logs about marked facts do not hold their values."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    before, level = logging.getLogger().level, logging.DEBUG
    logging.getLogger().setLevel(level)
    told: list[str] = []

    def fails(work: Callable[[], object]) -> None:
        with pytest.raises(PledgerError) as caught:
            work()
        told.extend((str(caught.value), repr(caught.value)))
        told.extend(map(str, caught.value.args))
        told.append("".join(traceback.format_exception_only(caught.value)))
        cause: BaseException | None = caught.value
        while cause is not None:
            told.append(f"{cause!s} {cause!r}")
            cause = cause.__cause__ or cause.__context__

    try:
        _everything_personal(installation, say)
        ledger, one = installation.ledger, f"customer:{MARK}1"
        fails(lambda: ledger.append(say.collection("p1", subject=one, reference=f"{MARK}-other")))
        fails(lambda: ledger.append(say.collection("x1", subject=one), expected_version=99))
        fails(lambda: ledger.append(say.collection("x2", subject=one, time="2036-01-01T00:00:00Z")))
        fails(lambda: ledger.append(say.collection("x3", subject=f"id:{MARK}")))
        fails(lambda: ledger.append(say.collection("x4", subject=one), actor="\x00"))
        share = {"recipient": "nobody", "purpose": "deliver_order", "categories": ["user.name"], "mode": "enforce"}
        fails(
            lambda: ledger.append(
                say.fact("x5", "share", one, "2016-06-02T10:15:00Z", reference=f"{MARK}-order", **share)
            )
        )
        for spoilt in (
            {"values": {f"{MARK}@example.org": MARK}},
            {"act": MARK},
            {f"{MARK} Lovelace": MARK},
            {"values": {"user.contact.email": [MARK]}},
            {"also": [MARK]},
        ):
            data = {"act": "order", "reference": MARK, "collection_point": "site", "notice": "n", **spoilt}
            with pytest.raises(MalformedFact):
                say.fact("x6", "collection", one, "2016-04-02T10:15:00Z", **data)
            fails(lambda data=data: parse_fact(cloud_event("collection", "x6", MARK, MARK, **data)))  # type: ignore[misc]
        fails(lambda: parse_fact(f'{{"subject": "{MARK}'))
        with installation.database.connect_as_owner() as connection:
            connection.execute(
                "ALTER TABLE pledger.events ADD CONSTRAINT never CHECK (occurred_at <> '2016-04-03T00:00:00Z')"
            )
        fails(lambda: ledger.append(say.collection("x7", subject=one, reference=MARK, time="2016-04-03T00:00:00Z")))
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)
    output = capfd.readouterr()
    assert told
    assert not [text for text in (*told, stream.getvalue(), output.out, output.err) if _marks(text)]
