"""What time alone has broken, or is late with, of people: requests without an answer, children who were not erased.

It is judged by the database's clock as an audit judges it, for those people alone with whom something is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.audits.worker import AuditWorker
from adapters.ledger.linked_streams import ever_linked
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.queries.audits import audit_question, audit_scope
from domain.audit.reasons import reason
from domain.policy.status import Status
from domain.vocabulary import Reading
from projections.request_history import ONE_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from adapters.bootstrap import OpenedLedger
    from domain.audit.findings import Findings
    from projections.projection import Connection

_CODES: Final = frozenset({"child_not_erased", "left_out", "not_answered"})
"""What stays broken until somebody acts; what was answered late is over."""
_OVER_A_MONTH: Final = "over_a_month"
_A_MONTH: Final = "The policy sets no deadline, and it has waited for longer than the month of GDPR Art. 12(3)."


class Overdue(NamedTuple):
    """A promise to one person that time alone has broken, or a request without an answer for over a month."""

    promise: str
    at: datetime
    """Since when."""
    code: str

    @property
    def why(self) -> str:
        """The sentence for the code."""
        return _A_MONTH if self.code == _OVER_A_MONTH else reason(self.code)


def overdue(installation: OpenedLedger, connection: Connection, now: datetime) -> list[Overdue]:
    """Return what is overdue at a time, which the database's clock gives."""
    with translated():
        streams = {stream for (stream,) in connection.execute(query("waiting_people")).fetchall()}
        if not streams:
            return []
        readings = [Reading.HARMONISED]
        scope = audit_scope(installation, connection, audit_question(), as_of=now, readings=readings)
        worker = AuditWorker(connection, scope)
        people: set[tuple[UUID, ...]] = {
            tuple(sorted(ever_linked(connection, [stream], scope.bounds))) for stream in streams
        }
        for person in sorted(people):
            worker.person(person)
        return sorted(_found(connection, worker.judged().findings, now))


def _found(connection: Connection, findings: Findings, now: datetime) -> Iterator[Overdue]:
    for promise, tally in findings.tallies[Reading.HARMONISED].items():
        for one in tally.statements.get(Status.BROKEN, {}).values():
            for code in _CODES.intersection(one.codes) if one.remedied is None else ():
                yield Overdue(promise, one.at, code)
        waiting = [one.fact for one in tally.statements.get(Status.OPEN, {}).values() if one.at >= now]
        if waiting:
            rows = connection.execute(query("asked_at"), {"positions": waiting}).fetchall()
            yield from (Overdue(promise, at + ONE_MONTH, _OVER_A_MONTH) for (at,) in rows if at + ONE_MONTH < now)
