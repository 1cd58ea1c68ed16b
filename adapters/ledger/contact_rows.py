"""What a batch is to store of contact points: which ordinals of streams stand for them, and what binds them.

No event holds the digest of a contact point, so these rows stand in tables of their own, from which an erasure deletes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.contact_points import ordinals_named
from domain.suppressed import word_of
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterable, Sequence
    from uuid import UUID

    from adapters.ledger.person import Person
    from adapters.ledger.records import Records
    from domain.events import Event
    from domain.facts.fields import Subject
    from domain.records.bindings import Binding


class ContactRow(NamedTuple):
    """A row of the table of contact points: `place` is that of the event that gave it first."""

    stream_id: UUID
    ordinal: int
    kind: str
    digest: bytes
    place: int
    sealed: bytes


class ContactRows:
    """The contact points that a batch gives, and the bindings that it makes and lifts, each with its digest."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._given: list[ContactRow] = []
        self.points: list[ContactRow] = []
        self.bindings: list[tuple[bytes, Binding]] = []

    def give(self, stream: UUID, ordinal: int, name: Subject, place: int) -> None:
        """Take note of which contact point a new ordinal stands for, until `keep_named` says whether it is kept."""
        keyring = self._records.keyring
        sealed = self._records.people[stream].keys[stream].seal_contact(stream, ordinal, name.value)
        self._given.append(ContactRow(stream, ordinal, name.kind, keyring.contact(name), place, sealed))

    def streams_of(self, digest: Hashable) -> list[UUID]:
        """Return the streams on which this batch puts a contact point."""
        return [row.stream_id for row in (*self.points, *self._given) if row.digest == digest]

    def keep_named(self, events: Sequence[Event], late_streams: Container[UUID]) -> None:
        """Keep the new contact points that a fact's events name; those of a refusal are named by none.

        Nothing is kept of streams of people who were erased before.
        """
        if not self._given:
            return
        named = ordinals_named(events)
        for row in self._given:
            if row.stream_id in late_streams:
                continue
            if (row.stream_id, row.ordinal) in named:
                self.points.append(row)
            else:
                points = self._records.people[row.stream_id].customer.contacts.points
                points.pop((row.stream_id, row.ordinal), None)
        self._given = []

    def bind(self, digest: bytes, binding: Binding) -> None:
        """Add an opt-out, or what lifts one, to the list of what binds a contact point."""
        self.bindings.append((digest, binding))

    def as_json(self, people: Iterable[Person], start: int) -> dict[str, Any]:
        """Return what the statement that appends a batch takes of contact points.

        `contacts_seen` says how many bindings each contact point of the batch's people had when they were decided on.
        """
        own = Counter(digest for digest, _ in self.bindings)
        known = self._records.bindings
        return {
            "contacts_seen": {
                digest.hex(): len(known.get(digest, ())) - own[digest]
                for person in people
                for _, digest in person.customer.contacts.points.values()
                if isinstance(digest, bytes)
            },
            "contact_points": [
                row._asdict()
                | {"stream_id": str(row.stream_id), "digest": row.digest.hex(), "sealed": row.sealed.hex()}
                for row in self.points
            ],
            "contact_bindings": [
                {
                    "digest": digest.hex(),
                    "what": binding.what and word_of(binding.what),
                    "is_out": binding.is_out,
                    "by_code": binding.by,
                    "occurred_at": rfc3339(binding.moment.at),
                    **_place("position", binding.moment.position, start),
                    **({"since": rfc3339(binding.since)} if binding.since else {}),
                    **({"code": binding.code} if binding.code else {}),
                    **_place("annuls", binding.annuls, start),
                    **_place("source", binding.source, start),
                }
                for digest, binding in self.bindings
            ],
        }


def _place(name: str, position: int, start: int) -> dict[str, int]:
    """Return what a binding names: where it stands in the log, or its place in the batch."""
    if position > start:
        return {f"{name}_place": position - start}
    return {name: position} if position else {}
