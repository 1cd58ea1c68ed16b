"""What is told late of the erased: a ledger and a trace say the same, and nobody who comes back is given any of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import OWN
from domain.events.customer import CustomerErased, DataCollected
from domain.facts.fields import Subject
from domain.records.customer import LAST
from domain.vocabulary import Act, Program
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import least_of, part_of
from tests.verdicts.notation import fact_of

if TYPE_CHECKING:
    from domain.facts import Fact

HISTORIES = part_of(300)
LEAST = least_of(20)
"""How many facts of each sort are told late of the erased, and how many people come back and are told of."""
NAMES = ("1", "2", "a@", "order:O-9")
DONE = (
    "contest_entry C-{n} email=a",
    "account C-{n} email=a",
    "order O-{n} name address email=a",
    "mail",
    "use deliver_ads email",
    "report Q-{n}",
    "inbound_message R-{n} email=a name",
    "correct Q-{n} name x",
    "registration R-{n} email=a requests=updates",
    "erase",
    "erase only=true",
)
"""No opt-outs: how late ones reach who came back has laws of its own (`test_owed_laws.py`)."""


def facts_in(text: str) -> list[Fact]:
    """Return the facts of lines in the notation of the verdicts."""
    lines = [line.strip() for line in text.split(";")]
    return [OWN.fact(json.dumps(fact_of(number, line)).encode()) for number, line in enumerate(lines, 1)]


def statements(facts: list[Fact], *, in_time: bool) -> dict[str, Any]:
    """Return what an audit says of facts, told one by one or as a trace; events of the erased have no name there."""
    document = said(audited(told(facts, in_time=in_time), LAST.at))
    return {what: found["status"] if isinstance(found, dict) else len(found) for what, found in document.items()}


@pytest.mark.parametrize(
    "lines",
    [
        "03-01 a@ contest_entry O-1 email=a; 04-02 a@ erase; 04-03 a@ account C-1 email=a; 04-01 a@ report Q-1",
        "04-02 a@ erase; 04-03 a@ account C-1 email=a; 04-01 a@ contest_entry C-2 email=a; 05-01 a@ mail",
        "04-02 a@ erase; 04-03 a@ contest_entry C-1 email=a; 04-01 a@ mail",
        "04-02 a@ erase; 04-03 a@ contest_entry C-1 email=a; 04-01 a@ use deliver_ads email",
        "04-02 a@ erase; 04-03 a@ contest_entry C-1 email=a; 04-01 a@ report Q-1",
        "03-01 9 order O-1 email=a; 04-06 9 erase; 04-05 a@ mail; 04-01 1 registration R-2 email=a requests=updates",
        "04-06 a@ erase only=true; 04-05 a@ mail; 04-01 1 account R-2 email=a",
        "04-06 a@ erase; 04-06 order:O-9 inbound_message R-1 email=a name; 04-05 order:O-9 correct Q-1 name x",
    ],
)
def test_a_ledger_and_a_trace_agree(lines: str) -> None:
    """Whom a name led to goes by telling, whatever came later under it and at whichever time."""
    facts = facts_in(lines)
    assert statements(facts, in_time=True) == statements(facts, in_time=False)


def test_who_comes_back_is_given_nothing_of_the_time_before() -> None:
    """A contest entry of before the erasure, told after the return, stands apart and enrolls nobody."""
    lines = "04-02 a@ erase; 04-03 a@ account C-1 email=a; 04-01 a@ contest_entry C-2 email=a"
    store = told(facts_in(lines))
    back = store.stream_of(Subject("email", "a@example.com"), LAST.at)
    assert back is not None
    entries = [
        (stream, event)
        for stream, events in store.events.items()
        for event in events
        if isinstance(event, DataCollected) and event.act == Act.CONTEST_ENTRY
    ]
    assert [stream != back for stream, _ in entries] == [True]
    assert store.person(back).subscription(Program.EMAIL_MARKETING, LAST) is None


def test_generated_histories() -> None:
    """Facts of both sides of an erasure, told in any order, have one audit in a ledger and in a trace."""
    chance, seen = random.Random(12), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = []
        for number in range(1, chance.randint(4, 7)):
            name, done = chance.choice(NAMES), chance.choice(DONE)
            lines.append(f"04-{chance.randint(1, 12):02} {name} {done.format(n=number)}")
        lines.insert(chance.randint(1, 3), f"04-06 {chance.choice(NAMES)} erase")
        facts = facts_in("; ".join(lines))
        store = told(facts)
        for name in {str(one.subject) for one in facts}:
            late = sum(isinstance(events[-1], CustomerErased) for events in store.events.values())
            seen[f"{name.partition(':')[0]} erased or late"] += late
        assert statements(facts, in_time=True) == statements(facts, in_time=False), "; ".join(lines)
    assert min(seen.values()) >= LEAST, seen
