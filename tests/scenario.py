"""Given, when, then for decisions: facts in, events and findings out, without a database.

References stand for their own digests. A position is given to each event, in the order in which facts are told, so a
fact that is told later with an earlier time is a late one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid5

from adapters.bootstrap import DEFAULT_POLICY, read_policy
from domain.consequences import Consequences
from domain.decide import Decider, Decision, decide_of_company, decide_of_visitor
from domain.events import Event, Moment
from domain.events.base import UNPLACED
from domain.events.customer import CustomerErased, CustomersLinked
from domain.facts import CompanyFact, VisitorFact
from domain.policy.judge import Judge
from domain.records import customer as customer_fold
from domain.records.company import Company
from domain.records.customer import Customer
from domain.records.visitor import Visitor
from domain.stamp import Stamp
from domain.vocabulary import Program
from tests.controls import CUSTOMER, day

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.policy.model import Policy
    from domain.rules.base import Rule, Settled

SPACE = UUID(int=7)
LINKED: dict[str, str] = {"actor": "test", "source": "/test", "fact_id": "link", "policy": "2016-03-14"}
ERASED: dict[str, str] = {**LINKED, "fact_id": "erase"}
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fact."""

    decision: Decision

    def then(self, *kinds: type[Event]) -> Outcome:
        """Assert that exactly events of these kinds were made, in this order."""
        assert [type(event) for event in self.decision.events] == list(kinds)
        return self

    def breaks(self, *promises: str) -> Outcome:
        """Assert that exactly these promises were found broken, and not excused; none given: nothing was found."""
        assert {found.promise for found in self.decision.findings if not found.excused} == set(promises)
        return self

    def codes(self, promise: str) -> set[str]:
        """Give the codes of the findings under one promise."""
        return {found.code for found in self.decision.findings if found.promise == promise}

    def the(self, kind: type[_E]) -> _E:
        """Give the one event of a kind."""
        (event,) = [event for event in self.decision.events if type(event) is kind]
        assert isinstance(event, kind)
        return event


class Shop:
    """A company and its customers, each told of facts one by one."""

    def __init__(self, policy: Policy | None = None, judge: Judge | None = None) -> None:
        self.judge = judge or Judge(policy or first_policy())
        self.company = Company(uuid5(SPACE, "company"))
        self.people: dict[str, Customer] = {}
        self.visitors: dict[UUID, Visitor] = {}
        self.place = 0

    def given(self, *facts: Fact) -> Shop:
        """Tell of facts, whatever comes of them."""
        for one in facts:
            self.when(one)
        return self

    def when(self, fact: Fact) -> Outcome:
        """Tell of a fact and give what came of it."""
        if isinstance(fact, CompanyFact):
            stamp = self._stamp(fact, self.company.stream, self.company.version)
            decision = decide_of_company(self.judge, self.company, fact, stamp)
            self.place += 1
            return Outcome(decision)
        if isinstance(fact, VisitorFact):
            browser = uuid5(SPACE, str(fact.subject))
            visitor = self.visitors.setdefault(browser, Visitor(browser))
            stamp = self._stamp(fact, browser, visitor.version)
            self.place += 1
            return Outcome(decide_of_visitor(self.judge, visitor, self.company, fact, stamp))
        stream = uuid5(SPACE, str(fact.subject))
        customer = self.customer(str(fact.subject))
        stamp = self._stamp(fact, stream, customer.streams[stream])
        decider = Decider(self.judge, customer, self.company, lambda _, text: text)
        decision = decider.decide(fact, stamp)
        self.place += len(decision.events)
        return Outcome(decision)

    def customer(self, subject: str = CUSTOMER) -> Customer:
        """Give a person's record by one of their names."""
        stream = uuid5(SPACE, subject)
        return self.people.setdefault(subject, Customer(person=stream, streams={stream: 0}))

    def link(self, one: str, other: str, on: float) -> Shop:
        """Join two people: both names answer to one record from here on."""
        customer, absorbed = self.customer(one), self.customer(other)
        customer.absorb(absorbed)
        for stream in list(customer.streams):
            self.place += 1
            others = tuple(each for each in customer.streams if each != stream)
            stamp = Stamp(stream, customer.streams[stream], self.place - 1, day(on), LINKED)
            linked = stamp.make(CustomersLinked, person=customer.person, others=others)
            customer_fold.evolve(customer, linked)
        self.people[other] = customer
        stream = uuid5(SPACE, one)
        stamp = Stamp(stream, customer.streams[stream], self.place, day(on), LINKED)
        self.place += len(list(Consequences(self.judge, customer, self.company).of_joining(stamp)))
        return self

    def erase(self, on: float, subject: str = CUSTOMER) -> Shop:
        """Forget a person: `/test erase`."""
        customer = self.customer(subject)
        for stream, version in list(customer.streams.items()):
            stamp = Stamp(stream, version, self.place, day(on), ERASED)
            customer_fold.evolve(customer, stamp.make(CustomerErased, key_id="", receipt=""))
            self.place += 1
        return self

    def again(self, outcome: Outcome, subject: str = CUSTOMER) -> set[str]:
        """Give the codes of what is found wrong with a fact now, after others have been told of."""
        event = outcome.decision.events[0]
        return {found.code for found in self.judge.judge(self.customer(subject), self.company, event)}

    def tests(self, outcome: Outcome, subject: str = CUSTOMER) -> bool:
        """Tell whether a fact put any rule to the test."""
        case = self.judge.case(self.customer(subject), self.company, outcome.decision.events[0])
        return any(type(case.event) in rule.concerns and rule.is_tested(case) for _, rule in self.judge.rules)

    def settled(self, on: float, subject: str = CUSTOMER) -> list[Settled]:
        """Give what time has decided about a person by the first instant of a day."""
        return [settled for _, settled in self.judge.settle(self.customer(subject), day(on))]

    def is_enrolled(self, program: str = "email_marketing", on: float = 10_000, subject: str = CUSTOMER) -> bool:
        """Tell whether a person is enrolled, and lawfully so, at the end of a day's first instant."""
        return self.judge.is_enrolled(self.customer(subject), Program(program), Moment(day(on), UNPLACED))

    def state(self, program: str = "email_marketing", on: float = 10_000) -> str | None:
        """Give what last happened to the subscription: enrolled, opted_out, ended, or None."""
        change = self.customer().subscription(Program(program), Moment(day(on), UNPLACED))
        return change.state if change else None

    def _stamp(self, fact: Fact, stream: UUID, version: int) -> Stamp:
        envelope: dict[str, Any] = {"actor": "test", "policy": "2016-03-14"}
        return Stamp.of(fact, stream, version, self.place, envelope)


def judging(rule: Rule, **seconds: int) -> Shop:
    """Give a shop under a policy whose only promise, X1, has this rule, and which has other parameters."""
    return Shop(with_rule(rule, with_parameters(**seconds)))
