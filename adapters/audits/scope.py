"""What of a ledger an audit judges, and by which policy and readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.audit.auditor import READINGS
from domain.audit.signatures import SIGNATURES_MAX

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.keys.keyring import Keyring
    from adapters.postgres.connection import Database
    from domain.audit.outside import Outside
    from domain.audit.question import Question
    from domain.vocabulary import Reading


@dataclass(frozen=True, slots=True)
class AuditScope:
    """What is judged of a ledger, and by which policy: all that another process needs to know."""

    database: Database
    company_stream: UUID
    policy_text: str
    position: int
    """The log ends here."""
    question: Question
    readings: tuple[Reading, ...] = READINGS
    compares: bool = False
    """Whether the policy is the ledger's own, so that breaches can be compared with the findings at append."""
    signatures: int = SIGNATURES_MAX
    """How many signatures each process remembers; 0: every history is judged by itself."""
    time: datetime | None = None
    """Only what had happened by then; None: all that the log holds."""
    streams: tuple[UUID, ...] | None = None
    """Only the person of these streams; None: everybody, and the company."""
    keyring: Keyring | None = field(default=None, repr=False)
    """The keys by which the facts are named as sent; without them they are named by position."""
    reveals: bool = False
    """Whether the keys open the reasons, too, for which something was undone or corrected."""
    outside: Outside | None = None
    """What other systems' files show, which changes no verdict."""

    @property
    def bounds(self) -> dict[str, Any]:
        """Return the parameters of the queries."""
        return {"position": self.position, "time": self.time}
