"""Auditing a ledger: every stream is judged anew, in several processes.

An audit reads the log as it was when the audit began. It judges coded fields only, so it needs no key and judges an
erased person's history like any other. It judges the streams of one person together, wherever they are in the log. The
same history gives the same document, however many processes there are. Nothing is written. The key file, where it is at
hand, only puts the names of facts into the document, and, for who may see them, the reasons of what was undone.
"""

from __future__ import annotations

import gc
import json
import threading
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from adapters.audits.reasons import put_reasons
from adapters.audits.worker import AuditWorker, Judged, Part
from adapters.ledger.linked_streams import ever_linked_groups
from adapters.ledger.opening import namer, told_at
from adapters.postgres.connection import translated
from domain.audit.report import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from multiprocessing.sharedctypes import Synchronized

    import psycopg

    from adapters.audits.scope import AuditScope

RANGES_MAX: Final = 64
"""A ledger is cut into at most this many ranges of stream ids, each of which one process judges."""
EVENTS_A_RANGE: Final = 2_000
"""A range has about this many events or more: what is asked once a range would take most of the time of a small one."""
ALONE_MAX: Final = 20_000
"""A log of up to this many events is judged in this process: starting others takes as long."""
_LOOK_SECONDS: Final = 0.2
_ALLOCATIONS: Final = 200_000
"""Python looks for garbage after so many new objects during an audit, whose findings hold no circles."""


def audit(
    scope: AuditScope,
    *,
    workers: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Judge a ledger, or the one person of the scope, and return the document.

    `on_progress` is called with how many parts are done, of how many. This process is one of the workers; each takes
    the next part as soon as it has judged one.
    """
    with _few_collections():
        return _audit(scope, workers, on_progress)


def _audit(scope: AuditScope, workers: int, on_progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    with translated(), scope.database.connect() as connection:
        worker = AuditWorker(connection, scope)
        others: list[Future[Judged]] = []
        if scope.streams is None:
            others = _judge_all(worker, scope, workers, on_progress)
        else:
            worker.person(scope.streams)
    facts, findings = worker.judged()
    for judged in (other.result() for other in others):
        facts += judged.facts
        findings.add(judged.findings)
    with translated(), scope.database.connect() as connection:
        if scope.reveals:
            put_reasons(connection, scope.keyring, findings)
        names = namer(connection, scope.keyring)
        return document(worker.policy, scope.question, facts, findings, scope.outside, names, told_at(connection))


class _Collections:
    """How many audits run in this process, and how often Python looked for garbage before the first of them."""

    lock = threading.Lock()
    audits = 0
    before: tuple[int, int, int] = gc.get_threshold()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let Python look for garbage seldom while audits run: what they find stays, and looking costs a sixth."""
    with _Collections.lock:
        if not _Collections.audits:
            _Collections.before = gc.get_threshold()
            gc.set_threshold(max(_ALLOCATIONS, _Collections.before[0]), *_Collections.before[1:])
        _Collections.audits += 1
    try:
        yield
    finally:
        with _Collections.lock:
            _Collections.audits -= 1
            if not _Collections.audits:
                gc.set_threshold(*_Collections.before)


def audit_as_json(scope: AuditScope) -> bytes:
    """Judge a ledger, or one person, and return the document as JSON, which another process can pass back."""
    return json.dumps(audit(scope), ensure_ascii=False, separators=(",", ":")).encode()


def _judge_all(
    worker: AuditWorker, scope: AuditScope, workers: int, on_progress: Callable[[int, int], None] | None
) -> list[Future[Judged]]:
    """Judge everybody and the company with the help of other processes; return what those found."""
    parts = parts_of(worker.connection, scope)
    with _others(scope, parts, workers - 1 if scope.position > ALONE_MAX else 0) as (progress, others):
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
    return others


class _Progress(NamedTuple):
    """Numbers that the processes share: how many parts have begun, and how many are done."""

    begun: Synchronized[int]
    done: Synchronized[int]


@contextmanager
def _others(scope: AuditScope, parts: Sequence[Part], count: int) -> Iterator[tuple[_Progress, list[Future[Judged]]]]:
    """Let other processes judge parts during the block. However the block ends, they begin no part after it."""
    context = get_context("forkserver")
    context.set_forkserver_preload([AuditWorker.__module__])
    progress = _Progress(context.Value("l", 0), context.Value("l", 0))
    if not count:
        yield progress, []
        return
    with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(progress,)) as pool:
        try:
            # The others judge and do not write the document, so they need not be sent what other systems' files show.
            judged = replace(scope, outside=None)
            yield progress, [pool.submit(_judge, judged, parts) for _ in range(count)]
        finally:
            progress.begun.value = len(parts)


_progress: _Progress | None = None


def _begin(progress: _Progress) -> None:
    """Begin a worker process."""
    global _progress  # noqa: PLW0603 - a process pool has no other place for what its processes keep
    _progress = progress


def _judge(scope: AuditScope, parts: Sequence[Part]) -> Judged:
    assert _progress is not None, "the pool begins each process"
    with translated(), scope.database.connect() as connection:
        worker = AuditWorker(connection, scope)
        while (number := _next(_progress.begun)) < len(parts):
            worker.part(parts[number])
            _next(_progress.done)
    return worker.judged()


def _next(number: Synchronized[int]) -> int:
    """Count up by one, and return the number before."""
    with number.get_lock():
        number.value += 1
        return number.value - 1


def parts_of(connection: psycopg.Connection[Any], scope: AuditScope) -> list[Part]:
    """Cut the ledger into ranges of stream ids; those ever linked belong to the range of the least of them."""
    groups = ever_linked_groups(connection, scope.bounds)
    people = set(groups.values())
    ranges = min(RANGES_MAX, scope.position // EVENTS_A_RANGE + 1)
    edges = [(number << 128) // ranges for number in range(ranges + 1)]
    parts = []
    for start, end in pairwise(edges):
        inside = [stream for stream in groups if start <= stream.int < end]
        own = tuple(sorted(group for group in people if start <= group[0].int < end))
        parts.append(Part(UUID(int=start), UUID(int=end - 1), own, frozenset(inside)))
    return parts
