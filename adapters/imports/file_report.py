"""What an import of a file did, or would do.

`rows` = `taken` + `skipped` + `rejected`, and `facts` = `appended` + `repeated` + those that were not stored. A report
holds nothing about a person.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from adapters.imports.rows import Reason
from adapters.ledger import Receipt
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.imports.converter import Conversion
    from adapters.imports.rows import Row
    from domain.facts import Fact

EXAMPLES_MAX: Final = 10
Answer = Receipt | PledgerError
"""What the ledger answers to one fact."""


@dataclass(slots=True)
class ImportCounts:
    """What every import counts. `kinds` counts the new facts by the word of their type.

    `findings` counts new facts that broke a promise, by promise and code. `seconds` is the time that the import took.
    """

    is_dry: bool = False
    rows: int = 0
    facts: int = 0
    appended: int = 0
    repeated: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, conversion: Conversion, answers: Sequence[Answer]) -> Reason | None:
        """Count one conversion; return why its rows are rejected, if they are.

        `answers` are those to its facts, or none if the facts were not sent.
        """
        self.rows += len(conversion.rows)
        reason = None
        if conversion.reasons:
            reason = Reason(conversion.reasons[0].code, " ".join(one.text for one in conversion.reasons))
        for fact, answer in zip(conversion.facts, answers, strict=False):
            self.facts += 1
            if isinstance(answer, PledgerError):
                reason = reason or Reason(answer.code, str(answer))
            else:
                self._count(fact, answer)
        return reason

    def _count(self, fact: Fact, receipt: Receipt) -> None:
        if receipt.repeated:
            self.repeated += 1
            return
        self.appended += 1
        self.kinds[fact.type.split(".")[1]] += 1
        self.findings.update({(found.promise, found.code) for found in receipt.findings if not found.excused})

    def findings_document(self) -> list[dict[str, Any]]:
        """Return the findings as JSON has them."""
        return [
            {"promise": promise, "code": code, "facts": count}
            for (promise, code), count in sorted(self.findings.items())
        ]


@dataclass(slots=True)
class FileReport(ImportCounts):
    """The report of an import of any mapping; its size does not grow with the file.

    `reasons` has, for each code, how many rows were rejected and the line of the first. `examples` are the first
    rejected rows: line, code and reason.
    """

    taken: int = 0
    skipped: int = 0
    rejected: int = 0
    reasons: dict[str, tuple[int, int]] = field(default_factory=dict)
    examples: list[tuple[int, str, str]] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def add(self, conversion: Conversion, answers: Sequence[Answer]) -> Reason | None:
        """Count one conversion; return why its rows are rejected, if they are."""
        # super() with its arguments: a dataclass with slots is made anew, and super() alone would not know it.
        reason = ImportCounts.add(self, conversion, answers)
        if reason is not None:
            self._reject(conversion.rows, reason)
        elif conversion.facts:
            self.taken += len(conversion.rows)
        else:
            self.skipped += len(conversion.rows)
        return reason

    def _reject(self, rows: tuple[Row, ...], reason: Reason) -> None:
        line = rows[0].line
        self.rejected += len(rows)
        count, first_line = self.reasons.get(reason.code, (0, line))
        self.reasons[reason.code] = count + len(rows), min(first_line, line)
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append((line, reason.code, reason.text))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        counts = ("rows", "taken", "skipped", "rejected", "facts", "appended", "repeated")
        return {
            "dry_run": self.is_dry,
            **{name: getattr(self, name) for name in counts},
            "kinds": dict(sorted(self.kinds.items())),
            "reasons": [
                {"code": code, "rows": rows, "first_line": first_line}
                for code, (rows, first_line) in sorted(self.reasons.items())
            ],
            "examples": [{"line": line, "code": code, "reason": text} for line, code, text in self.examples],
            "findings": self.findings_document(),
            "registered": self.registered,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }
