"""Releases on a ledger: recorded as judged, two at once, and counted again."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.bootstrap import opened
from adapters.ledger import utc_now
from adapters.queries.audits import audit_scope
from adapters.statistics import releasing
from adapters.statistics.recounting import recount
from adapters.statistics.releasing import (
    NothingToRelease,
    RecipientNotRegistered,
    ReleaseNameTaken,
    TooManyCells,
    release,
)
from domain.audit.auditor import READINGS
from domain.audit.question import Question
from domain.records.customer import LAST
from domain.statistics.dimensions import Period
from tests.controls import day, fact
from tests.serving import PATIENCE
from tests.statistics.shop import VISITORS, registered, visited

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.statistics.releasing import CountedTable, Release
    from tests.statistics.shop import Shop


def crowd(women: int, men: int, start: int = 0, on: float = 1) -> list[Any]:
    """Return so many registrations."""
    return [registered(start + n, "f" if n < women else "m", on=on) for n in range(women + men)]


def given(shop: Shop, counts: CountedTable, name: str, recipient: str | None = "advertiser") -> Release:
    """Release a table, now."""
    return release(shop.installation, counts, recipient, name, utc_now())


def audit(shop: Shop) -> dict[str, Any]:
    """Audit P12 and P13 under every reading."""
    scope = audit_scope(shop.installation, shop.connection, Question(LAST.at, promises=("P12", "P13")))
    readings: dict[str, Any] = ledgers.audit(scope, workers=1)["readings"]
    return readings


def assert_kept(shop: Shop, releases: int) -> None:
    """Assert that an audit finds so many releases, and nothing wrong with any."""
    for reading in READINGS:
        for promise in ("P12", "P13"):
            verdict = audit(shop)[reading][promise]
            assert (verdict["status"], verdict["exercised"]) == ("kept", releases)


def test_a_release_is_recorded_as_counted(shop: Shop) -> None:
    """What is large enough goes out, under the dimensions, position and time by which it was counted."""
    shop.tell(*crowd(20, 15), registered(99, "x"))
    outcome = given(
        shop, shop.table("gender", where=(("act:registration", "yes"),), span=Period(day(0)), time=day(9)), "r"
    )
    assert outcome.receipt is not None
    (recorded,) = shop.installation.ledger.company().releases
    common = {"of": "persons", "act:registration": "yes", "period": f"{day(0).isoformat().replace('+00:00', 'Z')}/.."}
    assert recorded.cells == ((common, 36), (common | {"gender": "female"}, 20))
    assert (recorded.release, recorded.recipient) == ("r", "advertiser")
    assert [where["gender"] for where in outcome.counted.too_few] == ["male", "other"]
    assert_kept(shop, 1)
    (again,) = recount(shop.installation, shop.connection)
    assert (again.is_recounted, again.cells, again.differing) == (True, 2, ())


def test_what_an_earlier_release_stands_against(shop: Shop) -> None:
    """Three have come: to the same recipient only what did not change goes out, to another all; then nobody knows."""
    shop.tell(*crowd(20, 15))
    spring = given(shop, shop.table("gender"), "spring").receipt
    assert spring is not None
    shop.tell(*crowd(3, 0, start=100))
    outcome = given(shop, shop.table("gender"), "summer")
    assert [one.where.get("gender") for one in outcome.cells] == ["male"]
    assert {one.releases for one in outcome.held_back} == {(spring.position,)}
    assert not given(shop, shop.table("gender"), "other", "analytics").held_back
    assert [one.where.get("gender") for one in given(shop, shop.table("gender"), "public", None).cells] == ["male"]
    assert_kept(shop, 4)


def test_nothing_is_left(shop: Shop) -> None:
    """A release of which nothing can go out is refused, and nothing is recorded."""
    shop.tell(*crowd(20, 0))
    given(shop, shop.table(), "spring")
    shop.tell(*crowd(1, 0, start=100))
    size = shop.size
    with pytest.raises(NothingToRelease, match="together with spring,"):
        given(shop, shop.table(), "summer")
    with pytest.raises(NothingToRelease, match="fewer than 10"):
        given(shop, shop.table(where=(("act:order", "yes"),)), "orders")
    with pytest.raises(ReleaseNameTaken):
        given(shop, shop.table(), "spring")
    with pytest.raises(RecipientNotRegistered):
        given(shop, shop.table(), "autumn", "nobody-known")
    assert shop.size == size


def test_browsers_are_released_apart_from_persons(shop: Shop) -> None:
    """Twenty persons and nineteen browsers differ by one, and that is nobody."""
    shop.tell(*crowd(20, 0), *(visited(n, "rings") for n in range(19)))
    given(shop, shop.table(), "persons")
    outcome = given(shop, shop.table(where=(("area:rings", "yes"),), of=VISITORS), "visitors")
    assert [one.persons for one in outcome.cells] == [19]
    assert_kept(shop, 2)


def test_two_at_the_same_moment(shop: Shop) -> None:
    """Two programs release what together would give three away: whoever is second holds back it."""
    shop.tell(*crowd(20, 15))
    tables = [shop.table("gender")]
    shop.tell(*crowd(3, 0, start=100))
    tables.append(shop.table("gender"))
    barrier, outcomes = Barrier(2), list[Any]()

    def run(installation: Installation, number: int) -> None:
        installation.ledger.company()
        barrier.wait(timeout=PATIENCE)
        outcomes.append(release(installation, tables[number], "advertiser", f"r{number}", utc_now()))

    with opened(shop.installation.settings) as other:
        threads = [Thread(target=run, args=(one, n)) for n, one in enumerate((shop.installation, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(len(one.held_back) for one in outcomes) == [0, 2]
    assert_kept(shop, 2)


def test_a_release_that_comes_between(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided before another release went in is decided anew."""
    shop.tell(*crowd(20, 15))
    first = shop.table("gender")
    shop.tell(*crowd(3, 0, start=100))
    second = shop.table("gender")
    checked = releasing._checked
    pending = [first]

    def between(*args: Any) -> Release:  # noqa: ANN401 - passed on as they are
        outcome = checked(*args)
        if pending:
            given(shop, pending.pop(), "first")
        return outcome

    monkeypatch.setattr(releasing, "_checked", between)
    outcome = given(shop, second, "second")
    assert [one.where.get("gender") for one in outcome.cells] == ["male"]
    assert_kept(shop, 2)


def test_a_release_is_dated_no_earlier_than_the_last(shop: Shop) -> None:
    """Another program's clock is ahead: what it released is still held against this one, by the audit as well."""
    shop.tell(*crowd(20, 0))
    ahead = utc_now() + timedelta(seconds=5)
    cells = [{"where": {"of": "persons"}, "count": 23}]
    given_away = {"release": "x", "recipient": "advertiser", "dimensions": [], "cells": cells}
    shop.tell(fact("aggregate_released", ahead.isoformat(), given_away, fact_id="x", source="/elsewhere"))
    with pytest.raises(NothingToRelease, match="together with x,"):
        given(shop, shop.table(), "r")
    shop.tell(*crowd(30, 0, start=100))
    given(shop, shop.table(), "r")
    assert shop.installation.ledger.company().releases[-1].moment.at == ahead
    assert_kept(shop, 2)


def test_counted_again(shop: Shop) -> None:
    """Who came or was erased since changes nothing; a count that the ledger never had is found, more or fewer."""
    shop.tell(*crowd(20, 15))
    shop.tell(fact("erasure", 2, {"reason": "asked"}, subject="customer:1", fact_id="x-1"))
    at = shop.size
    given(shop, shop.table("gender", "act:order"), "good")

    def release(name: str, *counts: tuple[dict[str, str], int], source: str = "/pledger/statistics") -> None:
        cells = [{"where": {"of": "persons", **where}, "count": count} for where, count in counts]
        data = {"release": name, "dimensions": ["of", "gender"], "cells": cells, "counted_at": at}
        shop.tell(fact("aggregate_released", utc_now().isoformat(), data, fact_id=name, source=source))

    female, male = {"gender": "female"}, {"gender": "male"}
    release("bad", ({}, 35), ({}, 34), ({}, 33), (female, 16), (female, 17), (female, 20), (female, 21), (male, 14))
    release("by hand", ({}, 34), source="/elsewhere")
    release("nonsense", ({"area": "x"}, 34))
    shop.tell(*crowd(30, 0, start=100))
    erased = (2, 3, 25, 100)
    shop.tell(*(fact("erasure", 3, {"reason": "asked"}, subject=f"customer:{n}", fact_id=f"x-{n}") for n in erased))
    good, bad, by_hand, nonsense = recount(shop.installation, shop.connection)
    assert (good.is_recounted, good.differing) == (True, ())
    assert [(cell.count, how) for cell, how in bad.differing] == [
        *((35, "fewer"), (33, "more"), (16, "more"), (21, "fewer")),
    ]
    assert [one.is_recounted for one in (by_hand, nonsense)] == [False, False]


def test_an_erasure_while_it_is_released(shop: Shop) -> None:
    """Whoever was erased between the count and its record may have been counted: either number stands."""
    shop.tell(*crowd(20, 15))
    counts = shop.table()
    shop.tell(fact("erasure", 2, {"reason": "asked"}, subject="customer:1"))
    given(shop, counts, "r")
    assert [one.differing for one in recount(shop.installation, shop.connection)] == [()]


def test_tables_that_are_too_large(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many dimensions, cells, or cells that can go out, are told, and nothing is recorded."""
    shop.tell(*crowd(20, 15))
    with pytest.raises(TooManyCells, match="7 dimensions"):
        shop.table(*(f"point:{n}" for n in range(7)))
    counts = shop.table("gender")
    monkeypatch.setattr(releasing, "CELLS_MAX", 2)
    with pytest.raises(TooManyCells, match="3 of its cells"):
        given(shop, counts, "r")
    monkeypatch.setattr(releasing, "TOTALS_MAX", 4)
    assert shop.table("gender").cells
    monkeypatch.setattr(releasing, "TOTALS_MAX", 3)
    with pytest.raises(TooManyCells, match="can have 4 cells and totals"):
        shop.table("gender")
    assert shop.installation.ledger.company().releases == []
