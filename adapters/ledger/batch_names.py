"""The names of a batch: to whom each leads when, which were those of the erased, and what they are owed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from adapters.ledger.name_spans import NameSpans
from adapters.ledger.stream_by_id import stream_by_id
from adapters.ledger.tombstones import Tombstones
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from domain.events import Moment
from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, since, span_at, told_later
from domain.records.contacts import FOREVER, Binding, bound_since
from domain.suppressed import Age

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.facts.fields import Subject
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.store import Gone, Suppression


class BatchNames:
    """What a batch's store says of names, and what the batch is to store of them."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.keyring = records.keyring
        self.rows: list[EventRow] = []
        self.named: dict[Subject, UUID] = {}
        self.names: dict[bytes, UUID] = {}
        self.contact_names: list[bytes] = []
        """Those of the new names that are contact points."""
        self.spans = NameSpans(records)
        self.tombstones = Tombstones(records)
        self.erased: tuple[UUID, ...] = ()
        self.erased_until: datetime | None = None
        """Until when the names of the erased person were theirs."""
        self.owed: Sequence[Suppression] = ()
        self.has_parted = False  # Then the people concerned are loaded anew.

    if TYPE_CHECKING:

        def holders(self, point: Point, most: int | None = None) -> Iterable[Customer]:
            """Return the records of the people on which a contact point stands."""
            ...

        def bind(self, point: Point, binding: Binding) -> None:
            """Put an opt-out on the list of what binds a contact point."""
            ...

    def stream_of(self, name: Subject, at: datetime) -> UUID | None:
        """Return the living stream that a customer's name led to at a time. Raises `UnknownCustomer` for an id."""
        if name.kind == "id":
            return stream_by_id(self.records, name.value)
        stream = self._led(name, at)
        if stream is None:
            return None
        customer = self.records.person_of(stream).customer
        if not customer.erased and (stream not in customer.names_ended or self.spans.of(name)):
            return stream
        # The name was erased with its stream, or given up; somebody else may have it now.
        self.records.names.pop(name, None)
        self.records.find([name])
        stream = self._led(name, at)
        if stream is not None:
            self.records.load([stream])
        return stream

    def _led(self, name: Subject, at: datetime) -> UUID | None:
        if spans := self.spans.of(name):
            return span_at(spans, at).stream
        return self.records.names.get(name) or self.named.get(name)

    def attach(self, name: Subject, stream: UUID, at: datetime) -> None:
        """Let a name lead to a stream, between those two ends of it that a time is between."""
        if self.spans.of(name):
            self.spans.attach(name, stream, at)
            return
        self.named[name] = stream
        digest = self.keyring.name(name)
        self.names[digest] = stream
        if name.kind in CONTACT_KINDS:
            self.contact_names.append(digest)

    def ends(self, name: Subject, at: datetime) -> datetime | None:
        """Return when the one who had a name at a time gave it up; None: they did not."""
        until = span_at(self.spans.of(name) or UNKNOWN, at).until
        return None if until == FOREVER else until

    def end_name(self, name: Subject, at: datetime, stream: UUID | None) -> None:
        """Let a name that led to a stream, if to any, lead there up to a time alone."""
        self.has_parted = True
        self.spans.end(name, at, stream)
        self.records.names.pop(name, None)
        if self.named.pop(name, None):
            del self.names[self.keyring.name(name)]

    def told_later(self, stream: UUID, at: datetime) -> Sequence[int]:
        """Return the positions of the facts told of a stream that happened after a time."""
        stored = self.records.fetch("stream_tails", streams=[stream], after=[0])
        rows = chain(map(EventRow._make, stored), (row for row in self.rows if row.stream_id == stream))
        return told_later(map(to_event, rows), at)

    def owe(self, stream: UUID, owed: Suppression) -> UUID | None:
        """Keep what is owed to a name that no longer leads to a stream; return the stream that it led to next."""
        following = self.spans.owe(stream, owed)
        if following is not None:
            self.records.load([following])
        return following

    def owe_name(self, name: Subject, end: datetime, owed: Suppression) -> None:
        """Keep what the one who has a name after an end of it is owed, unless that is kept already."""
        self.spans.owe_after(self.keyring.name(name), end, owed)

    def is_of_contact(self, stream: UUID) -> bool:
        """Return whether a stream was opened under a contact point, which leads to it."""
        if any(self.names.get(digest) == stream for digest in self.contact_names) or self.spans.has_contact(stream):
            return True
        ((is_contact,),) = self.records.fetch("is_of_contact", stream=stream)
        return bool(is_contact)

    def suppressed(self, name: Subject, at: datetime) -> Sequence[Suppression]:
        """Return what the one who has a name at a time is owed: who had it was erased, or gave it up last."""
        owed = self.keyring.name(name), since(self.spans.of(name) or UNKNOWN, at)
        return [*self.records.owed.get(owed, ()), *self.spans.owed.get(owed, ())]

    def forget(self, customer: Customer, gone: Gone, owed: Sequence[Suppression]) -> None:
        """Have the names and keys of an erased person deleted, and what is owed to the names kept."""
        self.erased = tuple(customer.streams)
        self.erased_until = gone.until
        self.owed = owed
        self.tombstones.keep(gone.name, self.spans.of(gone.name), gone.at, gone.until)
        for point in set(customer.contacts.points.values()):
            if any(one.what is None for one in self.records.bindings.get(point.key, ())):
                self._forget_ended(customer, point, gone.until, owed)

    def _forget_ended(self, customer: Customer, point: Point, until: datetime, owed: Sequence[Suppression]) -> None:
        """Forget a contact point that was ever given up, between those ends of it where nobody else has it."""
        assert isinstance(point.key, bytes), "the key of a contact point is its digest"
        living = [other.contacts.tenures(point) for other in self.holders(point) if other is not customer]
        for start, end in customer.contacts.tenures(point).difference(*living):
            self.tombstones.keep_contact(point.key, start, min(until, end))
            for one in owed if end == FOREVER else ():
                if not isinstance(one.what, Age):
                    since = bound_since(one.since, start)
                    self.bind(point, Binding(one.what, Moment(since, customer.erased_by), is_out=True))

    def gone_until(self, name: Subject, at: datetime) -> datetime | None:
        """Return until when a name or contact point was that of the erased person who had it at a time, or None."""
        return self.tombstones.find(name, at)

    def open_forgotten(self) -> UUID:
        """Open a stream for one fact about an erased person: no name leads there, and its key is not kept."""
        stream, _ = self.records.begin(is_late=True)
        self.tombstones.late_streams.append(stream)
        return stream

    def keep_forgotten(self, name: Subject, at: datetime, until: datetime, owed: Suppression | None) -> None:
        """Keep a tombstone for a name that a fact of a time told of an erased person, and what it is owed since."""
        spans = self.spans.of(name)
        self.tombstones.keep(name, spans, at, until)
        for end in (since(spans or UNKNOWN, at), self.ends(name, at)):
            if owed is not None and end is not None:
                self.tombstones.owe(name, end, owed)
