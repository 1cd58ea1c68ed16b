"""An audit of a ledger and one of a trace of the same lines agree, whenever erasures were told; these change nothing.

An erasure acts on what was told before it, whatever the times. The other facts are told in order of time here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.events.customer import CustomerErased
from domain.facts.data import ErasureData
from domain.records.customer import LAST
from tests.controls import day, fact
from tests.laws.histories import facts_of, name_of, steps
from tests.laws.test_erasure_laws import AS_OF, ENDED, erasure, shared_addresses
from tests.reading import size_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.laws.histories import Step

    Ledgers = Callable[[], AbstractContextManager[Installation]]

KINDS: Final = (
    *("order", "contest_entry", "registration", "catalog_request", "gift"),
    *("out", "out", "mail", "mail", "use", "share", "cancel", "enroll", "age", "object"),
    *("access", "verify", "report", *("ask_erasure",) * 5, "deny", "correct", "ask_correction", "delete"),
    *("erase",) * 3,
    *("erase_asked",) * 5,
    *("erase_only",) * 6,
    *("link",) * 7,
    *("unlink", "end", "out_at", "out_to", "mail_at", "mail_to", "confirm", "beside"),
)
LIVED: Final = tuple(kind for kind in KINDS if not kind.startswith("erase"))
NOT_IN_A_TRACE: Final = {"P01", "P02", "P34"}
"""What the creation of a ledger alone says something about."""
LISTS: Final = ("violations", "open", "excused", "indeterminate", "attested")
SORTS: Final = (
    *("before earlier facts", "after later facts", "twice", "of unknown people", "of linked people"),
    *("asked before", "asked after", "asked later", "of one record of several"),
)
LEAST: Final = 5


def told(taken: Sequence[Step], places: Sequence[int], crowd: str) -> list[Fact]:
    """Return a history in order of time, but for its erasures, which stand anywhere."""
    facts = facts_of(taken, crowd)[len(facts_of([])) :]
    erasures = [one for one in facts if isinstance(one.data, ErasureData)]
    made = sorted((one for one in facts if one not in erasures), key=lambda one: one.time)
    for number, gone in enumerate(erasures):
        made.insert(places[number % len(places)] % (len(made) + 1), gone)
    return made


def said(document: dict[str, Any]) -> dict[tuple[str, str, str], Any]:
    """Return all that an audit says, with the times of facts for their names, which are positions for the erased."""
    found: dict[tuple[str, str, str], Any] = {}
    for reading, verdicts in document["readings"].items():
        for promise, verdict in verdicts.items():
            if promise in NOT_IN_A_TRACE:
                continue
            found[reading, promise, "status"] = verdict["status"], verdict["exercised"]
            for kind in LISTS:
                stated = ((one["at"], tuple(sorted(one["codes"]))) for one in verdict.get(kind, ()))
                found[reading, promise, kind] = sorted(stated)
    found["", "", "undone"] = sorted((one["at"], one["what"]) for one in document["undone"])
    return found


def sorts(facts: Sequence[Fact], trace: Trace) -> Counter[str]:
    """Count the erasures of a history by when, and of whom, they were told."""
    seen: Counter[str] = Counter()
    for number, told in enumerate(facts):
        if not isinstance(told.data, ErasureData):
            continue
        earlier = [one for one in facts[:number] if one.subject == told.subject]
        later = [one for one in facts[number + 1 :] if one.subject == told.subject]
        seen["before earlier facts"] += any(one.time < told.time for one in later)
        seen["after later facts"] += any(one.time > told.time for one in earlier)
        seen["twice"] += any(isinstance(one.data, ErasureData) for one in earlier)
        seen["of unknown people"] += not earlier
        for one in [*earlier, *later]:
            if one.type == "pledger.erasure_request.v1" and getattr(one.data, "request", "") == told.data.request:
                seen["asked after" if one in later else "asked before"] += 1
                seen["asked later"] += one.time > told.time
    streams: dict[int, int] = defaultdict(int)
    for events in trace.replayed(first_policy())[1].of_people:
        for event in events:
            streams[event.fact_position] += isinstance(event, CustomerErased) and not event.is_late
            seen["of one record of several"] += isinstance(event, CustomerErased) and bool(event.left)
    seen["of linked people"] += sum(count > 1 for count in streams.values())
    return seen


@pytest.mark.slow
def test_erasures_told_at_any_time(ledgers_made: Ledgers) -> None:
    """Both say the same of every fact, and reject the same ones."""
    coverage: Counter[str] = Counter()
    history = st.tuples(
        steps(14, KINDS, least=4, of_any_name=True), st.lists(st.integers(0, 14), min_size=1, max_size=4)
    )

    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(history, min_size=20, max_size=20))
    def holds(taken: list[tuple[list[Step], list[int]]]) -> None:
        facts = facts_of([])
        for number, (history, places) in enumerate(taken):
            own = [one._replace(on=one.on + number / 100) for one in history]
            facts += told(own, places, f"crowd{number}")
        trace = Trace([Line(number, fact) for number, fact in enumerate(facts)])
        expected = audit_trace(trace, first_policy(), Question(LAST.at))
        with ledgers_made() as installation:
            answers = installation.ledger.append_many(facts)
            with installation.connect() as connection:
                found = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
        assert said(found) == said(expected)
        refused = {number for number, answer in enumerate(answers) if not isinstance(answer, Receipt)}
        assert refused == trace.rejected.keys()
        coverage.update(sorts(facts, trace))

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in SORTS) >= LEAST, coverage


@pytest.mark.slow
def test_erasures_change_no_verdict(ledgers_made: Ledgers) -> None:
    """Not in a ledger either, which forgets what its contact points were; also as of a time or position before it."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.one_of(steps(14, LIVED, of_any_name=True), shared_addresses()), min_size=12, max_size=12))
    def holds(taken: list[list[Step]]) -> None:
        facts, erasures = facts_of([]), []
        for number, history in enumerate(taken):
            own = sorted((one._replace(on=one.on + number / 100) for one in history), key=lambda one: one.on)
            facts += facts_of(own, f"crowd{number}")[len(facts_of([])) :]
            erasures += [erasure(name_of(step.who, f"crowd{number}"), only=step.on % 2 > 1) for step in own]
        facts.append(fact("record_read", AS_OF, {"reader": "r", "purpose": "p"}, fact_id="last"))
        with ledgers_made() as installation:
            installation.ledger.append_many(facts)
            last = size_of(installation)
            before = judged(installation)
            coverage.update(code for found in before.values() for one in found[2] for code in one[1])
            installation.ledger.append_many(list({one.name: one for one in erasures}.values()))
            assert judged(installation) == before
            assert judged(installation, as_of=last) == before
            assert judged(installation, as_of=day(AS_OF)) == before

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[code] for code in ("holders_differ", "out_by_number", "mailed_after_opt_out")) > 0, coverage


def judged(installation: Installation, as_of: int | datetime | None = None) -> dict[tuple[str, str], Any]:
    """Return what an audit says of each promise that no erasure ends."""
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at), as_of=as_of))
    return {
        (reading, promise): (
            verdict["status"],
            verdict["exercised"],
            sorted((one["at"], tuple(sorted(one["codes"])), kind) for kind in LISTS for one in verdict.get(kind, ())),
        )
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
        if promise not in ENDED
    }
