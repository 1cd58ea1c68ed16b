"""The names of a batch: to whom each leads when, which were those of the erased, and what they are owed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from adapters.ledger.name_spans import NameSpans
from adapters.ledger.stream_by_id import stream_by_id
from adapters.ledger.tombstones import Tombstones, Waiting
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from domain.events.suppressions import SuppressionRecalled
from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, Span, reached_late, since, span_at, told_later, whole
from domain.records.contacts import EVER, FOREVER

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.name_spans import Spans
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.state import AsTold
    from domain.suppressed import Gone, Suppression, Tombstone


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

    def code(self, stream: UUID, reference: str) -> str:
        """Return the code of a reference, or of a fact's name, under the key of a stream; a browser has none."""
        records = self.records
        if (person := records.people.get(stream)) is not None:
            return person.code(stream, reference)
        if stream == records.company_stream:
            assert records.company_key is not None, "a ledger is made with the key of its Company stream"
            return records.company_key.code(reference)
        return self.keyring.visitor_code(stream, reference)

    def as_told(self, fact: Fact) -> AsTold | None:
        """Return nothing: facts are told now, and what comes of them is to be found."""
        del fact
        return None

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

    def ever_led(self, name: Subject) -> list[UUID]:
        """Return the living streams to which a name led at any time."""
        spans = self.spans.of(name)
        led = [span.stream for span in spans] if spans else [self.records.names.get(name) or self.named.get(name)]
        streams = [stream for stream in led if stream is not None]
        return [stream for stream in streams if not self.records.person_of(stream).customer.erased]

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
        spans = self.spans.of(name)  # None for nearly every name: it was never given up.
        until = span_at(spans, at).until if spans else FOREVER
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

    def owed_from(self, sources: Collection[int]) -> Iterable[Suppression]:
        """Return what names are owed that were given up, and comes from one of these events."""
        return self.spans.owed_from(sources)

    def end_owed(self, owed: Suppression, at: datetime) -> None:
        """Keep that what names are owed from the same event ended; the batch ends with it."""
        self.has_parted = True
        self.spans.end_owed(owed, at)

    def recalls_from(self, sources: Collection[int]) -> list[SuppressionRecalled]:
        """Return what was recalled on anybody's record and comes from one of these events."""
        stored = map(EventRow._make, self.records.fetch("recalls_from", sources=list(sources)))
        planned = (row for row in self.rows if row.topic == SuppressionRecalled.topic)
        events = (event for event in map(to_event, chain(stored, planned)) if isinstance(event, SuppressionRecalled))
        return [event for event in events if event.comes_from in sources]

    def is_of_contact(self, stream: UUID) -> bool:
        """Return whether a stream was opened under a contact point, which leads to it."""
        if any(self.names.get(digest) == stream for digest in self.contact_names) or self.spans.has_contact(stream):
            return True
        ((is_contact,),) = self.records.fetch("is_of_contact", stream=stream)
        return bool(is_contact)

    def suppressed(self, name: Subject, at: datetime) -> Sequence[Suppression]:
        """Return what the one who has a name at a time is owed: who had it was erased, or gave it up last."""
        if not self.tombstones.owes and not self.spans.owed:
            return ()  # As for nearly everybody.
        owed = self.keyring.name(name), since(self.spans.of(name) or UNKNOWN, at)
        return [*self.tombstones.owed(*owed), *self.spans.owed.get(owed, ())]

    def owed_to(self, left: Tombstone) -> Sequence[Suppression]:
        """Return what the erased person of a name is owed."""
        assert isinstance(left.key, bytes), "the key of a name is its digest"
        self.records.owed |= self.records.suppressions([left.key])
        return self.tombstones.owed(left.key, left.start)

    def forget(self, customer: Customer, gone: Gone, owed: Sequence[Suppression]) -> None:
        """Have the names and keys of an erased person deleted, and what is owed to the names kept."""
        self.erased = tuple(customer.streams)
        self.erased_until = gone.until
        self.owed = owed
        self.tombstones.keep(gone.name, self.spans.of(gone.name), gone.at, gone.until, self.tombstones.code)

    def entomb(self, left: Tombstone, *, is_held: bool) -> None:
        """Keep a tombstone of a contact point with the code of the erasure, as those of the names have it."""
        self.tombstones.keep_contact(left, is_held=is_held)

    def release(self, point: Point, held: Collection[datetime]) -> None:
        """Let the tombstones of a contact point say whose it is, but those after an end after which it is held."""
        self.tombstones.released.append((point, held))

    def left_of(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return the tombstones of a name or contact point that was an erased person's at a time."""
        return self.tombstones.find(name, at)

    def waiting(self, point: Point) -> Sequence[Suppression]:
        """Return what erased people are owed at a contact point as soon as nobody living holds it."""
        return self.tombstones.waiting(point)

    def wait(self, point: Point, owed: Suppression) -> None:
        """Keep what waits at a contact point, unless it is kept already."""
        self.tombstones.waits.append(Waiting(point, owed))

    def settle(self, point: Point, owed: Suppression) -> None:
        """Let something wait no longer."""
        self.tombstones.waits.append(Waiting(point, owed, is_settled=True))

    @property
    def erasure_code(self) -> str:
        """The code of the erasure that is handled, as its tombstones have it."""
        return str(self.tombstones.code)

    def left_by(self, streams: Collection[UUID]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures after which their person came back under the names of these streams."""
        planned: list[tuple[bytes, datetime | None]]
        planned = [(digest, None) for digest, stream in self.names.items() if stream in streams]
        planned += [
            (self.keyring.name(name), None if (start := since(spans, span.until)) == EVER else start)
            for name, spans in self.spans.changed.items()
            for span in spans
            if span.stream in streams
        ]
        wanted = {"digests": [digest for digest, _ in planned], "after_ends": [start for _, start in planned]}
        rows = self.records.fetch("codes_of_returned", streams=list(streams), **wanted)
        return self.left_with([code for (code,) in rows]) if rows else ()

    def set_aside(self, name: Subject, at: datetime) -> datetime | None:
        """Return when that was which may permit anything, and is kept as an erased person's by an address in it."""
        if not self.tombstones:
            return None  # As for nearly everybody.
        start = since(self.spans.of(name) or UNKNOWN, at)
        typed = (left for left in self.tombstones.of_name(name) if left.is_typed and left.start == start)
        return max((left.named for left in typed if left.named is not None), default=None)

    def left_under(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures of those who had a name before the one who has it at a time."""
        if not self.tombstones:
            return ()  # As for nearly everybody.
        start = since(self.spans.of(name) or UNKNOWN, at)
        own = (left for left in self.tombstones.of_name(name) if not left.is_contact and not left.is_typed)
        codes = list(dict.fromkeys(left.code for left in own if left.start == start))
        return self.left_with(codes) if codes else ()

    def left_with(self, codes: Iterable[Hashable]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures that have these codes, also those that say nothing yet."""
        return self.tombstones.left_with(codes)

    def left_of_stream(self, stream: UUID) -> Sequence[Tombstone]:
        """Return all tombstones of the erasure that a stream was erased in."""
        erased_by = self.records.person_of(stream).customer.erased_by
        codes = self.records.fetch("codes_of_erasure", erased_by=erased_by)
        return self.tombstones.left_with(code for (code,) in codes)

    def erased_with(self, codes: Iterable[Hashable]) -> Sequence[UUID]:
        """Return the streams that were erased in the erasures that have these codes, and load their people."""
        streams = [stream for (stream,) in self.records.fetch("streams_of_codes", codes=list(codes))]
        self.records.load(streams)
        return streams

    def owe_left(self, left: Tombstone, owed: Suppression) -> Sequence[UUID]:
        """Keep what the erased person of a name is owed; return the streams of those who have it since."""
        assert isinstance(left.key, bytes), "the key of a name is its digest"
        reached = reached_late(self._spans_of(left.key), left.start, owed.since)
        for end in reached.ends:
            self.tombstones.owe(left.key, end, owed)
        self.records.load(reached.streams)
        return [stream for stream in reached.streams if not self.records.people[stream].customer.erased]

    def _spans_of(self, digest: bytes) -> Spans:
        """Return the spans of a name by its digest, as they are in this batch."""
        for name, spans in self.spans.changed.items():
            if self.keyring.name(name) == digest:
                return spans
        if digest in self.names:
            return (Span(FOREVER, self.names[digest]),)
        rows = self.records.fetch("names", digests=[digest])
        found = [Span(until or FOREVER, stream) for _, stream, until, code, *_ in rows if code is None]
        return whole(found) if found else UNKNOWN

    def open_forgotten(self, fact: Fact) -> UUID:
        """Open a stream for one fact about an erased person: no name leads there, and its key is not kept."""
        del fact
        stream, _ = self.records.begin(is_late=True)
        self.tombstones.late_streams.append(stream)
        return stream

    def keep_forgotten(self, name: Subject, at: datetime, found: Sequence[Tombstone], *, may_permit: bool) -> None:
        """Keep tombstones for a name that a fact of a time told of an erased person, with the codes of those found."""
        for one in found:
            is_typed = one.is_contact or one.is_typed
            named = at if is_typed and may_permit else None
            self.tombstones.keep(name, self.spans.of(name), at, one.until, one.code, named=named, is_typed=is_typed)
