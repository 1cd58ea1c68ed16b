"""Whom a fact is about: from the names in it to a stream, and to everybody who turns out to be the same person.

Promise: an unknown name is attached to the person; two names that have streams already make those one person's. A gift
never joins anyone. Whatever can be wrong with the names is found before anything is changed. Refused: an id that is no
customer's stream, and one whose customer was erased.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID, uuid4

from adapters.ledger.records import Person
from domain.errors import PledgerError, UnknownCustomer, VersionConflict
from domain.events import CUSTOMER, event_class
from domain.facts.data import Collection, CustomerData
from domain.records.customer import Customer
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adapters.ledger.plan import Plan
    from adapters.ledger.receipt import Order
    from adapters.ledger.records import Records
    from domain.facts import Fact
    from domain.facts.fields import Subject


STREAMS_MAX: Final = 50
"""How many streams may be one person's: more are a shared name sent by mistake, and a join cannot be undone."""


class TooManyStreams(PledgerError):
    """A fact would join more streams than one person can have."""

    code = "too_many_streams"


class Resolved(NamedTuple):
    """Whom a fact is about: the stream to write to, the person, who else turns out to be that person, and new names."""

    stream: UUID
    person: Person
    others: Sequence[Person] = ()
    new_names: Sequence[Subject] = ()


class Resolver:
    """Resolves names against the records and the plan under way."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.keyring = records.keyring

    def stream_of(self, plan: Plan, name: Subject) -> UUID | None:
        """Give the stream that a name stands for, within what the plan has attached already; None: nobody's."""
        return self._by_id(name.value) if name.kind == "id" else self._living(plan, name)

    def resolve(self, plan: Plan, order: Order) -> Resolved:
        """Find whom a fact is about.

        Whatever can be wrong with the names is found before anything is changed.
        """
        names = names_in(order.fact)
        if len(names) == 1 and (stream := self.stream_of(plan, names[0])) is not None:
            person = self.records.people[stream]
            expect(order, person.customer.streams[stream])
            return Resolved(stream, person)
        unknown: list[Subject] = []
        streams: list[UUID] = []
        data = order.fact.data
        is_gift = isinstance(data, Collection) and data.act is Act.GIFT  # A gift never joins anyone.
        for name in names:
            stream = self.stream_of(plan, name)
            if stream is None:
                unknown.append(name)
            elif name == order.fact.subject or not is_gift:
                streams.append(stream)
        people = self.records.people
        if len({own for one in streams for own in people[one].customer.streams}) > STREAMS_MAX:
            raise _too_many()
        expect(order, people[streams[0]].customer.streams[streams[0]] if streams else 0)
        stream = streams[0] if streams else self._open(plan)
        for name in unknown:
            plan.named[name] = stream
            plan.names[self.keyring.name(name)] = stream
        person = people[stream]
        others = {id(people[one]): people[one] for one in streams if people[one] is not person}
        return Resolved(stream, person, list(others.values()), unknown)

    def _living(self, plan: Plan, name: Subject) -> UUID | None:
        """Give the stream of a name; once that was erased, the name is nobody's, or somebody else's now."""
        records = self.records
        stream = records.names.get(name) or plan.named.get(name)
        if stream is None:
            return None
        if stream not in records.people:
            records.load([stream])
        if not records.people[stream].customer.erased:
            return stream
        records.names.pop(name, None)
        records.find([name])
        stream = records.names.get(name)
        if stream is not None:
            records.load([stream])
        return stream

    def merge(self, plan: Plan, person: Person, others: Iterable[Person]) -> None:
        """Let one record hold what is known of several people, who turned out to be one."""
        for other in others:
            plan.people[id(other)] = other
            for own, version in {**person.customer.streams, **other.customer.streams}.items():
                plan.streams.setdefault(own, version)
            for own in other.customer.streams:
                self.records.people[own] = person
            person.customer.absorb(other.customer)
            person.keys |= other.keys

    def _by_id(self, text: str) -> UUID:
        try:
            stream = UUID(text)
        except ValueError:
            raise _nobody("it is not a UUID.") from None
        # Other kinds of streams have ids too, and their events are not a customer's.
        topics = self.records.fetch("first_topic", stream=stream)
        if stream not in self.records.people and not topics:
            raise _nobody("no customer's stream has it.")
        if topics and event_class(topics[0][0]).stream_kind != CUSTOMER:
            raise _nobody("no customer's stream has it.")
        self.records.load([stream])
        customer = self.records.people[stream].customer
        if customer.erased:
            raise _nobody("that customer has been erased.")
        return stream

    def _open(self, plan: Plan) -> UUID:
        stream = uuid4()
        key = self.keyring.new()
        customer = Customer(person=stream, streams={stream: 0})
        self.records.people[stream] = Person(customer, {stream: key}, self.records.epoch)
        plan.keys[stream] = self.keyring.wrap(stream, key)
        return stream


def names_in(fact: Fact) -> tuple[Subject, ...]:
    """Give the names of the person that a fact is about, its subject first."""
    assert fact.subject is not None, "a fact about a customer names one"
    assert isinstance(fact.data, CustomerData), "and its data is a customer's"
    return tuple(dict.fromkeys((fact.subject, *fact.data.also))) if fact.data.also else (fact.subject,)


def expect(order: Order, version: int) -> None:
    """Raise `VersionConflict` where the writer expects the stream to be at another version."""
    if order.expected_version is not None and order.expected_version != version:
        raise VersionConflict(expected=order.expected_version, actual=version)


def _nobody(why: str) -> UnknownCustomer:
    return UnknownCustomer("There is no customer of this id.", why, "Name the customer as the service knows them.")


def _too_many() -> TooManyStreams:
    return TooManyStreams(
        "The fact was not stored.",
        f"its names would join more than {STREAMS_MAX} streams; one of the names is likely not one person's own.",
        "Leave out the name that several people share, such as the shop's own address, and send the fact again.",
    )
