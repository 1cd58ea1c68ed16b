"""Rule kind cells_large_enough: what an audit says of counts that show a small group only together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.statistics import combined_counts, small_groups
from tests.controls import fact
from tests.laws.audit import Audit, audit

if TYPE_CHECKING:
    from domain.facts import Fact

SOUTH, NORTH, DAY, NIGHT = {"area": "s"}, {"area": "n"}, {"shift": "day"}, {"shift": "night"}
PUBLIC = [{"name": "area", "empty_is_public": True}, {"name": "shift", "empty_is_public": True}]


def release(on: int, *cells: tuple[dict[str, str], int]) -> Fact:
    """Return a release to everybody."""
    shown = [{"where": where, "count": count} for where, count in cells]
    return fact("aggregate_released", on, {"release": f"r-{on}", "dimensions": PUBLIC, "cells": shown})


def the(found: Audit, section: str) -> dict[str, Any]:
    """Return the one finding in a section of P13."""
    (one,) = found.verdict("P13")[section]
    return dict(one)


def test_a_total_an_area_and_a_cell_of_another_area() -> None:
    """Of 80 persons 63 are in the south and 12 elsewhere by day: five are left, and these counts are named."""
    found = audit(release(1, ({}, 80), (SOUTH, 63), (SOUTH | DAY, 31), (NORTH | DAY, 12)))
    assert found.status("P13") == "broken"
    (group,) = the(found, "violations")["particulars"]["groups"]
    assert group["persons"] == 5
    assert sorted(one["count"] for one in group["counts"]) == [12, 63, 80]
    assert audit(release(1, ({}, 85), (SOUTH, 63), (SOUTH | DAY, 31), (NORTH | DAY, 12))).status("P13") == "kept"


def test_the_same_from_three_releases() -> None:
    """It makes no difference in how many releases the counts went out, nor in which order."""
    counts = [({}, 80), (SOUTH, 63), (NORTH | DAY, 12)]
    for order in (counts, counts[::-1]):
        found = audit(*(release(number, one) for number, one in enumerate(order, 1)))
        assert found.status("P13") == "broken"
        assert len(found.verdict("P13")["violations"]) == 1


def test_a_cell_of_nobody_says_something() -> None:
    """Nobody in the south works by day, so 100 persons without 60 and without 35 leave five."""
    nobody = (SOUTH | DAY, 0)
    assert audit(release(1, ({}, 100), (SOUTH, 60), (DAY, 35))).status("P13") == "kept"
    assert audit(release(1, ({}, 100), (SOUTH, 60), (DAY, 35), nobody)).status("P13") == "broken"
    assert audit(release(1, ({}, 100), (SOUTH, 60), (DAY, 30), nobody)).status("P13") == "kept"


@pytest.mark.parametrize(
    "counts",
    [
        [(NORTH, 40), (NORTH | DAY, 44)],
        [({}, 100), (NORTH, 60), (SOUTH, 50)],
        [({}, 50), ({}, 60)],
        [({}, 50), ({}, 55)],
        [({}, 40), (NORTH | DAY, 25), (SOUTH | NIGHT, 25)],
    ],
)
def test_a_release_that_contradicts_itself(counts: list[tuple[dict[str, str], int]]) -> None:
    """No population has its counts, so it is undecided what follows, and the reason says so."""
    found = audit(release(1, *counts))
    assert found.status("P13") == "indeterminate"
    assert "contradict each other" in the(found, "indeterminate")["why"]
    assert the(found, "indeterminate")["particulars"] == {"smallest_count": 10, "releases": 1, "counts": len(counts)}


def test_counts_that_are_too_many() -> None:
    """Where the search ends at its bound, the promise is undecided and never kept."""
    chain = [({f"d{number}": "x", f"d{number + 1}": "x"}, 100 + number) for number in range(40)]
    found = audit(release(1, *chain))
    assert found.status("P13") == "indeterminate"
    assert "too many" in the(found, "indeterminate")["why"]


def test_a_bound_that_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found before the bound is broken all the same; all else turns from kept to undecided."""
    given = release(1, ({}, 100), (SOUTH, 60), (DAY, 35))
    assert audit(given).status("P13") == "kept"
    monkeypatch.setattr(combined_counts, "STEPS_MAX", 3)
    assert audit(given).status("P13") == "indeterminate"
    assert audit(release(1, ({}, 100), (SOUTH, 95))).status("P13") == "broken"


def test_counts_of_different_times() -> None:
    """A company that grew contradicts nothing: its new counts are judged with those that they fit."""
    old, new = release(1, ({}, 100), (SOUTH, 60)), release(2, ({}, 180), (SOUTH, 120), (DAY, 70))
    assert audit(old, new).status("P13") == "kept"


def _of(since: str, until: str) -> dict[str, str]:
    return {"period": f"2016-{since}T00:00:00Z/2016-{until}T00:00:00Z"}


YEAR, SPRING, AUTUMN = _of("01-01", "12-31"), _of("02-01", "05-01"), _of("08-01", "11-01")


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ([(YEAR, 100), (SPRING, 95)], "broken"),
        ([(YEAR, 100), (SPRING, 90)], "kept"),
        ([(SPRING, 100), (AUTUMN, 95)], "kept"),
        ([({}, 105), (SPRING, 60), (AUTUMN, 40)], "kept"),
        ([({}, 100), (SPRING, 60), (AUTUMN, 55)], "kept"),
        ([(YEAR, 100), (SPRING, 60), (YEAR | SOUTH, 50), (SPRING | SOUTH, 15)], "broken"),
        ([(YEAR, 100), (SPRING, 60), (YEAR | SOUTH, 50), (SPRING | SOUTH, 25)], "kept"),
        ([(YEAR, 60), (SPRING, 70)], "indeterminate"),
    ],
)
def test_periods(counts: list[tuple[dict[str, str], int]], status: str) -> None:
    """A period holds who is counted in one inside it; a person can be counted in two periods that are apart."""
    assert audit(release(1, *counts)).status("P13") == status
    if status != "indeterminate":
        assert audit(*(release(on, one) for on, one in enumerate(counts, 1))).status("P13") == status


def test_a_group_names_periods_as_they_were_released() -> None:
    """The counts that give a group are shown as they went out."""
    counts = [(YEAR, 100), (SPRING, 60), (YEAR | SOUTH, 50), (SPRING | SOUTH, 15)]
    (group,) = the(audit(release(1, *counts)), "violations")["particulars"]["groups"]
    shown = {frozenset(one["where"].items()) for one in group["counts"]}
    assert shown == {frozenset(where.items()) for where, _ in counts}


def test_more_sets_of_dimensions_than_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of different times are only compared; where that leaves some out, the promise is undecided."""
    facts = release(1, ({}, 100), (SOUTH, 60)), release(2, ({}, 180), (SOUTH, 120), (DAY, 70))
    monkeypatch.setattr(small_groups, "DIMENSION_SETS_MAX", 2)
    assert audit(facts[1]).status("P13") == "kept"
    assert audit(*facts).status("P13") == "indeterminate"
