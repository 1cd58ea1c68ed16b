"""The small groups that follow when released counts are compared with each other, also those of different times.

A whole is compared with a part of it, and with the parts that divide it by one dimension. The values of a dimension are
taken to exclude each other; periods do not.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, permutations, product
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.statistics.cells import Cell, Group
from domain.statistics.dimensions import PERIOD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

DIMENSION_SETS_MAX: Final = 256
"""How many different sets of dimensions are compared with each other, those of the fewest dimensions first.

Eight dimensions have as many. Each set is compared with itself in any case.
"""


class _Known(NamedTuple):
    persons: int
    release: int
    where: Mapping[str, str]


_Words = tuple[str, ...]
_Table = dict[_Words, list[_Known]]
"""The counts of one set of dimensions, by its values."""


def compared(before: Iterable[Cell], new: Iterable[Cell], k: int) -> list[Group]:
    """Return the groups that follow from a whole and its parts.

    `before` are the cells of earlier releases, in order of time; `new` are those of one more, with its own position.
    A small group follows if two counts of the same cell differ by its size; if a narrower cell lacks that many of a
    wider one; or if the sum of the cells that divide a cell by one dimension lacks that many, or exceeds the cell by
    that many. The dividing cells come from one release; or from the divided cell's own release, completed from one
    other release, or from the latest of each up to that one. So the work grows with the number of releases, and counts
    of different times are mixed only where a release lacks a cell.
    """
    places: dict[int, int] = {}
    tables: dict[_Words, _Table] = defaultdict(lambda: defaultdict(list))
    for cell in before:
        _enter(tables, cell, places.setdefault(cell.release, len(places)))
    now, own = len(places), 0
    for cell in new:
        own = cell.release
        _enter(tables, cell, now)
    called = [*places, own]
    found: dict[tuple[int, ...], Group] = {}
    nearest = sorted(tables, key=lambda words: (len(words), words))[:DIMENSION_SETS_MAX]
    for broad, narrow in chain(zip(tables, tables, strict=True), permutations(nearest, 2)):
        if set(broad) <= set(narrow):
            for persons, taken in _between(broad, narrow, tables, now, k):
                releases = tuple(sorted({one.release for one in taken}))
                if releases not in found:
                    counts = tuple(Cell(one.where, one.persons, called[one.release]) for one in taken)
                    found[releases] = Group(tuple(called[one] for one in releases), persons, counts)
    return list(found.values())


def _enter(tables: dict[_Words, _Table], cell: Cell, release: int) -> None:
    items = sorted(cell.where.items())
    names, values = tuple(name for name, _ in items), tuple(value for _, value in items)
    tables[names][values].append(_Known(cell.persons, release, cell.where))


def _between(
    broad: _Words, narrow: _Words, tables: Mapping[_Words, _Table], now: int, k: int
) -> Iterator[tuple[int, Sequence[_Known]]]:
    """Return each group that follows, its size and the counts, by cells of one table and equal or narrower ones."""
    wholes = tables[broad]
    kept = [narrow.index(name) for name in broad]
    divisions: dict[_Words, list[list[_Known]]] = defaultdict(list)
    for values, known in tables[narrow].items():
        of = tuple(values[place] for place in kept)
        if whole := wholes.get(of):
            divisions[of].append(known)
            for one, other in _pairs(whole, known, now):
                lacking = one.persons - other.persons
                size = abs(lacking) if broad == narrow else lacking
                # Two counts of the same cell in one release contradict each other, and differ by nobody in particular.
                if 0 < size < k and not (broad == narrow and one.release == other.release):
                    yield size, (one, other)
    # A person can be counted in several periods, so periods do not divide a cell.
    if len(narrow) == len(broad) + 1 and {*narrow} - {*broad} != {PERIOD}:
        for of, parts in divisions.items():
            yield from _remainders(wholes[of], parts, now, k)


def _pairs(wide: Sequence[_Known], narrow: Sequence[_Known], now: int) -> Iterator[tuple[_Known, _Known]]:
    """Return the pairs in which at least one is new."""
    yield from product([one for one in wide if one.release == now], narrow)
    yield from product([one for one in wide if one.release != now], [one for one in narrow if one.release == now])


def _remainders(
    wide: Iterable[_Known], parts: Iterable[Iterable[_Known]], now: int, k: int
) -> Iterator[tuple[int, Sequence[_Known]]]:
    """Return the size of each group that follows, and the counts, by a whole and the parts that divide it."""
    released: dict[int, dict[int, _Known]] = defaultdict(dict)
    for part, counts in enumerate(parts):
        for known in counts:
            released[known.release][part] = known
    for one in wide:
        for taken in _ways_to_divide(one, released, now):
            lacking = one.persons - sum(known.persons for known in taken)
            releases = {one.release, *(known.release for known in taken)}
            # Parts that exceed their whole overlap in one release; in several, the whole has grown between them.
            size = lacking if len(releases) == 1 else abs(lacking)
            if len(taken) > 1 and now in releases and 0 < size < k:
                yield size, (one, *taken)


def _ways_to_divide(one: _Known, released: Mapping[int, dict[int, _Known]], now: int) -> Iterator[Collection[_Known]]:
    own = released.get(one.release, {})
    latest: dict[int, _Known] = {}
    for release, parts in sorted(released.items()):
        latest |= parts
        if now in {one.release, release}:
            if own.keys() <= parts.keys():
                yield parts.values()
            yield (parts | own).values()
            yield (latest | own).values()
