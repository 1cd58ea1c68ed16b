"""Traces: a history as a list of facts, taken through the same decisions as a ledger would, without one.

Promise: facts are told in order of time, ties by line, so that each is decided on what had happened by then; the events
that come out are those which a ledger would hold, with the line in the place of the position. Names are resolved as a
ledger resolves them: an unknown one is attached, two that have streams make these one person's, a gift joins nobody,
and whoever returns after an erasure is met by what they are still owed. Refused: a fact under the name of another with
other content. No key is involved: a reference stands for its own code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

from domain.consequences import Consequences
from domain.decide import Decider, decide_of_company, decide_of_visitor
from domain.events.customer import CustomerErased, CustomersLinked, SuppressionRecalled
from domain.facts import CompanyFact, Fact, VisitorFact
from domain.facts.data import Collection, CustomerData, Erasure
from domain.policy.judge import Judge
from domain.records import customer as customer_fold
from domain.records.company import Company
from domain.records.customer import LAST, Customer
from domain.records.visitor import Visitor
from domain.stamp import Stamp
from domain.vocabulary import Act, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from domain.events import Event
    from domain.facts.fields import Subject
    from domain.policy.model import Policy

_SPACE: Final = UUID("9d1b6a52-5c0e-5f6e-8a0e-1b1f6c9a7d10")
_EVENTS_OF_A_LINE: Final = 2**20
"""Positions that each line has for the events that its fact makes."""


class Line(NamedTuple):
    """A fact, and the number of the line on which it stands."""

    number: int
    fact: Fact


class Owed(NamedTuple):
    """What somebody is owed after an erasure: to be left alone in a program, or to be treated as a child (None)."""

    program: Program | None
    since: datetime


@dataclass(slots=True)
class History:
    """What a trace comes to: the events of each person, of each browser and of the company."""

    company: Company
    of_company: list[Event] = field(default_factory=list)
    of_people: list[list[Event]] = field(default_factory=list)
    of_visitors: list[list[Event]] = field(default_factory=list)


def replay(lines: Iterable[Line], policy: Policy) -> History:
    """Tell facts to a ledger of none but these, in order of time, and give what it would hold."""
    teller = _Teller(policy)
    for line in sorted(lines, key=lambda line: (line.fact.time, line.number)):
        teller.tell(line)
    return teller.history()


class _Teller:
    """A ledger in memory, while facts are told to it."""

    def __init__(self, policy: Policy) -> None:
        self.judge = Judge(policy)
        self.envelope: dict[str, Any] = {"actor": "", "policy": policy.version}
        self.company = Company(uuid5(_SPACE, "company"))
        self.of_company: list[Event] = []
        self.visitors: dict[UUID, tuple[Visitor, list[Event]]] = {}
        self.names: dict[Subject, UUID] = {}
        self.people: dict[UUID, Customer] = {}
        self.events: dict[UUID, list[Event]] = {}
        self.owed: dict[Subject, tuple[Owed, ...]] = {}

    def tell(self, line: Line) -> None:
        """Take one fact in."""
        fact = line.fact
        if isinstance(fact, CompanyFact):
            stamp = self._stamp(line, self.company.stream, self.company.version)
            self.of_company += decide_of_company(self.judge, self.company, fact, stamp).events
        elif isinstance(fact, VisitorFact):
            stream = uuid5(_SPACE, str(fact.subject))
            visitor, events = self.visitors.setdefault(stream, (Visitor(stream), []))
            stamp = self._stamp(line, stream, visitor.version)
            events += decide_of_visitor(self.judge, visitor, self.company, fact, stamp).events
        else:
            self._tell_of_customer(line)

    def history(self) -> History:
        """Give what has been told, person by person: streams that are one person's are one history."""
        of_people: dict[int, list[Event]] = {}
        for stream, events in self.events.items():
            of_people.setdefault(id(self.people[stream]), []).extend(events)
        of_visitors = [events for _, events in self.visitors.values()]
        return History(self.company, self.of_company, list(of_people.values()), of_visitors)

    def _tell_of_customer(self, line: Line) -> None:
        fact = line.fact
        stream, others, unknown = self._resolve(line)
        customer = self.people[stream]
        made = 0
        if others:
            made = self._join(line, stream, others)
        customer = self.people[stream]
        for event in self._recalled(line, stream, customer, unknown, made):
            self._keep(event)
            made += 1
        if isinstance(fact.data, Erasure):
            self._erase(line, customer, made, fact.data.request)
            return
        decider = Decider(self.judge, customer, self.company, lambda _, reference: reference)
        for event in decider.decide(fact, self._stamp(line, stream, customer.streams[stream], made)).events:
            self._keep(event)

    def _resolve(self, line: Line) -> tuple[UUID, list[UUID], list[Subject]]:
        """Give the stream to write to, those that turn out to be the same person's, and the names that were new."""
        fact = line.fact
        assert fact.subject is not None, "a fact about a customer names one"
        assert isinstance(fact.data, CustomerData), "and its data is a customer's"
        is_gift = isinstance(fact.data, Collection) and fact.data.act is Act.GIFT
        streams: list[UUID] = []
        unknown: list[Subject] = []
        for name in dict.fromkeys((fact.subject, *fact.data.also)):
            stream = self.names.get(name)
            if stream is None:
                unknown.append(name)
            elif name == fact.subject or not is_gift:
                streams.append(stream)
        if not streams:
            stream = uuid5(_SPACE, f"{line.number} {fact.subject}")
            self.people[stream] = Customer(person=stream, streams={stream: 0})
            self.events[stream] = []
            streams.append(stream)
        for name in unknown:
            self.names[name] = streams[0]
        first = self.people[streams[0]]
        return streams[0], [each for each in streams[1:] if self.people[each] is not first], unknown

    def _join(self, line: Line, stream: UUID, others: Iterable[UUID]) -> int:
        """Make streams one person's, and give how many events that made."""
        customer = self.people[stream]
        for other in others:
            absorbed = self.people[other]
            if absorbed is not customer:
                customer.absorb(absorbed)
                for own in absorbed.streams:
                    self.people[own] = customer
        streams = list(customer.streams)
        events: list[Event] = []
        for made, own in enumerate(streams):
            stamp = self._stamp(line, own, customer.streams[own], made)
            rest = tuple(each for each in streams if each != own)
            linked = stamp.make(CustomersLinked, person=min(streams, key=str), others=rest)
            customer_fold.evolve(customer, linked)
            events.append(linked)
        stamp = self._stamp(line, stream, customer.streams[stream], len(streams))
        events += Consequences(self.judge, customer, self.company).of_joining(stamp)
        for event in events:
            self._keep(event)
        return len(events)

    def _recalled(
        self, line: Line, stream: UUID, customer: Customer, names: Iterable[Subject], made: int
    ) -> Iterator[Event]:
        """Give what whoever had these names before an erasure is still owed."""
        stamp = self._stamp(line, stream, customer.streams[stream], made)
        for owed in dict.fromkeys(debt for name in names for debt in self.owed.get(name, ())):
            under = 13 if owed.program is None else None
            event = stamp.make(SuppressionRecalled, at=owed.since, program=owed.program, under=under)
            customer_fold.evolve(customer, event)
            yield event

    def _erase(self, line: Line, customer: Customer, made: int, request: str | None) -> None:
        """Forget a person, and their names, but not what they are owed."""
        owed = [
            Owed(program, opted_out.moment.at)
            for program in Program
            if (opted_out := self.judge.opted_out(customer, program, LAST)) is not None
        ]
        if customer.child_since is not None:
            owed.append(Owed(None, customer.child_since.at))
        for number, own in enumerate(customer.streams):
            stamp = self._stamp(line, own, customer.streams[own], made + number)
            event = stamp.make(CustomerErased, key_id="", receipt="", request=request)
            customer_fold.evolve(customer, event)
            self._keep(event)
        for name in [name for name, stream in self.names.items() if stream in customer.streams]:
            del self.names[name]
            self.owed[name] = (*self.owed.get(name, ()), *owed)

    def _keep(self, event: Event) -> None:
        self.events[event.originator_id].append(event)

    def _stamp(self, line: Line, stream: UUID, version: int, made: int = 0) -> Stamp:
        return Stamp.of(line.fact, stream, version, line.number * _EVENTS_OF_A_LINE + made, self.envelope)
