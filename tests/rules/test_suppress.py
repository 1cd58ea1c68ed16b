"""What of a table may be released: small cells are withheld, and as much beside them as would give them away."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given, settings, strategies as st

from domain.statistics import small_groups as aggregates
from domain.statistics.cells import Cell
from domain.statistics.small_groups import MOVES_MAX, follows, suppress
from tests.laws.numbers import part_of
from tests.released_tables import shows_a_small_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.released_tables import Finest

AREA, CROSS = ("area",), ("area", "gender")
generated = settings(max_examples=part_of(250), deadline=None, derandomize=True)


def kept(table: Mapping[Any, int], dimensions: Sequence[str], k: int = 10) -> dict[tuple[str, ...], int]:
    """Return what is kept of a table by the values of its cells, a star for each dimension of which it is a total."""
    cells = [Cell(dict(zip(dimensions, values, strict=True)), persons) for values, persons in table.items()]
    return {
        tuple(cell.where.get(name, "*") for name in dimensions): cell.persons for cell in suppress(cells, dimensions, k)
    }


def by_area(**persons: int) -> dict[tuple[str, ...], int]:
    """Return a table of one dimension."""
    return {(area,): count for area, count in persons.items()}


def test_nothing_is_withheld_without_need() -> None:
    """Where every cell is large, all of them are kept, and all totals."""
    table = {("n", "f"): 10, ("n", "m"): 11, ("s", "f"): 12, ("s", "m"): 13}
    totals = {("*", "*"): 46, ("n", "*"): 21, ("s", "*"): 25, ("*", "f"): 22, ("*", "m"): 24}
    assert kept(table, CROSS) == table | totals
    assert kept(by_area(n=10), AREA) == {("*",): 10, ("n",): 10}


def test_a_small_cell_takes_another_with_it() -> None:
    """One small cell would follow from the total, so the smallest of the others is withheld too."""
    assert kept(by_area(a=9, b=40, c=30, d=20), AREA) == {("*",): 99, ("b",): 40, ("c",): 30}
    assert kept(by_area(a=1, b=10), AREA) == {("*",): 11}


def test_small_cells_cover_each_other() -> None:
    """Small cells that are k together need no other: only their sum follows."""
    assert kept(by_area(a=5, b=5, c=30, d=20), AREA) == {("*",): 60, ("c",): 30, ("d",): 20}
    assert kept(by_area(a=5, b=4, c=30, d=20), AREA) == {("*",): 59, ("c",): 30}


def test_nothing_at_all() -> None:
    """Of fewer than k persons there is nothing to tell, and of nobody neither."""
    assert kept(by_area(a=5, b=4), AREA) == {}
    assert kept(by_area(a=0), AREA) == {}
    assert kept({}, AREA) == {}
    assert kept({(): 10}, ()) == {(): 10}


def test_empty_cells() -> None:
    """A cell with nobody in it is not told, and covers no other: who is nowhere else may be known to be there."""
    assert kept(by_area(a=0, b=40, c=30), AREA) == {("*",): 70, ("b",): 40, ("c",): 30}
    assert kept(by_area(a=0, b=5, c=30), AREA) == {("*",): 35}


def test_totals_stay_in_a_cross_table() -> None:
    """A small cell of two dimensions takes three others with it, and no total."""
    table = {("n", "f"): 3, ("n", "m"): 30, ("s", "f"): 40, ("s", "m"): 50, ("w", "f"): 60, ("w", "m"): 70}
    assert kept(table, CROSS) == {
        ("*", "*"): 253,
        ("n", "*"): 33,
        ("s", "*"): 90,
        ("w", "*"): 130,
        ("*", "f"): 103,
        ("*", "m"): 150,
        ("w", "f"): 60,
        ("w", "m"): 70,
    }


def test_a_small_total() -> None:
    """A small area is withheld with all that is in it, and with another area."""
    table = {("n", "f"): 2, ("n", "m"): 4, ("s", "f"): 40, ("s", "m"): 50, ("w", "f"): 20, ("w", "m"): 30}
    withheld = {("n", "*"), ("w", "*"), ("n", "f"), ("n", "m")}
    assert not kept(table, CROSS).keys() & withheld
    assert kept(table, CROSS)["s", "*"] == 90


def test_the_order_in_which_cells_come_does_not_matter() -> None:
    """The same table gives the same release, fewest dimensions and most persons first."""
    cells = [Cell({"area": area}, persons) for area, persons in (("a", 20), ("b", 40), ("c", 20), ("d", 5))]
    released = suppress(cells, AREA, 10)
    assert released == suppress(reversed(cells), AREA, 10)
    assert released == [Cell({}, 85), Cell({"area": "b"}, 40), Cell({"area": "a"}, 20)]


@pytest.mark.parametrize(
    "wheres",
    [[{"area": "n"}, {"area": "n"}], [{"area": "n", "gender": "f"}], [{}], [{"gender": "f"}]],
)
def test_cells_of_another_table(wheres: list[dict[str, str]]) -> None:
    """A cell of other dimensions, or one that comes twice, is refused."""
    with pytest.raises(ValueError, match="finest cell"):
        suppress([Cell(where, 20) for where in wheres], AREA, 10)


def test_large_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table too large for moves, every total that would cut off a small cell is withheld."""
    table = {("n", "f"): 3, ("n", "m"): 30, ("s", "f"): 40, ("s", "m"): 50}
    monkeypatch.setattr(aggregates, "MOVES_MAX", len(table))
    assert ("n", "*") in kept(table, CROSS)
    monkeypatch.setattr(aggregates, "MOVES_MAX", len(table) - 1)
    assert kept(table, CROSS) == {("*", "*"): 123, ("s", "*"): 90, ("n", "*"): 33, ("s", "m"): 50, ("s", "f"): 40}
    many = {(f"{number:05}",): 5 + number % 20 for number in range(MOVES_MAX * 10)}
    assert len(kept(many, AREA)) == 1 + sum(persons >= 10 for persons in many.values())


def _tables(*sizes: int) -> st.SearchStrategy[list[int]]:
    cells = 1
    for size in sizes:
        cells *= size
    count = st.one_of(st.integers(0, 3), st.integers(0, 7))
    return st.lists(count, min_size=cells, max_size=cells)


def _finest(counts: list[int], *sizes: int) -> dict[Finest, int]:
    values = [[(f"d{place}", f"v{value}") for value in range(size)] for place, size in enumerate(sizes)]
    return dict(zip(product(*values), counts, strict=True))


@pytest.mark.parametrize("moves", [0, MOVES_MAX])
@pytest.mark.parametrize("sizes", [(5,), (2, 2), (3, 2), (2, 2, 2)])
@generated
@given(data=st.data())
def test_no_small_group_follows(sizes: tuple[int, ...], moves: int, data: Any) -> None:  # noqa: ANN401 - st.DataObject
    """By no reckoning do some cells with 1 to k - 1 persons follow from what is kept: other tables have it too."""
    table = _finest(data.draw(_tables(*sizes)), *sizes)
    k = data.draw(st.integers(2, 5))
    names = [f"d{place}" for place in range(len(sizes))]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(aggregates, "MOVES_MAX", moves)
        released = suppress([Cell(dict(cell), persons) for cell, persons in table.items()], names, k)
    for one in released:
        assert one.persons == sum(table[cell] for cell in table if one.where.items() <= dict(cell).items()) >= k
    assert not follows([], released, k)
    assume(any(0 < persons < k for persons in table.values()))
    event(f"{len(released)} kept")
    assert not shows_a_small_group(table, released, k)
