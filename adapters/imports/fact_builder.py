"""The facts of one row, or of one order of several rows.

A row with the company's number of a person is told under it. An order without one is told under its own number, and a
subscriber without one under a digest: an address leads to nobody's record, so it is among the values and in `also`.
Only an opt-out is told under an address as well, because anybody may leave.

The facts of an order are named after its number. All others are named after a digest, under the ledger's own key, of
the person and the time: an id stays in the clear, so it must reveal nothing. All problems of a row are found at once,
and no reason repeats a cell.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError

from adapters.imports.interpreter import not_listed
from adapters.imports.mapping import NAMES, RowKind, RowStatus
from adapters.imports.rows import Reason
from domain.times import rfc3339
from domain.vocabulary import ADDRESS, NAME, PAYMENT, covers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.imports.interpreter import Interpreter
    from adapters.imports.mapping import NumberForm

_SHARED: Final = {"take_payment": (NAME, PAYMENT), "deliver_order": (NAME, ADDRESS)}
"""The categories that a share for a purpose may hold."""
_NUMBERS: Final[Mapping[NumberForm, tuple[re.Pattern[str], str]]] = {
    "count": (re.compile(r"\d+", re.ASCII), "a whole number, 0 or more"),
    "integer": (re.compile(r"-?\d+", re.ASCII), "a whole number"),
    "decimal": (re.compile(r"-?\d+(\.\d+)?", re.ASCII), "a decimal number"),
}


class FactBuilder:
    """The facts of one row, as they are built, and the reasons to reject it."""

    def __init__(self, interpreter: Interpreter, cells: dict[str, str]) -> None:
        self.interpreter, self.mapping, self.cells = interpreter, interpreter.mapping, cells
        self.reasons: list[Reason] = []
        self.facts: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.is_state = not self._cell("time")
        """The row says how things stand on the day of the export, and not when that came about."""
        self._reference = self._cell("reference")
        self._time = self._read_time("time")
        self._time_text = rfc3339(self._time) if self._time else ""
        self._customer, self._email = (self._read_name(kind) for kind in NAMES)
        self._subject = self._customer or ""
        self._also = [self._email] if self._email else []

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

    def _read_name(self, kind: str) -> str | None:
        """Return the row's name of a kind, or None if it has none."""
        cell = self._cell(kind) if kind in self.mapping.names else ""
        if not cell:
            return None
        try:
            return self._named(kind, cell)
        except PydanticCustomError as error:
            # An order stands whatever address was typed; it is a value, and no contact point.
            if kind == "email" and self.mapping.kind is RowKind.ORDERS:
                self.notes.append("address_unusable")
            else:
                self._reject("name_unusable", f"{self.mapping.column(kind)} {error.message()}.")
            return None

    def _named(self, kind: str, value: str) -> str:
        """Return a name in its one form. Raise `PydanticCustomError`."""
        return str(self.interpreter.contract.name(f"{kind}:{getattr(self.mapping.prefix, kind, '')}{value}"))

    def _nobody(self) -> None:
        if any(reason.code == "name_unusable" for reason in self.reasons):
            return
        columns = [column for kind in self.mapping.names if (column := self.mapping.column(kind))]
        self._reject("nobody", f"The row names no person: nothing in {' or '.join(columns)}.")

    def check(self, status: RowStatus) -> None:
        """Reject a row in which something required is missing, or a number is not one."""
        if self.mapping.kind is not RowKind.ORDERS and not (self._customer or self._email):
            self._nobody()
        is_untold = status is RowStatus.SUBSCRIBED and self.is_state and self.mapping.asks()
        if self._time is None and not self.reasons and not is_untold:
            self._reject("time_missing", "The row has no time; --at gives one to rows without.")
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
                "subject": self._subject,
                "data": data,
            }
        )

    def _code(self, field: str) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        code = self.interpreter.code(field, self.cells)
        column = self.mapping.column(field)
        if code is None and column is not None:
            self.reasons.append(not_listed(field, column))
        return code

    def _contact_points(self) -> dict[str, Any]:
        return {"also": self._also} if self._also else {}

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
        self._add("collection", fact_id, self._time, data | self._contact_points())

    def order(self, status: RowStatus) -> None:
        """Add the facts of an order, or of a cancellation alone."""
        number = self._reference
        if "@" in number:
            # It names the facts, and so stays in the clear for good.
            self._reject("number_unusable", f"{self.mapping.column('reference')} holds an address, not a number.")
        self._name_guest("order", number)
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

    def _name_guest(self, kind: str, reference: str) -> None:
        """Tell a row without the company's number of the person under a reference of the row."""
        if self._subject or not reference:
            return
        self.notes.append("without_number")
        try:
            self._subject = self._named(kind, reference)
        except PydanticCustomError as error:
            self._reject("name_unusable", f"{self.mapping.column('reference')} {error.message()}.")

    def _digest(self, *words: str) -> str:
        return self.interpreter.digest("\n".join((self.mapping.source, *words)))

    def subscription(self) -> None:
        """Add a collection, which enrolls by itself if its act does, and an enrollment if the mapping names a cause.

        A state is no request. So the act is not told if it would be taken for one, and an enrollment only asks whether
        it is permitted (mode `enforce`).
        """
        self._name_guest("guest", self._digest("guest", self._reference, str(self._email)))
        digest = self._digest("subscribed", self._time_text, str(self._customer), str(self._email))
        reference = self._reference or digest
        is_told = not (self.is_state and self.mapping.asks())
        if is_told:
            self._collect(str(self.mapping.constants.act), reference, f"{digest}-collect")
        if cause := self._code("cause"):
            enrolled = {"program": self._code("program"), "cause": cause, "reference": reference}
            if self.is_state:
                enrolled["mode"] = "enforce"
            if not is_told:
                del enrolled["reference"]
                enrolled |= self._contact_points()
            if self._time is None:
                self._reject("time_missing", "The row has no time; --at gives one to rows without.")
            self._add("enrollment", f"{digest}-enroll", self._time, enrolled)

    def opt_out(self) -> None:
        """Add an opt-out of a program under each name of the row: one binds the person, the other the address."""
        program, via = self._code("program"), self._code("via")
        for name in filter(None, (self._customer, self._email)):
            self._subject = name
            fact_id = f"{self._digest('opted out', self._time_text, name)}-{program}"
            self._add("opt_out", fact_id, self._time, {"program": program, "via": via})


@cache
def _shared(purpose: str, held: tuple[str, ...]) -> list[str]:
    return [one for one in held if any(covers(bound, one) for bound in _SHARED[purpose])]
