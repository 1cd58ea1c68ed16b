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
Places = dict[str, tuple[int, int]]
"""For each word, how often it was true, and the line of the first time."""


@dataclass(slots=True)
class ImportCounts:
    """What every import counts.

    `kinds` counts the new facts by the word of their type, without those that were refused. `findings` counts new facts
    that broke a promise, by promise and code, and `refusals` likewise the `refused_facts` that would have broken one.
    `enrolled` counts the enrollments that came of new facts, by program and cause; `unread`, by category, the new facts
    with a value that is not one address or number. `nulls` has, for each column, how
    many cells stand for nothing, and the line of the first; `notes`, for each code of `Conversion.notes`, how many rows
    it is true of, and the line of the first. `registered` is what was registered first. `seconds` is the time that the
    import took.
    """

    is_dry: bool = False
    rows: int = 0
    facts: int = 0
    appended: int = 0
    repeated: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_facts: int = 0
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    enrolled: Counter[tuple[str, str]] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    nulls: Places = field(default_factory=dict)
    notes: Places = field(default_factory=dict)
    registered: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, conversion: Conversion, answers: Sequence[Answer]) -> Reason | None:
        """Count one conversion; return why its rows are rejected, if they are.

        `answers` are those to its facts, or none if the facts were not sent.
        """
        self.rows += len(conversion.rows)
        for row in conversion.rows:
            for column in row.nulls:
                _place(self.nulls, column, (row,))
        for note in conversion.notes:
            _place(self.notes, note, conversion.rows)
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
        self.unread.update(receipt.unread)
        found = {(found.promise, found.code) for found in receipt.findings if not found.excused}
        if receipt.refused:
            self.refused_facts += 1
            self.refusals.update(found)
            return
        self.kinds[fact.type.split(".")[1]] += 1
        self.findings.update(found)

    def look(self) -> list[str]:
        """Return the commands that name each fact that broke a promise, and that say what to do; none if none did."""
        promises = sorted({promise for promise, _ in self.findings})
        return [*(f"pledger audit --promise {one}" for one in promises), *(["pledger status"] if promises else ())]

    def counts_document(self) -> dict[str, Any]:
        """Return, as JSON has them, the counts that tell what the import knows and does not."""
        return {
            "findings": by_promise(self.findings),
            "look": self.look(),
            "enrolled": [
                {"program": program, "cause": cause, "times": count}
                for (program, cause), count in sorted(self.enrolled.items())
            ],
            "nulls": [
                {"column": column, "cells": cells, "first_line": line}
                for column, (cells, line) in sorted(self.nulls.items())
            ],
            "notes": by_code(self.notes),
        }


@dataclass(slots=True)
class FileReport(ImportCounts):
    """The report of an import of any mapping; its size does not grow with the file.

    `reasons` has, for each code, how many rows were rejected, and the line of the first; `skips` likewise, for each
    value of `Conversion.skipped`. `examples` are the first rejected rows: line, code and reason.
    """

    taken: int = 0
    skipped: int = 0
    rejected: int = 0
    reasons: Places = field(default_factory=dict)
    skips: Places = field(default_factory=dict)
    examples: list[tuple[int, str, str]] = field(default_factory=list)

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
            _place(self.skips, conversion.skipped, conversion.rows)
        return reason

    def _reject(self, rows: tuple[Row, ...], reason: Reason) -> None:
        line = rows[0].line
        self.rejected += len(rows)
        _place(self.reasons, reason.code, rows)
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append((line, reason.code, reason.text))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        counts = ("rows", "taken", "skipped", "rejected", "facts", "appended", "repeated")
        return {
            "dry_run": self.is_dry,
            **{name: getattr(self, name) for name in counts},
            "kinds": dict(sorted(self.kinds.items())),
            "refused": self.refused_facts,
            "refusals": by_promise(self.refusals),
            "skips": by_code(self.skips),
            "reasons": by_code(self.reasons),
            "examples": [{"line": line, "code": code, "reason": text} for line, code, text in self.examples],
            **self.counts_document(),
            "unread": sum(self.unread.values()),
            "registered": self.registered,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }


def _place(places: Places, word: str, rows: tuple[Row, ...]) -> None:
    count, first_line = places.get(word, (0, rows[0].line))
    places[word] = count + len(rows), min(first_line, rows[0].line)


def by_promise(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return facts counted by promise and code, as JSON has them."""
    return [{"promise": promise, "code": code, "facts": count} for (promise, code), count in sorted(counts.items())]


def by_code(places: Places) -> list[dict[str, Any]]:
    """Return rows counted by a code, as JSON has them."""
    return [{"code": code, "rows": rows, "first_line": line} for code, (rows, line) in sorted(places.items())]
