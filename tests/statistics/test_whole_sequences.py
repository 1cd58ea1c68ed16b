"""Whole sequences of releases: whatever was let through, no audit finds anything in it, under any reading."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from hypothesis import event, given, settings, strategies as st

from domain.audit.auditor import READINGS
from domain.moments import Moment, Turn
from domain.records.company import Company, Released
from domain.statistics.cells import Cell
from domain.statistics.dimensions import OF, PERIOD, Period
from domain.statistics.release import known_to, releasable
from domain.statistics.small_groups import suppress
from tests.controls import RECIPIENTS, day, fact
from tests.laws.audit import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.facts import Fact

K: Final = 10
READERS: Final = ("advertiser", "analytics", None)
PERIODS: Final = (Period(), Period(until=day(60)), Period(day(0), day(60)), Period(day(30), day(60)), Period(day(30)))


class Somebody(NamedTuple):
    """A person: from which step to which they are counted, when they gave data, and of which kind they are."""

    comes: int
    goes: int
    on: int
    gender: str
    area: str


class Asked(NamedTuple):
    """What one release asks for."""

    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    period: Period
    reader: str | None


_GROUPS = st.lists(
    st.tuples(
        st.builds(
            Somebody,
            st.integers(0, 4),
            st.integers(3, 9),
            st.integers(0, 90),
            st.sampled_from("fmx"),
            st.sampled_from("nsw"),
        ),
        st.one_of(st.integers(1, 4), st.integers(8, 30)),
    ),
    min_size=4,
    max_size=14,
)
"""Kinds of people, each with how many there are."""
_ASKED = st.builds(
    Asked,
    st.sampled_from([(), ("gender",), ("area",), ("gender", "area")]),
    st.sampled_from([(), (), (("gender", "f"),), (("area", "n"),)]),
    st.sampled_from(PERIODS),
    st.sampled_from(READERS),
)


def table(people: Sequence[Somebody], step: int, asked: Asked) -> list[Cell]:
    """Count, and suppress, what a release asks for."""
    fixed = dict(asked.where)
    by = [name for name in asked.by if name not in fixed]
    finest: Counter[tuple[str, ...]] = Counter()
    for one in people:
        values = {"gender": one.gender, "area": one.area}
        is_there = one.comes <= step < one.goes and asked.period.has(day(one.on))
        if is_there and fixed.items() <= values.items():
            finest[tuple(values[name] for name in by)] += 1
    cells = [Cell(dict(zip(by, values, strict=True)), persons) for values, persons in finest.items()]
    common = {OF: "persons", **fixed} | ({PERIOD: str(asked.period)} if any(asked.period) else {})
    return [Cell({**common, **one.where}, one.persons, step + 1) for one in suppress(cells, by, K)]


def release(step: int, asked: Asked, cells: Sequence[Cell]) -> Fact:
    """Return the fact of a release."""
    data: dict[str, Any] = {
        "release": str(step),
        "dimensions": [],
        "cells": [{"where": one.where, "count": one.persons} for one in cells],
        **({} if asked.reader is None else {"recipient": asked.reader}),
    }
    return fact("aggregate_released", 100 + step, data, fact_id=str(step), source="/r")


def released(step: int, asked: Asked, cells: Sequence[Cell]) -> Released:
    """Return a release as the company's record has it."""
    return Released(
        Moment(day(100 + step), Turn.ACT, step + 1),
        str(step),
        asked.reader,
        tuple((one.where, one.persons) for one in cells),
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_GROUPS, st.lists(_ASKED, min_size=3, max_size=9))
def test_no_audit_finds_anything(groups: list[tuple[Somebody, int]], sequence: list[Asked]) -> None:
    """People come and go between releases by any dimensions, over any periods, to any readers."""
    people = [one for one, often in groups for _ in range(often)]
    company = Company(UUID(int=1))
    facts: list[Fact] = []
    for step, asked in enumerate(sequence):
        cells = table(people, step, asked)
        kept, held_back = releasable(cells, known_to(asked.reader, company.releases), K)
        assert sorted(map(str, [*kept, *(one.cell for one in held_back)])) == sorted(map(str, cells))
        assert all(one.releases and step + 1 not in one.releases for one in held_back)
        event(f"held back: {bool(held_back)}")
        if kept:
            facts.append(release(step, asked, kept))
            company.releases.append(released(step, asked, kept))
    found = audit(*RECIPIENTS, *facts)
    for reading in READINGS:
        assert found.status("P13", reading) == ("kept" if facts else "untested")
        assert found.status("P12", reading) in {"kept", "not_exercised"}
        assert found.verdict("P13", reading)["exercised"] == len(facts)


def _known(*cells: tuple[Mapping[str, str], int]) -> list[list[Cell]]:
    return [[Cell(where, persons, 1) for where, persons in cells]]


def _kept(known: list[list[Cell]], *cells: tuple[Mapping[str, str], int]) -> list[int]:
    kept, held_back = releasable([Cell(where, persons, 2) for where, persons in cells], known, K)
    assert {name for one in held_back for name in one.releases} <= {1}
    return [one.persons for one in kept]


def test_only_what_gives_somebody_away_is_held_back() -> None:
    """Of four cells the one that has grown by three is held back, and so is the total, which has too."""
    known = _known(({}, 100), ({"gender": "f"}, 40))
    new: tuple[tuple[Mapping[str, str], int], ...]
    new = (({}, 103), ({"gender": "f"}, 43), ({"gender": "m"}, 30), ({"gender": "x"}, 30))
    assert _kept(known, *new) == [30, 30]
    assert _kept([[]], *new) == [103, 43, 30, 30]
    assert _kept(known, ({}, 110), ({"gender": "f"}, 50)) == [110, 50]
    unsuppressed = [Cell({}, 100, 2), Cell({"gender": "f"}, 95, 2)]
    assert [one.releases for one in releasable(unsuppressed, [[]], K)[1]] == [(2,)]


def test_a_period_inside_another() -> None:
    """What the shorter period lacks is a group, whichever went out first; periods that only meet say nothing."""
    whole, half, other = str(Period(day(0), day(60))), str(Period(day(0), day(30))), str(Period(day(20), day(70)))
    assert _kept(_known(({PERIOD: whole}, 100)), ({PERIOD: half}, 95)) == []
    assert _kept(_known(({PERIOD: half}, 95)), ({PERIOD: whole}, 100)) == []
    assert _kept(_known(({}, 100)), ({PERIOD: half}, 95)) == []
    assert _kept(_known(({PERIOD: whole}, 100)), ({PERIOD: half}, 90)) == [90]
    assert _kept(_known(({PERIOD: whole}, 100)), ({PERIOD: half}, 100)) == [100]
    assert _kept(_known(({PERIOD: whole}, 100)), ({PERIOD: other}, 95)) == [95]
    assert _kept(_known(({PERIOD: whole}, 100)), ({PERIOD: half, "gender": "f"}, 95)) == []
    assert _kept(_known(({PERIOD: whole, "gender": "f"}, 100)), ({PERIOD: half, "gender": "m"}, 95)) == [95]
    assert _kept(_known(({PERIOD: "last spring"}, 100)), ({PERIOD: half}, 95)) == []


def test_who_knows_what() -> None:
    """A recipient knows what they and everybody were given; everybody knows what each of them was."""
    releases = [
        Released(Moment(day(n), Turn.ACT, n + 1), str(n), reader, (({}, 100 + n),))
        for n, reader in enumerate(("a", "b", None))
    ]
    assert [[one.release for one in known] for known in known_to("a", releases)] == [[1, 3]]
    assert [[one.release for one in known] for known in known_to("c", releases)] == [[3]]
    everybody = [[one.release for one in known] for known in known_to(None, releases)]
    assert everybody == [[3], [1, 3], [2, 3]]
