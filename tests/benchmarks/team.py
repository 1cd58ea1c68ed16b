"""Processes that wait for work, do it at the same time, and are timed together.

Promise: a rate is counted from the moment at which every process was told to start until the last one was done.
Preparing is not timed, nor is the garbage of preparing. A process that fails ends the run with its trace.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from types import TracebackType

    from tests.benchmarks.side import Job, Place, Side

_STOP_SECONDS = 10


class WorkerFailed(Exception):
    """A process could not do its job; the text is its trace."""


class Team:
    """`size` processes of one side, open from the moment they are made until the block is left."""

    def __init__(self, side: Callable[[Place], Side], place: Place, size: int) -> None:
        # Each starts as a copy of one process that has read the modules: twelve processes that read them take long.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([side.__module__])
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, side, place), daemon=True)
            process.start()
            theirs.close()
            self._lines.append(ours)
            self._processes.append(process)
        for line in self._lines:
            _answer(line)

    def rate(self, job: Job, members: int | None = None) -> float:
        """Have the first `members` processes, or all, do a job each; return what they did together, a second."""
        lines = self._lines[:members]
        for member, line in enumerate(lines):
            line.send(replace(job, label=f"{job.label}-{member}", member=member, members=len(lines)))
        for line in lines:
            _answer(line)
        start = time.perf_counter()
        for line in lines:
            line.send("go")
        done = sum(_answer(line) for line in lines)
        return done / (time.perf_counter() - start)

    def __enter__(self) -> Self:
        """Return the team."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process."""
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.join(_STOP_SECONDS)
            if process.is_alive():
                process.terminate()
                process.join()


def _answer(line: Connection) -> int:
    try:
        answer = line.recv()
    except EOFError:
        message = "a process ended before its work was done"
        raise WorkerFailed(message) from None
    if isinstance(answer, str):
        raise WorkerFailed(answer)
    return int(answer)


def _serve(line: Connection, make: Callable[[Place], Side], place: Place) -> None:
    """Do jobs until the other end is closed."""
    try:
        side = make(place)
        try:
            line.send(0)
            while True:
                side.prepare(line.recv())
                gc.collect()
                line.send(0)
                line.recv()
                line.send(_together(side.tasks()))
        finally:
            side.close()
    except EOFError:
        return
    except Exception:  # noqa: BLE001 – whatever it was, the waiting end has to hear of it.
        line.send(traceback.format_exc())


def _together(tasks: Sequence[Callable[[], int]]) -> int:
    if len(tasks) == 1:
        return tasks[0]()
    with ThreadPoolExecutor(len(tasks)) as threads:
        return sum(future.result() for future in [threads.submit(task) for task in tasks])
