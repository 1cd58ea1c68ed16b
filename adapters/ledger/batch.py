"""A batch: many facts handled by the ledger's core over the records, and what one transaction is to insert for them.

`adapters.ledger.planning` fills one without writing anything.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from adapters.ledger.batch_names import BatchNames
from adapters.ledger.contact_rows import ContactRows
from adapters.ledger.deletions import Deletions
from adapters.ledger.joined_references import own_codes, same_codes
from adapters.ledger.proposed_names import ProposedNames
from adapters.ledger.receipt import Receipt
from adapters.ledger.repeats import FactRow, fact_at
from adapters.ledger.stream_by_id import erasure_by_id
from adapters.postgres.mapper import to_event, to_row
from adapters.postgres.rows import EventRow
from domain import ledger
from domain.decide import findings_of, refusal_in
from domain.elsewhere import reach_of
from domain.errors import PledgerError, TimeInFuture
from domain.moments import Moment, Turn
from domain.records import Company, Customer, Visitor
from domain.records.bindings import Binding
from domain.records.contacts import Point
from domain.records.entries import place
from domain.suppressed import bound_by
from domain.vocabulary import HOLDERS_MOST

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from adapters.keys.keyring import StreamKey
    from adapters.keys.mac import Mac
    from adapters.ledger.person import Person
    from adapters.ledger.receipt import AppendRequest
    from adapters.ledger.records import Records
    from adapters.ledger.repeats import FactKey
    from domain.events import Event
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge


class Batch(BatchNames):
    """What one transaction is to insert, and the store that its facts are decided on (a `domain.store.Store`).

    Its rows stand after the position `start`. `streams` is what it rests on: each stream with the version that it was
    at. `people` and `visitors` are the records that it changes. `repeats` are facts that the batch itself repeats, each
    with the request that it repeats. An erasure or an unlink ends a batch: `left_over` holds the requests behind it.
    """

    def __init__(self, records: Records, judge: Judge, latest: datetime) -> None:
        super().__init__(records)
        self.judge = judge
        self.latest = latest
        self.start = max(records.head, 0)
        self.facts: list[FactRow] = []
        self.visitor_names: dict[bytes, UUID] = {}
        self.visitors: dict[UUID, Visitor] = {}
        self.new_keys: dict[UUID, bytes] = {}
        self.people: dict[int, Person] = {}
        self.streams: dict[UUID, int] = {}
        self.answers: list[tuple[AppendRequest, Receipt | PledgerError]] = []
        self.repeats: list[tuple[AppendRequest, AppendRequest]] = []
        self.rests_on_holders = False  # Then nothing may have been told since it was planned.
        self.addresses = records.addresses
        self.contacts = ContactRows(records)
        self.values = Deletions(records, self.rows, self.start)
        self.proposed = ProposedNames(records.keyring)
        self.left_over: Sequence[AppendRequest] = ()
        self.told_last: Collection[UUID] = ()
        """The streams that the last fact was told of, if it erased or parted people."""
        self.pinned: list[tuple[int, Event, Mac | None]] = []
        """The rows of events that name another fact's event of this batch, each with its event and key."""
        self.places: dict[FactKey, tuple[UUID, int]] = {}
        """The stream of each of its facts, and the position of the fact's first event."""

    def move(self, base: int) -> None:
        """Let the rows stand after the position `base`: what they name of this batch moves along, under a new seal."""
        by = base - self.start
        if by:
            for index, event, dek in self.pinned:
                self.rows[index] = to_row(event.moved(by, self.start), dek, self.keyring.source_code)

    def move_answers(self, by: int) -> None:
        """Let the answers name the positions at which the rows came to stand, `by` further than they were planned."""
        self.answers = [
            (request, answer.moved(by, self.start) if isinstance(answer, Receipt) else answer)
            for request, answer in self.answers
        ]

    @property
    def may_be_outdated(self) -> bool:
        """Whether an answer is an error that up-to-date records might not give."""
        return any(isinstance(one, PledgerError) and not isinstance(one, TimeInFuture) for _, one in self.answers)

    def answer(self) -> None:
        """Give each request its answer."""
        for request, answer in self.answers:
            request.answer = answer
        for request, first in self.repeats:
            answered = first.answer
            request.answer = answered._replace(repeated=True) if isinstance(answered, Receipt) else answered

    # Handling facts

    def add(self, request: AppendRequest) -> Receipt:
        """Handle a fact, seal its events, and return its receipt. Raises what `domain.ledger.handle` raises."""
        fact = request.fact
        handled = ledger.handle(self, fact, request.sender, request.expected_version)
        keys = self._keys(handled.stream)
        self.proposed.keep(handled.events, len(self.rows))
        for event in handled.events:
            # What is owed to an erased person is told to the one who came back, on a stream of their own.
            owner = keys.get(event.originator_id) or self._keys(event.originator_id).get(event.originator_id)
            dek = owner.mac if owner else None
            if event.named_after(self.start):
                self.pinned.append((len(self.rows), event, dek))
            self.rows.append(to_row(event, dek, self.keyring.source_code))
        if self.erased or self.has_parted:
            self.told_last = {handled.stream, *(event.originator_id for event in handled.events)}
        self.places[fact.key] = (handled.stream, self.place - len(handled.events) + 1)
        self.contacts.keep_named(handled.events, self.tombstones.late_streams)
        count, findings, reach = len(handled.events), findings_of(handled.events), reach_of(handled.events)
        refused = refusal_in(handled.events) is not None
        name, content = self.keyring.fact(named := fact.name), self.keyring.content(fact.content(), refused=refused)
        self.facts.append(
            FactRow(name, content, handled.stream, len(self.rows), count, bool(findings or reach.elsewhere))
        )
        return Receipt(
            named,
            self.place,
            count,
            findings,
            refused,
            unread=handled.unread,
            not_linked=handled.not_linked,
            reach=reach,
            later=handled.later,
            awaits=handled.awaits,
        )

    def _keys(self, stream: UUID) -> Mapping[UUID, StreamKey]:
        """Return the keys that the events of a fact about a stream are sealed under, by stream; a browser has none."""
        if (person := self.records.people.get(stream)) is not None:
            return person.keys
        if stream == self.records.company_stream:
            assert self.records.company_key is not None, "a ledger is made with the key of its Company stream"
            return {stream: self.records.company_key}
        return {}

    @property
    def is_one_statement(self) -> bool:
        """Whether the statement that inserts the rows stores all that there is to store."""
        tombs = self.tombstones
        if any(map(bool, (tombs.late_streams, tombs.owed_late, tombs.waits, tombs.released))):
            return False
        return not any(map(bool, (self.erased, self.pinned, self.values, self.spans, self.proposed)))

    @property
    def place(self) -> int:
        """The position of the last event."""
        return self.start + len(self.rows)

    def company(self) -> Company:
        """Return the company's record; the batch rests on it from now on."""
        company = self.records.company()
        self.streams.setdefault(company.stream, company.version)
        return company

    def visitor(self, name: Subject) -> Visitor:
        """Return a browser's record, a new one for an unknown name."""
        digest = self.keyring.name(name)
        stream = self.visitor_names.get(digest)
        if stream is None and (found := self.records.fetch("visitor_names", digests=[digest])):
            stream = found[0][1]
        if stream is None:
            stream = self.visitor_names[digest] = uuid4()
            self.visitors[stream] = Visitor(stream)
        visitor = self.visitors.get(stream) or self.records.visitor(stream)
        self.visitors[stream] = visitor
        self.streams.setdefault(stream, visitor.version)
        return visitor

    def person(self, stream: UUID) -> Customer:
        """Return the record of the person whose stream this is; the batch rests on it from now on."""
        person = self.records.person_of(stream)
        if id(person) not in self.people:
            self.people[id(person)] = person
            for own, version in person.customer.streams.items():
                self.streams.setdefault(own, version)
        return person.customer

    def open(self, name: Subject) -> UUID:
        """Open a stream with a key of its own, and return it."""
        del name
        stream, key = self.records.begin()
        self.new_keys[stream] = self.keyring.wrap(stream, key)
        return stream

    @property
    def bound(self) -> dict[Hashable, list[Binding]]:
        """What binds contact points, by their digest, as far as it was looked up."""
        return self.records.bindings

    def point(self, name: Subject) -> Point:
        """Return a contact point with its digest, and look up what binds it."""
        digest = self.keyring.contact(name)
        self.records.find_bindings((digest,))
        return Point(name.kind, digest)

    def holders(self, point: Point, most: int | None = None) -> Iterator[Customer]:
        """Return the records of the people on which a contact point stands, or of whom it was told."""
        self.rests_on_holders = True
        streams = [stream for (stream,) in self.records.fetch("contact_holders", digests=[point.key], most=most)]
        streams += self.contacts.streams_of(point.key)
        # Some of them often suffice to know; more than these have an address that is typed everywhere.
        for several in (streams[: HOLDERS_MOST + 2], streams[HOLDERS_MOST + 2 :]):
            self.records.load(several)
            yield from [self.person(stream) for stream in several if not self.records.people[stream].customer.erased]

    def keep_contact(self, stream: UUID, ordinal: int, name: Subject) -> None:
        """Keep which contact point a new ordinal of a stream stands for, if an event of the fact names it."""
        self.contacts.give(stream, ordinal, name, len(self.rows) + 1)

    def bind(self, point: Point, binding: Binding) -> None:
        """Put an opt-out, or what lifts one, on the list of what binds a contact point."""
        assert isinstance(point.key, bytes), "the key of a contact point is its digest"
        place(self.records.bindings.setdefault(point.key, []), binding)
        self.contacts.bind(point.key, binding)

    def bindings_from(self, sources: Collection[int]) -> list[tuple[Point, Binding]]:
        """Return what binds contact points and was passed on from one of these events; look up what binds them."""
        rows = self.records.fetch("bindings_from", sources=list(sources))
        self.records.find_bindings(digest for digest, *_ in rows)
        stored = [
            (digest, Binding(bound_by(what), Moment(at, Turn.PROTECTION, position), is_out=True, source=of, code=code))
            for digest, what, at, position, of, code in rows
        ]
        planned = (
            (digest, one)
            for digest, one in self.contacts.bindings
            if one.is_out and not one.annuls and one.source in sources
        )
        return [(Point("", digest), one) for digest, one in chain(stored, planned)]

    def same_codes(self, stream: UUID, other: UUID) -> Sequence[tuple[str, str]]:
        """Return pairs of codes of the persons of two streams that stand for one reference."""
        people = [self.records.people[one] for one in (stream, other)]
        streams = {own for person in people for own in person.customer.streams}
        stored = (EventRow(*row) for row in self.records.fetch("stream_events", streams=list(streams)))
        planned = (row for row in self.rows if row.stream_id in streams)
        return same_codes(people, chain(stored, planned))

    def lead(self, streams: Iterable[UUID], stream: UUID) -> None:
        """Let streams lead to the record of another one, which has taken over all that they hold."""
        self.records.lead(streams, stream)

    def part(self, sides: Iterable[Sequence[UUID]], made: Sequence[Event]) -> None:
        """Let each side of streams that were one person's have a record of its own, folded anew."""
        self.has_parted = True
        for side in sides:
            stored = self.records.fetch("stream_tails", streams=list(side), after=[0] * len(side))
            rows = chain(map(EventRow._make, stored), (row for row in self.rows if row.stream_id in side))
            events = [*map(to_event, rows), *(event for event in made if event.originator_id in side)]
            self.records.people |= self.records.people[side[0]].parted(side, events)

    def own_codes(self, stream: UUID, side: Sequence[UUID]) -> Sequence[tuple[str, str]]:
        """Return the codes of a stream's references that are not its side's, each with the one that stands for it."""
        keys = [self.records.people[stream].keys[own] for own in (stream, *side)]
        stored = (EventRow(*row) for row in self.records.fetch("stream_events", streams=[stream]))
        return own_codes(keys, chain(stored, (row for row in self.rows if row.stream_id == stream)))

    def erasure_of(self, name: Subject) -> int | None:
        """Return where the last person was erased to whom a name led that leads to nobody now; None: nobody was."""
        if name.kind == "id":
            return erasure_by_id(self.records, name.value)
        return self.records.erasures.get(self.keyring.name(name))

    def fact_at(self, source: str, fact_id: str) -> tuple[UUID, int] | None:
        """Return the stream that a fact went to, with the position of its first event; None: it is not told yet."""
        return self.places.get((source, fact_id)) or fact_at(self.records, source, fact_id)

    def is_forgotten(self, source: str, fact_id: str) -> bool:
        """Return whether a fact was told of somebody who has been erased since: where it stands is forgotten."""
        if (source, fact_id) in self.places:
            return self.places[source, fact_id][0] in self.tombstones.late_streams
        known = self.records.fetch("known_facts", facts=[self.keyring.fact(f"{source} {fact_id}")])
        return any(stream is None for _, _, stream, *_ in known)

    def destroyed(self, stream: UUID) -> tuple[str, str]:
        """Return the id and the receipt of a stream's key that is about to be destroyed."""
        return self.keyring.destroyed(stream, self.records.people[stream].keys.get(stream))
