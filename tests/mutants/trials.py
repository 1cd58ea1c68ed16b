"""Tries mutants: one process collects the tests once, and forks for each mutant. So a mutant costs a tenth of a second.

It runs in the changed copy of the tree. A child runs the tests that reach the changed function, those first that
noticed other changes of it, then the quickest, and ends at the first that fails. It begins before any test has run, so
nothing that was worked out without the change can answer for it.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import resource
import signal
import sys
import time
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    Tell = Callable[[str], None]
    Found = Callable[["Trial", str], None]

SURVIVED: Final = "survived"
UNREACHED: Final = "survived: no test reaches it"
RAN_OUT: Final = "survived: the time was up before all tests had run"
"""What becomes of a mutant. One that is noticed has the name of the test instead."""
_ARGUMENTS: Final = (
    "-qq",
    "--no-header",
    "--tb=no",
    "-s",
    "-m",
    "not slow",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:logging",
)
_TIMES_LONGER: Final = 10
_LEAST_SECONDS: Final = 10.0
_MEMORY_BYTES: Final = 4 * 2**30
_PAGE_BYTES: Final = 2**18
_KEPT_EVERY: Final = 50


class Trial(NamedTuple):
    """What is tried: a mutant's name, and the function that it changes as mutmut writes it."""

    mutant: str
    function: str


class Reached(NamedTuple):
    """The functions that a test reaches, and how many seconds it takes."""

    functions: list[str]
    seconds: float


class Trials:
    """A plugin that tries mutants in place of running the tests. The file `kept` holds what each test reaches."""

    def __init__(self, kept: Path, trials: Sequence[Trial], found: Found, seconds: float, processes: int) -> None:
        """Allow each mutant so many seconds of processor time, and run so many processes; tell `found` each outcome."""
        self._kept = kept
        self._trials = trials
        self._found = found
        self._seconds = seconds
        self._processes = processes
        self._items: dict[str, pytest.Item] = {}
        self._reach: dict[str, Reached] = {}
        self._noticed: dict[str, Counter[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what each test reaches where that is not known yet, and try every mutant."""
        if session.testsfailed:
            message = f"{session.testsfailed} files of tests cannot be read."
            raise session.Failed(message)
        self._items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        self._measure()
        self._try_all()
        return True

    def _measure(self) -> None:
        """Run each test by itself, from the beginning, to see which functions it reaches."""
        known = json.loads(self._kept.read_text(encoding="utf-8")) if self._kept.exists() else {}
        files = {item.path for item in self._items.values()}
        digests = {str(path): sha256(path.read_bytes()).hexdigest() for path in files}
        jobs = []
        for name, item in self._items.items():
            old = known.get(name)
            if old and old["file"] == digests[str(item.path)]:
                self._reach[name] = Reached(old["functions"], old["seconds"])
            else:
                jobs.append(name)
        for name, told in self._each(jobs, self._reach_of):
            said = json.loads(told or "{}")
            if "functions" not in said:
                sys.exit(f"A test fails without any change: {name}")
            self._reach[name] = Reached(said["functions"], said["seconds"])
            if len(self._reach) % _KEPT_EVERY == 0:
                self._keep(digests)
        self._keep(digests)

    def _keep(self, digests: Mapping[str, str]) -> None:
        reach = {
            name: {"file": digests[str(self._items[name].path)], **reached._asdict()}
            for name, reached in self._reach.items()
        }
        self._kept.write_text(json.dumps(reach), encoding="utf-8")

    def _reach_of(self, name: str, tell: Tell) -> None:
        reached: set[str] = set()
        setattr(trampoline, "record_trampoline_hit", lambda function, **_: reached.add(function))  # noqa: B010
        _switch_to("stats")
        began = time.process_time()
        if _passes(self._items[name], None):
            tell(json.dumps({"functions": sorted(reached), "seconds": time.process_time() - began}))

    def _try_all(self) -> None:
        by_function: dict[str, list[str]] = {}
        for name, reached in self._reach.items():
            for function in reached.functions:
                by_function.setdefault(function, []).append(name)
        by_mutant = {trial.mutant: trial for trial in self._trials}
        reaching = {name: by_function.get(trial.function, []) for name, trial in by_mutant.items()}
        for name in [name for name, tests in reaching.items() if not tests]:
            self._found(by_mutant.pop(name), UNREACHED)

        def attempt(mutant: str, tell: Tell) -> None:
            self._attempt(mutant, self._best_first(by_mutant[mutant].function, reaching[mutant]), tell)

        for mutant, told in self._each(list(by_mutant), attempt):
            if not told.startswith(SURVIVED):
                for part in _parts(by_mutant[mutant].function):
                    self._noticed.setdefault(part, Counter())[told] += 1
            self._found(by_mutant[mutant], told)

    def _best_first(self, function: str, tests: Sequence[str]) -> list[str]:
        """Return first the tests that noticed changes of the function, or of its module; then the quickest of files."""
        nearest = [self._noticed.get(part, Counter()) for part in _parts(function)]
        of_files: Counter[Path] = Counter()
        ranks = {}
        for test in sorted(tests, key=lambda one: self._reach[one].seconds):
            path = self._items[test].path
            of_files[path] += 1
            ranks[test] = of_files[path]
        return sorted(ranks, key=lambda one: (*(-noticed[one] for noticed in nearest), ranks[one]))

    def _attempt(self, mutant: str, tests: Sequence[str], tell: Tell) -> None:
        """Run the tests until one fails. The last line told is its name, or what became of the mutant."""
        _switch_to(mutant)
        for test, after in zip(tests, [*tests[1:], None], strict=True):
            if time.process_time() > self._seconds:
                tell(RAN_OUT)
                return
            tell(test)
            longest = max(_LEAST_SECONDS, _TIMES_LONGER * self._reach[test].seconds)
            signal.setitimer(signal.ITIMER_PROF, longest)
            if not _passes(self._items[test], self._items[after] if after else None):
                return
        tell(SURVIVED)

    def _each(self, names: Sequence[str], work: Callable[[str, Tell], None]) -> Iterator[tuple[str, str]]:
        """Fork for each name, and give the last that its child told."""
        running: dict[int, tuple[str, mmap.mmap]] = {}
        for name in names:
            if len(running) == self._processes:
                yield _ended(running)
            page = mmap.mmap(-1, _PAGE_BYTES)
            if pid := os.fork():
                running[pid] = (name, page)
            else:
                _be_child(name, work, page)
        while running:
            yield _ended(running)


def _ended(running: dict[int, tuple[str, mmap.mmap]]) -> tuple[str, str]:
    pid, _ = os.wait()
    name, page = running.pop(pid)
    with page:
        return name, page.readline().decode().strip()


def _be_child(name: str, work: Callable[[str, Tell], None], page: mmap.mmap) -> NoReturn:
    def tell(line: str) -> None:
        page.seek(0)
        page.write(f"{line}\n".encode())

    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        work(name, tell)
    finally:
        os._exit(0)


def _parts(function: str) -> tuple[str, str]:
    """Return a function, and the module that it is in."""
    return function, function.rpartition(".")[0]


def _switch_to(mutant: str) -> None:
    """Let every changed function be this mutant; asking the environment at each call, as mutmut does, takes longer."""
    trampoline.get_mutant_under_test = lambda: mutant


def _passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, nextitem=after, log=False))


def try_them(selection: Sequence[str], plugin: Trials) -> int:
    """Collect the selected tests and try the plugin's mutants with them; give the exit code of pytest."""
    # A test that fails need not be made smaller, and each run draws the same examples.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases, database=None, derandomize=True)
    hypothesis.settings.load_profile("mutants")
    trampoline.set_mutant_under_test("")
    return int(pytest.main([*_ARGUMENTS, *selection], plugins=[plugin]))
