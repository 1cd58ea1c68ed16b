"""The conversion of rows into facts, as a mapping says.

A row makes the same facts every time, under the same ids. Adjacent rows of one order number are one order, of which the
first cell of each column that is not empty counts. If one fact of a row cannot be made, none is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import to_json

from adapters.contract import parse_fact
from adapters.imports.fact_builder import FactBuilder
from adapters.imports.interpreter import Interpreter, not_listed
from adapters.imports.mapping import RowKind, RowStatus
from adapters.imports.rows import Reason, Row
from domain.errors import MalformedFact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from domain.facts import Fact

GROUP_MAX: Final = 1_000
"""An order has at most this many rows; the rest is another order, which repeats its facts."""


class Conversion(NamedTuple):
    """One row, or the rows of one order, with its facts, or the reasons to reject it, or why it is skipped.

    `drafts` are the facts as mappings, before they are parsed. `skipped`: the mapping lists it (`listed`), its status
    says so (`status`), or it is a state of which nothing is told (`state`). `notes` say what is special about it:
    `without_number` of the person, `address_unusable`.
    """

    rows: tuple[Row, ...]
    drafts: tuple[dict[str, Any], ...] = ()
    facts: tuple[Fact, ...] = ()
    reasons: tuple[Reason, ...] = ()
    skipped: str = ""
    notes: tuple[str, ...] = ()

    def parsed(self, parse: Callable[[bytes], Fact] = parse_fact) -> Conversion:
        """Return the conversion with its drafts parsed, or rejected if one of them is malformed."""
        try:
            # to_json is several times as fast as the standard library, and an import has a hundred thousand facts.
            return self._replace(facts=tuple([parse(to_json(draft)) for draft in self.drafts]))
        except MalformedFact as error:
            problems = "; ".join(str(problem).removeprefix("data.") for problem in error.problems)
            return Conversion(self.rows, reasons=(Reason(error.code, f"{problems}."),))


def grouped(rows: Iterable[Row], reference: str | None) -> Iterator[tuple[Row, ...]]:
    """Yield adjacent rows with the same cell in the column `reference` together; a bad row between does not part them.

    Without `reference` every row is a group.
    """
    together: list[Row] = []
    bad: list[Row] = []
    for row in rows:
        if reference is None:
            yield (row,)
            continue
        is_bad = row.problem is not None
        if is_bad and not together:
            yield (row,)
            continue
        is_other = not is_bad and together and not _is_same(together[0].cells[reference], row.cells[reference])
        if is_other or len(together) + len(bad) >= GROUP_MAX:
            yield from _closed(together, bad)
        (bad if is_bad else together).append(row)
    yield from _closed(together, bad)


def _is_same(one: str, other: str) -> bool:
    return one == other != ""


def _closed(together: list[Row], bad: list[Row]) -> Iterator[tuple[Row, ...]]:
    if together:
        yield tuple(together)
    yield from ((row,) for row in bad)
    together.clear()
    bad.clear()


class Converter:
    """Converts rows as a mapping says."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter, self.mapping = interpreter, interpreter.mapping
        self._null_cells = self.mapping.null_cells()
        # A cell that stands for nothing is empty by then, and so are those to which it is compared.
        self._skips = tuple(skip.reading(partial(self._null_cells.is_null, skip.column)) for skip in self.mapping.skip)

    def convert(self, rows: Iterable[Row]) -> Iterator[Conversion]:
        """Yield the conversion of each row or order, in the order in which they end; its facts are not parsed yet."""
        is_orders = self.mapping.kind is RowKind.ORDERS
        read = (row if row.problem else row.without(self._null_cells.read(row.cells)) for row in rows)
        for group in grouped(read, self.mapping.columns.reference if is_orders else None):
            problem = group[0].problem
            yield Conversion(group, reasons=(problem,)) if problem else self._converted(group)

    def _converted(self, group: tuple[Row, ...]) -> Conversion:
        cells = _merged(group)
        if any(skip.matches(cells[skip.column]) for skip in self._skips):
            return Conversion(group, skipped="listed")
        status = self._status(cells)
        if status is None:
            return Conversion(group, reasons=(not_listed("status", self.interpreter.columns["status"]),))
        if status is RowStatus.SKIP:
            return Conversion(group, skipped="status")
        builder = FactBuilder(self.interpreter, cells)
        builder.check(status)
        if self.mapping.kind is RowKind.ORDERS:
            builder.order(status)
        elif status is RowStatus.SUBSCRIBED:
            builder.subscription()
        else:
            builder.opt_out()
        if builder.reasons:
            return Conversion(group, reasons=tuple(builder.reasons))
        # Only a state makes no fact.
        skipped = "" if builder.facts else "state"
        return Conversion(group, tuple(builder.facts), skipped=skipped, notes=tuple(builder.notes))

    def _status(self, cells: dict[str, str]) -> RowStatus | None:
        if "status" not in self.interpreter.columns:
            return next(iter(self.mapping.statuses()))
        status: RowStatus | None = self.interpreter.code("status", cells)
        return status


def _merged(group: tuple[Row, ...]) -> dict[str, str]:
    if len(group) == 1:
        return group[0].cells
    return {column: next((cell for row in group if (cell := row.cells[column])), "") for column in group[0].cells}
