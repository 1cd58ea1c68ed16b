"""The audit of a trace agrees with the reference on requests, notices, values, enrollments, browsers and counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.laws.compared import HISTORIES, show, told_of
from tests.laws.told_lines import PROPERTIES, THEMES, covered, crossings, events_of, lines_of, traces
from tests.reference import browsers, counts, in_force, sent_enrollments
from tests.reference.history import History
from tests.reference.notices import Notices
from tests.reference.readings import PERMISSIVE, READINGS
from tests.reference.requests import Requests
from tests.reference.values import is_stale

if TYPE_CHECKING:
    from tests.laws.told_lines import Crossed
    from tests.reference.history import Line

OF_ENROLLMENTS: Final = ("P10", "P11", "P15", "P16", "P18", "P19")
OF_BROWSERS: Final = ("P28", "P29", "P30", "P31", "P32", "P34")
ALL: Final = 700
"""How many histories `make laws` asks for of each theme."""
OF_PEOPLE: Final = {"linked", "erased"}
PEOPLE: Final = ("customer:", "email:")
LEAST_OF_A_KIND: Final = min(20, HISTORIES // 10)
"""Of each type of fact, how many came late, at one instant with another, of people linked and of people erased."""
LEAST_OF_TWO: Final = 20 if HISTORIES >= ALL else 1
"""Of each type of fact, how many have each two of these."""


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
        for reading in READINGS:
            said = {
                (promise, name)
                for name, one in told.lines.items()
                if one.kind == "enrollment"
                for promise in sent_enrollments.broken_by(one, history.standing(one), reading)
            }
            asked = set(OF_ENROLLMENTS)
            if reading is PERMISSIVE and any(one.data.get("act") == "catalog_request" for one in told.in_time):
                asked -= {"P16", "P18"}  # A known limit: an enrollment alone reopens e-mail by a catalog request.
            said = {one for one in said if one[0] in asked}
            assert told.breaking(asked, reading.name) == said, (reading.name, told.text)
            coverage.update(f"{reading.name} {promise}" for promise, _ in said)
    wanted = {f"{reading.name} {promise}" for reading in READINGS for promise in OF_ENROLLMENTS}
    show(coverage, *wanted)


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


def test_counts() -> None:
    """A small cell, and a small group that is left of a total, break P13, over all that a recipient has."""
    coverage: Counter[str] = Counter()
    for told in told_of("counts"):
        said, named = (set(map(told.sent, names)) for names in counts.breaking(told.in_time))
        assert said <= {name for _, name in told.breaking(["P13"])} <= said | named, told.text
        coverage["broken"] += len(said)
        coverage[told.status("P13")] += 1
    show(coverage, "broken", "kept")


def test_versions() -> None:
    """Whatever is collected, used or shared is so under the audited text, as far as it is known since when it binds."""
    coverage: Counter[str] = Counter()
    for told in told_of("versions"):
        said = in_force.status(told.in_time)
        assert told.status("P01") == said, told.text
        coverage[said] += 1
    show(coverage, "broken", "kept", "indeterminate")


def test_what_is_covered() -> None:
    """Each type of fact came late, at one instant with another, of people linked and erased, and each two of these."""
    found: Counter[tuple[str, Crossed]] = Counter()
    kinds: dict[str, bool] = {}
    for theme in THEMES:
        for told in traces(theme, HISTORIES):
            lines: list[Line] = list(lines_of(events_of(told)).values())
            kinds |= {one.kind: one.subject.startswith(PEOPLE) for one in lines}
            found += covered(lines)
    of_company = [name for name in PROPERTIES if name not in OF_PEOPLE]
    possible = {kind: crossings(PROPERTIES if is_of_people else of_company) for kind, is_of_people in kinds.items()}
    possible["name_ended"] = [one for one in possible["name_ended"] if "linked" not in one]  # The reference links none.
    print(f"\n{'':<28}", *(f"{' & '.join(one):>23}" for one in crossings(PROPERTIES)), sep="")  # noqa: T201 - as below
    for kind in sorted(kinds):
        counts = (f"{found[kind, one] if one in possible[kind] else '-':>23}" for one in crossings(PROPERTIES))
        print(f"{kind:<28}", *counts, sep="")  # noqa: T201 - the coverage is read by people
    few = {
        (kind, one): found[kind, one]
        for kind, crossed in possible.items()
        for one in crossed
        if found[kind, one] < (LEAST_OF_A_KIND if len(one) == 1 else LEAST_OF_TWO)
    }
    assert not few, few
