"""What the appending side remembers between batches: people, the company and names.

Deciding needs no read of what is remembered. A remembered record can be old once other processes append, so a batch
says which versions it rests on, and the insertion makes sure of them under the lock. Nothing here writes.

An **epoch** is a number that grows each time somebody else is seen to have appended. A record with the present number
is up to date; one with a smaller number may be old. Inside `checked`, and after `mistrust`, such records are brought up
to date from the tails of their streams before they are handed out.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from adapters.ledger.known_names import KnownNames
from adapters.ledger.person import Person
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from domain.events.base import CUSTOMER
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.records import evolve
from domain.records.company import Company
from domain.records.contacts import Contacts, Point
from domain.records.customer import Customer
from domain.records.moving import move
from domain.records.parted import without_undone
from domain.records.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring, StreamKey
    from domain.events import Event
    from domain.facts.addresses import Addresses

PEOPLE_MAX: Final = 20_000
NAMES_MAX: Final = 200_000
UNKNOWN: Final = -1
"""Stands for the head of the log where a plan rests on records that may be old."""


class Records(KnownNames):
    """The cache of records, each with the epoch in which it was last up to date."""

    def __init__(
        self, connection: psycopg.Connection[Any], keyring: Keyring, company_stream: UUID, addresses: Addresses
    ) -> None:
        super().__init__(connection, keyring)
        self.addresses = addresses
        self.company_stream = company_stream
        self.head = UNKNOWN
        self.epoch = 0
        self.owed_changes = 0
        """How often something was owed without an event, when what binds contact points was looked up."""
        self.people: dict[UUID, Person] = {}
        self.visitors: dict[UUID, Visitor] = {}
        self._company: Company | None = None
        self._company_epoch = -1
        self.company_key: StreamKey | None = None
        self.checks = False
        """Whether records of an older epoch are brought up to date before they are handed out."""
        self._is_alone = False
        """Whether nobody else was seen to append since records were mistrusted last."""

    def mistrust(self, head: int, owed_changes: int) -> None:
        """Begin an epoch: from now on, bring records up to date with the log at `head` before handing them out."""
        self.head = head
        self.owed_changes = owed_changes
        self.epoch += 1
        self._is_alone = True
        self.checks = True
        self.spans.clear()
        self.drop_bindings()

    @contextmanager
    def checked(self, head: int, owed_changes: int) -> Iterator[None]:
        """Inside the block, hand out only records that are up to date with the log at `head`, read without a lock."""
        if head != self.head or owed_changes != self.owed_changes:
            self.mistrust(head, owed_changes)
        self.checks = True
        try:
            yield
        finally:
            self.checks = False

    def trim(self) -> None:
        """Empty the caches that have grown too large. Call it between batches, when no fact is half decided."""
        self.checks = False
        self.owed.clear()
        self.spans.clear()
        if len(self.people) > PEOPLE_MAX or len(self.looked_up) > NAMES_MAX:
            self.people.clear()
            self.drop_bindings()
        if len(self.visitors) > PEOPLE_MAX:
            self.visitors.clear()
        if len(self.names) > NAMES_MAX:
            self.names.clear()

    def appended(self, base: int, count: int, people: Iterable[Person], streams: Container[UUID]) -> None:
        """Take note of our own commit; what it was decided from was up to date under the lock."""
        if base != self.head:
            self.epoch += 1
            self._is_alone = False
        self.head = base + count
        for person in people:
            person.epoch = self.epoch
        if self.company_stream in streams and self._company is not None:
            self._company_epoch = self.epoch

    def are_new(self, people: Iterable[Person], streams: Container[UUID]) -> bool:
        """Return whether these records are of the present epoch; the company's counts if its stream is among them."""
        if self.company_stream in streams and self._company_epoch != self.epoch:
            return False
        return all(person.epoch == self.epoch for person in people)

    def moved(self, people: Iterable[Person], visitors: Iterable[UUID], by: int, after: int) -> None:
        """Let records name the events of our own commit, planned after a position, where they came to stand."""
        for person in people:
            move(person.customer, by, after)
        for stream in visitors:
            self.visitors.pop(stream, None)
        self._company = None

    def company(self) -> Company:
        """Return the company's record."""
        if self._company is None or (self.checks and self._company_epoch != self.epoch):
            self._company = self._company or Company(self.company_stream)
            for event in self._tails({self.company_stream: self._company.version}):
                evolve(self._company, event)
            if self.checks:
                self._company_epoch = self.epoch
        return self._company

    def load_company_key(self) -> None:
        """Read the key of the Company stream."""
        for stream, wrapped in self.fetch("stream_keys", streams=[self.company_stream]):
            self.company_key = self.keyring.unwrap(stream, wrapped)

    def begin(self, *, is_late: bool = False) -> tuple[UUID, StreamKey]:
        """Return a new stream with its key, and remember the person who is told of there."""
        stream, key = uuid4(), self.keyring.new()
        customer = Customer(stream, {stream: 0}, contacts=Contacts(bound=self.bindings), is_late=is_late)
        self.people[stream] = Person(customer, {stream: key}, self.epoch)
        return stream, key

    def load(self, streams: Iterable[UUID]) -> None:
        """Make sure that the people of these streams are remembered, with everybody who is linked to them."""
        wanted = set(streams)
        while missing := [stream for stream in wanted if stream not in self.people]:
            self._load_new(missing)
            for stream in missing:
                wanted.update(self.people[stream].customer.linked)
        if self.checks:
            self._check(wanted)
        points = (point for stream in wanted for point in self.people[stream].customer.contacts.points.values())
        self.find_bindings(point.key for point in points if isinstance(point.key, bytes))

    def person_of(self, stream: UUID) -> Person:
        """Return the person of a stream, loaded unless they are remembered."""
        person = self.people.get(stream)
        if person is None:
            self.load([stream])
            person = self.people[stream]
        return person

    def drop(self, people: Iterable[Person], visitors: Iterable[UUID] = ()) -> None:
        """Drop records that may be ahead of the log, and the company's. Names stay: a stream says if its name ended."""
        for person in people:
            for stream in person.customer.streams:
                self.people.pop(stream, None)
        for stream in visitors:
            self.visitors.pop(stream, None)
        self._company = None
        self.drop_bindings()

    def read_again(self, streams: Iterable[UUID]) -> None:
        """Drop the records of people who were erased or parted in what is committed, and look up what binds them."""
        points: set[bytes] = set()
        for person in [self.people[stream] for stream in streams if stream in self.people]:
            points.update(key for _, key in person.customer.contacts.points.values() if isinstance(key, bytes))
            for stream in person.customer.streams:
                self.people.pop(stream, None)
        self.look_up_again(points)

    def drop_all(self) -> None:
        """Drop every record."""
        self.people.clear()
        self.drop((), self.visitors.copy())

    def visitor(self, stream: UUID) -> Visitor:
        """Return a browser's record as it stands in the log."""
        visitor = self.visitors.setdefault(stream, Visitor(stream))
        for event in self._tails({stream: visitor.version}):
            evolve(visitor, event)
        return visitor

    def _load_new(self, streams: list[UUID]) -> None:
        # Read outside of a lock they may be old the next moment, so they belong to no epoch yet. Where nobody else has
        # appended, the log shows under the lock whether that is still so, and then they are as new as all others.
        epoch = self.epoch if self.checks or self._is_alone else -1
        for stream in streams:
            customer = Customer(person=stream, streams={stream: 0}, contacts=Contacts(bound=self.bindings))
            self.people[stream] = Person(customer, epoch=epoch)
        for stream, ordinal, kind, digest in self.fetch("contact_points", streams=streams):
            self.people[stream].customer.contacts.points[stream, ordinal] = Point(kind, digest)
        for stream, wrapped in self.fetch("stream_keys", streams=streams):
            self.people[stream].keys[stream] = self.keyring.unwrap(stream, wrapped)
        events = self._tails(dict.fromkeys(streams, 0))
        # An id may name the company or a browser; that is not a person's record.
        for event in without_undone(event for event in events if event.stream_kind == CUSTOMER):
            self._fold(event)
        self._drop_destroyed_keys(self.people[stream] for stream in streams)

    def lead(self, streams: Iterable[UUID], stream: UUID) -> None:
        """Let streams lead to the record of another one, which has taken over all that theirs held."""
        person = self.people[stream]
        for other in {id(one): one for one in map(self.people.__getitem__, streams)}.values():
            person.keys |= other.keys
            person.epoch = min(person.epoch, other.epoch)
        self.people |= dict.fromkeys(streams, person)

    def _fold(self, event: Event) -> None:
        """Fold an event about a person; a link joins the records of those whom it links, as far as they are here."""
        person = self.people[event.originator_id]
        others = event.others if isinstance(event, CustomersLinked) else ()
        joined = [self.people[other].customer for other in others if other in self.people]
        evolve(person.customer, event, joined)
        self.lead([stream for one in joined for stream in one.streams], event.originator_id)

    def _check(self, streams: Iterable[UUID]) -> None:
        """Bring records of an older epoch up to date from the tails of their streams."""
        stale = {id(person): person for stream in streams if (person := self.people[stream]).epoch != self.epoch}
        after = {own: version for person in stale.values() for own, version in person.customer.streams.items()}
        if not after:
            return
        for stream, ordinal, kind, digest in self.fetch("contact_points", streams=list(after)):
            self.people[stream].customer.contacts.points[stream, ordinal] = Point(kind, digest)
        events = list(self._tails(after))
        if any(isinstance(event, CustomersUnlinked) for event in events):
            # What a record took over from another one cannot be told apart in it any more.
            for stream in after:
                self.people.pop(stream, None)
            self.load(streams)
            return
        for person in stale.values():
            person.epoch = self.epoch  # A link to a record that is old makes this one old again.
        for event in events:
            self._fold(event)
        self._drop_destroyed_keys(stale.values())
        if newly := {other for person in stale.values() for other in person.customer.linked} - set(after):
            self.load(newly | set(after))

    @staticmethod
    def _drop_destroyed_keys(people: Iterable[Person]) -> None:
        """Forget the keys of people whom another process has erased."""
        for person in people:
            if person.customer.erased:
                person.keys.clear()

    def _tails(self, after: dict[UUID, int]) -> Iterable[Event]:
        rows = [EventRow(*row) for row in self.fetch("stream_tails", streams=list(after), after=list(after.values()))]
        newest = max((row.position for row in rows), default=0)
        if newest > self.head:
            # Somebody else has appended; and what is planned must stand after everything that it was decided from.
            self.head = newest
            self.epoch += 1
            self._is_alone = False
        return map(to_event, rows)
