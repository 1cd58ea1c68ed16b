"""The people of a ledger, found by names, contact points and references.

Names and contact points are looked up by their digests. A reference is compared as its code under the person's own
keys. So neither finds a person who was erased. The references that `who_ordered` opens stay in this object. Nothing is
written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from adapters.ledger.linked_streams import linked_groups
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.events.customer import DataCollected
from domain.records.contacts import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring, StreamKey
    from domain.events import Event
    from domain.facts.fields import Subject

_ROWS_AT_ONCE: Final = 2_000


class People:
    """The people of one ledger at a position. A person is identified by the least of their streams."""

    def __init__(self, connection: psycopg.Connection[Any], keyring: Keyring, position: int) -> None:
        self.connection = connection
        self.keyring = keyring
        self.position = position
        self._joined = linked_groups(connection, {"position": position, "time": None})
        self._keys: dict[UUID, StreamKey] = {}
        self._asked: set[UUID] = set()

    def streams(self, stream: UUID) -> tuple[UUID, ...]:
        """Return all streams of the person of a stream."""
        return self._joined.get(stream, (stream,))

    def person(self, stream: UUID) -> UUID:
        """Return the person of a stream."""
        return self.streams(stream)[0]

    def find(self, names: Iterable[Subject]) -> dict[Subject, UUID]:
        """Return the persons of those names that the ledger knows."""
        digests = {self.keyring.name(name): name for name in names}
        found = self.connection.execute(query("names_now"), {"digests": list(digests)}).fetchall()
        return {digests[digest]: self.person(stream) for digest, stream in found}

    def holders(self, digests: Iterable[bytes]) -> dict[bytes, dict[UUID, datetime]]:
        """Return the persons on whose records contact points stand, by digest, in the order in which they got them.

        With each stands until when it is theirs.
        """
        wanted = {"digests": list(set(digests)), "position": self.position}
        found: dict[bytes, dict[UUID, datetime]] = defaultdict(dict)
        for digest, stream, ended in self.connection.execute(query("reconcile_holders"), wanted):
            person, until = self.person(stream), ended or FOREVER
            found[digest][person] = max(until, found[digest].get(person, until))
        return found

    def known_by_address(self, persons: Iterable[UUID]) -> set[UUID]:
        """Return those persons of whom everything was told under contact points, so that no number leads to them."""
        streams = {person: self.streams(person) for person in persons}
        every = [each for several in streams.values() for each in several]
        opened = {stream for (stream,) in self.connection.execute(query("of_contacts"), {"streams": every})}
        return {person for person, several in streams.items() if opened.issuperset(several)}

    def who_ordered(self, references: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Return the persons who placed an order, or got a gift, under these references, in the order of the log.

        The references of all orders are opened, because each code is under its person's own key.
        """
        wanted = set(references)
        found: dict[str, dict[UUID, None]] = defaultdict(dict)
        for event in self.opened("reconcile_orders"):
            if isinstance(event, DataCollected) and event.reference in wanted:
                found[event.reference][self.person(event.originator_id)] = None
        return {reference: tuple(people) for reference, people in found.items()}

    def opened(self, name: str, **wanted: object) -> Iterator[Event]:
        """Yield the events of a stored query in the order of the log, opened where the key is still there."""
        with self.connection.transaction(), self.connection.cursor(name=name) as rows:
            rows.itersize = _ROWS_AT_ONCE
            rows.execute(query(name), {"position": self.position, **wanted})
            while page := [EventRow._make(row) for row in rows.fetchmany(_ROWS_AT_ONCE)]:
                self._load(row.stream_id for row in page)
                for row in page:
                    key = self._keys.get(row.stream_id)
                    yield to_event(row, key.dek if key else None)

    def codes(self, person: UUID, reference: str) -> set[str]:
        """Return the codes of a reference under a person's keys, one a stream; an erased person has none."""
        self._load(self.streams(person))
        return {self._keys[each].code(reference) for each in self.streams(person) if each in self._keys}

    def load(self, people: Iterable[UUID]) -> None:
        """Read the keys of many people at once."""
        self._load(each for person in people for each in self.streams(person))

    def is_erased(self, person: UUID) -> bool:
        """Return whether nothing of a person can be opened any more."""
        self._load(self.streams(person))
        return not any(each in self._keys for each in self.streams(person))

    def _load(self, streams: Iterable[UUID]) -> None:
        missing = {each for each in streams if each not in self._asked}
        if missing:
            self._asked |= missing
            rows = self.connection.execute(query("stream_keys"), {"streams": list(missing)}).fetchall()
            self._keys |= {stream: self.keyring.unwrap(stream, wrapped) for stream, wrapped in rows}
