"""Auditing a ledger: every stream in it judged anew, in several processes.

Promise: reads the log as it was when the audit began, and only what is coded, so an erased person's history is judged
like any other and no key is needed. The streams of one person are judged together, wherever they are in the log. The
same history gives the same document, however many processes there are. Nothing is written.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise
from multiprocessing import get_context
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from adapters.mapper import to_event
from adapters.postgres.connection import Database, translated
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from domain.audit.auditor import READINGS, Auditor, Findings
from domain.audit.report import document
from domain.audit.shapes import SHAPES_MAX, Shapes, Sketch, apply
from domain.company import Company, evolve
from domain.events import COMPANY, VISITOR, event_class
from domain.policy.loader import load_policy
from domain.policy.rules import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import psycopg

    from domain.audit.question import Question
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.vocabulary import Reading

RANGES: Final = 64
"""Into how many ranges of stream ids a ledger is cut; each is judged as a whole."""
ALONE_MAX: Final = 20_000
"""A log of so many events is judged in this process: starting others takes as long."""
_ROWS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a ledger is judged, and by what: all that a process of its own has to be told."""

    database: Database
    company_stream: UUID
    policy_text: str
    position: int
    """The log ends here."""
    question: Question
    readings: tuple[Reading, ...] = READINGS
    compares: bool = False
    """Whether the policy is the ledger's own, so that its findings at append can be compared with."""
    shapes: int = SHAPES_MAX
    """So many shapes of histories are remembered by each process; 0: every history is judged by itself."""
    time: datetime | None = None
    """Only what had happened by then; None: all that the log holds."""

    @property
    def bounds(self) -> dict[str, Any]:
        """Give the parameters of the queries."""
        return {"position": self.position, "time": self.time}


class Part(NamedTuple):
    """One part of a ledger: the streams of a range of ids, and the groups of linked streams that belong to it."""

    low: UUID
    high: UUID
    groups: tuple[tuple[UUID, ...], ...]
    elsewhere: frozenset[UUID]
    """Streams of this range that are judged with a group."""


class Judged(NamedTuple):
    """What came of a part: how many facts there were, and what was found."""

    facts: int
    findings: Findings


def scope(  # noqa: PLR0913 - a question has many sides
    database: Database,
    connection: psycopg.Connection[Any],
    company_stream: UUID,
    policy_text: str,
    question: Question,
    *,
    as_of: int | datetime | None = None,
    readings: Sequence[Reading] = READINGS,
    compares: bool = False,
) -> Scope:
    """Fix what is to be judged: the log as it is now, or as it was at `as_of`. Deadlines are judged at that time."""
    with translated():
        ((size,),) = connection.execute(query("head")).fetchall()
        position = min(as_of, size) if isinstance(as_of, int) else size
        if isinstance(as_of, datetime):
            moment = as_of
        else:
            ((moment,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
    time = as_of if isinstance(as_of, datetime) else None
    asked = replace(question, as_of=moment)
    return Scope(database, company_stream, policy_text, position, asked, tuple(readings), compares, time=time)


def audit_ledger(what: Scope, *, workers: int = 2, told: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Judge a whole ledger, and give the document; `told` is called with the parts done, and of how many."""
    with translated(), what.database.connect() as connection:
        parts = _parts(connection, what)
        judge = _Worker(connection, what)
        findings = judge.about_the_company()
        facts = judge.facts
        done = 0

        def take(judged: Judged) -> None:
            nonlocal facts, done
            facts += judged.facts
            findings.add(judged.findings)
            done += 1
            if told:
                told(done, len(parts))

        if workers == 1 or what.position <= ALONE_MAX:
            for part in parts:
                take(judge.part(part))
        else:
            context = get_context("forkserver")
            with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(what,)) as pool:
                for future in as_completed([pool.submit(_judge, part) for part in parts]):
                    take(future.result())
    return document(judge.policy, what.question, facts, findings)


def audit_person(what: Scope, streams: Iterable[UUID]) -> dict[str, Any]:
    """Judge one person alone, on all of their streams, and give the document."""
    with translated(), what.database.connect() as connection:
        judge = _Worker(connection, what)
        judged = judge.group(tuple(streams))
    return document(judge.policy, what.question, judged.facts, judged.findings)


class _Worker:
    """One process's share of the work: a connection, and the company's record."""

    def __init__(self, connection: psycopg.Connection[Any], what: Scope) -> None:
        self.connection = connection
        self.what = what
        self.policy: Policy = load_policy(what.policy_text, name="policy", kinds=KINDS)
        self.company = Company(what.company_stream)
        self.of_company = self._select("audit_streams", streams=[what.company_stream])
        self.facts = len({event.fact for event in self.of_company})
        for event in self.of_company:
            evolve(self.company, event)
        self.alone = self._auditor()
        self.shapes = Shapes(self.policy, self.company, what.question, at_most=what.shapes)

    def about_the_company(self) -> Findings:
        """Judge what the company did and left undone."""
        auditor = self._auditor()
        auditor.the_company(self.of_company)
        return auditor.findings

    def part(self, part: Part) -> Judged:
        """Judge one part of the ledger."""
        auditor = self._auditor()
        facts = 0
        for rows in self._streams(part):
            kind = event_class(rows[0].topic).stream_kind
            if kind == COMPANY or rows[0].stream_id in part.elsewhere:
                continue
            facts += len({(row.source, row.fact_id) for row in rows})
            if kind == VISITOR:
                auditor.visitor([to_event(row) for row in rows])
            else:
                self._person(auditor, rows)
        for group in part.groups:
            facts += self._group(auditor, group)
        return Judged(facts, auditor.findings)

    def group(self, streams: tuple[UUID, ...]) -> Judged:
        """Judge one person."""
        auditor = self._auditor()
        return Judged(self._group(auditor, streams), auditor.findings)

    def _person(self, auditor: Auditor, rows: Sequence[EventRow]) -> None:
        """Judge one person of one stream, or take over what was found of somebody with a history of the same shape."""
        history = sorted(map(_sketch, rows))
        shape = self.shapes.shape_of(history)
        pattern = None if shape is None else self.shapes.pattern(shape)
        if pattern is None:
            self.alone.person([to_event(row) for row in rows])
            found = self.alone.take()
            if shape is not None:
                self.shapes.learn(shape, history, found)
            auditor.findings.add(found)
        else:
            apply(pattern, history, _named("", rows[0].stream_id), auditor.findings)

    def _group(self, auditor: Auditor, streams: tuple[UUID, ...]) -> int:
        events = self._select("audit_streams", streams=list(streams))
        if events:
            auditor.person(events)
        return len({event.fact for event in events})

    def _auditor(self) -> Auditor:
        what = self.what
        return Auditor(self.policy, self.company, what.question, self._about, what.readings, compares=what.compares)

    def _about(self, fact: str, stream: UUID | None) -> str | None:
        """Name whom a fact is about; the company is nobody."""
        return None if stream == self.what.company_stream else _named(fact, stream)

    def _select(self, name: str, **wanted: Any) -> list[Event]:  # noqa: ANN401 - as the driver takes them
        rows = self.connection.execute(query(name), {**wanted, **self.what.bounds}).fetchall()
        return [to_event(row) for row in map(EventRow._make, rows)]

    def _streams(self, part: Part) -> Iterator[list[EventRow]]:
        """Give the rows of each stream of a range, without holding more than one stream's."""
        with self.connection.transaction(), self.connection.cursor(name="audit") as rows:
            rows.itersize = _ROWS_AT_ONCE
            rows.execute(query("audit_range"), {"low": part.low, "high": part.high, **self.what.bounds})
            for _, of_stream in groupby(map(EventRow._make, rows), key=attrgetter("stream_id")):
                yield list(of_stream)


def _parts(connection: psycopg.Connection[Any], what: Scope) -> list[Part]:
    """Cut the ledger into ranges of stream ids; linked streams go with the least of them."""
    groups: dict[UUID, set[UUID]] = {}
    for stream, others in connection.execute(query("audit_links"), what.bounds):
        joined = {stream, *map(UUID, others)}
        for each in list(joined):
            joined |= groups.get(each, set())
        for each in joined:
            groups[each] = joined
    people = {tuple(sorted(group, key=str)) for group in groups.values()}
    edges = [(number << 128) // RANGES for number in range(RANGES + 1)]
    parts = []
    for start, end in pairwise(edges):
        inside = [stream for stream in groups if start <= stream.int < end]
        own = tuple(sorted(group for group in people if start <= group[0].int < end))
        parts.append(Part(UUID(int=start), UUID(int=end - 1), own, frozenset(inside)))
    return parts


def _sketch(row: EventRow) -> Sketch:
    return Sketch(row.occurred_at, row.position, row.topic, f"{row.source} {row.fact_id}", json.loads(row.facts))


def _named(fact: str, stream: UUID | None) -> str | None:
    """Name whom a fact is about, by the only name that a ledger keeps in the clear."""
    del fact
    return None if stream is None else f"id:{stream}"


_worker: _Worker | None = None


def _begin(what: Scope) -> None:
    """Begin a process of its own."""
    global _worker  # noqa: PLW0603 - a process pool has no other place for what its processes keep
    _worker = _Worker(what.database.connect(), what)


def _judge(part: Part) -> Judged:
    assert _worker is not None, "the pool begins each process"
    return _worker.part(part)
