"""What other systems' files showed, held against the ledger: part of what an audit finds.

Promise: pure, and it changes no verdict: a verdict is about what was recorded, and this stands beside it. What a file
shows and the ledger lacks is told of each promise that it would have broken; what the ledger has and the file does not
show is told of each promise for which it stands as evidence, or as a breach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.audit.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from domain.audit.question import Question

NOT_RECORDED, NOT_CONFIRMED = "not_recorded", "not_confirmed"
"""Kinds of discrepancy: in the file alone, and in the ledger alone."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Documents of reconciliations; of each only what happened by a time, if one is given."""

    documents: Sequence[Mapping[str, Any]] = ()
    until: datetime | None = None

    def within(self, question: Question) -> Outside:
        """Leave out what lies outside of the period."""
        return Outside([{**one, "discrepancies": list(self._asked(one, question))} for one in self.documents])

    def against(self, promise: str) -> list[dict[str, Any]]:
        """Give what no fact records and would have broken a promise, each with the file that shows it."""
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

    def unconfirmed(self, facts: Iterable[str]) -> list[str]:
        """Give those of the facts that a file should show and does not."""
        missing = {one["fact"] for _, one in self._discrepancies(NOT_CONFIRMED)}
        return [fact for fact in dict.fromkeys(facts) if fact in missing]

    def _discrepancies(self, kind: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        for document in self.documents:
            for one in document["discrepancies"]:
                if one["kind"] == kind:
                    yield document, one

    def _asked(self, document: Mapping[str, Any], question: Question) -> Iterator[Mapping[str, Any]]:
        for one in document["discrepancies"]:
            at = datetime.fromisoformat(one["at"])
            if question.is_about(at) and (self.until is None or at <= self.until):
                yield one
