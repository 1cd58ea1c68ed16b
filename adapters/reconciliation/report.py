"""What a reconciliation found, and its JSON document.

The same file, mapping and ledger give the same document. Its `digest` is the SHA-256 of its canonical JSON without the
digest itself. Rows are named by their lines and people by their ids: the document holds no name, address or reference.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.reconciliation.recorded import EARLIEST, LATEST, NEVER
from domain.canonical import canonical_json
from domain.naming import Named, by_name, named
from domain.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.reconciliation.mapping import ReconciliationMapping
    from adapters.reconciliation.parsed_rows import ParsedFile
    from adapters.reconciliation.recorded import TimeSpan
    from domain.naming import Names
    from domain.policy.model import Policy

VERSION: Final = 1
"""The version of the document."""
KINDS: Final = (
    "not_recorded",
    "not_confirmed",
    "time_differs",
    "address_differs",
    "several_records",
    "unknown_person",
)


class Discrepancy(NamedTuple):
    """One difference between file and ledger; what does not apply is None.

    `at` is the time in the file, or of a fact that no row confirms; `recorded_at` is the time in the ledger.
    `would_break` and `codes` say what the row would have broken if the ledger had been told of it. They are None if the
    person is not known, so that nothing could be judged. `records` counts the records that the row may be about, where
    these are several; the person is then None.
    """

    kind: str
    line: int | None
    fact: int | None
    person: UUID | None
    at: datetime
    recorded_at: datetime | None = None
    would_break: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    corrected_by: int | None = None
    records: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the discrepancy as JSON has it."""
        apart = None if self.recorded_at is None else round((self.recorded_at - self.at).total_seconds())
        return {
            "kind": self.kind,
            "line": self.line,
            "fact": _named(self.fact),
            "position": self.fact,
            "subject": None if self.person is None else f"id:{self.person}",
            "at": rfc3339(self.at),
            "recorded_at": None if self.recorded_at is None else rfc3339(self.recorded_at),
            "seconds": apart,
            "would_break": None if self.would_break is None else list(self.would_break),
            "codes": None if self.codes is None else list(self.codes),
            "corrected_by": _named(self.corrected_by),
            "records": self.records,
        }


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """The result of a reconciliation.

    `confirmed` and `outside` (of the period) count rows; `erased` are facts of people who were erased.
    """

    mapping: ReconciliationMapping
    file: ParsedFile
    position: int
    period: TimeSpan
    confirmed: int
    outside: int
    found: list[Discrepancy]
    erased: list[int]

    def document(self, ledger: str, policy: Policy, mapping_sha256: str, names: Names | None = None) -> dict[str, Any]:
        """Return the report as JSON has it; `mapping_sha256` is of the mapping's file, in hex.

        `names` returns the names of facts.
        """
        found = sorted(self.found, key=lambda one: (one.at, one.line or 0, one.fact or 0, one.kind))
        counts = Counter(one.kind for one in found)
        low, high = self.period
        document: dict[str, Any] = {
            "reconciliation": self.mapping.kind.value,
            "version": VERSION,
            "ledger": ledger,
            "position": self.position,
            "policy": policy.label,
            "policy_digest": policy.digest,
            "file_sha256": self.file.sha256,
            "mapping_sha256": mapping_sha256,
            "period": {
                "from": None if self.period == NEVER or low == EARLIEST else rfc3339(low),
                "to": None if self.period == NEVER or high == LATEST else rfc3339(high),
            },
            "tolerance_seconds": self.mapping.time.tolerance_seconds,
            "rows": len(self.file.rows) + len(self.file.rejected),
            "outside": self.outside,
            "confirmed": self.confirmed,
            "counts": {kind: counts[kind] for kind in KINDS},
            "discrepancies": [one.as_dict() for one in found],
            "erased": by_name(sorted(self.erased)),
            "rejected": [{"line": one.line, "problems": list(one.problems)} for one in self.file.rejected],
        }
        document = named(document, names)
        return {**document, "digest": hashlib.sha256(canonical_json(document).encode()).hexdigest()}


def _named(position: int | None) -> Named | None:
    return None if position is None else Named(position)
