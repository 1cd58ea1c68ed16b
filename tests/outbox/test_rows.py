"""Which rows go, in which order, and what becomes of one that is not taken; with the ledger in this process."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from adapters.outbox import RelayAtWork, relay, rows
from adapters.outbox.connection import NoOutbox, Outbox, OutboxRefused, OutboxUnreachable
from adapters.outbox.destinations import ATTEMPTS_MAX, DeliveryAnswer
from adapters.outbox.rows import NoSuchRow
from tests.controls import cloud_event
from tests.http.conftest import entry
from tests.outbox.conftest import SQL, entered, picky, relay_once, relaying, shop, stored, straight, to_picky, write
from tests.serving import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.bootstrap import Installation
    from adapters.outbox import HttpDestination
    from adapters.outbox.rows import OutboxRow
    from tests.outbox.conftest import Picky, Shop

__all__ = ["picky", "shop", "to_picky"]


def left(name: str, customer: int = 1) -> dict[str, Any]:
    """Return an opt-out."""
    return cloud_event("opt_out", name, "2016-05-01T10:00:00Z", f"customer:{customer}", program="email_marketing")


def test_rows_are_delivered_in_order(shop: Shop, installation: Installation) -> None:
    """What waits is stored in the order in which it was written, once, and is noted as delivered."""
    shop.write(*(entered(f"e-{number}", number % 7) for number in range(40)))
    shop.write(*(left(f"l-{number}", number) for number in range(7)))
    turns = relay_once(shop, straight(installation))
    assert stored(installation) == [*(f"e-{number}" for number in range(40)), *(f"l-{number}" for number in range(7))]
    assert sum(len(turn.results) for turn in turns) == 47
    found = shop.standing()
    assert (found.waiting, found.parked, found.delivered, found.waiting_since) == (0, 0, 47, None)
    assert relay_once(shop, straight(installation)) == []


def test_a_row_goes_soon_after_its_commit(shop: Shop, installation: Installation) -> None:
    """A relay that runs is woken up by the commit, and what is rolled back is never delivered."""
    with relaying(shop, straight(installation)):
        eventually(lambda: shop.standing().is_at_work)
        for number in range(5):
            shop.write(entered(f"e-{number}"))
            eventually(lambda number=number: f"e-{number}" in stored(installation), 0.9)  # type: ignore[misc]  # mypy sees no type of a default
        with psycopg.connect(shop.writer_url) as connection:
            write(connection, entered("never"))
            connection.rollback()
        shop.write(entered("last"))
        eventually(lambda: "last" in stored(installation))
    assert stored(installation) == [*(f"e-{number}" for number in range(5)), "last"]
    assert not shop.standing().is_at_work


def test_an_open_transaction_is_not_overtaken(shop: Shop, installation: Installation) -> None:
    """Rows of younger transactions wait for an older one that is open, and go after what that one wrote."""
    with psycopg.connect(shop.writer_url) as slow:
        write(slow, entered("first"))
        shop.write(left("second"))
        relay_once(shop, straight(installation))
        assert stored(installation) == []
        found = shop.standing()
        assert (found.waiting, found.held) == (1, 1)
    relay_once(shop, straight(installation))
    assert stored(installation) == ["first", "second"]


def test_what_came_after_a_commit_goes_after_it(shop: Shop, installation: Installation) -> None:
    """A transaction that began before another one, and wrote after it had committed, is not delivered before it."""
    with psycopg.connect(shop.writer_url) as early, psycopg.connect(shop.url) as bystander:
        early.execute("SELECT pg_current_xact_id()")
        bystander.execute("SELECT pg_current_xact_id()")
        shop.write(entered("first"))
        write(early, left("second"))
        early.commit()
        relay_once(shop, straight(installation))
        assert stored(installation) == []
    relay_once(shop, straight(installation))
    assert stored(installation) == ["first", "second"]


def test_rows_of_a_restored_dump(shop: Shop, installation: Installation) -> None:
    """Rows that bring the transaction number of another server, far ahead of this one's, go all the same."""
    shop.write(entered("first"), left("second"))
    shop.run("UPDATE pledger_outbox SET xid = '9000000000'")
    assert shop.standing().held == 0
    relay_once(shop, straight(installation))
    assert stored(installation) == ["first", "second"]


POISON: list[tuple[object, str]] = [
    ({**entered("p"), "time": "marked-value"}, "malformed_fact: time: "),
    ({**entered("p"), "marked value": 1}, "malformed_fact: (a key that is not shown): "),
    ({**entered("p"), "time": "2999-01-01T00:00:00Z"}, "time_in_future: "),
    ({**entered("p"), "subject": "marked-value"}, "malformed_fact: subject: "),
    ({**entered("p"), "subject": {"marked": "value"}}, "malformed_fact: subject: "),
    ({**entered("first"), "time": "2016-04-03T10:15:00Z"}, "fact_conflict: "),
    ({**entered("marked-id"), "source": "/marked/source", "time": "2999-01-01T00:00:00Z"}, "time_in_future: "),
    (
        cloud_event("collection", "p", act="contest_entry", collection_point="marked@example.org", source=None),
        "malformed_fact: data.collection_point: is not a code",
    ),
    (
        cloud_event("unlink", "marked-id") | {"source": "/marked/source"},
        "officer_only: ",
    ),
    (
        cloud_event("share", "p", recipient="ads", purpose="marked", categories=["user.contact.email"], mode="enforce"),
        "refus",
    ),
    ({}, "malformed_fact: type: is missing"),
    ([entered("p")], "malformed_fact: "),
    ("marked-value", "malformed_fact: "),
    (None, "malformed_fact: "),
    (7, "malformed_fact: "),
    ({**entered("p"), "id": "x" * 600_000}, "malformed_fact: "),
]


@pytest.mark.parametrize(("poison", "reason"), POISON, ids=range(len(POISON)))
def test_poison_is_parked(
    shop: Shop, installation: Installation, caplog: pytest.LogCaptureFixture, poison: object, reason: str
) -> None:
    """What is not taken is parked with its reason and no personal value, and what comes after it goes on."""
    caplog.set_level(logging.DEBUG)
    shop.write(entered("first"))
    shop.write(poison)
    shop.write(left("last"))
    relay_once(shop, straight(installation))
    (parked,) = shop.parked()
    assert (parked.id, parked.attempts) == (2, 1)
    assert parked.reason.startswith(reason)
    assert "marked" not in parked.reason + caplog.text
    assert "first" not in parked.reason
    assert [name for name in stored(installation) if name != "p"] == ["first", "last"]
    assert shop.standing().waiting == 0


def test_a_mended_row_is_delivered(shop: Shop, installation: Installation) -> None:
    """A parked row that was mended waits again, with the other parked ones or alone; a wrong id changes nothing."""
    shop.write({**entered("a"), "time": "noon"}, {**entered("b"), "time": "noon"}, entered("c"))
    relay_once(shop, straight(installation))
    hint = "UPDATE pledger_outbox SET event = jsonb_set(event::jsonb, '{time}', '\"2016-04-02T10:15:00Z\"') WHERE id = "
    with shop.outbox.connect() as connection:
        for wrong in ([3], [1, 3], [99]):
            with pytest.raises(NoSuchRow):
                rows.retry(connection, wrong)
        assert [one.id for one in shop.parked()] == [1, 2]
        shop.run(f"{hint} 2")
        assert rows.retry(connection, [2]) == 1
        relay_once(shop, straight(installation))
        assert stored(installation) == ["c", "b"]
        shop.run(f"{hint} 1")
        assert rows.retry(connection, None) == 1
    relay_once(shop, straight(installation))
    assert stored(installation) == ["c", "b", "a"]
    assert shop.run("SELECT count(*) FROM pledger_outbox WHERE reason IS NOT NULL") == [(0,)]


def test_a_row_that_is_tried_again_holds_back_its_subject_alone(
    shop: Shop, picky: Picky, to_picky: HttpDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later rows of that subject wait until it is taken, those of others go; given up, it holds back nobody."""
    monkeypatch.setattr("adapters.outbox.relay_worker._FIRST_ROW_PAUSE_SECONDS", 0.0001)
    picky.items["a"] = picky.items["e"] = (503, "append_failed")
    shop.write(entered("a", 1))
    with relaying(shop, to_picky):
        eventually(lambda: shop.standing().failing)
        shop.write(entered("b", 1), entered("c", 2), left("d", 1))
        eventually(lambda: picky.taken)
        assert picky.taken == ["c"]
        del picky.items["a"]
        eventually(lambda: len(picky.taken) == 4)
        assert picky.taken == ["c", "a", "b", "d"]
        shop.write(entered("e", 1))
        eventually(lambda: shop.standing().failing)
        shop.write(left("f", 1))
        with shop.outbox.connect() as connection:
            connection.execute("UPDATE pledger_outbox SET attempts = %s WHERE id = 5", (ATTEMPTS_MAX - 2,))
        eventually(lambda: "f" in picky.taken)
    (parked,) = shop.parked()
    assert (parked.id, parked.attempts) == (5, ATTEMPTS_MAX)
    assert picky.taken == ["c", "a", "b", "d", "f"]


@pytest.mark.parametrize("code", ["too_busy", "connection_lost", "database_unreachable", "statement_overdue"])
def test_an_outage_parks_nothing(shop: Shop, picky: Picky, to_picky: HttpDestination, code: str) -> None:
    """While nobody takes rows they wait, with no attempt counted, however it is said; then all go, in order."""
    picky.whole = (503, code)
    shop.write(*(entered(str(number), number) for number in range(3)))
    with relaying(shop, to_picky) as turns:
        eventually(lambda: len(picky.asked) >= 3)
        picky.items = {str(number): (503, code) for number in range(3)}
        picky.whole = None
        before = len(picky.asked)
        eventually(lambda: len(picky.asked) >= before + 2)
        assert shop.run("SELECT sum(attempts) FROM pledger_outbox") == [(0,)]
        picky.items = {}
        eventually(lambda: shop.standing().waiting == 0)
    assert picky.taken == ["0", "1", "2"]
    assert turns[0].interrupted is not None
    assert shop.standing().parked == 0


def test_the_ledgers_database_goes_away(shop: Shop, installation: Installation) -> None:
    """A ledger whose sessions are ended meanwhile costs no row: what was not answered is delivered again."""
    with relaying(shop, straight(installation)):
        for number in range(60):
            shop.write(entered(f"e-{number}", number))
            if number % 15 == 7:
                with installation.database.connect_as_owner() as owner:
                    owner.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
        eventually(lambda: shop.standing().waiting == 0)
    assert stored(installation) == [f"e-{number}" for number in range(60)]
    assert shop.parked() == []


def test_the_shops_database_goes_away(shop: Shop, installation: Installation) -> None:
    """A relay whose sessions the shop's database ends takes its work up again; nothing is doubled."""
    with relaying(shop, straight(installation)):
        for number in range(60):
            shop.write(entered(f"e-{number}", number))
            if number % 15 == 7:
                shop.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pledger relay'"
                )
        eventually(lambda: shop.run("SELECT id FROM pledger_outbox WHERE delivered_at IS NULL") == [])
    assert stored(installation) == [f"e-{number}" for number in range(60)]


def test_delivered_rows_are_removed_in_time(shop: Shop, installation: Installation) -> None:
    """What was delivered stays for as long as it is to be kept; what waits or is parked stays in any case."""
    shop.write(entered("a"), {**entered("b"), "time": "noon"})
    relay_once(shop, straight(installation))
    assert shop.run("SELECT id FROM pledger_outbox ORDER BY id") == [(1,), (2,)]
    shop.run("UPDATE pledger_outbox SET delivered_at = delivered_at - interval '8 days' WHERE id = 1")
    shop.run("UPDATE pledger_outbox SET written_at = written_at - interval '8 days'")
    relay_once(shop, straight(installation))
    assert shop.run("SELECT id FROM pledger_outbox") == [(2,)]
    shop.write(entered("c"))
    relay_once(shop, straight(installation), keep=timedelta(0))
    assert shop.run("SELECT id FROM pledger_outbox") == [(2,)]


def test_one_relay_at_a_time(shop: Shop, installation: Installation) -> None:
    """A second relay stands by and takes over when the first is gone; one that is to run once says so instead."""
    shop.write(*(entered(f"e-{number}", number) for number in range(30)))
    with relaying(shop, straight(installation)) as second:
        eventually(lambda: shop.standing().is_at_work)
        with pytest.raises(RelayAtWork):
            relay_once(shop, straight(installation))
        with relaying(shop, straight(installation)) as third:
            eventually(lambda: third)
            shop.write(*(entered(f"f-{number}", number) for number in range(30)))
            eventually(lambda: shop.standing().waiting == 0)
            assert [turn.stands_by for turn in third] == [True]
            shop.run(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            eventually(lambda: shop.standing().is_at_work)
            shop.write(*(entered(f"g-{number}", number) for number in range(30)))
            eventually(lambda: shop.standing().waiting == 0)
    assert sum(len(turn.results) for turn in [*second, *third]) == 90
    assert stored(installation) == [f"{word}-{number}" for word in "efg" for number in range(30)]


def test_large_rows_go_in_several_batches(shop: Shop, installation: Installation) -> None:
    """A batch ends before it is longer than a server reads; order is kept across batches."""
    values = {"user.contact.email": "a@example.org", "user.name": "n" * 3_000}
    shop.write(*(entry(f"e-{n}", values=values) for n in range(20)))
    sizes: list[int] = []
    ledger = straight(installation)

    class Measured:
        def deliver(self, rows: Sequence[OutboxRow]) -> DeliveryAnswer:
            sizes.append(sum(len(row.text) for row in rows))
            return ledger.deliver(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BATCH_BYTES", 20_000)
        relay_once(shop, Measured())
    assert len(sizes) > 2
    assert max(sizes) < 24_000
    assert stored(installation) == [f"e-{n}" for n in range(20)]


def test_the_table_made_twice(shop: Shop, installation: Installation) -> None:
    """The SQL file on a table that is there changes nothing, and wakes nobody twice."""
    shop.write(entered("a"))
    with psycopg.connect(shop.url) as connection:
        before = connection.execute("SELECT t::text FROM pledger_outbox AS t").fetchall()
        connection.execute(SQL)
        connection.execute(SQL)
        assert connection.execute("SELECT t::text FROM pledger_outbox AS t").fetchall() == before
        triggers = connection.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'pledger_outbox'::regclass AND NOT tgisinternal"
        ).fetchall()
    assert triggers == [(1,)]
    relay_once(shop, straight(installation))
    assert stored(installation) == ["a"]


def test_what_is_in_the_way(
    shop: Shop, installation: Installation, make_database: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    """No table, no privilege, no server, no address: each error says what to do, and does not show the address."""
    wrong: list[tuple[str, type[Exception]]] = [
        (make_database(), NoOutbox),
        ("postgresql://marked:marked@127.0.0.1:9/marked", OutboxUnreachable),
        ("marked=value", OutboxRefused),
        (psycopg.conninfo.make_conninfo(shop.url, dbname="marked"), OutboxRefused),
        (shop.writer_url, OutboxRefused),
    ]
    for url, error in wrong:
        with pytest.raises(error) as told:
            relay(Outbox(url), straight(installation), threading.Event(), lambda _: None, once=True)
        assert "marked" not in str(told.value) + caplog.text + repr(Outbox(url))
