"""Rows into facts, as a mapping says.

Promise: a row makes the same facts every time, under the same names. Rows of one order that stand together are one
order, and of each column the first cell that holds anything counts. A row is taken as a whole: if one of its facts
cannot be made, none is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.imports.draft import Draft, Terms, unlisted
from adapters.imports.mapping import Kind, Status
from adapters.imports.row import Reason, Row
from domain.errors import MalformedFact
from domain.facts import parse_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.facts import Fact

GROUP_MAX: Final = 1_000
"""An order has at most so many rows; what goes on after that is another one, which repeats its facts."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows of one order, or one row, and what became of them: facts, or a reason, or neither where skipped."""

    rows: tuple[Row, ...]
    facts: tuple[Fact, ...] = ()
    reason: Reason | None = None


class _RejectedError(Exception):
    """A row is not to be taken, for these reasons."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__()


def grouped(rows: Iterable[Row], reference: str | None) -> Iterator[tuple[Row, ...]]:
    """Give rows that stand together and share the cell of a column together; a bad row between them parts nothing."""
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


class Reader:
    """Takes rows as a mapping says."""

    def __init__(self, terms: Terms) -> None:
        self.terms, self.mapping = terms, terms.mapping
        self._empty = {column: {cell.strip() for cell in cells} for column, cells in terms.mapping.empty.items()}

    def take(self, rows: Iterable[Row]) -> Iterator[Taken]:
        """Give what becomes of each row, in the order in which they end."""
        is_orders = self.mapping.kind is Kind.ORDERS
        for group in grouped(rows, self.mapping.columns.reference if is_orders else None):
            if group[0].problem is not None:
                yield Taken(group, reason=group[0].problem)
                continue
            try:
                yield Taken(group, self._facts(_merged(group)))
            except _RejectedError as error:
                code = error.reasons[0].code
                yield Taken(group, reason=Reason(code, " ".join(reason.text for reason in error.reasons)))

    def _facts(self, cells: dict[str, str]) -> tuple[Fact, ...]:
        if self._empty:
            cells = {column: "" if cell in self._empty.get(column, ()) else cell for column, cell in cells.items()}
        if any(skip.concerns(cells[skip.column]) for skip in self.mapping.skip):
            return ()
        status = self._status(cells)
        if status is Status.SKIP:
            return ()
        draft = Draft(self.terms, cells)
        draft.check_required()
        if self.mapping.kind is Kind.ORDERS:
            draft.order(is_cancelled=status is Status.CANCELLED)
        elif status is Status.SUBSCRIBED:
            draft.subscription()
        else:
            draft.opt_out()
        if draft.reasons:
            raise _RejectedError(*draft.reasons)
        try:
            return tuple(parse_fact(fact) for fact in draft.facts)
        except MalformedFact as error:
            problems = "; ".join(str(problem).removeprefix("data.") for problem in error.problems)
            raise _RejectedError(Reason(error.code, f"{problems}.")) from None

    def _status(self, cells: dict[str, str]) -> Status | None:
        if "status" not in self.terms.columns:
            return next(iter(self.mapping.statuses()))
        status: Status | None = self.terms.code("status", cells)
        if status is None:
            raise _RejectedError(unlisted("status", self.terms.columns["status"]))
        return status


def _merged(group: tuple[Row, ...]) -> dict[str, str]:
    if len(group) == 1:
        return group[0].cells
    return {column: next((cell for row in group if (cell := row.cells[column])), "") for column in group[0].cells}
