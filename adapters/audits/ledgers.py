"""Auditing a ledger: every stream is judged anew, in several processes.

An audit reads the log as it was when the audit began. It reads coded fields only, so it needs no key and judges an
erased person's history like any other. It judges the streams of one person together, wherever they are in the log. The
same history gives the same document, however many processes there are. Nothing is written.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from adapters.audits.worker import Judged, Part, Worker
from adapters.postgres.connection import Database, translated
from adapters.postgres.schema import query
from domain.audit.auditor import READINGS
from domain.audit.report import document
from domain.audit.signatures import SIGNATURES_MAX
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from multiprocessing.sharedctypes import Synchronized

    import psycopg

    from domain.audit.outside import Outside
    from domain.audit.question import Question
    from domain.vocabulary import Reading

RANGES: Final = 64
"""A ledger is cut into this many ranges of stream ids, each of which one process judges."""
ALONE_MAX: Final = 20_000
"""A log of up to this many events is judged in this process: starting others takes as long."""
_LOOK_SECONDS: Final = 0.2


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

    @property
    def bounds(self) -> dict[str, Any]:
        """Return the parameters of the queries."""
        return {"position": self.position, "time": self.time}


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
) -> AuditScope:
    """Return the scope of an audit: the log as it is now, or as it was at `as_of`. Deadlines are judged at that time.

    Raises `NotYetWritten` for a position that the log does not have yet.
    """
    with translated():
        check_written(connection, as_of)
        position = as_of if isinstance(as_of, int) else checkpoints.size(connection)
        if isinstance(as_of, datetime):
            moment = as_of
        else:
            ((moment,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
    time = as_of if isinstance(as_of, datetime) else None
    asked = replace(question, as_of=moment)
    return AuditScope(database, company_stream, policy_text, position, asked, tuple(readings), compares, time=time)


def audit_ledger(
    what: AuditScope,
    *,
    workers: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
    outside: Outside | None = None,
) -> dict[str, Any]:
    """Judge a whole ledger, and return the document; `on_progress` is called with how many parts are done, of how many.

    `outside` is what other systems' files show. This process is one of the workers; each takes the next part as soon as
    it has judged one.
    """
    with translated(), what.database.connect() as connection:
        parts = _parts(connection, what)
        worker = Worker(connection, what)
        with _others(what, parts, workers - 1 if what.position > ALONE_MAX else 0) as (progress, others):
            worker.the_company()
            while (number := _next(progress.begun)) < len(parts):
                worker.part(parts[number])
                _next(progress.done)
                if on_progress:
                    on_progress(progress.done.value, len(parts))
                if any(other.done() and other.exception() for other in others):
                    break
            while wait(others, timeout=_LOOK_SECONDS).not_done:
                if on_progress:
                    on_progress(progress.done.value, len(parts))
    facts, findings = worker.judged()
    for judged in (other.result() for other in others):
        facts += judged.facts
        findings.add(judged.findings)
    return document(worker.policy, what.question, facts, findings, outside)


def audit_person(what: AuditScope, streams: Sequence[UUID]) -> dict[str, Any]:
    """Judge one person alone, on all of their streams, and return the document."""
    with translated(), what.database.connect() as connection:
        worker = Worker(connection, what)
        worker.person(streams)
    facts, findings = worker.judged()
    return document(worker.policy, what.question, facts, findings)


def audit_as_json(what: AuditScope, streams: Sequence[UUID] | None = None) -> bytes:
    """Judge a whole ledger, or one person, and return the document as JSON, which another process can pass back."""
    document = audit_ledger(what) if streams is None else audit_person(what, streams)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class _Progress(NamedTuple):
    """Numbers that the processes share: how many parts have begun, and how many are done."""

    begun: Synchronized[int]
    done: Synchronized[int]


@contextmanager
def _others(what: AuditScope, parts: Sequence[Part], count: int) -> Iterator[tuple[_Progress, list[Future[Judged]]]]:
    """Let other processes judge parts during the block. However the block ends, they begin no part after it."""
    context = get_context("forkserver")
    context.set_forkserver_preload([Worker.__module__])
    progress = _Progress(context.Value("l", 0), context.Value("l", 0))
    if not count:
        yield progress, []
        return
    with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(progress,)) as pool:
        try:
            yield progress, [pool.submit(_judge, what, parts) for _ in range(count)]
        finally:
            progress.begun.value = len(parts)


_progress: _Progress | None = None


def _begin(progress: _Progress) -> None:
    """Begin a worker process."""
    global _progress  # noqa: PLW0603 - a process pool has no other place for what its processes keep
    _progress = progress


def _judge(what: AuditScope, parts: Sequence[Part]) -> Judged:
    assert _progress is not None, "the pool begins each process"
    with translated(), what.database.connect() as connection:
        worker = Worker(connection, what)
        while (number := _next(_progress.begun)) < len(parts):
            worker.part(parts[number])
            _next(_progress.done)
    return worker.judged()


def _next(number: Synchronized[int]) -> int:
    """Count up by one, and return the number before."""
    with number.get_lock():
        number.value += 1
        return number.value - 1


def _parts(connection: psycopg.Connection[Any], what: AuditScope) -> list[Part]:
    """Cut the ledger into ranges of stream ids; linked streams belong to the range of the least of them."""
    groups: dict[UUID, set[UUID]] = {}
    for stream, others in connection.execute(query("all_links"), what.bounds):
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
