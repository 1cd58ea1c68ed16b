"""Which row of a file and which fact of the ledger are records of one and the same act.

Promise: pure; no row and no fact is used twice, and the same input gives the same pairs. Of what shares a key, as many
as can be are paired that lie within the tolerance of each other; where the key alone is proof enough, what is left is
paired with the nearest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime, timedelta
    from uuid import UUID

    from adapters.reconciliation.rows import Row

_AT = attrgetter("at")


class Recorded(NamedTuple):
    """A message or share as the ledger has it; `is_expected`: the file is one that should show it."""

    position: int
    fact: str
    person: UUID
    at: datetime
    is_expected: bool


class Sought(NamedTuple):
    """A row, or a fact, with the keys by which it can be met."""

    keys: tuple[Hashable, ...]
    row: Row


class Met(NamedTuple):
    """A fact with the keys by which it can be met."""

    keys: tuple[Hashable, ...]
    fact: Recorded


def match(
    rows: Iterable[Sought], facts: Iterable[Met], tolerance: timedelta, *, taken: set[int], however_far: bool
) -> dict[int, Recorded]:
    """Pair rows with facts that share a key; gives the fact of each row's line.

    `taken` are the positions of facts that are paired already, and grows. With `however_far` a shared key is proof
    enough for what lies further apart than the tolerance.
    """
    by_key: dict[Hashable, list[Recorded]] = defaultdict(list)
    for met in facts:
        for key in met.keys:
            by_key[key].append(met.fact)
    for known in by_key.values():
        known.sort(key=lambda fact: (fact.at, fact.position))
    pairs: dict[int, Recorded] = {}
    in_time = sorted(rows, key=lambda one: (one.row.at, one.row.line))

    def take(line: int, fact: Recorded | None) -> None:
        if fact is not None:
            taken.add(fact.position)
            pairs[line] = fact

    for keys, row in in_time:
        # Rows in order of time, each with the earliest fact that it can have, make the most pairs.
        near = [fact for key in keys if (fact := _first_near(by_key.get(key, []), row.at, tolerance, taken))]
        take(row.line, min(near, key=_AT, default=None))
    if however_far:
        for keys, row in in_time:
            if row.line not in pairs:
                left = [fact for key in keys for fact in by_key.get(key, []) if fact.position not in taken]
                take(row.line, min(left, key=lambda fact: abs(fact.at - row.at), default=None))
    return pairs


def _first_near(facts: list[Recorded], at: datetime, tolerance: timedelta, taken: set[int]) -> Recorded | None:
    earliest, latest = _within(at, tolerance)
    for place in range(bisect_left(facts, earliest, key=_AT), len(facts)):
        if facts[place].at > latest:
            break
        if facts[place].position not in taken:
            return facts[place]
    return None


def _within(at: datetime, tolerance: timedelta) -> tuple[datetime, datetime]:
    try:
        return at - tolerance, at + tolerance
    except OverflowError:
        return at, at
