"""The small groups that follow from any number of released counts together.

People are divided into blocks: those who are in the same released cells, and in no other. Each count is an equation
between numbers of persons, of which none is below 0. A group is any union of blocks, so also whatever some dimensions
describe. It follows if it has the same size in every population, of fractions of persons too, that has these counts.
All such groups are found, or the result says that they may not be (`unsettled`).

The counts of several releases are combined if one population can have them all. Where releases contradict each other,
people came or went between them: each earlier release is combined with the new one, and with each other one that fits,
the latest first. Not looked at: other choices among releases that contradict each other, and what follows only because
persons are whole. (Where the counts are of two dimensions, nothing follows only from that.)
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.statistics.blocks import Blocks, divided
from domain.statistics.cells import Group
from domain.statistics.exact import ContradictionError, TooMuchWorkError, Work
from domain.statistics.periods import as_released, by_periods
from domain.statistics.unions import small_unions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.statistics.cells import Cell

STEPS_MAX: Final = 2_000_000
"""How many steps are taken to work out what follows from one release and those before it: about a second."""
SHORTENING_STEPS_MAX: Final = 50_000
"""How many steps are taken to find fewer counts that give a group as well."""
COUNTS_CONTRADICT: Final = "counts_contradict"
TOO_MANY_COUNTS: Final = "too_many_counts"


class Combined(NamedTuple):
    """The small groups that follow; `unsettled` says why more may follow, None: all that is looked for is found."""

    groups: list[Group]
    unsettled: str | None = None
    contradicting: bool = False
    """Whether releases contradict each other, so that not all counts were combined at once."""


def combined(before: Iterable[Cell], new: Iterable[Cell], k: int, work: Work | None = None) -> Combined:
    """Return a small group for each set of releases from which one follows, the new one among them."""
    work = work or Work(STEPS_MAX)
    found: dict[tuple[int, ...], Group] = {}
    unsettled, contradicting = None, False
    try:
        for earlier, own in by_periods(list(before), list(new), work):
            for population in _populations(earlier, own, work) if own else ():
                taken = {cell.release for blocks in population for cell in blocks.cells}
                contradicting |= taken != {cell.release for cell in (*earlier, *own)}
                for group in _groups(population, k, work):
                    _keep_shortest(found, group)
    except ContradictionError:
        unsettled = COUNTS_CONTRADICT
    except TooMuchWorkError:
        unsettled = TOO_MANY_COUNTS
    shortened: dict[tuple[int, ...], Group] = {}
    for group in found.values():
        short = _shortened(group, k)
        _keep_shortest(shortened, short._replace(counts=tuple(map(as_released, short.counts))))
    return Combined(list(shortened.values()), unsettled, contradicting)


def _keep_shortest(found: dict[tuple[int, ...], Group], group: Group) -> None:
    known = found.setdefault(group.releases, group)
    if len(group.counts) < len(known.counts):
        found[group.releases] = group


def _shortened(group: Group, k: int) -> Group:
    """Leave out counts that a group does not need, one after the other, while one of as many persons follows."""
    own = group.releases[-1]
    work = Work(SHORTENING_STEPS_MAX)
    try:
        for count in reversed(group.counts):
            counts = [one for one in group.counts if one is not count]
            new_from = sum(one.release != own for one in counts)
            others = _groups([Blocks.of(counts, new_from, work)], k, work) if new_from < len(counts) else ()
            group = next((one for one in others if one.persons == group.persons), group)
    except TooMuchWorkError:
        pass
    return group


def _populations(before: Iterable[Cell], new: list[Cell], work: Work) -> Iterator[list[Blocks]]:
    """Yield the blocks of releases that fit each other and the new one, until each that fits the new one was one.

    Raise `ContradictionError` if no population has the counts of the new one.
    """
    earlier: dict[int, list[Cell]] = defaultdict(list)
    for cell in before:
        earlier[cell.release].append(cell)
    releases = list(earlier.values())
    if all_of_them := _fitting([*releases, new], work):
        yield all_of_them
        return
    alone = _fitting([new], work)
    if alone is None:
        raise ContradictionError
    left = set(range(len(releases)))
    while True:
        chosen: list[int] = []
        blocks = alone
        for place in [*sorted(left, reverse=True), *sorted(set(range(len(releases))) - left, reverse=True)]:
            if fits := _fitting([*(releases[one] for one in sorted([*chosen, place])), new], work):
                chosen.append(place)
                blocks = fits
            elif not chosen:
                left.discard(place)
        yield blocks
        left.difference_update(chosen)
        if not left:
            return


def _fitting(releases: Sequence[Sequence[Cell]], work: Work) -> list[Blocks] | None:
    """Return the blocks of some releases, the last of them the new one; None if no population has all their counts."""
    counts: dict[frozenset[tuple[str, str]], int] = {}
    before: list[Cell] = []
    for release in releases:
        for cell in release:
            work.take(1)
            if counts.setdefault(frozenset(cell.where.items()), cell.persons) != cell.persons:
                return None
    for release in releases[:-1]:
        before += release
    try:
        return divided(before, releases[-1], work)
    except ContradictionError:
        return None


def _groups(population: Iterable[Blocks], k: int, work: Work) -> Iterator[Group]:
    """Yield small groups that follow from counts that one population can have, those of the new release among them."""
    for blocks in population:
        if blocks.new_from == len(blocks.cells):
            continue
        for persons, union in small_unions(blocks, k, work):
            places = blocks.counts_of(union)
            # What one count says by itself is a released cell, not a group that follows.
            if len(places) > 1 and places[-1] >= blocks.new_from:
                counts = tuple(blocks.cells[place] for place in places)
                yield Group(tuple(dict.fromkeys(cell.release for cell in counts)), persons, counts)
