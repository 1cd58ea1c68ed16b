"""Planning a batch: resolve, decide and seal many facts against the records, without writing.

Promise: a plan holds all rows that the batch is to insert and the answer of each order, with positions counted from the
plan's own start. Facts of one person are decided in the order in which they came, each on what the ones before it
made. An order that cannot be planned gets its error, and the others do not notice. Planning leaves the records ahead of
the log: they are confirmed when the plan is committed, or forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from adapters.ledger.joining import same_codes
from adapters.ledger.plan import Plan
from adapters.ledger.receipt import Order, Permission, Receipt
from adapters.ledger.records import Person
from adapters.ledger.repeats import FactKey, find_repeats, other_content
from adapters.ledger.resolution import Resolver, expect, names_in
from adapters.postgres.mapper import to_row
from domain.consequences import Consequences
from domain.decide import Decider, Decision, decide_of_company, decide_of_visitor
from domain.errors import PledgerError
from domain.events.customer import CustomerErased, CustomersLinked, SuppressionRecalled
from domain.facts import CompanyFact, Fact, VisitorFact
from domain.facts.data import CustomerData, Erasure
from domain.records import customer as customer_fold
from domain.records.customer import LAST, Customer
from domain.records.visitor import Visitor
from domain.refusals import objections
from domain.stamp import Stamp, company_event, visitor_event
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from adapters.keys.keyring import StreamKey
    from adapters.ledger.records import Records
    from domain.events import Event
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge


UNDER_AGE: Final = "under_13"
"""What the suppression list says of a child; an opt-out stands there by its program."""


class Planner:
    """Plans batches for one ledger."""

    def __init__(self, records: Records, judge: Judge, policy_version: str) -> None:
        self.records = records
        self.keyring = records.keyring
        self.judge = judge
        self.policy_version = policy_version
        self.resolver = Resolver(records)

    def plan(self, orders: Sequence[Order], *, look_up: bool) -> Plan:
        """Plan as many orders as one transaction can hold; an erasure ends it, and the rest is left over.

        With `look_up`, facts that are in the log already are found and answered; without it they are taken for new, and
        the append finds out under the lock.
        """
        repeats = find_repeats(self.records, [order.fact for order in orders]) if look_up else {}
        new: dict[FactKey, Order] = {}
        self._prepare([order.fact for order in orders if _key(order.fact) not in repeats])
        plan = Plan(start=max(self.records.head, 0))  # Reading may have shown that the log is longer than was known.
        for index, order in enumerate(orders):
            key = _key(order.fact)
            try:
                if key in repeats:
                    plan.answers.append((order, repeats[key].answer(order.fact)))
                elif (first := new.get(key)) is not None:
                    if order.fact.content() != first.fact.content():
                        raise other_content(order.fact)
                    plan.repeats.append((order, first))
                else:
                    plan.answers.append((order, self._append(plan, order)))
                    new[key] = order
            except PledgerError as error:
                plan.answers.append((order, error))
            if plan.erased:
                plan.left_over = list(orders[index + 1 :])
                break
        return plan

    def ask(self, fact: Fact) -> Permission:
        """Judge a fact as if it were to be enforced; whom nobody knows has no past."""
        if isinstance(fact.data, Erasure):
            return Permission(allowed=True, findings=())
        self._prepare([fact])
        plan = Plan(start=max(self.records.head, 0))
        company = self.records.company()
        if isinstance(fact, CompanyFact):
            stamp = self._stamp(plan, Order(fact, fact.source), company.stream, company.version)
            return self._permission(Customer(person=company.stream), company_event(fact, stamp))
        if isinstance(fact, VisitorFact):
            visitor = self._visitor(plan, fact)
            stamp = self._stamp(plan, Order(fact, fact.source), visitor.stream, visitor.version)
            return self._permission(Customer(person=visitor.stream), visitor_event(fact, stamp), visitor)
        streams = [stream for name in names_in(fact) if (stream := self.resolver.stream_of(plan, name))]
        if streams:
            person = self.records.people[streams[0]]
        else:
            stream = uuid4()
            person = Person(Customer(person=stream, streams={stream: 0}), {stream: self.keyring.new()})
            streams = [stream]
        decider = Decider(self.judge, person.customer, company, person.code)
        version = person.customer.streams[streams[0]]
        event = decider.main_event(fact, self._stamp(plan, Order(fact, fact.source), streams[0], version))
        return self._permission(person.customer, event)

    def _permission(self, customer: Customer, event: Event, visitor: Visitor | None = None) -> Permission:
        company = self.records.company()
        findings = objections(self.judge, company, event, self.judge.judge(customer, company, event, visitor))
        return Permission(allowed=not findings, findings=findings)

    # New facts

    def _prepare(self, facts: Iterable[Fact]) -> None:
        """Read what the batch needs of names and people in as few queries as there are kinds of them."""
        names = {name for fact in facts if isinstance(fact.data, CustomerData) for name in names_in(fact)}
        known = self.records.names
        if not names <= known.keys():
            self.records.find(name for name in names if name.kind != "id")
        self.records.load({stream for name in names if (stream := known.get(name))})
        self.records.company()

    def _append(self, plan: Plan, order: Order) -> Receipt:
        fact = order.fact
        if isinstance(fact, CompanyFact):
            stream, decision = self._about_company(plan, order)
            key = self.records.company_key
            keys: Mapping[UUID, StreamKey | None] = {stream: key}
        elif isinstance(fact, VisitorFact):
            stream, decision = self._about_visitor(plan, order)
            key = self.keyring.visitor_facts
            keys = {stream: None}
        else:
            stream, person, decision = self._about_customer(plan, order)
            key = person.keys[stream]
            keys = person.keys
        assert key is not None, "every stream that is written to has a key for its contents"
        for event in decision.events:
            owner = keys.get(event.originator_id)
            plan.rows.append(to_row(event, owner.dek if owner else None))
        place = len(plan.rows)
        count, flagged = len(decision.events), bool(decision.findings)
        plan.facts.append((fact.source, fact.id, key.content(fact.content()), stream, place, count, flagged))
        return Receipt(fact.name, plan.start + place, count, decision.findings, decision.refused)

    def _stamp(self, plan: Plan, order: Order, stream: UUID, version: int, made: int = 0) -> Stamp:
        place = plan.start + len(plan.rows) + made
        return Stamp.of(order.fact, stream, version, place, {"actor": order.actor, "policy": self.policy_version})

    def _about_company(self, plan: Plan, order: Order) -> tuple[UUID, Decision]:
        company = self.records.company()
        expect(order, company.version)
        plan.streams.setdefault(company.stream, company.version)
        stamp = self._stamp(plan, order, company.stream, company.version)
        return company.stream, decide_of_company(self.judge, company, order.fact, stamp)

    def _about_visitor(self, plan: Plan, order: Order) -> tuple[UUID, Decision]:
        visitor = self._visitor(plan, order.fact)
        stream = visitor.stream
        expect(order, visitor.version)
        plan.visitors[stream] = visitor
        plan.streams.setdefault(stream, visitor.version)
        company = self.records.company()
        plan.streams.setdefault(company.stream, company.version)
        stamp = self._stamp(plan, order, stream, visitor.version)
        return stream, decide_of_visitor(self.judge, visitor, company, order.fact, stamp)

    def _visitor(self, plan: Plan, fact: Fact) -> Visitor:
        """Give the record of the browser that a fact is about; one that nobody knows gets a stream in the plan."""
        assert fact.subject is not None, "the contract gives every fact about a browser a subject"
        digest = self.keyring.name(fact.subject)
        if (stream := plan.visitor_names.get(digest)) is None:
            found = self.records.fetch("visitor_names", digests=[digest])
            if found:
                stream = found[0][1]
            else:
                stream = plan.visitor_names[digest] = uuid4()
                plan.visitors[stream] = Visitor(stream)
        return plan.visitors.get(stream) or self.records.visitor(stream)

    def _about_customer(self, plan: Plan, order: Order) -> tuple[UUID, Person, Decision]:
        stream, person, others, new_names = self.resolver.resolve(plan, order)
        first: list[Event] = []
        if others:
            self.resolver.merge(plan, person, others)
            first += self._linked(plan, order, stream, person)
        customer = person.customer
        if id(person) not in plan.people:
            plan.people[id(person)] = person
            for own, version in customer.streams.items():
                plan.streams.setdefault(own, version)
        if new_names:
            first += self._recalled(plan, order, stream, customer, new_names, len(first))
        if isinstance(order.fact.data, Erasure):
            return stream, person, Decision((*first, *self._erased(plan, order, person, len(first))))
        company = self.records.company()
        plan.streams.setdefault(company.stream, company.version)
        decider = Decider(self.judge, customer, company, person.code)
        decision = decider.decide(order.fact, self._stamp(plan, order, stream, customer.streams[stream], len(first)))
        return stream, person, replace(decision, events=(*first, *decision.events)) if first else decision

    def _linked(self, plan: Plan, order: Order, stream: UUID, person: Person) -> Iterable[Event]:
        """Give the events that join all streams of a person, and what follows from the join."""
        streams = list(person.customer.streams)
        pairs = same_codes(self.records, plan, person)
        for made, own in enumerate(streams):
            stamp = self._stamp(plan, order, own, person.customer.streams[own], made)
            others = tuple(other for other in streams if other != own)
            event = stamp.make(CustomersLinked, person=min(streams, key=str), others=others, same_codes=pairs)
            customer_fold.evolve(person.customer, event)
            yield event
        stamp = self._stamp(plan, order, stream, person.customer.streams[stream], len(streams))
        yield from Consequences(self.judge, person.customer, self.records.company()).of_joining(stamp)

    def _recalled(  # noqa: PLR0913, PLR0917 - where the events go, and what they say
        self, plan: Plan, order: Order, stream: UUID, customer: Customer, names: Iterable[Subject], made: int
    ) -> Iterable[Event]:
        """Give what the suppression list owes to whoever has these names, each at the time since when it is owed."""
        owed = {debt: since for name in names for debt, since in self.records.owed.get(name, ())}
        stamp = self._stamp(plan, order, stream, customer.streams[stream], made)
        for debt, since in owed.items():
            if debt == UNDER_AGE:
                event = stamp.make(SuppressionRecalled, at=since, under=13)
            else:
                event = stamp.make(SuppressionRecalled, at=since, program=Program(debt))
            customer_fold.evolve(customer, event)
            yield event

    def _owed(self, customer: Customer) -> dict[str, datetime]:
        """Give what must not be forgotten with a person: where they opted out, and that they are a child."""
        owed: dict[str, datetime] = {}
        for program in Program:
            opted_out = self.judge.opted_out(customer, program, LAST)
            if opted_out is not None:
                owed[program] = opted_out.moment.at
        if customer.child_since is not None:
            owed[UNDER_AGE] = customer.child_since.at
        return owed

    def _erased(self, plan: Plan, order: Order, person: Person, made: int) -> Iterable[Event]:
        request = order.fact.data.request if isinstance(order.fact.data, Erasure) else None
        owed = self._owed(person.customer)
        for own in list(person.customer.streams):
            stamp = self._stamp(plan, order, own, person.customer.streams[own], made)
            key_id, receipt = self.keyring.destroyed(own, person.keys.get(own))
            event = stamp.make(CustomerErased, key_id=key_id, receipt=receipt, request=request)
            customer_fold.evolve(person.customer, event)
            made += 1
            yield event
        plan.erased = tuple(person.customer.streams)
        plan.owed = owed


def _key(fact: Fact) -> FactKey:
    return fact.source, fact.id
