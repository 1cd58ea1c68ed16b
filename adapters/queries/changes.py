"""What changed: which facts are judged otherwise now than when they were told, because others came late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.queries.audits import audit_question, audit_scope
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from adapters.audits.scope import AuditScope
    from adapters.bootstrap import OpenedLedger
    from projections.projection import Connection


def changes_scope(installation: OpenedLedger, connection: Connection, position: int | None = None) -> AuditScope:
    """Fix what is judged: the log, as it is now or was at a position.

    It is judged under the reading by which facts are judged when they are told.
    """
    return audit_scope(installation, connection, audit_question(), as_of=position, readings=[Reading.HARMONISED])
