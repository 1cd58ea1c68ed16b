"""The store of a trace: a ledger's records and events in memory, without a database.

Facts are told one by one (`domain.audit.replay`). The events that come out are those which a ledger would hold, with
the line in the place of the position. No key is involved: a reference is its code.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from domain.audit.history import History, history_of
from domain.audit.trace_names import MemoryNames
from domain.audit.trace_values import ValuesInMemory
from domain.contact_points import ordinals_named
from domain.events.suppressions import SuppressionRecalled
from domain.name_spans import are_plain, since, span_at, told_later, without
from domain.records import Company, Customer, Visitor
from domain.records.contacts import FOREVER, Point
from domain.records.entries import place
from domain.records.parted import fold_anew
from domain.state import NoKeys
from domain.stream_ids import parse_stream_id, unknown_customer
from domain.suppressed import Tombstone

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.errors import PledgerError
    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.addresses import Addresses
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge
    from domain.records.bindings import Binding
    from domain.state import AsTold
    from domain.suppressed import Gone, Suppression

_SPACE: Final = UUID("9d1b6a52-5c0e-5f6e-8a0e-1b1f6c9a7d10")
EVENTS_OF_A_LINE: Final = 2**20
"""Positions that each line has for the events that its fact makes."""


def line_of(position: int) -> int:
    """Return the line whose fact made the event at a position."""
    return position // EVENTS_OF_A_LINE


class MemoryStore(MemoryNames, NoKeys):
    """A ledger's records and events in memory (a `domain.store.Store`)."""

    def __init__(self, judge: Judge, latest: datetime, addresses: Addresses) -> None:
        super().__init__()
        self.judge = judge
        self.latest = latest
        self.addresses = addresses
        self.people: dict[UUID, Customer] = {}
        self.visitors: dict[UUID, Visitor] = {}
        self.events: dict[UUID, list[Event]] = {}
        self._facts: dict[tuple[str, str], tuple[UUID, int]] = {}
        self._forgotten: set[tuple[str, str]] = set()
        """The facts that were told of people who had been erased before."""
        self.told: Mapping[tuple[str, str], AsTold] | None = None
        """By fact, what came of it when it was told; None: nothing was told yet."""
        self._company = Company(uuid5(_SPACE, "company"))
        self.bound: dict[Hashable, list[Binding]] = {}
        """By contact point, what binds it."""
        self._streams: dict[Hashable, dict[UUID, None]] = {}
        """The streams that a contact point is on."""
        self._given: list[tuple[UUID, int, Subject]] = []
        """The contact points that are new in the fact which is handled."""
        self.values = ValuesInMemory(self.events)
        self._erasures: dict[Subject, int] = {}
        """Where the last person of a name was erased."""

    def keep(self, events: Iterable[Event]) -> None:
        """Keep the events of a fact that was handled."""
        events = list(events)
        named = ordinals_named(events) if self._given else set()
        for stream, ordinal, name in self._given:
            if (stream, ordinal) not in named:
                self.people[stream].contacts.points.pop((stream, ordinal), None)
                self._streams[name].pop(stream)
        self._given.clear()
        for event in events:
            self.events.setdefault(event.originator_id, []).append(event)
            if event.part == 0 and event.fact_id is not None:
                self._facts[event.source, event.fact_id] = (event.originator_id, event.moment.position)

    def fact_at(self, source: str, fact_id: str) -> tuple[UUID, int] | None:
        """Return the stream that a fact went to, with the position of its first event; None: it is not told yet."""
        return self._facts.get((source, fact_id))

    def as_told(self, fact: Fact) -> AsTold | None:
        """Return what came of a fact when it was told; None: it is told now."""
        return None if self.told is None else self.told[fact.key]

    def is_forgotten(self, source: str, fact_id: str) -> bool:
        """Return whether a fact was told of somebody who has been erased since."""
        stream, _ = self._facts.get((source, fact_id)) or (None, 0)
        is_erased = stream in self.people and self.people[stream].erased
        return is_erased or (source, fact_id) in self._forgotten

    def history(self, rejected: Sequence[tuple[int, PledgerError]] = ()) -> History:
        """Return what was kept, person by person: streams that were ever linked are one history."""
        return history_of(self.events, self.people, self._streams, self.bound, self._company, rejected)

    def company(self) -> Company:
        """Return the company's record."""
        return self._company

    def visitor(self, name: Subject) -> Visitor:
        """Return a browser's record, a new one for an unknown name."""
        stream = uuid5(_SPACE, str(name))
        return self.visitors.setdefault(stream, Visitor(stream))

    def stream_of(self, name: Subject, at: datetime) -> UUID | None:
        """Return the stream that a customer's name led to. Raises `UnknownCustomer` for the id of a stream."""
        if name.kind == "id":
            parse_stream_id(name.value)
            raise unknown_customer("no customer's stream has it.")
        return span_at(self.spans_of(name), at).stream

    def person(self, stream: UUID) -> Customer:
        """Return the record of the person whose stream this is."""
        return self.people[stream]

    def open(self, name: Subject) -> UUID:
        """Open a stream for a person who is told of under a new name, and return it."""
        stream = uuid5(_SPACE, f"{self.place} {name}")
        customer = self.people[stream] = Customer(person=stream, streams={stream: 0})
        customer.contacts.bound = self.bound
        return stream

    def point(self, name: Subject) -> Point:
        """Return a contact point with its key, which is itself."""
        return Point(name.kind, name)

    def holders(self, point: Point, most: int | None = None) -> Iterable[Customer]:
        """Return the records of the people on which a contact point stands, or of whom it was told."""
        people = (self.people[stream] for stream in self._streams.get(point.key, ()))
        return list(islice((person for person in people if not person.erased), most))

    def keep_contact(self, stream: UUID, ordinal: int, name: Subject) -> None:
        """Keep that the contact point is on a stream, until `keep` says whether an event names it."""
        self._streams.setdefault(name, {})[stream] = None
        self._given.append((stream, ordinal, name))

    def bind(self, point: Point, binding: Binding) -> None:
        """Put an opt-out, or what lifts one, on the list of what binds a contact point."""
        known = self.bound.setdefault(point.key, [])
        # What is put on the list again takes the place of what was: positions here go by line, not by when it was told.
        if binding.by:
            known[:] = [one for one in known if not _is_replaced(one, binding)]
        place(known, binding)

    def recalls_from(self, sources: Collection[int]) -> list[SuppressionRecalled]:
        """Return what was recalled on anybody's record and comes from one of these events."""
        recalled = (one for known in self.events.values() for one in known if isinstance(one, SuppressionRecalled))
        return [one for one in recalled if one.comes_from in sources]

    def bindings_from(self, sources: Collection[int]) -> list[tuple[Point, Binding]]:
        """Return what binds contact points and was passed on from one of these events."""
        return [
            (Point("", key), one)
            for key, known in self.bound.items()
            for one in known
            if one.is_out and not one.annuls and one.source in sources
        ]

    def told_later(self, stream: UUID, at: datetime) -> Sequence[int]:
        """Return the positions of the facts told of a stream that happened after a time."""
        return told_later(self.events.get(stream, ()), at)

    def same_codes(self, stream: UUID, other: UUID) -> Sequence[tuple[str, str]]:
        """Return no pair: a reference is its own code on every stream."""
        del stream, other
        return ()

    def lead(self, streams: Iterable[UUID], stream: UUID) -> None:
        """Let streams lead to the record of another one, which has taken over all that they hold."""
        self.people |= dict.fromkeys(streams, self.people[stream])

    def part(self, sides: Iterable[Sequence[UUID]], made: Sequence[Event]) -> None:
        """Let each side of streams that were one person's have a record of its own, folded anew."""
        for side in sides:
            points = self.people[side[0]].contacts.points
            records = {stream: Customer(person=stream, streams={stream: 0}) for stream in side}
            for stream, record in records.items():
                record.contacts.points = {key: point for key, point in points.items() if key[0] == stream}
                record.contacts.bound = self.bound
            kept = [event for stream in side for event in self.events.get(stream, ())]
            self.people |= fold_anew([*kept, *(event for event in made if event.originator_id in side)], records)

    def own_codes(self, stream: UUID, side: Sequence[UUID]) -> Sequence[tuple[str, str]]:
        """Return no pair: a reference is its own code on every stream."""
        del stream, side
        return ()

    def erasure_of(self, name: Subject) -> int | None:
        """Return where the last person was erased to whom a name led; None: nobody was. An id of the erased is none."""
        return self._erasures.get(name)

    def open_forgotten(self, fact: Fact) -> UUID:
        """Open a stream for one fact about an erased person: no name leads there."""
        self._forgotten.add(fact.key)
        stream = uuid5(_SPACE, f"{self.place} forgotten")
        self.people[stream] = Customer(person=stream, streams={stream: 0}, is_late=True)
        self.people[stream].contacts.bound = self.bound
        return stream

    def forget(self, customer: Customer, gone: Gone, owed: Sequence[Suppression]) -> None:
        """Forget the names of an erased person, but not until when they were theirs, nor what is owed to them."""
        self.erased[self.erasure_code] = tuple(customer.streams)
        for name, spans in list(self.names.items()):
            for span in spans:
                if span.stream in customer.streams:
                    self._erasures[name] = customer.erased_by
                    until = min(gone.until, span.until)
                    self.bury(Tombstone(name, since(spans, span.until), until, self.erasure_code, is_contact=False))
                    if span.until == FOREVER:  # What was owed when a name was given up is kept already.
                        learned = [one._replace(learned=self.place) for one in owed]
                        self.owed[name, since(spans, span.until)] = learned
            self.names[name] = without(spans, customer.streams)
            if are_plain(spans) and self.names[name] != spans:
                del self.names[name]

    @property
    def erasure_code(self) -> str:
        """The code of the erasure that is handled: where that stands."""
        return str(self.place)

    def entomb(self, left: Tombstone, *, is_held: bool) -> None:
        """Keep a tombstone of a contact point with the code of the erasure: where that stands."""
        left = left._replace(code=self.erasure_code)
        self.bury(left)
        if is_held:
            self.hold(left)


def _is_replaced(known: Binding, binding: Binding) -> bool:
    is_of_same = (known.by, known.what) == (binding.by, binding.what)
    return is_of_same and known.moment.position != binding.moment.position
