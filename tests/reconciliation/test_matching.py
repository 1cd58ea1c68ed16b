"""Pairing rows with facts: laws that hold of any files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import example, given, strategies as st

from adapters.reconciliation.matching import KeyedAct, KeyedRow, RecordedAct, match
from adapters.reconciliation.parsed_rows import ParsedRow
from tests.controls import day

if TYPE_CHECKING:
    from datetime import datetime

TOLERANCE = timedelta(hours=2)
RECORDS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 24)), max_size=8)
"""Records as the key and the hour of each."""


def _at(hour: int) -> datetime:
    return day(0) + timedelta(hours=hour)


def _rows(records: list[tuple[int, int]]) -> list[KeyedRow]:
    return [
        KeyedRow((key,), ParsedRow(line, _at(hour), (), None, None, None, {}))
        for line, (key, hour) in enumerate(records)
    ]


def _facts(records: list[tuple[int, int]]) -> list[KeyedAct]:
    return [
        KeyedAct((key,), RecordedAct(place, place, UUID(int=key), _at(hour), is_expected=True))
        for place, (key, hour) in enumerate(records)
    ]


def _most(rows: list[tuple[int, int]], facts: list[tuple[int, int]]) -> int:
    """Return how many pairs there can be, by trying every one."""
    if not rows:
        return 0
    (key, hour), *rest = rows
    without = _most(rest, facts)
    for place, (other, at) in enumerate(facts):
        if other == key and abs(at - hour) <= 2:
            without = max(without, 1 + _most(rest, facts[:place] + facts[place + 1 :]))
    return without


@given(RECORDS.map(lambda them: them[:5]), RECORDS.map(lambda them: them[:5]))
@example([(0, 4), (0, 4)], [(0, 2), (0, 6)])
@example([(0, 4), (0, 4)], [(0, 1), (0, 7)])
def test_as_many_as_can_be_are_paired(rows: list[tuple[int, int]], facts: list[tuple[int, int]]) -> None:
    """Within the tolerance no other pairing has more pairs; each pair shares its key and no fact is used twice."""
    taken: set[int] = set()
    pairs = match(_rows(rows), _facts(facts), TOLERANCE, taken=taken, at_any_time=False)
    assert len(pairs) == _most(rows, facts)
    assert len(taken) == len({fact.position for fact in pairs.values()}) == len(pairs)
    for line, fact in pairs.items():
        assert facts[fact.position][0] == rows[line][0]
        assert abs(fact.at - _at(rows[line][1])) <= TOLERANCE


@given(RECORDS, RECORDS)
def test_at_any_time_nothing_is_left_on_both_sides(rows: list[tuple[int, int]], facts: list[tuple[int, int]]) -> None:
    """Where the key is proof enough, of each key either all rows are paired or all facts."""
    taken: set[int] = set()
    pairs = match(_rows(rows), _facts(facts), TOLERANCE, taken=taken, at_any_time=True)
    for key in range(3):
        lines = {line for line, (of, _) in enumerate(rows) if of == key}
        places = {place for place, (of, _) in enumerate(facts) if of == key}
        assert lines <= pairs.keys() or places <= taken


@given(RECORDS, RECORDS)
def test_what_is_taken_stays_taken(rows: list[tuple[int, int]], facts: list[tuple[int, int]]) -> None:
    """A fact that is paired already is nobody else's, and the order in which records come changes nothing."""
    everything = {keyed.act.position for keyed in _facts(facts)}
    assert match(_rows(rows), _facts(facts), TOLERANCE, taken=everything, at_any_time=True) == {}
    once = match(_rows(rows), _facts(facts), TOLERANCE, taken=set(), at_any_time=True)
    again = match(_rows(rows)[::-1], _facts(facts)[::-1], TOLERANCE, taken=set(), at_any_time=True)
    assert once == again
