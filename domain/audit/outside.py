"""What reconciliations with other systems' files showed, as part of an audit.

It changes no verdict: a verdict is about what was recorded. What a file shows and the ledger lacks is listed under each
promise that it would have broken. What the ledger has and the file does not show is listed under each promise for which
it is evidence or a breach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.audit.reasons import reason
from domain.times import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.audit.question import Question

NOT_RECORDED, NOT_CONFIRMED = "not_recorded", "not_confirmed"
"""Kinds of discrepancy: in the file only, and in the ledger only."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Documents of reconciliations; only what happened by `until` counts, if that is given."""

    documents: Sequence[Mapping[str, Any]] = ()
    until: datetime | None = None

    def within(self, question: Question) -> Outside:
        """Return the same without what lies outside the period of a question."""
        return Outside([{**one, "discrepancies": list(self._asked(one, question))} for one in self.documents])

    def against(self, promise: str) -> list[dict[str, Any]]:
        """Return what is in a file only and would have broken a promise, each with the file that shows it."""
        return [
            {
                "reconciliation": document["reconciliation"],
                "digest": document["digest"],
                "line": one["line"],
                "subject": one["subject"],
                "at": one["at"],
                "why": " ".join(map(reason, one["codes"])),
                "codes": one["codes"],
            }
            for document, one in self._discrepancies(NOT_RECORDED)
            if promise in (one["would_break"] or ())
        ]

    def unconfirmed(self, facts: Iterable[int]) -> list[int]:
        """Return those of the facts that a file should show and does not."""
        missing = {one["position"] for _, one in self._discrepancies(NOT_CONFIRMED)}
        return [fact for fact in dict.fromkeys(facts) if fact in missing]

    def _discrepancies(self, kind: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        for document in self.documents:
            for one in document["discrepancies"]:
                if one["kind"] == kind:
                    yield document, one

    def _asked(self, document: Mapping[str, Any], question: Question) -> Iterator[Mapping[str, Any]]:
        for one in document["discrepancies"]:
            at = parse_rfc3339(one["at"])
            if question.is_about(at) and (self.until is None or at <= self.until):
                yield one
