"""Which row of a file and which fact of the ledger record the same act.

No row and no fact is used twice, and the same input gives the same pairs. Of the rows and facts that share a key, as
many as possible are paired that lie within the tolerance of each other. If the key alone is proof enough, each row that
is left is paired with the nearest fact.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from datetime import datetime, timedelta
    from uuid import UUID

    from adapters.reconciliation.parsed_rows import ParsedRow

_AT = attrgetter("at")


class RecordedAct(NamedTuple):
    """A message or share in the ledger. `is_expected`: the file should show it.

    `sent_to` is the digest of the contact point that a message went to, as far as the ledger knows.
    """

    position: int
    fact: int
    """The position of the first event of its fact."""
    person: UUID
    at: datetime
    is_expected: bool
    sent_to: bytes | None = None


class KeyedRow(NamedTuple):
    """A row with the keys by which it can be matched."""

    keys: tuple[Hashable, ...]
    row: ParsedRow


class KeyedAct(NamedTuple):
    """A recorded act with the keys by which it can be matched."""

    keys: tuple[Hashable, ...]
    act: RecordedAct


def match(
    rows: Iterable[KeyedRow], acts: Iterable[KeyedAct], tolerance: timedelta, *, taken: set[int], at_any_time: bool
) -> dict[int, RecordedAct]:
    """Pair rows with acts that share a key; return the act of each row by its line.

    `taken` are the positions of acts that are paired already; new ones are added. With `at_any_time` a shared key is
    proof enough beyond the tolerance.
    """
    by_key = by_keys(acts)
    pairs: dict[int, RecordedAct] = {}
    in_time = sorted(rows, key=lambda one: (one.row.at, one.row.line))

    def take(line: int, act: RecordedAct | None) -> None:
        if act is not None:
            taken.add(act.position)
            pairs[line] = act

    for keys, row in in_time:
        # Taking rows in order of time, each with the earliest act that it can have, makes the most pairs.
        near = [act for key in keys if (act := _first_near(by_key.get(key, []), row.at, tolerance, taken))]
        take(row.line, min(near, key=_AT, default=None))
    if at_any_time:
        for keys, row in in_time:
            if row.line not in pairs:
                left = [act for key in keys for act in by_key.get(key, []) if act.position not in taken]
                take(row.line, min(left, key=lambda act: abs(act.at - row.at), default=None))
    return pairs


def rivals(
    keyed: KeyedRow, paired: RecordedAct, acts: Mapping[Hashable, list[RecordedAct]], tolerance: timedelta
) -> list[RecordedAct]:
    """Return the acts on other people's records that a row shows no less than the act with which it is paired."""
    row = keyed.row

    def is_near(act: RecordedAct) -> bool:
        return abs(act.at - row.at) <= tolerance

    others = (act for key in keyed.keys for act in acts.get(key, ()) if act.person != paired.person)
    return [act for act in others if is_near(act) or not is_near(paired)]


def by_keys(acts: Iterable[KeyedAct]) -> dict[Hashable, list[RecordedAct]]:
    """Return acts by each of their keys, in order of time."""
    found: dict[Hashable, list[RecordedAct]] = defaultdict(list)
    for keyed in acts:
        for key in keyed.keys:
            found[key].append(keyed.act)
    for known in found.values():
        known.sort(key=lambda act: (act.at, act.position))
    return found


def _first_near(acts: list[RecordedAct], at: datetime, tolerance: timedelta, taken: set[int]) -> RecordedAct | None:
    try:
        earliest, latest = at - tolerance, at + tolerance
    except OverflowError:
        earliest = latest = at
    for place in range(bisect_left(acts, earliest, key=_AT), len(acts)):
        if acts[place].at > latest:
            break
        if acts[place].position not in taken:
            return acts[place]
    return None
