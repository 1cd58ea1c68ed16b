"""One process's share of auditing a ledger: it judges parts of the ledger and keeps what it finds.

What it finds does not depend on the order of the parts, nor on which process judges the others. It holds one person's
history, or a few thousand events, at a time.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.audits.contacts import Beside, bound_streams, contact_book
from adapters.ledger.linked_streams import ever_linked
from adapters.policy_texts import policy_from
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.audit.auditor import Auditor
from domain.audit.findings import Findings
from domain.audit.signatures import EventSummary, Signatures
from domain.elsewhere import named_elsewhere
from domain.records.company import Company, evolve

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from uuid import UUID

    import psycopg

    from adapters.audits.scope import AuditScope
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.contacts import ContactBook

_ROWS_AT_ONCE: Final = 4_000
_BY_ADDRESS: Final = '"by_address"'
_EVENTS_AT_ONCE: Final = 8_000
"""How many event summaries are read before the histories whose outcome is not known yet are read in full."""


class Part(NamedTuple):
    """One part of a ledger: the streams of a range of ids, and the groups of linked streams that belong to it."""

    low: UUID
    high: UUID
    groups: tuple[tuple[UUID, ...], ...]
    elsewhere: frozenset[UUID]
    """Streams of this range that are judged with a group."""


class Judged(NamedTuple):
    """The result for some parts: how many facts there were, and what was found."""

    facts: int
    findings: Findings


class AuditWorker:
    """A connection, the company's record, and what has been found so far."""

    def __init__(self, connection: psycopg.Connection[Any], scope: AuditScope) -> None:
        self.connection = connection
        self.scope = scope
        self.policy: Policy = policy_from(scope.policy_text)
        self.company = Company(scope.company_stream)
        self._of_company = list(self._read([scope.company_stream]))
        for event in self._of_company:
            evolve(self.company, event)
        self._auditor = Auditor(
            self.policy, self.company, scope.question, self._subject_of, scope.readings, compares=scope.compares
        )
        self._bound: set[UUID] = set()
        """The streams of this part that have a contact point of which an opt-out was told."""
        self._beside = Beside(connection, scope)
        self._facts = 0
        self._findings = Findings.empty(scope.readings)
        self._signatures = Signatures(
            self.policy, self.company, scope.question, self._findings, at_most=scope.signatures
        )

    def the_company(self) -> None:
        """Judge the company."""
        self._facts += len({event.fact_position for event in self._of_company})
        self._auditor.the_company(self._of_company)
        self._findings.add(self._auditor.take())

    def part(self, part: Part) -> None:
        """Judge one part of the ledger."""
        self._bound = bound_streams(self.connection, part.low, part.high)
        waiting: list[list[EventSummary]] = []
        events = 0
        for history in self._summaries(part):
            stream = history[0].stream
            if stream == self.scope.company_stream or stream in part.elsewhere:
                continue
            self._facts += len({one.fact for one in history})
            waiting.append(history)
            events += len(history)
            if events >= _EVENTS_AT_ONCE:
                self._streams(waiting)
                waiting, events = [], 0
        self._streams(waiting)
        for group in part.groups:
            self.person(group)

    def person(self, streams: Sequence[UUID]) -> None:
        """Judge one person on all of their streams, with those that were ever taken for the same person's.

        Where the scope names streams, something is stated about these alone.
        """
        only = self.scope.streams
        together = streams if only is None else ever_linked(self.connection, streams, self.scope.bounds)
        events = list(self._read(together))
        if events:
            asked = (event for event in events if only is None or event.originator_id in only)
            self._facts += len({event.fact_position for event in asked})
            book = contact_book(self.connection, together, self.scope.position)
            self._findings.add(self._judge(events, book, only))

    def judged(self) -> Judged:
        """Return the result for all that was judged."""
        self._signatures.count()
        return Judged(self._facts, self._findings)

    def _streams(self, histories: Iterable[list[EventSummary]]) -> None:
        """Judge browsers, and people of one stream each; of the histories with one signature, only the first."""
        alone: list[list[EventSummary]] = []
        alike: dict[tuple[Any, ...], list[list[EventSummary]]] = {}
        for history in histories:
            history.sort()
            # What binds a contact point is on no stream, so it is in no signature.
            # So is who else has an address under which messages were told.
            is_apart = history[0].stream in self._bound or any(_BY_ADDRESS in one.coded for one in history)
            signature = None if is_apart else self._signatures.signature_of(history)
            if signature is None:
                alone.append(history)
            elif not self._signatures.apply(signature, history, _subject(history)):
                alike.setdefault(signature, []).append(history)
        for _, found in self._one_by_one(alone):
            self._findings.add(found)
        firsts = [own[0] for own in alike.values()]
        others: list[list[EventSummary]] = []
        for (first, found), (signature, own) in zip(self._one_by_one(firsts), alike.items(), strict=True):
            learned = self._signatures.learn(signature, first, found)
            self._findings.add(found)
            if not learned:
                others += own[1:]
                continue
            for history in own[1:]:
                self._signatures.apply(signature, history, _subject(history))
        for _, found in self._one_by_one(others):
            self._findings.add(found)

    def _one_by_one(self, histories: Sequence[list[EventSummary]]) -> Iterator[tuple[list[EventSummary], Findings]]:
        """Read each of these histories in full and judge it by itself; return each with what was found."""
        by_stream = {history[0].stream: history for history in histories}
        if not by_stream:
            return
        read = groupby(self._read(list(by_stream)), key=attrgetter("originator_id"))
        whole = {stream: list(events) for stream, events in read}
        book = contact_book(self.connection, list(by_stream), self.scope.position)
        for stream, history in by_stream.items():
            yield history, self._judge(whole.pop(stream), book)

    def _judge(self, events: Sequence[Event], book: ContactBook, only: Container[UUID] | None = None) -> Findings:
        beside: list[Event] = []
        if others := self._beside.streams(events, book):
            beside += self._read(others)
            book = contact_book(self.connection, [*{one.originator_id for one in events}, *others], self.scope.position)
        left_out = named_elsewhere(events)
        elsewhere = list(self._read(sorted(left_out))) if left_out else []
        self._auditor.judge(events, book, beside, only, elsewhere)
        return self._auditor.take()

    def _subject_of(self, fact: int, stream: UUID | None) -> str | None:
        """Return the id of the person whom a fact is about, the only name in the clear; None for the company."""
        del fact
        return None if stream in {None, self.scope.company_stream} else f"id:{stream}"

    def _read(self, streams: Sequence[UUID]) -> Iterator[Event]:
        wanted = {"streams": list(streams), **self.scope.bounds}
        return (to_event(EventRow._make(row)) for row in self.connection.execute(query("audit_streams"), wanted))

    def _summaries(self, part: Part) -> Iterator[list[EventSummary]]:
        """Return the event summaries of each stream of a range, one stream at a time."""
        with self.connection.transaction(), self.connection.cursor(name="audit", binary=True) as cursor:
            cursor.execute(query("audit_range"), {"low": part.low, "high": part.high, **self.scope.bounds})
            history: list[EventSummary] = []
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for row in rows:
                    if history and history[0].stream != row[-1]:
                        yield history
                        history = []
                    history.append(EventSummary._make(row))
            if history:
                yield history


def _subject(history: Sequence[EventSummary]) -> str:
    return f"id:{history[0].stream}"
