"""The facts of one row, or of one order of several rows.

The facts of an order are named after its number. All others are named after a digest, under the ledger's own key, of
the person and the time: an id stays in the clear, so it must reveal nothing. All problems of a row are found at once,
and no reason repeats a cell.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from adapters.contract import parse_name
from adapters.imports.mapping import CODES, NAMES, RowKind, RowStatus
from adapters.imports.rows import Reason
from adapters.imports.times import read_time
from domain.facts.fields import Subject
from domain.times import rfc3339
from domain.vocabulary import ADDRESS, NAME, PAYMENT, covers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.imports.mapping import ImportMapping, NumberForm

ANY: Final = "*"
"""In a table of cells it ends a prefix; alone it is every cell that the table does not list."""
_SHARED: Final = {"take_payment": (NAME, PAYMENT), "deliver_order": (NAME, ADDRESS)}
"""The categories that a share for a purpose may hold."""
_NUMBERS: Final[Mapping[NumberForm, tuple[re.Pattern[str], str]]] = {
    "count": (re.compile(r"\d+", re.ASCII), "a whole number, 0 or more"),
    "integer": (re.compile(r"-?\d+", re.ASCII), "a whole number"),
    "decimal": (re.compile(r"-?\d+(\.\d+)?", re.ASCII), "a decimal number"),
}


class CellTable:
    """What the cells of one column mean: the cell itself counts first, then the longest prefix of it."""

    def __init__(self, table: Mapping[str, Any], *, match_case: bool) -> None:
        self._match_case = match_case
        cells = {self._folded(cell): meaning for cell, meaning in table.items()}
        self._exact = {cell: meaning for cell, meaning in cells.items() if not cell.endswith(ANY)}
        prefixes = [(cell[: -len(ANY)], meaning) for cell, meaning in cells.items() if cell.endswith(ANY)]
        self._prefixes = sorted(prefixes, key=lambda one: -len(one[0]))

    def __getitem__(self, cell: str) -> Any:  # noqa: ANN401 - a code of the column's vocabulary
        """Return what a cell means, or None if the table does not say."""
        cell = self._folded(cell)
        if (meaning := self._exact.get(cell)) is not None:
            return meaning
        return next((meaning for prefix, meaning in self._prefixes if cell.startswith(prefix)), None)

    def _folded(self, cell: str) -> str:
        return cell.strip() if self._match_case else cell.strip().casefold()


class Interpreter:
    """Reads the cells of rows as a mapping says.

    `notice` is the version that was shown if neither mapping nor row names one. `at` is the time of rows without one.
    `digest` makes ids of what must not be in the clear.
    """

    def __init__(
        self, mapping: ImportMapping, *, notice: str, at: datetime | None, digest: Callable[[str], str]
    ) -> None:
        self.mapping = mapping
        self.notice = notice
        self.digest = digest
        self.columns = {field: column for field, column in mapping.columns if column is not None}
        self._zone = ZoneInfo(mapping.time.zone)
        self._at = at or mapping.time.constant
        self._constants = {field: getattr(mapping.constants, field) for field in CODES}
        match_case = mapping.maps.match_case
        self._tables = {
            field: CellTable(getattr(mapping.maps, field), match_case=match_case) for field in ("status", *CODES)
        }

    def code(self, field: str, cells: dict[str, str]) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        """Return the code of a field: the constant, or what its cell means; None if the table does not list it."""
        column = self.columns.get(field)
        return self._constants[field] if column is None else self._tables[field][cells[column]]

    def time(self, field: str, cells: dict[str, str]) -> datetime | None:
        """Return the time of a field, or None if it has none. Raise ValueError if it cannot be read."""
        column = self.columns.get(field)
        text = cells[column] if column is not None else ""
        if not text:
            return self._at if field == "time" else None
        return read_time(text, self.mapping.time.format, self._zone, is_local=self.mapping.time.local)


class FactBuilder:
    """The facts of one row, as they are built, and the reasons to reject it."""

    def __init__(self, interpreter: Interpreter, cells: dict[str, str]) -> None:
        self.interpreter, self.mapping, self.cells = interpreter, interpreter.mapping, cells
        self.reasons: list[Reason] = []
        self.facts: list[dict[str, Any]] = []
        self._reference = self._cell("reference")
        self._time = self._read_time("time")
        if self._time is None and not self.reasons:
            self._reject("time_missing", "The row has no time; --at gives one to rows without.")
        self._time_text = rfc3339(self._time) if self._time else ""
        self._names = self._read_names()

    def _cell(self, field: str) -> str:
        column = self.interpreter.columns.get(field)
        return self.cells[column] if column is not None else ""

    def _reject(self, code: str, text: str) -> None:
        self.reasons.append(Reason(code, text))

    def _read_time(self, field: str) -> datetime | None:
        try:
            return self.interpreter.time(field, self.cells)
        except ValueError:
            column = self.mapping.column(field)
            self._reject("time_unreadable", f"{column} is not a time in the form that the mapping names.")
            return None

    def _read_names(self) -> list[str]:
        found = []
        kinds = [kind for kind in NAMES if kind in self.mapping.names and self._cell(kind)]
        named: list[tuple[str, str]] = [(kind, self._cell(kind)) for kind in kinds]
        if not named and self.mapping.kind is RowKind.ORDERS and self._reference:
            named = [("order", self._reference)]  # A guest.
        for kind, cell in named:
            try:
                subject = parse_name(f"{kind}:{cell}")
            except PydanticCustomError as error:
                self._reject("name_unusable", f"{self.mapping.column(kind) or kind} {error.message()}.")
                continue
            assert isinstance(subject, Subject), "what is parsed is a subject"
            found.append(str(subject))
        if not named:
            columns = [column for kind in self.mapping.names if (column := self.mapping.column(kind))]
            self._reject("nobody", f"The row names no person: nothing in {' or '.join(columns) or 'its number'}.")
        return found

    def check(self) -> None:
        """Reject a row in which something required is missing, or a number is not one."""
        required = self.mapping.required
        if self.mapping.kind is RowKind.ORDERS:
            required = (*(one for one in required if one != "reference"), "reference")
        for field in required:
            if field in self.mapping.values:
                cells = [self.cells[column] for column in self.mapping.values[field].of]
            else:
                cells = [self._cell(field)]
            if not any(cells):
                column = self.mapping.column(field) if field not in self.mapping.values else field
                self._reject("value_missing", f"{column} is empty, and the mapping requires it.")
        for column, form in self.mapping.numbers.items():
            pattern, expected = _NUMBERS[form]
            if not pattern.fullmatch(self.cells[column]):
                self._reject("not_a_number", f"{column} is not {expected}.")

    def _add(self, word: str, fact_id: str, time: datetime | None, data: dict[str, Any]) -> None:
        if self.reasons or time is None:
            return
        self.facts.append(
            {
                "specversion": "1.0",
                "id": fact_id,
                "source": self.mapping.source,
                "type": f"pledger.{word}.v1",
                "time": self._time_text if time is self._time else rfc3339(time),
                "subject": self._names[0],
                "data": data,
            }
        )

    def _code(self, field: str) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        code = self.interpreter.code(field, self.cells)
        column = self.mapping.column(field)
        if code is None and column is not None:
            self.reasons.append(not_listed(field, column))
        return code

    def _other_names(self) -> dict[str, Any]:
        return {"also": self._names[1:]} if len(self._names) > 1 else {}

    def _collect(self, act: str, reference: str, fact_id: str) -> None:
        constants = self.mapping.constants
        values: dict[str, str | None] = dict.fromkeys(constants.held)
        for category, joined in self.mapping.values.items():
            if text := joined.by.join(cell for column in joined.of if (cell := self.cells[column])):
                values[category] = text
        if not values:
            self._reject("nothing_collected", "All columns of values are empty.")
        data: dict[str, Any] = {
            "act": act,
            "reference": reference,
            "collection_point": self._code("collection_point"),
            "notice": self._code("notice") or self.interpreter.notice,
            "values": values,
            "online": constants.online,
            **({"held_in": constants.held_in} if constants.held_in else {}),
            **({"requests": list(constants.requests)} if constants.requests else {}),
        }
        self._add("collection", fact_id, self._time, data | self._other_names())

    def order(self, status: RowStatus) -> None:
        """Add the facts of an order, or of a cancellation alone."""
        number = self._reference
        if "@" in number:
            # It names the facts, and so stays in the clear for good.
            self._reject("number_unusable", f"{self.mapping.column('reference')} holds an address, not a number.")
        if status is not RowStatus.CANCELLATION:
            self._collect("order", number, f"{number}-collect")
            held = (*self.mapping.values, *self.mapping.constants.held)
            for purpose, suffix in self.mapping.order_facts.items():
                self._process(purpose, f"{number}-{suffix}", held)
            self._add("order_completed", f"{number}-complete", self._read_time("completed_at"), {"reference": number})
        cancelled = self._read_time("cancelled_at")
        if cancelled is None and status in {RowStatus.CANCELLED, RowStatus.CANCELLATION}:
            cancelled = self._time
        self._add("order_cancelled", f"{number}-cancel", cancelled, {"reference": number})

    def _process(self, purpose: str, fact_id: str, held: tuple[str, ...]) -> None:
        """Add the use, or the share, for one purpose of an order."""
        data = {"purpose": purpose, "reference": self._reference}
        if purpose == "complete_order":
            self._add("use", fact_id, self._time, data | {"categories": list(held)})
            return
        constants, time = self.mapping.constants, self._time
        recipient = constants.payment_processor
        if purpose == "deliver_order":
            recipient = constants.carrier
            time = self._read_time("shipped_at") if self.mapping.columns.shipped_at else time
        categories = _shared(purpose, held)
        if recipient and categories:
            self._add("share", fact_id, time, data | {"recipient": recipient, "categories": categories})

    def _digest(self, what: str) -> str:
        return self.interpreter.digest("\n".join((self.mapping.source, what, self._time_text, *self._names)))

    def subscription(self) -> None:
        """Add a collection, which enrolls by itself if its act does, and an enrollment if the mapping names a cause."""
        act, digest = self.mapping.constants.act, self._digest("subscribed")
        reference = self._reference or digest
        self._collect(str(act), reference, f"{digest}-collect")
        if cause := self._code("cause"):
            enrolled = {"program": self._code("program"), "cause": cause, "reference": reference}
            self._add("enrollment", f"{digest}-enroll", self._time, enrolled)

    def opt_out(self) -> None:
        """Add an opt-out of a program."""
        program, via = self._code("program"), self._code("via")
        fact_id = f"{self._digest('opted out')}-{program}"
        self._add("opt_out", fact_id, self._time, {"program": program, "via": via} | self._other_names())


@cache
def _shared(purpose: str, held: tuple[str, ...]) -> list[str]:
    return [one for one in held if any(covers(bound, one) for bound in _SHARED[purpose])]


def not_listed(field: str, column: str) -> Reason:
    """Return the reason for a cell that has no meaning in the mapping."""
    return Reason("cell_not_listed", f"{column} holds a cell that [maps.{field}] of the mapping does not list.")
