"""`pledger import orders`: a short form of `pledger import file --mapping orders`, with a report of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from adapters.imports.catalog import read_mapping
from adapters.imports.file_report import ImportCounts
from adapters.imports.times import zone_of
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.imports.converter import Conversion
    from adapters.imports.file_report import Answer
    from adapters.imports.mapping import ImportMapping
    from adapters.imports.rows import Reason


_NUMBER: Final = "invoice_no"


def orders_mapping(timezone: str | None = None, **constants: str | None) -> ImportMapping:
    """Return the mapping `orders`, with another zone or other constants where these are given.

    Raise `UnknownTimeZone`.
    """
    mapping = read_mapping("orders")
    given = {name: value for name, value in constants.items() if value is not None}
    time = mapping.time.model_copy(update={"zone": zone_of(timezone).key}) if timezone is not None else mapping.time
    return mapping.model_copy(update={"time": time, "constants": mapping.constants.model_copy(update=given)})


@dataclass(slots=True)
class OrdersReport(ImportCounts):
    """The report of an import of orders.

    `rows` = `purchases` + `cancellations` + `skipped` + `rejected`; `guests` are among the purchases. `facts` =
    `appended` + `repeated` + `refused`. `skipped` has the numbers of the skipped rows.
    """

    purchases: int = 0
    guests: int = 0
    cancellations: int = 0
    skipped: list[str] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Facts a second."""
        return self.facts / self.seconds if self.seconds else 0.0

    def add(self, conversion: Conversion, answers: Sequence[Answer]) -> Reason | None:
        """Count one conversion; return why its rows are rejected, if they are."""
        reason = ImportCounts.add(self, conversion, answers)
        rows, facts = conversion.rows, conversion.facts
        if not facts and reason is None:
            self.skipped += [row.cells[_NUMBER] for row in rows]
        elif not facts:
            problems = [one.text.removesuffix(".") for one in conversion.reasons]
            self.rejected += [{"line": row.line, "problems": problems} for row in rows]
        elif facts[0].type == "pledger.order_cancelled.v1":
            self.cancellations += len(rows)
        else:
            self.purchases += len(rows)
            self.guests += len(rows) if facts[0].subject and facts[0].subject.kind == "order" else 0
        pairs = zip(facts, answers, strict=False)
        failed = [(fact, one.code, str(one)) for fact, one in pairs if isinstance(one, PledgerError)]
        if reason is not None and conversion.reasons:  # The facts were not sent.
            self.facts += len(facts)
            failed = [(fact, reason.code, reason.text) for fact in facts]
        for fact, code, problem in failed:
            self.refused.append({"line": rows[0].line, "fact": fact.name, "code": code, "problem": problem})
        return reason

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        before = ("rows", "purchases", "guests", "cancellations", "skipped", "rejected")
        return {
            **{name: getattr(self, name) for name in (*before, "facts", "appended", "repeated", "refused")},
            "promises": sorted({promise for promise, _ in self.findings}),
            **self.counts_document(),
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
            "registered": self.registered,
        }
