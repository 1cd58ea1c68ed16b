"""The audit of a trace agrees with the reference on requests, notices, values, sent enrollments and browsers."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adapters.audits.traces import Trace, audit_trace
from adapters.contract import parse_fact
from domain.audit.question import Question
from domain.audit.trace_order import Line as TraceLine
from domain.records.customer import LAST
from tests.laws.told_lines import PROPERTIES, THEMES, covered, events_of, lines_of, traces
from tests.reference import browsers, sent_enrollments
from tests.reference.history import History, Line
from tests.reference.notices import Notices
from tests.reference.requests import Requests
from tests.reference.values import is_stale
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HISTORIES: Final = int(os.environ.get("PLEDGER_TEST_LAWS", "120"))
LEAST: Final = min(20, HISTORIES // 50)
OF_ENROLLMENTS: Final = ("P10", "P15", "P16", "P18", "P19")
OF_BROWSERS: Final = ("P28", "P29", "P30", "P31", "P32", "P34")
OF_PEOPLE: Final = {"linked", "erased"}


class Told:
    """A trace as the reference reads it, and as it is audited."""

    def __init__(self, told: Sequence[str]) -> None:
        events = events_of(told)
        self.text = told
        self.lines = lines_of(events)
        self.in_time = sorted(self.lines.values(), key=lambda one: one.when)
        self.as_of = max(datetime.fromisoformat(one.at) for one in self.in_time)
        trace = Trace([TraceLine(number, parse_fact(one)) for number, one in enumerate(events, 1)])
        self.document = audit_trace(trace, first_policy(), Question(LAST.at), as_of=self.as_of)

    def status(self, promise: str) -> str:
        """Return the status of a promise, as audited."""
        return str(self.document["readings"]["harmonised"][promise]["status"])

    def breaking(self, promises: Iterable[str]) -> set[tuple[str, str]]:
        """Return which fact breaks which of some promises, as audited."""
        verdicts: dict[str, Any] = self.document["readings"]["harmonised"]
        return {(promise, one["event"]) for promise in promises for one in verdicts[promise]["violations"]}


def told_of(theme: str) -> Iterator[Told]:
    """Yield the traces of a theme."""
    return map(Told, traces(theme, HISTORIES))


def test_requests() -> None:
    """What was asked is open, answered or broken by an erasure; identity was verified before, or was not."""
    coverage: Counter[str] = Counter()
    for told in told_of("requests"):
        said = Requests(History(told.lines.values())).statuses()
        assert {promise: told.status(promise) for promise in said} == said, told.text
        coverage.update(f"{promise} {status}" for promise, status in said.items())
    show(coverage, "P25 open", "P25 kept", "P26 open", "P26 kept", "P27 broken")


def test_notices() -> None:
    """The home page and points carry the version in force, but for the first hour; collections are at such points."""
    coverage: Counter[str] = Counter()
    for told in told_of("notices"):
        if told.in_time[0].kind != "policy_published":
            continue  # Before the first publication, what binds a point is another question.
        said = Notices(told.in_time, told.as_of).statuses()
        assert {promise: told.status(promise) for promise in said} == said, told.text
        coverage.update(f"{promise} {status}" for promise, status in said.items())
    show(coverage, "P02 broken", "P03 broken")


def test_corrected_values() -> None:
    """A use or share of a value that had been corrected since it was given breaks P22, and no other does."""
    coverage: Counter[str] = Counter()
    for told in told_of("values"):
        history = History(told.lines.values())
        uses = {name: one for name, one in told.lines.items() if one.kind in {"use", "share"}}
        stale = {name for name, one in uses.items() if is_stale(one, history.standing(one))}
        assert told.breaking(["P22"]) == {("P22", name) for name in stale}, told.text
        coverage["broken"] += len(stale)
    show(coverage, "broken")


def test_sent_enrollments() -> None:
    """An enrollment is judged by its cause, and by an opt-out."""
    coverage: Counter[str] = Counter()
    for told in told_of("enrollments"):
        history = History(told.lines.values())
        said = {
            (promise, name)
            for name, one in told.lines.items()
            if one.kind == "enrollment"
            for promise in sent_enrollments.broken_by(one, history.standing(one))
            if promise in OF_ENROLLMENTS
        }
        assert told.breaking(OF_ENROLLMENTS) == said, told.text
        coverage.update(promise for promise, _ in said)
    show(coverage, *OF_ENROLLMENTS)


def test_browsers_and_attestations() -> None:
    """Cookies, refusals and what is forwarded; and who vouches for what no record shows."""
    coverage: Counter[str] = Counter()
    for told in told_of("browsers"):
        said = {
            (promise, name) for name, one in told.lines.items() for promise in browsers.broken_by(one, told.in_time)
        }
        assert told.breaking(OF_BROWSERS) == said, told.text
        vouched = browsers.attested(told.in_time, told.as_of)
        assert {promise: told.status(promise) for promise in vouched} == vouched, told.text
        coverage.update(promise for promise, _ in said)
        coverage.update(f"{promise} {status}" for promise, status in vouched.items())
    show(coverage, *OF_BROWSERS, "P24 attested", "P24 indeterminate", "P21 broken")


def test_what_is_covered() -> None:
    """Each type of fact came late, at one instant with another, of people linked and of people erased."""
    found: Counter[tuple[str, str]] = Counter()
    kinds: set[str] = set()
    for theme in THEMES:
        for told in traces(theme, HISTORIES):
            lines: list[Line] = list(lines_of(events_of(told)).values())
            kinds |= {one.kind for one in lines if one.kind not in {"erasure", "link"}}
            found += covered(lines)
    print()  # noqa: T201 - the coverage is read by people
    for kind in sorted(kinds):
        counts = "  ".join(f"{name} {found[kind, name]:>5}" for name in PROPERTIES)
        print(f"{kind:<30}{counts}")  # noqa: T201 - the coverage is read by people
    assert all(found[kind, name] >= LEAST for kind in kinds for name in PROPERTIES if name not in OF_PEOPLE), found


def show(coverage: Counter[str], *wanted: str) -> None:
    """Print how often each came up, and ask that each that is wanted did so often enough."""
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[one] for one in wanted) >= LEAST, coverage
