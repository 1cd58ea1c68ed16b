"""What holds of every audit, whatever happened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import given, settings, strategies as st

from adapters.contract import OWN, parse_fact
from domain.audit.auditor import READINGS, Auditor
from domain.audit.findings import Findings
from domain.audit.question import Question
from domain.audit.replay import replay
from domain.audit.report import document
from domain.audit.signatures import BESIDE, UNSEEN, EventSummary, Signatures
from domain.audit.trace_order import Line
from domain.events.base import CUSTOMER
from domain.events.customer import DataShared
from domain.facts.data import ErasureData
from domain.policy.model import Modality
from domain.records.customer import LAST as LAST_MOMENT
from domain.rules.common.base import Rule
from domain.rules.common.kinds import KINDS
from tests.benchmarks import shop_day
from tests.controls import day, order
from tests.laws.audit import audit
from tests.laws.histories import KINDS as KINDS_OF_STEPS, Step, facts_of, steps
from tests.laws.numbers import part_of
from tests.scenario import first_policy, with_rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random
    from uuid import UUID

    from domain.audit.history import History
    from domain.events import Event
    from domain.facts import Fact
    from domain.moments import Turn

often = settings(max_examples=part_of(60), deadline=None, derandomize=True)
LAST = 400.0
ORDERS = 120
"""As many orders as a small shop's day has."""
ORDERED = tuple(kind for kind in KINDS_OF_STEPS if kind not in {"unlink", "end"})
"""All kinds but what undoes something."""
BY_POSITION = {"P27"}
"""Goes by the order of the log, and of nothing else."""


def said(told_of_it: dict[str, Any], crowd: str = "") -> dict[tuple[str, str, str], list[tuple[str, ...]]]:
    """Return what is said under each reading of each promise, with each status, of the facts of a crowd."""
    return {
        (reading, promise, status): sorted(
            (str(one["event"]), one["at"], *one["codes"])
            for one in verdict.get("violations" if status == "broken" else status, [])
            if str(one["event"]).startswith(f"/{crowd}")
        )
        for reading, verdicts in told_of_it["readings"].items()
        for promise, verdict in verdicts.items()
        for status in ("broken", "open", "excused")
    }


@often
@given(steps(), steps())
def test_strangers_change_nothing(mine: list[Step], theirs: list[Step]) -> None:
    """What is said of some people does not depend on others."""
    alone = audit(*facts_of(mine, "a"), as_of=LAST).document
    together = audit(*facts_of(mine, "a"), *facts_of(theirs, "b")[len(facts_of([])) :], as_of=LAST).document
    assert said(alone, "a") == said(together, "a")


@often
@given(steps(), st.integers(1, 120), st.integers(1, 120))
def test_what_is_broken_stays_broken(taken: list[Step], one: int, other: int) -> None:
    """A breach of a prohibition that an audit lists is listed by every later audit of the same facts."""
    early, late = sorted((one, other))
    before, after = (said(audit(*facts_of(taken), as_of=at).document) for at in (early, late))
    prohibitions = {one.id for one in first_policy().promises if one.modality is Modality.PROHIBITION}
    for (reading, promise, status), breaches in before.items():
        if promise in prohibitions and status == "broken":
            assert {breach[0] for breach in breaches} <= {one[0] for one in after[reading, promise, status]}


@often
@given(
    steps(kinds=ORDERED, days=40, at_once=True),
    steps(most=12, kinds=ORDERED, days=40, at_once=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_lines_does_not_matter(mine: list[Step], theirs: list[Step], chance: Random) -> None:
    """Only what goes by the log asks in which order facts were told, and of one instant those of one turn.

    An erasure stays behind those facts of its crowd that were told before it, and before the others.
    """
    crowds = [facts_of(mine, "a"), facts_of(theirs, "b")[len(facts_of([])) :]]
    one, other = (
        said(audit(*order, as_of=LAST).document)
        for order in ([*crowds[0], *crowds[1]], woven([told_anew(crowd, chance) for crowd in crowds], chance))
    )
    for key, breaches in one.items():
        if key[1] not in BY_POSITION:
            assert breaches == other[key], key


def told_anew(facts: Sequence[Fact], chance: Random) -> list[Fact]:
    """Return facts in another order, in which each erasure stands between the same ones as before."""
    made: list[Fact] = []
    between: list[Fact] = []
    for fact in [*facts, None]:
        if fact is not None and not isinstance(fact.data, ErasureData):
            between.append(fact)
            continue
        made += [*shuffled(between, chance), *([] if fact is None else [fact])]
        between = []
    return made


def shuffled(facts: Sequence[Fact], chance: Random) -> list[Fact]:
    """Return facts in another order, in which those of one instant and turn stand in the same order as before."""
    places = list(range(len(facts)))
    chance.shuffle(places)
    alike: dict[tuple[datetime, Turn], list[int]] = {}
    for number, fact in enumerate(facts):
        alike.setdefault((fact.time, fact.turn), []).append(number)
    found: dict[int, Fact] = {}
    for numbers in alike.values():
        free = sorted(places[number] for number in numbers)
        found |= {place: facts[number] for place, number in zip(free, numbers, strict=True)}
    return [found[place] for place in range(len(facts))]


def woven(parts: Sequence[Sequence[Fact]], chance: Random) -> list[Fact]:
    """Return the facts of several histories as one, each in its own order."""
    turns = [number for number, part in enumerate(parts) for _ in part]
    chance.shuffle(turns)
    told = [iter(part) for part in parts]
    return [next(told[number]) for number in turns]


@often
@given(steps(kinds=tuple(kind for kind in KINDS_OF_STEPS if kind != "link")))
def test_enforcing_leaves_nothing_to_find(taken: list[Step]) -> None:
    """Where every fact was asked for first, in order of time, no promise that is judged at append is broken.

    That two names are one person's is hindsight: what was permitted to each of them may not have been to both.
    """
    facts = facts_of(sorted(taken, key=lambda step: step.on), mode="enforce")
    found = audit(*facts, as_of=LAST)
    enforced = {one.id for one in first_policy().promises if KINDS[one.kind].at_append}
    of_time = {"P23"}  # That a child is erased in time is nothing that could be refused.
    assert not found.broken() & (enforced - of_time)


@often
@given(steps())
def test_the_same_history_gives_the_same_bytes(taken: list[Step]) -> None:
    """An audit has no clock, no chance and no order of its own."""
    one, other = (audit(*facts_of(taken), as_of=LAST).document for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


@often
@given(steps(most=12, kinds=("order", "contest_entry", "out", "mail", "mail", "use", "share", "cancel", "enroll")))
def test_signatures_change_nothing(taken: list[Step]) -> None:
    """An audit that judges one history of each signature finds what an audit of every history finds."""
    policy = first_policy()
    facts = facts_of([Step(one.kind, 1, one.on, one.way) for one in taken], "a")
    for crowd in ("b", "c"):
        facts += facts_of([Step(one.kind, 1, one.on + 0.25, one.way) for one in taken], crowd)[len(facts_of([])) :]
    history = replay(
        [Line(number, fact) for number, fact in enumerate(facts, 1)], policy, LAST_MOMENT.at, OWN.addresses
    )
    asked = Question(day(LAST))
    expected = document(policy, asked, 0, audit_each(history, asked))
    assert document(policy, asked, 0, _by_signatures(history, asked)) == expected


def test_most_of_a_shops_day_shares_its_outcomes() -> None:
    """Customers to whom the same happened in the same order have one signature, and one of them is judged for all."""
    sent = [json.dumps(fact).encode() for fact in shop_day.company_facts()]
    sent += [fact for placed in shop_day.orders("day", ORDERS) for fact in shop_day.facts(placed)]
    lines = [Line(number, parse_fact(fact)) for number, fact in enumerate(sent, 1)]
    history = replay(lines, first_policy(), LAST_MOMENT.at, OWN.addresses)
    alone = audit_each(history, asked := Question(LAST_MOMENT.at))
    found, judged = _found_by_signatures(history, asked)
    assert len(history.of_people) == ORDERS / 3
    assert judged <= len(history.of_people) / 5
    assert document(first_policy(), asked, 0, found) == document(first_policy(), asked, 0, alone)


class Soon(Rule):
    """A rule of this test for which it matters how long ago something was."""

    concerns: ClassVar = frozenset({DataShared})
    measures_time: ClassVar = True


def test_where_time_is_measured_nothing_has_a_signature() -> None:
    """Under a promise that measures the time between two acts of a person, every history is judged by itself."""
    history = replay([Line(1, facts_of([])[0]), Line(2, order(1))], first_policy(), LAST_MOMENT.at, OWN.addresses)
    summaries = [_summary(event) for event in history.of_people[0]]
    asked = Question(day(LAST))
    for policy, has_signature in ((first_policy(), True), (with_rule(Soon()), False)):
        signatures = Signatures(policy, history.company, asked, Findings.empty(READINGS))
        assert (signatures.signature_of(summaries) is not None) is has_signature


def audit_each(history: History, asked: Question) -> Findings:
    """Return what an audit finds that judges every history by itself."""
    one_by_one = Auditor(first_policy(), history.company, asked, _named)
    for events in history.of_people:
        one_by_one.person(events, history.book)
    return one_by_one.findings


def _by_signatures(history: History, asked: Question) -> Findings:
    found, judged = _found_by_signatures(history, asked)
    signatures = Signatures(first_policy(), history.company, asked, Findings.empty(READINGS))
    # What rests on nothing recorded is listed fact by fact, so such a history is judged by itself.
    is_shared = _has_signature(signatures, history.of_people) and not found.ungrounded
    assert judged == 1 or not is_shared
    return found


def _found_by_signatures(history: History, asked: Question) -> tuple[Findings, int]:
    """Return what an audit finds that judges one history of each signature, and how many it judged."""
    policy = first_policy()
    found = Findings.empty(READINGS)
    signatures = Signatures(policy, history.company, asked, found)
    repeated = 0
    for events in history.of_people:
        summaries = sorted(_summary(event) for event in events)
        signature = signatures.signature_of(summaries)
        if signature is not None and signatures.apply(signature, summaries, _named(0, events[0].originator_id)):
            repeated += 1
            continue
        alone = Auditor(policy, history.company, asked, _named)
        alone.person(events, history.book)
        if signature is not None:
            signatures.learn(signature, summaries, alone.findings)
        found.add(alone.findings)
    signatures.count()
    return found, len(history.of_people) - repeated


def _has_signature(signatures: Signatures, people: Sequence[Sequence[Event]]) -> bool:
    return all(signatures.signature_of(sorted(_summary(event) for event in events)) is not None for events in people)


def _summary(event: Event) -> EventSummary:
    assert event.stream_kind == CUSTOMER
    coded = {name: value for name, value in json.loads(event.data_json()).items() if name not in UNSEEN}
    beside = {name: coded.pop(name, None) for name in BESIDE}
    for name in ("relies_on", "cites", "value_cited", "findings"):
        beside[name] = json.dumps(beside[name]) if beside[name] else None
    own = event.occurred_at, event.position or 0, event.topic, event.fact_position, json.dumps(coded)
    return EventSummary._make((*own, *beside.values(), event.originator_id))


def _named(fact: int, stream: UUID | None) -> str:
    del fact
    return str(stream)
