"""Which small groups follow from any number of counts together, held against every population that has the counts."""

from __future__ import annotations

import random
from itertools import chain, combinations, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, example, given, settings, strategies as st

from domain.statistics.blocks import Blocks
from domain.statistics.cells import Cell
from domain.statistics.combined_counts import COUNTS_CONTRADICT, STEPS_MAX, TOO_MANY_COUNTS, Combined, combined
from domain.statistics.exact import Work
from domain.statistics.independence import independent
from domain.statistics.small_groups import groups
from domain.statistics.unions import small_unions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

K = 10
ALL: Mapping[str, str] = {}
NORTH, SOUTH = {"area": "north"}, {"area": "south"}
DAY, NIGHT = {"shift": "day"}, {"shift": "night"}


def release(position: int, *counts: tuple[Mapping[str, str], int]) -> list[Cell]:
    """Return the cells of a release."""
    return [Cell(where, persons, position) for where, persons in counts]


MARGINS = [(ALL, 100), (NORTH, 60), (SOUTH, 40), (DAY, 60), (NIGHT, 40)]


@pytest.mark.parametrize(("both", "is_small"), [(20, False), (21, True), (25, True), (29, True), (30, False)])
def test_a_cell_between_two_divisions(both: int, is_small: bool) -> None:  # noqa: FBT001 - a column of the table
    """Margins and one cell give the cell across from it: 100 - 60 - 60 + both is nobody, a small group, or enough."""
    assert bool(combined([], release(1, *MARGINS, (NORTH | DAY, both)), K).groups) is is_small
    assert bool(combined(release(1, *MARGINS), release(2, (NORTH | DAY, both)), K).groups) is is_small
    spread = [Cell(where, persons, number) for number, (where, persons) in enumerate(MARGINS, 1)]
    assert bool(combined(spread, release(9, (NORTH | DAY, both)), K).groups) is is_small


def test_the_counts_that_give_a_group_are_named() -> None:
    """Of all that was released, a group names the counts that it follows from, and their releases in order of time."""
    before = [*release(1, *MARGINS), *release(2, ({"channel": "post"}, 70))]
    group = combined(before, release(3, (NORTH | DAY, 25)), K).groups[0]
    assert group.releases == (1, 3)
    assert group.persons == 5
    assert group.counts == (*release(1, (ALL, 100), (NORTH, 60), (DAY, 60)), *release(3, (NORTH | DAY, 25)))


def test_nobody_outside_is_known_too() -> None:
    """Where the cells of a dimension sum up to the total, nobody is elsewhere, and a part of one value is the rest."""
    for total, sizes in ((100, [5]), (110, [])):
        known = release(1, (ALL, total), (NORTH, 60), (SOUTH, 40), (DAY, 65))
        groups = combined(known, release(2, (NORTH | DAY, 30)), K).groups
        assert [group.persons for group in groups] == sizes


def test_what_followed_before_is_not_found_again() -> None:
    """A release is held against earlier ones, and a group that needs no count of its own is not its group."""
    before = release(1, *MARGINS, (NORTH | DAY, 25))
    assert combined(before, release(2, ({"channel": "post"}, 70)), K).groups == []
    assert combined(before, release(2, (NORTH | DAY, 25)), K).groups == []


def test_releases_that_contradict_each_other() -> None:
    """People came between two counts of the same: the new release is combined with each of those that it fits."""
    old, now = release(1, *MARGINS), release(2, (ALL, 180), (NORTH, 120))
    assert combined(old, release(3, (ALL, 180), (NORTH | DAY, 25)), K).groups == []
    assert combined([*old, *now], release(3, (NORTH | DAY, 25)), K).groups[0].releases == (1, 3)
    assert combined([*now, *old], release(3, (NORTH | DAY, 25)), K).groups[0].releases == (1, 3)


@pytest.mark.parametrize(
    "counts", [[(NORTH, 40), (NORTH | DAY, 44)], [(ALL, 100), (NORTH, 60), (SOUTH, 50)], [(ALL, 50), (ALL, 60)]]
)
def test_a_release_that_contradicts_itself(counts: list[tuple[Mapping[str, str], int]]) -> None:
    """No population has its counts: nobody can tell what follows, and it is said."""
    assert combined([], release(1, *counts), K) == Combined([], COUNTS_CONTRADICT)


def test_more_counts_than_can_be_worked_out() -> None:
    """The work is bounded, and what passes the bound is said to be unsettled; no counts at all show nothing."""
    many = [Cell({f"d{number}": "x", f"d{number + 1}": "x"}, 100 + number, 1) for number in range(40)]
    assert combined([], many, K) == Combined([], TOO_MANY_COUNTS)
    assert combined(many, [], K) == Combined([], None)
    chance = random.Random(7)  # noqa: S311 - a table, no secret
    places = list(product("abcdefgh", repeat=3))
    cross = [Cell(dict(zip("xyz", chosen, strict=True)), 10 + chance.randrange(90), 1) for chosen in places[::2]]
    assert combined([], [Cell(ALL, 99_999, 1), *cross], K).unsettled is None
    assert combined([], cross, K, Work(10)) == Combined([], TOO_MANY_COUNTS)


_Place = tuple[str, ...]
_ELSE = "else"
"""A value that no count names."""


def _populations(places: Sequence[_Place], members: Sequence[set[int]], counts: Sequence[int]) -> Iterator[list[int]]:
    """Yield each way to put persons into places by which all counts come out."""
    left = list(counts)
    chosen = [0] * len(places)

    def choose(place: int) -> Iterator[list[int]]:
        if place == len(places):
            yield chosen
            return
        rows = [row for row, of in enumerate(members) if place in of]
        least = max((left[row] for row in rows if max(members[row]) == place), default=0)
        for persons in range(least, min(left[row] for row in rows) + 1):
            chosen[place] = persons
            for row in rows:
                left[row] -= persons
            yield from choose(place + 1)
            for row in rows:
                left[row] += persons

    return choose(0)


def _determined(groups: set[frozenset[int]], populations: Iterator[list[int]], k: int) -> set[int]:
    """Return the sizes, of 1 to k - 1 persons, of the groups that have the same size in every population."""
    first = list(next(populations))
    sizes = {group: sum(first[place] for place in group) for group in groups}
    sizes = {group: size for group, size in sizes.items() if 0 < size < k}
    for one in populations:
        sizes = {group: size for group, size in sizes.items() if sum(one[place] for place in group) == size}
        if not sizes:
            break
    return set(sizes.values())


def _is_in(place: _Place, where: Mapping[str, str]) -> bool:
    return all(place[int(dimension[1:])] == value for dimension, value in where.items())


def _small_by_every_population(counts: Sequence[Cell], values: Sequence[Sequence[str]], k: int) -> set[int]:
    """Return the sizes of the small groups that the counts give, by asking every population that has them."""
    bounded = [place for place in product(*values) if any(_is_in(place, cell.where) for cell in counts)]
    members = [{number for number, place in enumerate(bounded) if _is_in(place, cell.where)} for cell in counts]
    unions = {frozenset(one) for size in range(1, len(bounded) + 1) for one in combinations(range(len(bounded)), size)}
    return _determined(unions, _populations(bounded, members, [cell.persons for cell in counts]), k)


def _held_against_every_population(
    table: Mapping[_Place, int], values: Sequence[Sequence[str]], released: Sequence[Sequence[_Place]], k: int
) -> None:
    """Hold what is found in releases of a table against all populations with these counts; "" is any value."""
    known: list[Cell] = []
    found = []
    for position, wheres in enumerate(released, 1):
        named = [{f"d{number}": value for number, value in enumerate(where) if value} for where in wheres]
        new = [
            Cell(where, sum(persons for place, persons in table.items() if _is_in(place, where)), position)
            for where in named
        ]
        found.append(groups(known, new, k))
        known = [*known, *new]
    assert not any(one.unsettled for one in found)
    for group in chain.from_iterable(one.groups for one in found):
        assert group.persons in _small_by_every_population(group.counts, values, k), group
    small = _small_by_every_population(known, values, k)
    if any(one.groups for one in found):
        event("a group follows")
        assert small, known
    elif any(0 < cell.persons < k for cell in known):
        event("a released cell is small by itself")
    else:
        event("nothing follows")
        assert not small, known


def _releases(wheres: Sequence[_Place], most: int) -> st.SearchStrategy[list[list[_Place]]]:
    return st.lists(st.lists(st.sampled_from(wheres), unique=True, min_size=1, max_size=most), min_size=1, max_size=3)


_TWO = (("n", "s", _ELSE), ("x", "y", _ELSE))
_TWO_WHERES = list(product(("", "n", "s"), ("", "x", "y")))
_THREE = (("n", _ELSE), ("x", _ELSE), ("p", _ELSE))
_THREE_WHERES = list(product(("", "n"), ("", "x"), ("", "p")))


@example([0, 0, 1, 3, 0, 3, 1, 1, 0], [[("s", "x"), ("", "x")], [("", ""), ("s", "")]])
@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from((0, 0, 1, 3, 4)), min_size=9, max_size=9), _releases(_TWO_WHERES, 6))
def test_two_dimensions(persons: list[int], released: list[list[_Place]]) -> None:
    """A group is found exactly where some people are 1 to k - 1 in every population that has the counts."""
    _held_against_every_population(dict(zip(product(*_TWO), persons, strict=True)), _TWO, released, 3)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from((0, 0, 1, 3, 4)), min_size=8, max_size=8), _releases(_THREE_WHERES, 6))
def test_three_dimensions(persons: list[int], released: list[list[_Place]]) -> None:
    """The same of three dimensions, where cells of two of them overlap."""
    _held_against_every_population(dict(zip(product(*_THREE), persons, strict=True)), _THREE, released, 3)


_FOUR = [dict(part) for size in range(3) for part in combinations([(f"d{number}", "x") for number in range(4)], size)]
_PEOPLE = st.lists(st.tuples(*[st.sampled_from("xy")] * 4), min_size=4, max_size=14)


@settings(max_examples=300, deadline=None)
@given(_PEOPLE, st.lists(st.sampled_from([*_FOUR, {"d0": "y"}, {"d1": "y"}]), unique_by=str, min_size=1, max_size=9))
def test_counts_looked_at_apart(people: list[tuple[str, ...]], wheres: list[dict[str, str]]) -> None:
    """Where counts say nothing about each other, they show a small group together only if a part of them does."""
    cells = [
        Cell(where, sum(all(one[int(name[1])] == value for name, value in where.items()) for one in people), 1)
        for where in wheres
    ]
    parts = independent(cells, 0, Work(STEPS_MAX))
    event("apart" if len(parts) > 1 else "together")
    together = Blocks.of(cells, 0, Work(STEPS_MAX))
    apart = [Blocks.of([cells[place] for place in part], 0, Work(STEPS_MAX)) for part, _ in parts]
    is_found = any(small_unions(together, 4, Work(STEPS_MAX)))
    event("found" if is_found else "not found")
    assert any(any(small_unions(one, 4, Work(STEPS_MAX))) for one in apart) is is_found, cells
