"""Given, when, then for decisions: facts in, events and findings out, without a database.

References stand for their own codes. A position is given to each event, in the order in which facts are told, so a fact
that is told later with an earlier time is a late one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from uuid import UUID

from adapters.bootstrap import DEFAULT_POLICY, read_policy
from adapters.contract import OWN, parse_name
from domain import ledger
from domain.audit.trace import MemoryStore
from domain.decide import findings_of, refusal_in
from domain.events import Event
from domain.facts.fields import Subject
from domain.moments import end_of
from domain.policy.judge import Judge
from domain.records import Customer
from domain.records.customer import LAST
from domain.store import Sender
from domain.vocabulary import Program
from tests.controls import CUSTOMER, OPENED, SOURCE, day, fact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.facts import Fact
    from domain.policy.model import Policy
    from domain.policy.status import Status
    from domain.records import Company
    from domain.rules.common import base as by_position
    from domain.rules.common.base import Rule

NOBODY: Final = UUID(int=7)
_E = TypeVar("_E", bound=Event)


@cache
def first_policy() -> Policy:
    """Read the policy that ledgers get unless told otherwise."""
    return read_policy(DEFAULT_POLICY)[1]


def with_parameters(**seconds: int) -> Policy:
    """Give the first policy with other parameters."""
    policy = first_policy()
    return policy.model_copy(update={"parameters": policy.parameters.model_copy(update=seconds)})


def with_rule(rule: Rule, policy: Policy | None = None) -> Policy:
    """Give a policy whose only promise, X1, has this rule."""
    policy = policy or first_policy()
    return policy.model_copy(update={"promises": (policy.promises[0].model_copy(update={"id": "X1", "rule": rule}),)})


class NamedFinding(NamedTuple):
    """A finding, with the events that it names by their facts."""

    promise: str
    code: str
    events: tuple[str, ...]
    excused: bool
    about: str | None

    @property
    def is_breach(self) -> bool:
        """Whether the event itself is the breach, and nothing excuses it."""
        return not self.excused and self.about is None


class Settled(NamedTuple):
    """What time has decided (`domain.rules.common.base.Settled`), with the events that it names by their facts."""

    status: Status
    event: str
    at: datetime
    code: str = ""
    events: tuple[str, ...] = ()
    remedied: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fact. `names` has the name of each event's fact, by position."""

    events: tuple[Event, ...]
    names: Mapping[int, str]

    @property
    def findings(self) -> tuple[NamedFinding, ...]:
        """What was found wrong with the fact."""
        return tuple(
            NamedFinding(
                one.promise,
                one.code,
                tuple(self.names[each] for each in one.events),
                one.excused,
                None if one.about is None else self.names[one.about],
            )
            for one in findings_of(self.events)
        )

    def relied(self, kind: type[Event]) -> tuple[str, ...]:
        """Return the names of the facts on which the one event of a kind relies."""
        positions: tuple[int, ...] = getattr(self.the(kind), "relies_on", ())
        return tuple(self.names[one] for one in positions)

    @property
    def refused(self) -> bool:
        """Whether the fact was refused."""
        return refusal_in(self.events) is not None

    def then(self, *kinds: type[Event]) -> Outcome:
        """Assert that exactly events of these kinds were made, in this order."""
        assert [type(event) for event in self.events] == list(kinds)
        return self

    def assert_breaks(self, *promises: str) -> Outcome:
        """Assert that exactly these promises were found broken, and not excused; none given: nothing was found."""
        assert {found.promise for found in self.findings if not found.excused} == set(promises)
        return self

    def codes(self, promise: str) -> set[str]:
        """Return the codes of the findings under one promise."""
        return {found.code for found in self.findings if found.promise == promise}

    def the(self, kind: type[_E]) -> _E:
        """Return the one event of a kind."""
        (event,) = [event for event in self.events if type(event) is kind]
        assert isinstance(event, kind)
        return event


class Shop:
    """A company and its customers, each told of facts one by one: the ledger's core over a store in memory.

    Under the first policy its collection point is open and carries the notice, so that no collection there is amiss.
    """

    def __init__(self, policy: Policy | None = None, judge: Judge | None = None, *, vouches: bool = True) -> None:
        self.sender = Sender("test", vouches, is_officer=True)
        self.judge = judge or Judge(policy or first_policy())
        self.store = MemoryStore(self.judge, LAST.at, OWN.addresses)
        self.names: dict[int, str] = {}
        """The name of each event's fact, by position."""
        self._last: dict[str, Customer] = {}
        """By each subject, the last person whom it led to: an erased one is not found by name."""
        if policy is None and judge is None:
            self.given(*OPENED)

    @property
    def company(self) -> Company:
        """The company's record."""
        return self.store.company()

    def given(self, *facts: Fact) -> Shop:
        """Tell of facts, whatever comes of them."""
        for one in facts:
            self.when(one)
        return self

    def when(self, fact: Fact) -> Outcome:
        """Tell of a fact and return what came of it."""
        handled = ledger.handle(self.store, fact, self.sender)
        self.store.keep(handled.events)
        self.store.place += len(handled.events)
        if handled.stream in self.store.people:
            self._last[str(fact.subject)] = self.store.person(handled.stream)
        self.names |= {event.moment.position: event.fact for event in handled.events}
        return Outcome(tuple(handled.events), self.names)

    def customer(self, subject: str = CUSTOMER, on: float | None = None) -> Customer:
        """Return a person's record by a name that they have now or had on a day; an empty one for a new name."""
        name = parse_name(subject)
        assert isinstance(name, Subject)
        if stream := self.store.stream_of(name, LAST.at if on is None else day(on)):
            return self.store.person(stream)
        return self._last.get(subject) or Customer(person=NOBODY, streams={NOBODY: 0})

    def link(self, one: str, other: str, on: float) -> Shop:
        """Join two people: both names lead to one record from here on."""
        return self.given(fact("link", on, {"with": other, "verified": "merge"}, subject=one, fact_id="link"))

    def erase(self, on: float, subject: str = CUSTOMER) -> Shop:
        """Forget a person: `/shop erase`."""
        return self.given(fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id="erase"))

    def make(self, cls: type[_E], on: float, subject: str = CUSTOMER, **fields: Any) -> _E:  # noqa: ANN401 - any event's
        """Return an event that the ledger itself makes, next on a person's stream; it is not folded."""
        person = self.customer(subject)
        envelope: dict[str, Any] = {"actor": "test", "source": SOURCE, "fact_id": "made", "policy": "2016-03-14"}
        return cls(
            originator_id=person.person,
            originator_version=person.version_of(person.person) + 1,
            occurred_at=day(on),
            position=self.store.place + 1,
            **envelope,
            **fields,
        )

    def again(self, outcome: Outcome, subject: str = CUSTOMER) -> set[str]:
        """Return the codes of what is found wrong with a fact now, after others have been told of."""
        event = outcome.events[0]
        return {found.code for found in self.judge.judge(self.customer(subject), self.company, event)}

    def tests(self, outcome: Outcome, subject: str = CUSTOMER) -> bool:
        """Tell whether a fact put any rule to the test."""
        case = self.judge.case(self.customer(subject), self.company, outcome.events[0])
        return any(type(case.event) in rule.concerns and rule.is_tested(case) for _, rule in self.judge.rules)

    def settled(self, on: float, subject: str = CUSTOMER) -> list[Settled]:
        """Return what time has decided about a person by the first instant of a day."""
        return [self.settled_by_name(settled) for _, settled in self.judge.settle(self.customer(subject), day(on))]

    def settled_by_name(self, settled: by_position.Settled) -> Settled:
        """Return what time has decided, with the names of facts."""
        return Settled(
            settled.status,
            self.names[settled.event] if settled.event else "",
            settled.at,
            settled.code,
            tuple(self.names[one] for one in settled.events),
            None if settled.remedied is None else self.names[settled.remedied],
        )

    def is_enrolled(self, program: str = "email_marketing", on: float = 10_000, subject: str = CUSTOMER) -> bool:
        """Tell whether a person is enrolled, and lawfully so, at the end of a day's first instant."""
        return self.judge.is_enrolled(self.customer(subject), Program(program), end_of(day(on)))

    def state(self, program: str = "email_marketing", on: float = 10_000) -> str | None:
        """Return what last happened to the subscription: enrolled, opted_out, ended, or None."""
        change = self.customer().subscription(Program(program), end_of(day(on)))
        return change.state if change else None


def judging(rule: Rule, **seconds: int) -> Shop:
    """Return a shop under a policy whose only promise, X1, has this rule, and which has other parameters."""
    return Shop(with_rule(rule, with_parameters(**seconds)))
