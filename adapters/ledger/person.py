"""One person as the appending side remembers them: their record, and the keys of their streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.records.contacts import Contacts
from domain.records.customer import Customer
from domain.records.parted import fold_anew

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from adapters.keys.keyring import StreamKey
    from domain.events import Event


@dataclass(slots=True, eq=False)
class Person:
    """One person's folded record, the keys of their streams, and the last epoch in which it was up to date."""

    customer: Customer
    keys: dict[UUID, StreamKey] = field(default_factory=dict)
    epoch: int = 0

    def code(self, stream: UUID, reference: str) -> str:
        """Return the code of a reference under the key of one of the person's streams."""
        return self.keys[stream].code(reference)

    def parted(self, side: Sequence[UUID], events: Iterable[Event]) -> dict[UUID, Person]:
        """Return the people to whom some of the streams belong by their events, each folded anew, by stream."""
        contacts = self.customer.contacts
        records = {}
        for stream in side:
            points = {key: point for key, point in contacts.points.items() if key[0] == stream}
            records[stream] = Customer(stream, {stream: 0}, contacts=Contacts(points, contacts.bound))
        folded = fold_anew(events, records)
        people = {
            id(one): Person(one, {stream: self.keys[stream] for stream in one.streams}, self.epoch)
            for one in folded.values()
        }
        return {stream: people[id(one)] for stream, one in folded.items()}
