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
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import coverage
import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
_TOGETHER: Final = 25


class Trial(NamedTuple):
    """What is tried: a mutant's name, the function that it changes as mutmut writes it, and the place in its file."""

    mutant: str
    function: str
    place: str


class Reached(NamedTuple):
    """The places that a test reaches, as the bits of a number, and how many seconds it takes."""

    places: str
    seconds: float


class Trials:
    """A plugin that tries mutants in place of running the tests. The file `kept` holds what each test reaches."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that one run needs
        self,
        kept: Path,
        places: Iterable[str],
        trials: Sequence[Trial],
        found: Found,
        seconds: float,
        processes: int,
    ) -> None:
        """Allow each mutant so many seconds of processor time, and run so many processes; tell `found` each outcome.

        `places` are those of all mutants.
        """
        self._kept = kept
        self._places = sorted(set(places))
        self._files = sorted({str(Path(place.partition(":")[0]).resolve()) for place in self._places})
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
        """Run the tests of each file, from the beginning, to see which places each of them reaches."""
        known = json.loads(self._kept.read_text(encoding="utf-8")) if self._kept.exists() else {}
        of_places = "".join(self._places)
        digests = {
            path: sha256(path.read_bytes() + of_places.encode()).hexdigest()
            for path in {item.path for item in self._items.values()}
        }
        by_file: dict[Path, list[str]] = {}
        for name, item in self._items.items():
            old = known.get(name)
            if old and old["file"] == digests[item.path]:
                self._reach[name] = Reached(old["places"], old["seconds"])
            else:
                by_file.setdefault(item.path, []).append(name)
        some = [
            "\n".join(names[start : start + _TOGETHER])
            for names in by_file.values()
            for start in range(0, len(names), _TOGETHER)
        ]
        for names, told in self._each(some, self._reach_of):
            said = json.loads(told or "{}")
            if said.keys() != set(names.splitlines()):
                sys.exit(f"A test fails without any change, one of:\n{names}")
            self._reach |= {name: Reached(*one) for name, one in said.items()}
            self._keep(digests)

    def _keep(self, digests: Mapping[Path, str]) -> None:
        reach = {
            name: {"file": digests[self._items[name].path], **reached._asdict()}
            for name, reached in self._reach.items()
        }
        self._kept.write_text(json.dumps(reach), encoding="utf-8")

    def _reach_of(self, names: str, tell: Tell) -> None:
        _switch_to("")
        some = names.splitlines()
        measured = coverage.Coverage(data_file=None, config_file=False, include=self._files)
        seconds = {}
        measured.start()
        for name, after in zip(some, [*some[1:], None], strict=True):
            measured.switch_context(name)
            began = time.process_time()
            if not _passes(self._items[name], self._items[after] if after else None):
                return
            seconds[name] = time.process_time() - began
        measured.stop()
        tell(json.dumps({name: (self._bits(measured.get_data(), name), seconds[name]) for name in some}))

    def _bits(self, data: coverage.CoverageData, name: str) -> str:
        data.set_query_context(name)
        lines = {file: set(data.lines(file) or ()) for file in data.measured_files()}
        reached = (
            not lines.get(str(Path(file).resolve()), set()).isdisjoint(range(int(first), int(last) + 1))
            for file, first, last in (place.split(":") for place in self._places)
        )
        return f"{sum(1 << bit for bit, is_reached in enumerate(reached) if is_reached):x}"

    def _try_all(self) -> None:
        by_place: dict[str, list[str]] = {}
        for name, reached in self._reach.items():
            bits = int(reached.places, 16)
            for bit, place in enumerate(self._places):
                if bits >> bit & 1:
                    by_place.setdefault(place, []).append(name)
        by_mutant = {trial.mutant: trial for trial in self._trials}
        reaching = {name: by_place.get(trial.place, []) for name, trial in by_mutant.items()}
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
