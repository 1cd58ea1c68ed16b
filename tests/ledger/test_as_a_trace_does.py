"""A ledger and a trace make the same of the same facts, and reject the same ones with the same error."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.audits.traces import Trace
from adapters.ledger.receipt import Receipt
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.audit.trace import EVENTS_OF_A_LINE
from domain.audit.trace_order import Line
from domain.events.links import LinkProposed
from domain.linking import STREAMS_MAX
from tests.controls import collection, day, fact, opt_out, verified
from tests.laws.histories import facts_of, steps
from tests.reading import size_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from adapters.bootstrap import Installation
    from domain.errors import PledgerError
    from domain.events import Event, Finding
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from tests.laws.histories import Step

    Outcome = str | tuple[str, str] | list[tuple[str, tuple[Finding, ...]]]
    """What came of a fact: its events, each with its findings; the code and reason of its error; or `REPEATED`."""

REPEATED: Final = "repeated"
NOBODY: Final = "id:6f1ad0a4-5b0a-4c86-9d0c-0f3f3a0f5b11"
IN_FUTURE: Final = 365 * 300
JOINED: Final = {"reader": "r", "purpose": "p", "also": [verified(NOBODY)]}
ODD: Final = {
    "an unknown id": [opt_out(1.5, subject=NOBODY, fact_id="nobody")],
    "no id": [opt_out(2.5, subject="id:not-a-uuid", fact_id="no-id")],
    "an unknown id beside": [fact("record_read", 3.5, JOINED, fact_id="joined")],
    "in the future": [opt_out(IN_FUTURE, fact_id="in-the-future")],
    "an id that is taken": [opt_out(4.5, fact_id="taken"), opt_out(5.5, fact_id="taken")],
    "told again": [opt_out(4.25, fact_id="again"), opt_out(4.25, fact_id="again")],
    "an id of the erased": [
        opt_out(10.5, fact_id="gone"),
        fact("erasure", 10.75, {"reason": "asked"}, fact_id="erase"),
        opt_out(10.5, fact_id="gone"),
        opt_out(11, fact_id="gone"),
        fact("erasure", 10.75, {"reason": "asked"}, fact_id="erase"),
        opt_out(11, fact_id="erase"),
    ],
    # What its error says to do: correct the fact, and send it again under the same id. Then the id is taken.
    "corrected subject": [
        opt_out(6.5, subject=NOBODY, fact_id="subject"),
        opt_out(6.5, fact_id="subject"),
        opt_out(6.5, fact_id="subject"),
        opt_out(6.75, fact_id="subject"),
    ],
    "corrected names": [
        fact("record_read", 8.25, JOINED, fact_id="names"),
        fact("record_read", 8.5, {**JOINED, "also": []}, fact_id="names"),
    ],
    "corrected time": [opt_out(IN_FUTURE, fact_id="time"), opt_out(7.5, fact_id="time")],
    "rejected twice": [opt_out(9.5, subject=NOBODY, fact_id="wrong"), opt_out(IN_FUTURE, fact_id="wrong")],
}
"""Facts with something wrong, each with what comes after it under the same id."""


def of_ledger(installation: Installation, facts: Sequence[Fact], cut: int = 0) -> list[Outcome]:
    """Tell the ledger of facts, in two batches, and return what came of each."""
    before = size_of(installation)
    answers = [*installation.ledger.append_many(facts[:cut]), *installation.ledger.append_many(facts[cut:])]
    wanted = {"start": before + 1, "limit": None, "stop": None, "topics": None}
    with installation.connect() as connection:
        rows = connection.execute(query("select_notifications"), wanted).fetchall()
    events = {event.position: event for event in map(to_event, map(EventRow._make, rows))}
    told: dict[int, int] = {}
    """By position, the number of the fact and of its event."""
    for number, answer in enumerate(answers):
        if isinstance(answer, Receipt):
            first = answer.position - answer.events + 1
            told |= {first + part: _place(number, part) for part in range(answer.events) if first + part not in told}
    outcomes: list[Outcome] = []
    for answer in answers:
        if isinstance(answer, Receipt):
            own = range(answer.position - answer.events + 1, answer.position + 1)
            said = [] if answer.repeated else [events[position] for position in own]
            outcomes.append(_said(said, told.__getitem__) if said else REPEATED)
        else:
            outcomes.append(_error(answer))
    return outcomes


def of_trace(facts: Sequence[Fact]) -> list[Outcome]:
    """Write a trace of the facts, a line each, and return what came of each."""
    trace = Trace([Line(number, one) for number, one in enumerate(facts)])
    lines, history = trace.replayed(first_policy())
    made: dict[int, list[Event]] = defaultdict(list)
    for events in (history.of_company, *history.of_people, *history.of_visitors):
        for event in events:
            made[(event.position or 0) // EVENTS_OF_A_LINE].append(event)
    assert {line.number for line in lines} == made.keys()
    rejected = {number: _error(error) for number, error in history.rejected}
    assert trace.rejected.keys() == rejected.keys()

    def place(position: int) -> int:
        number = position // EVENTS_OF_A_LINE
        return _place(number, position - min(one.position or 0 for one in made[number]))

    said: dict[int, Outcome] = {number: _said(events, place) for number, events in made.items()}
    return [(said | rejected).get(number, REPEATED) for number in range(len(facts))]


def _place(number: int, part: int) -> int:
    """Return one number for an event of a fact, the same in a ledger and in a trace."""
    return number * 1_000 + part


def _said(events: Iterable[Event], place: Callable[[int], int]) -> Outcome:
    own = sorted(events, key=lambda event: event.position or 0)
    return [(event.topic, tuple(finding.shifted(place) for finding in event.findings)) for event in own]


def _error(error: PledgerError) -> tuple[str, str]:
    return error.code, error.why


def _in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts in order of time, and first those of the future, which come before what corrects them."""
    return sorted(facts, key=lambda one: (one.time < day(IN_FUTURE), one.time, one.turn))


def _of_crowd(odd: str, crowd: str) -> list[Fact]:
    """Return odd facts, told by this crowd's source, about a person of it."""
    return [one.model_copy(update={"source": f"/{crowd}", "subject": _subject(one, crowd)}) for one in ODD[odd]]


def _subject(odd: Fact, crowd: str) -> Subject:
    assert odd.subject is not None
    return odd.subject if odd.subject.kind == "id" else odd.subject._replace(value=f"{crowd}1")


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd(installation: Installation, odd: str) -> None:
    """A fact with something wrong is rejected for the same reason, and its id is free until a fact is accepted."""
    facts = [collection("order", 1), *ODD[odd]]
    for cut in range(len(facts) + 1):
        told = [facts[0], *_of_crowd(odd, f"crowd-{cut}")]
        assert of_ledger(installation, told, cut)[1:] == of_trace(told)[1:]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps(), st.sets(st.sampled_from(list(ODD)), max_size=4), st.integers(0, 40))
def test_generated_histories(installation: Installation, taken: list[Step], odd: set[str], cut: int) -> None:
    """The same is made of every history, also with something wrong in it, and in however many batches it comes."""
    crowd = str(uuid4())  # One ledger serves all histories, so each is of other people.
    known = len(facts_of([]))
    facts = facts_of(taken, crowd)[known:]
    told = _in_order([*facts, *(one for name in sorted(odd) for one in _of_crowd(name, crowd))])
    told = [*facts_of([]), *told]
    assert of_ledger(installation, told, cut)[known:] == of_trace(told)[known:]


@pytest.mark.slow
def test_sixty_customers_joined_one_by_one_and_an_unknown_id(installation: Installation) -> None:
    """Of 120 facts both store those beyond what one person can have without a join, and reject the unknown id."""
    many = 60
    collected = [collection("order", n, subject=f"customer:{n}", fact_id=f"c{n}") for n in range(many)]
    joins = [
        fact(
            "record_read",
            many + n,
            {"reader": "r", "purpose": "p", "also": [verified(f"customer:{n + 1}")]},
            subject="customer:0",
            fact_id=f"j{n}",
        )
        for n in range(many - 1)
    ]
    facts = [*collected, *joins, opt_out(2 * many, subject=NOBODY, fact_id="nobody")]
    came = of_ledger(installation, facts)
    assert came == of_trace(facts)
    assert len(facts) == 2 * many
    proposed = [topic for one in came if isinstance(one, list) for topic, _ in one if topic == LinkProposed.topic]
    assert len(proposed) == many - STREAMS_MAX
    assert sum(isinstance(one, tuple) for one in came) == 1
