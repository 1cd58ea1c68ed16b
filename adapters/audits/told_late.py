"""Of whom something came late, and which verdicts changed between two positions because of it.

Nothing is worked out of anybody else. Where the company told something late, such as a notice, it is worked out for
everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.audits.ledgers import parts_of
from adapters.audits.worker import AuditWorker
from adapters.ledger.linked_streams import ever_linked_groups
from adapters.postgres.connection import translated
from adapters.postgres.queries import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    import psycopg

    from adapters.audits.scope import AuditScope
    from domain.audit.findings import Revision

    Connection = psycopg.Connection[Any]
    Broken = tuple[tuple[str, ...], tuple[str, ...]]
    """The promises that a fact broke by what was found at append, and those that it breaks by what is known."""

_NOTHING: Final[Broken] = ((), ())


class ToldLate(NamedTuple):
    """Of whom something came late: of everybody, or of the people of these streams."""

    of_everybody: bool
    streams: frozenset[UUID]

    def __bool__(self) -> bool:
        """Return whether it is anybody."""
        return self.of_everybody or bool(self.streams)


class VerdictChange(NamedTuple):
    """A fact that breaks other promises than by what was known before; `then` is what was found at append."""

    fact: int
    then: tuple[str, ...]
    now: tuple[str, ...]


def told_late(connection: Connection, company: UUID, after: int, bounds: Mapping[str, Any]) -> ToldLate:
    """Return of whom something came late after a position, up to the position and the time of `bounds`.

    What is told on one stream of a person comes late for the others; what binds an address is on no stream of those who
    have it.
    """
    wanted = {"company": company, "after": after, **bounds}
    with translated():
        ((is_company_late,),) = connection.execute(query("late_company"), wanted).fetchall()
        if is_company_late:
            return ToldLate(of_everybody=True, streams=frozenset())
        late = {stream for (stream,) in connection.execute(query("late_streams"), wanted)}
        late |= {stream for (stream,) in connection.execute(query("streams_bound_after"), wanted)}
        late |= {stream for (stream,) in connection.execute(query("linked_streams_told_of"), wanted)}
    return ToldLate(of_everybody=False, streams=frozenset(late - {company}))


def judged_of(connection: Connection, scope: AuditScope, late: ToldLate) -> AuditWorker:
    """Judge these people anew, with all streams that were ever one person's, and return what judged them."""
    worker = AuditWorker(connection, scope)
    if late.of_everybody:
        for part in parts_of(connection, scope):
            worker.part(part)
        return worker
    groups = ever_linked_groups(connection, scope.bounds)
    for person in sorted({groups.get(stream, (stream,)) for stream in late.streams}):
        worker.person(person)
    return worker


def changed_between(before: AuditScope, scope: AuditScope) -> list[VerdictChange]:
    """Return the verdicts that differ between two positions, because something came late between them.

    Both scopes have the harmonised reading, by which facts are judged when they are told.
    """
    with translated(), scope.database.connect() as connection:
        late = told_late(connection, scope.company_stream, before.position, scope.bounds)
        if not late:
            return []
        was = _broken(judged_of(connection, before, late).judged().findings.revisions)
        is_now = _broken(judged_of(connection, scope, late).judged().findings.revisions)
    return [
        VerdictChange(fact, *_changed(was.get(fact, _NOTHING), is_now.get(fact)))
        for fact in sorted(was.keys() | is_now.keys())
        if was.get(fact) != is_now.get(fact)
    ]


def _changed(was: Broken, is_now: Broken | None) -> Broken:
    """Return what to say: a fact that is no longer judged otherwise breaks again what it broke at append."""
    return is_now or (was[0], was[0])


def _broken(revisions: Iterable[Revision]) -> Mapping[int, Broken]:
    """Return by fact what it broke and what it breaks, on all of its events."""
    found: dict[int, Broken] = {}
    for one in sorted(revisions):
        then, now = found.get(one.fact, _NOTHING)
        found[one.fact] = (_both(then, one.then), _both(now, one.now))
    return found


def _both(some: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *others}))
