"""What an import of a file did, or would do.

Promise: `rows` = `taken` + `skipped` + `rejected`, and `facts` = `appended` + `repeated` + those that were not stored.
Nothing in it is about a person, and its size does not grow with the file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from adapters.imports.row import Reason, Row
    from adapters.ledger import Receipt
    from domain.facts import Fact

EXAMPLES_MAX: Final = 10


@dataclass(slots=True)
class Rejection:
    """Rows that were rejected under one code: how many, and the line of the first."""

    rows: int
    first_line: int


@dataclass(slots=True)
class FileReport:
    """Counts of an import. `kinds` counts what is new by the word of its type; `people` of rows are orders or persons.

    `examples` are the first rejected rows: line, code and reason. `findings` counts new facts that broke a promise, by
    promise and code. `seconds` is the time it took.
    """

    is_dry: bool = False
    rows: int = 0
    taken: int = 0
    skipped: int = 0
    rejected: int = 0
    facts: int = 0
    appended: int = 0
    repeated: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Rejection] = field(default_factory=dict)
    examples: list[tuple[int, str, str]] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    registered: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def reject(self, rows: tuple[Row, ...], reason: Reason) -> None:
        """Count rows that are rejected for one reason."""
        self.rejected += len(rows)
        told = self.reasons.setdefault(reason.code, Rejection(0, rows[0].line))
        told.rows += len(rows)
        told.first_line = min(told.first_line, rows[0].line)
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append((rows[0].line, reason.code, reason.text))

    def answered(self, fact: Fact, receipt: Receipt) -> None:
        """Count a fact that is in the log, or would be."""
        if receipt.repeated:
            self.repeated += 1
            return
        self.appended += 1
        self.kinds[fact.type.split(".")[1]] += 1
        self.findings.update({(found.promise, found.code) for found in receipt.findings if not found.excused})

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON has it."""
        counts = ("rows", "taken", "skipped", "rejected", "facts", "appended", "repeated")
        return {
            "dry_run": self.is_dry,
            **{name: getattr(self, name) for name in counts},
            "kinds": dict(sorted(self.kinds.items())),
            "reasons": [
                {"code": code, "rows": one.rows, "first_line": one.first_line}
                for code, one in sorted(self.reasons.items())
            ],
            "examples": [{"line": line, "code": code, "reason": text} for line, code, text in self.examples],
            "findings": [
                {"promise": promise, "code": code, "facts": count}
                for (promise, code), count in sorted(self.findings.items())
            ],
            "registered": self.registered,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }
