"""One process's share of auditing a ledger: it judges parts of it, and keeps what it found until it is asked.

Promise: what was found of some parts does not depend on their order, nor on who else judged the others. No more than
one person's history, or a few thousand events, are held at a time.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from domain.audit.auditor import Auditor, Findings
from domain.audit.shapes import Shapes, Sketch
from domain.events import VISITOR
from domain.policy.loader import load_policy
from domain.records.company import Company, evolve
from domain.rules import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    import psycopg

    from adapters.audits.ledgers import Scope
    from domain.events import Event
    from domain.policy.model import Policy

_ROWS_AT_ONCE: Final = 4_000
_EVENTS_AT_ONCE: Final = 8_000
"""So many events are sketched before those are read whole of which nothing is known yet."""


class Part(NamedTuple):
    """One part of a ledger: the streams of a range of ids, and the groups of linked streams that belong to it."""

    low: UUID
    high: UUID
    groups: tuple[tuple[UUID, ...], ...]
    elsewhere: frozenset[UUID]
    """Streams of this range that are judged with a group."""


class Judged(NamedTuple):
    """What came of some parts: how many facts there were, and what was found."""

    facts: int
    findings: Findings


class Worker:
    """A connection, the company's record, and what has been found so far."""

    def __init__(self, connection: psycopg.Connection[Any], what: Scope) -> None:
        self.connection = connection
        self.what = what
        self.policy: Policy = load_policy(what.policy_text, name="policy", kinds=KINDS)
        self.company = Company(what.company_stream)
        self._of_company = list(self._read([what.company_stream]))
        for event in self._of_company:
            evolve(self.company, event)
        self._auditor = Auditor(
            self.policy, self.company, what.question, self._about, what.readings, compares=what.compares
        )
        self._facts = 0
        self._findings = Findings.empty(what.readings)
        self._shapes = Shapes(self.policy, self.company, what.question, self._findings, at_most=what.shapes)

    def the_company(self) -> None:
        """Judge what the company did and left undone."""
        self._facts += len({event.fact for event in self._of_company})
        self._auditor.the_company(self._of_company)
        self._findings.add(self._auditor.take())

    def part(self, part: Part) -> None:
        """Judge one part of the ledger."""
        waiting: list[list[Sketch]] = []
        events = 0
        for history in self._sketches(part):
            stream = history[0].stream
            if stream == self.what.company_stream or stream in part.elsewhere:
                continue
            self._facts += len({one.name for one in history})
            waiting.append(history)
            events += len(history)
            if events >= _EVENTS_AT_ONCE:
                self._streams(waiting)
                waiting, events = [], 0
        self._streams(waiting)
        for group in part.groups:
            self.person(group)

    def person(self, streams: Sequence[UUID]) -> None:
        """Judge one person on all of their streams."""
        events = list(self._read(streams))
        if events:
            self._facts += len({event.fact for event in events})
            self._findings.add(self._judge(events))

    def judged(self) -> Judged:
        """Give what came of all that was judged."""
        self._shapes.count()
        return Judged(self._facts, self._findings)

    def _streams(self, histories: Iterable[list[Sketch]]) -> None:
        """Judge people of one stream each, and browsers; of those of one shape, only the first."""
        alone: list[list[Sketch]] = []
        alike: dict[tuple[Any, ...], list[list[Sketch]]] = {}
        for history in histories:
            history.sort()
            shape = self._shapes.shape_of(history)
            if shape is None:
                alone.append(history)
            elif not self._shapes.enter(shape, history, _named(history)):
                alike.setdefault(shape, []).append(history)
        for _, found in self._one_by_one(alone):
            self._findings.add(found)
        firsts = [own[0] for own in alike.values()]
        others: list[list[Sketch]] = []
        for (first, found), (shape, own) in zip(self._one_by_one(firsts), alike.items(), strict=True):
            learned = self._shapes.learn(shape, first, found)
            self._findings.add(found)
            if not learned:
                others += own[1:]
                continue
            for history in own[1:]:
                self._shapes.enter(shape, history, _named(history))
        for _, found in self._one_by_one(others):
            self._findings.add(found)

    def _one_by_one(self, histories: Sequence[list[Sketch]]) -> Iterator[tuple[list[Sketch], Findings]]:
        """Judge each of these histories by itself, reading it whole; give what was found of each."""
        by_stream = {history[0].stream: history for history in histories}
        if not by_stream:
            return
        read = groupby(self._read(list(by_stream)), key=attrgetter("originator_id"))
        whole = {stream: list(events) for stream, events in read}
        for stream, history in by_stream.items():
            yield history, self._judge(whole.pop(stream))

    def _judge(self, events: Sequence[Event]) -> Findings:
        if events[0].stream_kind == VISITOR:
            self._auditor.visitor(events)
        else:
            self._auditor.person(events)
        return self._auditor.take()

    def _about(self, fact: str, stream: UUID | None) -> str | None:
        """Name whom a fact is about, by the only name that a ledger keeps in the clear; the company is nobody."""
        del fact
        return None if stream in {None, self.what.company_stream} else f"id:{stream}"

    def _read(self, streams: Sequence[UUID]) -> Iterator[Event]:
        wanted = {"streams": list(streams), **self.what.bounds}
        return (to_event(EventRow._make(row)) for row in self.connection.execute(query("audit_streams"), wanted))

    def _sketches(self, part: Part) -> Iterator[list[Sketch]]:
        """Give the sketches of each stream of a range, without holding more than one stream's."""
        with self.connection.transaction(), self.connection.cursor(name="audit", binary=True) as cursor:
            cursor.execute(query("audit_range"), {"low": part.low, "high": part.high, **self.what.bounds})
            history: list[Sketch] = []
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for row in rows:
                    if history and history[0].stream != row[-1]:
                        yield history
                        history = []
                    history.append(Sketch._make(row))
            if history:
                yield history


def _named(history: Sequence[Sketch]) -> str:
    return f"id:{history[0].stream}"
