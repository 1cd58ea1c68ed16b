"""Deletion in part destroys the keys of values in the ledger, and nothing else."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.bootstrap import opened
from adapters.keys.sealing import event_key, open_value_keys
from adapters.ledger import Receipt
from adapters.ledger.deletions import Deletions
from adapters.ledger.stream_reader import opened_events
from adapters.settings import load_settings
from domain.events.customer import DataCollected, DataCorrected
from domain.events.deletions import DataAnonymised, DataDeleted
from tests.controls import verified
from tests.dumps import dump, restore
from tests.reading import events_of, opened_log, rows_of, stream_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.events import Event
    from tests.ledger.conftest import Say

DELETED = "2016-08-02T10:15:00Z"
VALUES = {
    "user.name": "Ada Byron",
    "user.contact.address": "12 Row",
    "user.contact.email": "ada@example.org",
    "user.payment": None,
}


def _delete(say: Say, name: str, *categories: str, **data: Any) -> Any:  # noqa: ANN401 - a fact
    subject, time = data.pop("subject", "customer:1"), data.pop("time", DELETED)
    kind = data.pop("kind", "data_deleted")
    return say.fact(name, kind, subject, time, categories=list(categories), reason="asked", **data)


def _count(it: Installation, query: Any, *values: object) -> int:  # noqa: ANN401 - SQL
    with it.connect() as connection:
        row = connection.execute(query, values).fetchone()
    assert row is not None
    return int(row[0])


def _opened(it: Installation, *streams: UUID) -> list[Event]:
    with it.connect() as connection:
        return opened_events(connection, it.keyring, streams)


def _values(it: Installation, name: str) -> dict[str, str | None] | None:
    """Return what opens of the values of a collection that was told under an id."""
    for event in _opened(it, stream_of(it, name)):
        if isinstance(event, DataCollected) and event.fact_id == name:
            return event.values
    raise AssertionError(name)


def _gone(events: Sequence[Event]) -> list[tuple[str, ...]]:
    return [event.gone for event in events if isinstance(event, DataDeleted)]


def test_a_category_goes_and_the_rest_opens(installation: Installation, say: Say) -> None:
    """The named category and those below it are gone; what else the event holds opens and checks as before."""
    ledger = installation.ledger
    ledger.append(say.collection("a", values=VALUES, reference="entry 7"))
    assert _values(installation, "a") == VALUES
    ledger.append(_delete(say, "d", "user.contact"))
    assert _values(installation, "a") == {"user.name": "Ada Byron", "user.payment": None}
    events = list(events_of(installation, stream_of(installation, "a")))
    assert isinstance(events[0], DataCollected)
    assert (events[0].reference, events[0].categories) == ("entry 7", tuple(sorted(VALUES)))
    assert _gone(events) == [("user.contact.address", "user.contact.email")]
    ledger.append(_delete(say, "e", "user.name"))
    assert _values(installation, "a") == {"user.payment": None}
    assert _count(installation, "SELECT count(*) FROM value_keys") == 0


def test_a_broader_value_goes_whole(installation: Installation, say: Say) -> None:
    """A value of a category above the deleted one may hold it and cannot be taken apart, so it goes as well."""
    installation.ledger.append(say.collection("a", values={"user.contact": "12 Row", "user.name": "Ada"}))
    installation.ledger.append(_delete(say, "d", "user.contact.email"))
    assert _values(installation, "a") == {"user.name": "Ada"}


def test_one_collection_of_several(installation: Installation, say: Say) -> None:
    """A deletion that relies on a collection leaves the values of others, and of corrections."""
    ledger = installation.ledger
    for name in "ab":
        ledger.append(say.collection(name, values=VALUES, reference=f"O-{name}"))
    ledger.append(say.fact("c", "correction", "customer:1", DELETED, request="r", category="user.name", value="Bea"))
    ledger.append(_delete(say, "d", "user", relying_on={"act": "contest_entry", "reference": "O-a"}))
    assert _values(installation, "a") == {"user.payment": None}
    assert _values(installation, "b") == VALUES
    corrected = [one for one in _opened(installation, stream_of(installation, "c")) if isinstance(one, DataCorrected)]
    assert corrected[0].value == "Bea"
    ledger.append(_delete(say, "e", "user.name"))
    corrected = [one for one in _opened(installation, stream_of(installation, "c")) if isinstance(one, DataCorrected)]
    assert (corrected[0].value, corrected[0].category) == (None, "user.name")


def test_told_before_whatever_the_times(installation: Installation, say: Say) -> None:
    """What was told before the deletion goes, also of a later time; what is told after it stays."""
    ledger = installation.ledger
    ledger.append(say.collection("later", values=VALUES, time="2016-10-02T10:15:00Z"))
    ledger.append(_delete(say, "d", "user"))
    ledger.append(say.collection("late", values=VALUES, time="2016-03-02T10:15:00Z"))
    assert _values(installation, "later") == {"user.payment": None}
    assert _values(installation, "late") == VALUES


def test_in_one_batch(installation: Installation, say: Say) -> None:
    """A batch may hold what a deletion deletes, and more behind it, whichever way its rows go in."""
    for size in (1, 120):
        crowd = f"customer:{size}"
        facts = [say.collection(f"{size} {n}", subject=crowd, values=VALUES) for n in range(size)]
        behind = say.collection(f"{size} behind", subject=crowd, values=VALUES)
        answers = installation.ledger.append_many([*facts, _delete(say, f"d{size}", "user", subject=crowd), behind])
        assert all(isinstance(answer, Receipt) for answer in answers)
        assert _values(installation, f"{size} 0") == {"user.payment": None}
        assert _values(installation, f"{size} behind") == VALUES
        (gone,) = _gone(list(events_of(installation, stream_of(installation, f"d{size}"))))
        assert len(gone) == 3 * size


def test_again_changes_nothing(installation: Installation, other: Installation, say: Say) -> None:
    """The same deletion under another id finds nothing left, also in another process, and says so."""
    installation.ledger.append(say.collection("a", values=VALUES))
    for it, name in ((installation, "d"), (other, "e")):
        it.ledger.append(_delete(say, name, "user"))
    assert _gone(list(events_of(installation, stream_of(installation, "a")))) == [
        ("user.contact.address", "user.contact.email", "user.name"),
        (),
    ]
    assert installation.ledger.append(_delete(say, "e", "user")).repeated


def test_another_system_deletes_its_own(installation: Installation, say: Say) -> None:
    """A deletion that names another system takes what that system held, once, and destroys nothing of ours."""
    installation.ledger.append(say.collection("a", values=VALUES, held_in="vault"))
    for name, system in (("d", "vault"), ("e", "vault"), ("f", "archive")):
        installation.ledger.append(_delete(say, name, "user", held_in=system))
    assert _values(installation, "a") == VALUES
    *_, first, again, other = events_of(installation, stream_of(installation, "a"))
    said = [(one.elsewhere, one.held_in, one.gone) for one in (first, again, other) if isinstance(one, DataDeleted)]
    assert said == [(True, "vault", ("user.payment",)), (True, "vault", ()), (True, "archive", ())]


def test_anonymised_alike(installation: Installation, say: Say) -> None:
    """Making data anonymous destroys the values as well, and says what it was."""
    installation.ledger.append(say.collection("a", values=VALUES))
    installation.ledger.append(_delete(say, "d", "user.name", kind="data_anonymised"))
    assert "user.name" not in (_values(installation, "a") or {})
    assert type(list(events_of(installation, stream_of(installation, "a")))[-1]) is DataAnonymised


def test_a_deletion_waits_for_its_collection(installation: Installation, other: Installation, say: Say) -> None:
    """A deletion takes the values of a collection that is told after it; one that happened after it stays."""
    cited = {"act": "order", "reference": "O-9"}
    installation.ledger.append(say.opt_out("first"))
    installation.ledger.append(_delete(say, "d", "user.contact", relying_on=cited))
    other.ledger.append(say.collection("a", act="order", reference="O-9", values=VALUES))
    assert _values(installation, "a") == {"user.name": "Ada Byron", "user.payment": None}
    other.ledger.append(say.collection("b", act="order", reference="O-9", values=VALUES, time="2016-09-02T10:15:00Z"))
    assert _values(installation, "b") == VALUES
    events = list(events_of(installation, stream_of(installation, "a")))
    assert _gone(events) == [(), ("user.contact.address", "user.contact.email")]


def test_all_streams_of_a_linked_person(installation: Installation, say: Say) -> None:
    """A deletion under one name reaches the values of every stream of the person, and each says what went of it."""
    ledger = installation.ledger
    for name in "abc":
        ledger.append(say.collection(name, subject=f"customer:{name}", values=VALUES))
    ledger.append(say.opt_out("ab", subject="customer:a", also=[verified("customer:b")]))
    receipt = ledger.append(_delete(say, "d", "user.name", subject="customer:b"))
    assert receipt.events == 2
    assert [_values(installation, name) == VALUES for name in "abc"] == [False, False, True]
    for name in "ab":
        assert _gone(list(events_of(installation, stream_of(installation, name)))) == [("user.name",)]
    # They keep that when they are parted.
    ledger.append(say.fact("u", "unlink", "customer:a", DELETED, **{"with": "customer:b", "reason": "two"}))
    assert "user.name" not in (_values(installation, "a") or {})


def test_the_address_of_a_deleted_value_goes_and_binds_on(installation: Installation, say: Say) -> None:
    """The text of a contact point goes with the last value that it stood in; its digest keeps opt-outs binding."""
    ledger = installation.ledger
    texts = "SELECT count(*) FROM contact_points WHERE sealed IS NOT NULL"
    for name in "ab":
        ledger.append(say.collection(name, values=VALUES, reference=f"O-{name}"))
    ledger.append(say.opt_out("out", subject="email:ada@example.org", time="2016-05-02T10:15:00Z"))
    kept = _count(installation, texts)
    ledger.append(_delete(say, "d", "user.contact.email", relying_on={"act": "contest_entry", "reference": "O-a"}))
    assert _count(installation, texts) == kept, "it stands in the other collection still"
    ledger.append(_delete(say, "e", "user.contact.email"))
    assert _count(installation, texts) == kept, "it is the name of the stream on which it opted out"
    ledger.append(say.collection("c", subject="customer:2", values={"user.contact.email": "bea@example.org"}))
    ledger.append(say.collection("f", subject="customer:3", also=["email:bea@example.org"]))
    ledger.append(_delete(say, "g", "user.contact.email", subject="customer:2"))
    assert _count(installation, f"{texts} AND stream_id = %s", stream_of(installation, "c")) == 0
    assert _count(
        installation, "SELECT count(*) FROM contact_points WHERE stream_id = %s", stream_of(installation, "c")
    )
    ledger.append(say.opt_out("out 2", subject="email:bea@example.org", time="2016-09-02T10:15:00Z"))
    assert not ledger.ask(say.message("m", subject="customer:2", time="2016-10-02T10:15:00Z")).allowed


def test_what_was_named_beside_the_values_stays(installation: Installation, say: Say) -> None:
    """An address that a fact names in `also` stood in more than the values, so its text stays."""
    installation.ledger.append(say.collection("a", values=VALUES))
    installation.ledger.append(say.opt_out("b", also=["email:ada@example.org"]))
    installation.ledger.append(_delete(say, "d", "user.contact.email"))
    assert _count(installation, "SELECT count(*) FROM contact_points WHERE sealed IS NOT NULL") == 1


def test_erased_after_and_before(installation: Installation, say: Say) -> None:
    """An erasure takes the keys that a deletion left, and a deletion told after it is coded and destroys nothing."""
    ledger = installation.ledger
    ledger.append(say.collection("a", values=VALUES))
    stream = stream_of(installation, "a")
    ledger.append(_delete(say, "d", "user.name", time="2016-05-02T10:15:00Z"))
    ledger.append(say.erasure("e"))
    assert _count(installation, "SELECT count(*) FROM value_keys") == 0
    ledger.append(_delete(say, "f", "user.contact", time="2016-05-03T10:15:00Z"))
    late = [event for event in opened_log(installation)[-2:] if event.originator_id != stream]
    assert [type(event).__name__ for event in late] == ["DataDeleted", "CustomerErased"]
    assert isinstance(late[0], DataDeleted)
    assert (late[0].gone, late[0].reason, late[0].fact_id) == ((), None, None)


@pytest.mark.parametrize("step", ["before the keys go", "after the keys went"])
def test_interrupted_between_steps(
    installation: Installation, say: Say, database_url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A connection that breaks between the event and its keys leaves neither; told again, both are done, once."""
    installation.ledger.append(say.collection("a", values=VALUES))
    carry_out = Deletions.carry_out
    broken: list[int] = []

    def interrupted(self: Deletions, base: int) -> None:
        if step == "after the keys went":
            carry_out(self, base)
        if not broken:
            broken.append(base)
            connection = installation.ledger._appender.connection
            with psycopg.connect(database_url) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
            assert _values(installation, "a") == VALUES, "what is not committed shows nowhere"
            connection.execute("SELECT 1")
        if step == "before the keys go":
            carry_out(self, base)

    monkeypatch.setattr(Deletions, "carry_out", interrupted)
    receipt = installation.ledger.append(_delete(say, "d", "user"))
    assert (len(broken), receipt.repeated) == (1, False)
    assert _values(installation, "a") == {"user.payment": None}
    assert [len(gone) for gone in _gone(list(events_of(installation, stream_of(installation, "a"))))] == [3]


def test_no_dump_brings_a_value_back(
    installation: Installation, say: Say, database_url: str, make_database: Callable[[], str]
) -> None:
    """With a dump of the database and the key file a value opens before its deletion, and by no key at all after it."""
    installation.ledger.append(say.collection("a", values=VALUES))
    before = dump(database_url)
    installation.ledger.append(_delete(say, "d", "user.contact"))
    after = dump(database_url)
    tried = {}
    for name, text in (("before", before), ("after", after)):
        assert not [value for value in VALUES.values() if value and value in text]
        url = make_database()
        restore(text, url)
        with opened(load_settings(home=installation.settings.home, database_url=url)) as it:
            values = _values(it, "a") or {}
            tried[name] = values, {value for value in _tried(it, text) if value in VALUES.values()}
    there = {value for value in VALUES.values() if value is not None}
    assert tried == {
        "before": (VALUES, there),
        "after": ({"user.name": "Ada Byron", "user.payment": None}, {"Ada Byron"}),
    }


def _tried(it: Installation, text: str) -> Iterator[str]:
    """Yield what opens of all sealed values with any 32 bytes in a dump, or in what the key file opens of it."""
    found = [bytes.fromhex(one) for one in re.findall(r"\\\\x([0-9a-f]{64,})", text)]
    rows = [row for row in rows_of(it) if row.sealed is not None]
    with it.connect() as connection:
        wrapped = connection.execute("SELECT stream_id, wrapped FROM stream_keys").fetchall()
    keys = {stream: it.keyring.unwrap(stream, one) for stream, one in wrapped}
    for key in keys.values():
        found += [key.dek, key.references, key.contact_points]
    for row in rows:
        own = event_key(keys[row.stream_id].dek, row.stream_id.bytes, row.version)
        found.append(own)
        if row.value_keys is not None:
            found += open_value_keys(own, row.value_keys).values()
    candidates = {one[at : at + 32] for one in found for at in range(len(one) - 31)}
    for row in rows:
        for sealed in _sections(row.sealed or b""):
            for candidate in candidates:
                with suppress(InvalidTag):
                    opened_now = AESGCM(candidate).decrypt(bytes(12), sealed, row.header())
                    yield opened_now.rstrip(b"\x00")[:-1].decode()


def _sections(envelope: bytes) -> Iterator[bytes]:
    """Yield the sealed values of an envelope, by the published format."""
    start = 2
    for _ in range(envelope[1] if envelope[:1] == b"\x02" else 0):
        length = int.from_bytes(envelope[start + 33 : start + 37], "big")
        yield envelope[start + 37 : start + 37 + length]
        start += 37 + length


@pytest.mark.parametrize(
    "statement", ["DELETE FROM value_keys", "TRUNCATE value_keys", "UPDATE value_keys SET wrapped = ''"]
)
def test_the_program_cannot_empty_the_table(installation: Installation, say: Say, statement: LiteralString) -> None:
    """The program's role may neither delete, change nor truncate; the functions do what the log says and no more."""
    installation.ledger.append(say.collection("a", values=VALUES))
    with installation.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
    stream = stream_of(installation, "a")
    with installation.connect() as connection:
        connection.execute("SELECT destroy_value_keys(ARRAY[%s]::uuid[])", [stream])
        connection.commit()
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            connection.execute("SELECT cut_value_keys(ARRAY[1]::bigint[], ARRAY[NULL]::bytea[])")
        connection.rollback()
        connection.execute("SELECT forget_contact_texts(ARRAY[%s]::uuid[], ARRAY[1])", [stream])
    assert _values(installation, "a") == VALUES
    assert _count(installation, "SELECT count(*) FROM contact_points WHERE sealed IS NULL") == 0


def test_another_system_deletes_what_is_told_later(installation: Installation, other: Installation, say: Say) -> None:
    """Its deletion waits for the collection that it names, of its own system alone, in another process as well."""
    for name, system in (("d", "vault"), ("e", "archive")):
        cited = {"act": "order", "reference": "O-a"}
        installation.ledger.append(_delete(say, name, "user.payment", held_in=system, relying_on=cited))
    told = say.collection("a", act="order", reference="O-a", values=VALUES, held_in="vault")
    other.ledger.append(told)
    assert _values(installation, "a") == VALUES
    found = [one for one in events_of(installation, stream_of(installation, "a")) if isinstance(one, DataDeleted)]
    assert [(one.elsewhere, one.gone) for one in found] == [(True, ()), (True, ()), (True, ("user.payment",))]
    assert found[-1].awaited_by == found[0].moment.position
    installation.ledger.append(_delete(say, "f", "user.payment", held_in="vault"))
    assert _gone(list(events_of(installation, stream_of(installation, "a"))))[-1] == ()
