"""What the appending side remembers between batches: people, the company, names and versions.

Promise: a record that is handed out is as new as the log was when `Records.sync` last looked, however many other
processes append; deciding needs no read of what is remembered and unchanged. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from adapters.mapper import to_event
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from domain import company as company_fold, customer as customer_fold
from domain.company import Company
from domain.customer import Customer

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    import psycopg

    from adapters.ledger.keyring import Keyring, StreamKey
    from domain.events import Event

PEOPLE_MAX: Final = 20_000
NAMES_MAX: Final = 200_000


@dataclass(slots=True)
class Person:
    """One person's folded record, the keys of their streams, and when it was last known to be up to date."""

    customer: Customer
    keys: dict[UUID, StreamKey] = field(default_factory=dict)
    epoch: int = 0


class Records:
    """The cache. An `epoch` ends whenever somebody else is seen to have appended; records of older ones are checked."""

    def __init__(self, connection: psycopg.Connection[Any], keyring: Keyring, company_stream: UUID) -> None:
        self.connection = connection
        self.keyring = keyring
        self.company_stream = company_stream
        self.head = 0
        self.epoch = 0
        self.names: dict[bytes, UUID] = {}
        self.people: dict[UUID, Person] = {}
        self._company: Company | None = None
        self._company_epoch = -1
        self.company_key: StreamKey | None = None

    def fetch(self, name: str, **wanted: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as the driver takes them
        """Run one of the stored queries."""
        return self.connection.execute(query(name), wanted, prepare=True).fetchall()

    def sync(self, under_lock: int | None = None) -> None:
        """Look at the head of the log; if others have appended since, nothing remembered is trusted unchecked.

        What is remembered is also bounded here, between batches, where nothing is half decided.
        """
        if len(self.people) > PEOPLE_MAX:
            self.people.clear()
        if len(self.names) > NAMES_MAX:
            self.names.clear()
        if under_lock is None:
            ((size,),) = self.fetch("head")
        else:
            size = under_lock
        if size != self.head:
            self.head = size
            self.epoch += 1

    def appended(self, base: int, count: int, people: Iterable[Person], streams: Container[UUID]) -> None:
        """Take note of our own commit; the people and streams that it was decided from were up to date under the lock."""
        if base != self.head:
            self.epoch += 1
        self.head = base + count
        for person in people:
            person.epoch = self.epoch
        if self.company_stream in streams and self._company is not None:
            self._company_epoch = self.epoch

    def company(self) -> Company:
        """Give the company's record."""
        if self._company is None:
            self._company = Company(self.company_stream)
            self._company_epoch = -1
        if self._company_epoch != self.epoch:
            for event in self._tails({self.company_stream: self._company.version}):
                company_fold.evolve(self._company, event)
            self._company_epoch = self.epoch
        return self._company

    def find(self, digests: Iterable[bytes]) -> None:
        """Look names up that are not remembered."""
        unknown = [digest for digest in digests if digest not in self.names]
        if unknown:
            self.names.update(self.fetch("names", digests=unknown))

    def load(self, streams: Iterable[UUID]) -> None:
        """Make sure that the people of these streams are remembered, with everybody who is linked, and up to date."""
        wanted = set(streams)
        while missing := [stream for stream in wanted if stream not in self.people]:
            for stream in self._load_new(missing):
                wanted |= self.people[stream].customer.linked
        self._join(wanted)
        self._check(wanted)

    def forget(self, people: Iterable[Person]) -> None:
        """Drop people whose record may be ahead of the log; and the company, likewise. Names never move, so they stay."""
        for person in people:
            for stream in person.customer.streams:
                self.people.pop(stream, None)
        self._company = None

    def _load_new(self, streams: list[UUID]) -> list[UUID]:
        for stream in streams:
            self.people[stream] = Person(Customer(person=stream, streams={stream: 0}), epoch=self.epoch)
        for stream, wrapped in self.fetch("stream_keys", streams=streams):
            self.people[stream].keys[stream] = self.keyring.unwrap(stream, wrapped)
        for event in self._tails(dict.fromkeys(streams, 0)):
            customer_fold.evolve(self.people[event.originator_id].customer, event)
        return streams

    def _join(self, streams: Iterable[UUID]) -> None:
        """Let linked streams share one record."""
        for stream in streams:
            person = self.people[stream]
            for other_stream in list(person.customer.linked):
                other = self.people[other_stream]
                if other is not person:
                    person.customer.absorb(other.customer)
                    person.keys |= other.keys
                    for absorbed in other.customer.streams:
                        self.people[absorbed] = person

    def _check(self, streams: Iterable[UUID]) -> None:
        """Bring records of an older epoch up to date from the tails of their streams."""
        stale = {stream for stream in streams if self.people[stream].epoch != self.epoch}
        after = {
            stream: version
            for one in stale
            for stream, version in self.people[one].customer.streams.items()
        }
        if not after:
            return
        linked_before = {stream: len(self.people[stream].customer.linked) for stream in after}
        for event in self._tails(after):
            customer_fold.evolve(self.people[event.originator_id].customer, event)
        for stream in after:
            self.people[stream].epoch = self.epoch
        if any(len(self.people[stream].customer.linked) > count for stream, count in linked_before.items()):
            newly = {other for stream in after for other in self.people[stream].customer.linked}
            self.load(newly | set(after))

    def _tails(self, after: dict[UUID, int]) -> Iterable[Event]:
        rows = self.fetch("stream_tails", streams=list(after), after=list(after.values()))
        return (to_event(EventRow(*row)) for row in rows)

    def versions(self, streams: Iterable[UUID]) -> dict[UUID, int]:
        """Give the versions of streams as they stand in the log, 0 where there is nothing."""
        return {stream: version or 0 for stream, version in self.fetch("versions", streams=list(streams))}

    def events_between(self, after: int, last: int) -> list[Event]:
        """Give the events at the positions after `after` up to `last`, sealed fields unopened."""
        rows = self.fetch("select_notifications", start=after + 1, stop=last, topics=None, limit=last - after)
        return [to_event(EventRow(*row)) for row in rows]

    def load_company_key(self) -> None:
        """Read the key of the Company stream."""
        for stream, wrapped in self.fetch("stream_keys", streams=[self.company_stream]):
            self.company_key = self.keyring.unwrap(stream, wrapped)
