"""What a reconciliation found, and the document that says so.

Promise: the same file, mapping and ledger give the same document, and `digest` is the SHA-256 of its canonical JSON
without the digest itself. Rows are named by their lines and people by their ids: no name, address or reference of a
file is in the document.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.reconciliation.recorded import EARLIEST, LATEST, NEVER
from domain.canonical import canonical_json
from domain.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.reconciliation.mapping import Mapping
    from adapters.reconciliation.recorded import Span
    from adapters.reconciliation.rows import Rows
    from domain.policy.model import Policy

VERSION: Final = 1
"""Of the document."""
KINDS: Final = ("not_recorded", "not_confirmed", "time_differs", "unknown_person")


class Discrepancy(NamedTuple):
    """One thing on which file and ledger differ; what does not apply is None.

    `at` is the time by the file, or of a fact that no row confirms; `recorded_at` the fact's, which is `seconds` after
    it. `would_break` and `codes` say what the row would have broken had it been told to the ledger; None: not judged,
    since nobody knows whose past to judge it by.
    """

    kind: str
    line: int | None
    fact: str | None
    person: UUID | None
    at: datetime
    recorded_at: datetime | None = None
    would_break: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    corrected_by: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        apart = None if self.recorded_at is None else round((self.recorded_at - self.at).total_seconds())
        return {
            "kind": self.kind,
            "line": self.line,
            "fact": self.fact,
            "subject": None if self.person is None else f"id:{self.person}",
            "at": rfc3339(self.at),
            "recorded_at": None if self.recorded_at is None else rfc3339(self.recorded_at),
            "seconds": apart,
            "would_break": None if self.would_break is None else list(self.would_break),
            "codes": None if self.codes is None else list(self.codes),
            "corrected_by": self.corrected_by,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reconciliation; `confirmed` and `outside` count rows, `erased` are facts of people now erased."""

    mapping: Mapping
    rows: Rows
    position: int
    period: Span
    confirmed: int
    outside: int
    found: list[Discrepancy]
    erased: list[str]

    def document(self, ledger: str, policy: Policy, mapping_sha256: str) -> dict[str, Any]:
        """Give the outcome as JSON has it; `mapping_sha256` is of the mapping's file, in hex."""
        found = sorted(self.found, key=lambda one: (one.at, one.line or 0, one.fact or "", one.kind))
        counts = Counter(one.kind for one in found)
        low, high = self.period
        told: dict[str, Any] = {
            "reconciliation": self.mapping.kind.value,
            "version": VERSION,
            "ledger": ledger,
            "position": self.position,
            "policy": policy.label,
            "policy_digest": policy.digest,
            "file_sha256": self.rows.sha256,
            "mapping_sha256": mapping_sha256,
            "period": {
                "from": None if self.period == NEVER or low == EARLIEST else rfc3339(low),
                "to": None if self.period == NEVER or high == LATEST else rfc3339(high),
            },
            "tolerance_seconds": self.mapping.time.tolerance_seconds,
            "rows": len(self.rows.good) + len(self.rows.bad),
            "outside": self.outside,
            "confirmed": self.confirmed,
            "counts": {kind: counts[kind] for kind in KINDS},
            "discrepancies": [one.as_dict() for one in found],
            "erased": sorted(self.erased),
            "rejected": [{"line": one.line, "problems": list(one.problems)} for one in self.rows.bad],
        }
        return {**told, "digest": hashlib.sha256(canonical_json(told).encode()).hexdigest()}
