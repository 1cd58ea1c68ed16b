"""An audit of a ledger and one of a trace of the same lines agree, whenever erasures were told.

An erasure acts on what was told before it, whatever the times. The other facts are told in order of time here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

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
from tests.laws.histories import facts_of, steps
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

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
    *("link",) * 5,
    *("unlink", "end", "out_at", "out_to", "mail_at", "mail_to", "confirm", "beside"),
)
NOT_IN_A_TRACE: Final = {"P01", "P02", "P34"}
"""What the creation of a ledger alone says something about."""
LISTS: Final = ("violations", "open", "excused", "indeterminate", "attested")
SORTS: Final = (
    *("before earlier facts", "after later facts", "twice", "of unknown people", "of linked people"),
    *("asked before", "asked after", "asked later"),
)
LEAST: Final = 10


def told(taken: Sequence[Step], places: Sequence[int], crowd: str) -> list[Fact]:
    """Return a history in order of time, but for its erasures, which stand anywhere."""
    facts = facts_of(taken, crowd)[len(facts_of([])) :]
    erasures = [fact for fact in facts if isinstance(fact.data, ErasureData)]
    made = sorted((fact for fact in facts if fact not in erasures), key=lambda fact: fact.time)
    for number, erasure in enumerate(erasures):
        made.insert(places[number % len(places)] % (len(made) + 1), erasure)
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
    for number, fact in enumerate(facts):
        if not isinstance(fact.data, ErasureData):
            continue
        earlier = [one for one in facts[:number] if one.subject == fact.subject]
        later = [one for one in facts[number + 1 :] if one.subject == fact.subject]
        seen["before earlier facts"] += any(one.time < fact.time for one in later)
        seen["after later facts"] += any(one.time > fact.time for one in earlier)
        seen["twice"] += any(isinstance(one.data, ErasureData) for one in earlier)
        seen["of unknown people"] += not earlier
        for one in [*earlier, *later]:
            if one.type == "pledger.erasure_request.v1" and getattr(one.data, "request", "") == fact.data.request:
                seen["asked after" if one in later else "asked before"] += 1
                seen["asked later"] += one.time > fact.time
    streams: dict[int, int] = defaultdict(int)
    for events in trace.replayed(first_policy())[1].of_people:
        for event in events:
            streams[event.fact_position] += isinstance(event, CustomerErased) and not event.is_late
    seen["of linked people"] += sum(count > 1 for count in streams.values())
    return seen


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
