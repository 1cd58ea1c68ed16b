"""Which verdicts a late fact changed, for the webhooks that are told of it.

It is worked out by auditing anew, as of two positions, the people of whom something came late between them. That takes
a process of its own, one at a time, so that it delays neither appends nor other webhooks. Where nothing came late, none
is begun. What was found, and how far it was worked out, are stored in one transaction, so if a program dies in between,
the next one works it out again.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.audits.told_late import VerdictChange, changed_between, told_late
from adapters.queries.audits import audit_question, audit_scope
from adapters.webhooks import deliveries
from domain.errors import PledgerError
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from datetime import datetime
    from multiprocessing.connection import Connection as Channel
    from multiprocessing.context import ForkServerProcess

    import psycopg

    from adapters.audits.scope import AuditScope
    from adapters.bootstrap import Installation

    Connection = psycopg.Connection[tuple[Any, ...]]

PAUSE: Final = timedelta(seconds=1)
"""Between two looks at the log, so that a busy ledger is looked at once for many facts."""
RETRIED_AFTER: Final = timedelta(minutes=1)
_log = logging.getLogger("pledger.webhooks")


class _Comparison(NamedTuple):
    """What a process is working out: the verdicts that changed between two positions."""

    after: int
    upto: int
    process: ForkServerProcess
    answer: Channel


class VerdictChanges:
    """The work for all webhooks of a ledger. `turn` never waits for an audit."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._under_way: _Comparison | None = None
        self._next_at: datetime | None = None

    def turn(self, connection: Connection, now: datetime) -> None:
        """Store what has been worked out, and begin what is next."""
        if self._under_way:
            if not self._under_way.answer.poll():
                return
            self._take(connection, self._under_way, now)
        if self._next_at and now < self._next_at:
            return
        if window := deliveries.to_compare(connection):
            self._begin(connection, *window, now)

    def close(self) -> None:
        """End what is under way. It changes nothing, and is worked out anew by the next sender."""
        if self._under_way:
            self._under_way.process.terminate()
            self._under_way.process.join()
            self._under_way.answer.close()
            self._under_way = None

    def _begin(self, connection: Connection, after: int, upto: int, now: datetime) -> None:
        company, bounds = self._installation.identity.company_stream, {"position": upto, "time": None}
        self._next_at = now + PAUSE
        if not told_late(connection, company, after, bounds):
            deliveries.add_changes(connection, after, upto, (), now)
            return
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        answer, channel = context.Pipe(duplex=False)
        arguments = (channel, self._scope(connection, after), self._scope(connection, upto))
        process = context.Process(target=_compare, args=arguments, name="verdict changes", daemon=True)
        process.start()
        channel.close()
        self._under_way = _Comparison(after, upto, process, answer)

    def _scope(self, connection: Connection, position: int) -> AuditScope:
        question, readings = audit_question(), [Reading.HARMONISED]
        return audit_scope(self._installation, connection, question, as_of=position, readings=readings)

    def _take(self, connection: Connection, comparison: _Comparison, now: datetime) -> None:
        answer: list[VerdictChange] | str
        try:
            answer = comparison.answer.recv()
        except EOFError:
            answer = "process_ended"
        self.close()
        if isinstance(answer, str):
            _log.error("which verdicts changed could not be worked out: %s; it is tried again", answer)
            self._next_at = now + RETRIED_AFTER
            return
        deliveries.add_changes(connection, comparison.after, comparison.upto, answer, now)


def _compare(channel: Channel, before: AuditScope, scope: AuditScope) -> None:
    """Work it out, and send what was found, or the code of what went wrong."""
    answer: list[VerdictChange] | str
    try:
        answer = changed_between(before, scope)
    except PledgerError as error:
        answer = error.code
    channel.send(answer)
