"""What the audit of a generated trace and the reference are compared by, and how often each came up."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adapters.audits.traces import Trace, audit_trace
from adapters.contract import parse_fact
from domain.audit.question import Question
from domain.audit.trace_order import Line as TraceLine
from domain.records.customer import LAST
from tests.laws.numbers import part_of
from tests.laws.told_lines import events_of, lines_of, traces
from tests.reference.history import History
from tests.reference.readings import DIFFERING, READINGS
from tests.scenario import first_policy
from tests.verdicts.notation import SOURCE

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence

HISTORIES: Final = int(os.environ.get("PLEDGER_TEST_LAWS", part_of(300)))
LEAST: Final = min(20, HISTORIES // 35)
"""How often each verdict that is asked for comes up at least."""


class Told:
    """A trace as the reference reads it, and as it is audited."""

    def __init__(self, told: Sequence[str]) -> None:
        events = events_of(told)
        self.text = told
        self.lines = lines_of(events)
        self.in_time = sorted(self.lines.values(), key=lambda one: one.when)
        self.as_of = max(datetime.fromisoformat(one.at) for one in self.in_time)
        trace = Trace([TraceLine(number, parse_fact(one)) for number, one in enumerate(events, 1)])
        self.history = History(self.lines.values())
        self.document = audit_trace(trace, first_policy(), Question(LAST.at), as_of=self.as_of)

    def status(self, promise: str) -> str:
        """Return the status of a promise, as audited."""
        return str(self.document["readings"]["harmonised"][promise]["status"])

    @staticmethod
    def sent(name: str) -> str:
        """Return the name of the fact with this id, as the audit cites it."""
        return f"{SOURCE} {name}"

    def differing(self) -> set[str]:
        """Return the promises of which the readings say different things, but how often they were tested."""
        by_reading: list[dict[str, Any]] = [self.document["readings"][one.name] for one in READINGS]
        said = [{promise: _said(verdict) for promise, verdict in one.items()} for one in by_reading]
        return {promise for promise in said[0] if any(one[promise] != said[0][promise] for one in said)}

    def statements(self, promises: Iterable[str], reading: str = "harmonised") -> dict[str, dict[str, str]]:
        """Return what each fact breaks, or leaves undecided, of some promises, as audited."""
        verdicts: dict[str, Any] = self.document["readings"][reading]
        found: dict[str, dict[str, str]] = {}
        for status, key in (("indeterminate", "indeterminate"), ("broken", "violations")):
            for promise in promises:
                for one in verdicts[promise].get(key, ()):
                    found.setdefault(one["event"], {})[promise] = status
        return found

    def breaking(self, promises: Iterable[str], reading: str = "harmonised") -> set[tuple[str, str]]:
        """Return which fact breaks which of some promises, as audited."""
        verdicts: dict[str, Any] = self.document["readings"][reading]
        return {(promise, one["event"]) for promise in promises for one in verdicts[promise]["violations"]}


def _said(verdict: dict[str, Any]) -> tuple[str, list[list[str]]]:
    """Return the status of a promise, and of which facts something is stated."""
    stated = [
        [one["event"] for one in verdict.get(key, ())] for key in ("violations", "indeterminate", "open", "excused")
    ]
    return verdict["status"], stated


def told_of(theme: str) -> Iterator[Told]:
    """Yield the traces of a theme, of which the readings say the same but where they read otherwise."""
    for told in map(Told, traces(theme, HISTORIES)):
        assert told.differing() <= {*DIFFERING, "P16"}, told.text
        yield told


def show(coverage: Counter[str], *wanted: str) -> None:
    """Print how often each came up, and ask that each that is wanted did so often enough."""
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[one] for one in wanted) >= LEAST, coverage
