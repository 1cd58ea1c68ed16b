"""One row, or one order of several, as the facts that it makes.

Promise: the facts of an order are named after its number; any other after a digest, under the ledger's own key, of whom
it is about and when, so that its name, which stays in the clear, gives nothing away. Everything that is wrong with a
row is found at once. No reason repeats a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from adapters.imports.mapping import CODES, NAMES, OTHER, Kind
from adapters.imports.registrations import rendered
from adapters.imports.row import Reason
from adapters.imports.times import read_time
from domain.facts.fields import Subject, parse_subject
from domain.vocabulary import ADDRESS, NAME, PAYMENT, covers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.imports.mapping import Mapping


class Terms:
    """What rows are read by.

    `notice` is the version that was shown where neither mapping nor row says one; `at` the time of rows without one;
    `digest` names what must not be named in the clear.
    """

    def __init__(self, mapping: Mapping, *, notice: str, at: datetime | None, digest: Callable[[str], str]) -> None:
        self.mapping = mapping
        self.notice = notice
        self.digest = digest
        self.columns = {field: column for field, column in mapping.columns if column is not None}
        self._zone = ZoneInfo(mapping.time.zone)
        self._at = at or mapping.time.constant
        self._constants = {field: getattr(mapping.constants, field) for field in CODES}
        self._maps = {field: getattr(mapping.maps, field) for field in ("status", *CODES)}

    def code(self, field: str, cells: dict[str, str]) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        """Give the code of a field: the constant, or what its cell means; None if that is not listed."""
        column = self.columns.get(field)
        if column is None:
            return self._constants[field]
        table = self._maps[field]
        return table.get(cells[column].casefold(), table.get(OTHER))

    def time(self, field: str, cells: dict[str, str]) -> datetime | None:
        """Give the time of a field; None where there is none. Raises ValueError where it is written otherwise."""
        column = self.columns.get(field)
        text = cells[column] if column is not None else ""
        if not text:
            return self._at if field == "time" else None
        return read_time(text, self.mapping.time.format, self._zone)


class Draft:
    """The facts of one row as they are put together, and what is wrong with it."""

    def __init__(self, terms: Terms, cells: dict[str, str]) -> None:
        self.terms, self.mapping, self.cells = terms, terms.mapping, cells
        self.reasons: list[Reason] = []
        self.facts: list[dict[str, Any]] = []
        self._reference = self._cell("reference")
        self._time = self._when("time")
        if self._time is None and not self.reasons:
            self._reject("time_missing", "It has no time; --at gives one to rows without.")
        self._names = self._persons()

    def _cell(self, field: str) -> str:
        column = self.mapping.column(field)
        return self.cells[column] if column is not None else ""

    def _reject(self, code: str, text: str) -> None:
        self.reasons.append(Reason(code, text))

    def _when(self, field: str) -> datetime | None:
        try:
            return self.terms.time(field, self.cells)
        except ValueError:
            column = self.mapping.column(field)
            self._reject("time_unreadable", f"{column} is not a time as the mapping says that times are written.")
            return None

    def _persons(self) -> list[str]:
        found = []
        kinds = [kind for kind in NAMES if kind in self.mapping.names and self._cell(kind)]
        named: list[tuple[str, str]] = [(kind, self._cell(kind)) for kind in kinds]
        if not named and self.mapping.kind is Kind.ORDERS and self._reference:
            named = [("order", self._reference)]  # A guest.
        for kind, cell in named:
            try:
                subject = parse_subject(f"{kind}:{cell}")
            except PydanticCustomError as error:
                self._reject("name_unusable", f"{self.mapping.column(kind) or kind} {error.message()}.")
                continue
            assert isinstance(subject, Subject), "what is parsed is a subject"
            found.append(str(subject))
        if not named:
            columns = " nor ".join(column for kind in self.mapping.names if (column := self.mapping.column(kind)))
            self._reject("nobody", f"It says nowhere whom it is about: neither {columns} holds anything.")
        return found

    def check_required(self) -> None:
        """Reject a row that lacks what no row may lack."""
        required = self.mapping.required
        if self.mapping.kind is Kind.ORDERS:
            required = (*(one for one in required if one != "reference"), "reference")
        for field in required:
            if field in self.mapping.values:
                cells = [self.cells[column] for column in self.mapping.values[field].of]
            else:
                cells = [self._cell(field)]
            if not any(cells):
                column = self.mapping.column(field) if field not in self.mapping.values else field
                self._reject("value_missing", f"{column} is empty, and the mapping requires it.")

    def _add(self, word: str, name: str, time: datetime | None, data: dict[str, Any]) -> None:
        if self.reasons or time is None:
            return
        self.facts.append(
            {
                "specversion": "1.0",
                "id": name,
                "source": self.mapping.source,
                "type": f"pledger.{word}.v1",
                "time": rendered(time),
                "subject": self._names[0],
                "data": data,
            }
        )

    def _code(self, field: str) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        code = self.terms.code(field, self.cells)
        column = self.mapping.column(field)
        if code is None and column is not None:
            self.reasons.append(unlisted(field, column))
        return code

    def _also(self) -> dict[str, Any]:
        return {"also": self._names[1:]} if len(self._names) > 1 else {}

    def _collect(self, act: str, reference: str, name: str) -> None:
        constants = self.mapping.constants
        values: dict[str, str | None] = dict.fromkeys(constants.held)
        for category, joined in self.mapping.values.items():
            if text := joined.by.join(cell for column in joined.of if (cell := self.cells[column])):
                values[category] = text
        if not values:
            self._reject("nothing_collected", "None of the columns of values holds anything.")
        data: dict[str, Any] = {
            "act": act,
            "reference": reference,
            "collection_point": self._code("collection_point"),
            "notice": self._code("notice") or self.terms.notice,
            "values": values,
            "online": constants.online,
            **({"held_in": constants.held_in} if constants.held_in else {}),
            **({"requests": list(constants.requests)} if constants.requests else {}),
        }
        self._add("collection", name, self._time, data | self._also())

    def order(self, *, is_cancelled: bool) -> None:
        """Collected, shared with those whom the mapping names, completed or cancelled."""
        number, constants = self._reference, self.mapping.constants
        if "@" in number:
            # It names the facts, and that stays in the clear for good.
            self._reject("number_unusable", f"{self.mapping.column('reference')} holds an address, and no number.")
        self._collect("order", number, f"{number}-collect")
        held = (*self.mapping.values, *constants.held)
        if constants.payment_processor:
            self._share(constants.payment_processor, "take_payment", (NAME, PAYMENT), held, self._time)
        shipped = self._when("shipped_at") if self.mapping.columns.shipped_at else self._time
        if constants.carrier:
            self._share(constants.carrier, "deliver_order", (NAME, ADDRESS), held, shipped)
        self._add("order_completed", f"{number}-complete", self._when("completed_at"), {"reference": number})
        cancelled = self._when("cancelled_at") or (self._time if is_cancelled else None)
        self._add("order_cancelled", f"{number}-cancel", cancelled, {"reference": number})

    def _share(
        self, recipient: str, purpose: str, allowed: tuple[str, ...], held: tuple[str, ...], time: datetime | None
    ) -> None:
        categories = [one for one in held if any(covers(bound, one) for bound in allowed)]
        if categories:
            told = {"recipient": recipient, "purpose": purpose, "categories": categories, "reference": self._reference}
            self._add("share", f"{self._reference}-share-{purpose}", time, told)

    def _digest(self, what: str) -> str:
        time = rendered(self._time) if self._time else ""
        return self.terms.digest("\n".join((self.mapping.source, what, time, *self._names)))

    def subscription(self) -> None:
        """Collected, which enrolls by itself where the act does; and enrolled, where the mapping names a cause."""
        act, digest = self.mapping.constants.act, self._digest("subscribed")
        reference = self._reference or digest
        self._collect(str(act), reference, f"{digest}-collect")
        if cause := self._code("cause"):
            enrolled = {"program": self._code("program"), "cause": cause, "reference": reference}
            self._add("enrollment", f"{digest}-enroll", self._time, enrolled)

    def opt_out(self) -> None:
        """Left a program."""
        program, via = self._code("program"), self._code("via")
        name = f"{self._digest('opted out')}-{program}"
        self._add("opt_out", name, self._time, {"program": program, "via": via} | self._also())


def unlisted(field: str, column: str) -> Reason:
    """Tell that a cell has no meaning in the mapping."""
    return Reason("cell_not_listed", f"{column} holds something that [maps.{field}] of the mapping does not list.")
