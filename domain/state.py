"""What one fact is decided on: the records as they stand, the judge, and the place at which the next event stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from domain.events import Event
from domain.moments import end_of
from domain.records import Customer, Visitor
from domain.records.as_joined import joined_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from domain.events import Finding
    from domain.events.past_points import HeldBefore, SamePoint
    from domain.moments import Moment
    from domain.policy.judge import Judge
    from domain.records import Company, Record
    from domain.rules.common.base import Case
    from domain.suppressed import Suppression, Tombstone
    from domain.vocabulary import LinkRefusal

_E = TypeVar("_E", bound=Event)


class AsTold(NamedTuple):
    """What came of a fact when it was told, as far as that goes by telling whatever the times (wire contract)."""

    because: tuple[Finding, ...] = ()
    """Why an enforced fact was refused; none: it was not."""
    withheld: bool = False
    """Whether its values were not kept, since a child gave them who was known by then."""
    left: tuple[Tombstone, ...] = ()
    """The tombstones of the person whom it is about, if they had been erased by then."""
    owed: tuple[Suppression, ...] = ()
    """What that person was known to be owed."""
    corrects: bool = False
    """Whether it corrects an entry, or was corrected before it was told: whom that reaches goes by telling."""
    unlinked: tuple[tuple[str, LinkRefusal], ...] = ()
    """The names of its links that were not made, each with why: limits, and who may vouch, go by telling."""


class Keys(Protocol):
    """The keys of the streams, and the places of facts, as far as deciding needs them."""

    def fact_at(self, source: str, fact_id: str) -> tuple[UUID, int] | None:
        """Return the stream that a fact went to, with the position of its first event; None: it is not told yet."""
        ...

    def code(self, stream: UUID, reference: str) -> str:
        """Return the code of a reference, a request or a fact's name: its digest under the key of one stream."""
        ...

    def destroyed(self, stream: UUID) -> tuple[str, str]:
        """Return the id and the receipt of a stream's key that is about to be destroyed."""
        ...


class NoKeys:
    """Keys where nothing is sealed: a reference is its own code. No other fact is known."""

    def fact_at(self, source: str, fact_id: str) -> tuple[UUID, int] | None:
        """Return no fact."""
        del source, fact_id
        return None

    def code(self, stream: UUID, reference: str) -> str:
        """Return the reference."""
        del stream
        return reference

    def destroyed(self, stream: UUID) -> tuple[str, str]:
        """Return no id and no receipt."""
        del stream
        return "", ""


@dataclass(slots=True)
class State:
    """What one fact is decided on.

    `record` is the record of whom the fact is about, and `stream` the stream that it goes to. `place` is the position
    of the last event so far; each event that is made stands one behind it. `envelope` holds what the fact's events
    share: the actor, the fact's name, the version of the policy in force. `first` is the place before the fact's first
    event.
    """

    judge: Judge
    company: Company
    record: Record
    stream: UUID
    place: int
    keys: Keys
    time: datetime
    envelope: dict[str, Any]
    contacts: tuple[int, ...] = ()
    """The contact points that the fact gives, as ordinals of its stream, the current one of a channel first."""
    unread: tuple[str, ...] = ()
    """The categories of its values that should hold a contact point and hold something else."""
    held_before: tuple[HeldBefore, ...] = ()
    """Which contact points the person had before an erasure, after which they came back."""
    contact: int | None = None
    """The contact point that the fact is about: where a message went, what opted out."""
    holders: tuple[Customer, ...] = ()
    """The other people on whose records a contact point stands under which a message was told."""
    others: tuple[UUID, ...] = ()
    """The streams of the person whom the fact tells apart from its own."""
    erased: int | None = None
    """The position at which that person was erased, if they were."""
    elsewhere: tuple[UUID, ...] = ()
    """The streams of other people on which contact points of the person stand, where the fact answers a request."""
    settled: tuple[UUID, ...] = ()
    """The streams that reports left out and that others' records settle, of a person who is to be erased."""
    left: tuple[UUID, ...] = ()
    """The other streams of a person of whom one stream alone is erased."""
    was_asked: bool = False
    """Whether such a person had asked to be erased, on whichever of their streams."""
    same_points: Mapping[UUID, tuple[SamePoint, ...]] = field(default_factory=dict)
    """By stream of a person who is to be erased, which of its contact points were others' as well."""
    told: int = 0
    """The position of a correction that waited for this entry and stands behind it, as it does in a trace; else 0."""
    by_officer: bool = False
    """Whether an officer tells the fact."""
    as_told: AsTold | None = None
    """What came of the fact when it was told; None: it is told now."""
    case: Case | None = None
    """The fact's event as it is judged, if what it relies on was looked up on the record of its person."""
    first: int = field(init=False)
    customer: Customer = field(init=False)
    """The person whom the fact is about; for any other fact, a person of whom nothing is known."""

    def __post_init__(self) -> None:
        """Set the person from the record, and the place at which the fact begins."""
        self.first = self.place
        self.customer = self.record if isinstance(self.record, Customer) else Customer(person=self.stream)

    @property
    def now(self) -> Moment:
        """The end of the instant at which the fact happened, by what is told so far."""
        return end_of(self.time)

    def joined_at(self, at: datetime) -> Customer:
        """Return the record of the person as far as their streams had been joined at a time."""
        return joined_at(self.customer, self.stream, at)

    @property
    def gives_child(self) -> bool:
        """Whether a known child gives what the fact says of them, so that its values are not kept."""
        if self.as_told is not None:
            return self.as_told.withheld
        return self.customer.is_known_child(self.now)

    def make(self, cls: type[_E], *, on: UUID | None = None, at: datetime | None = None, **fields: Any) -> _E:  # noqa: ANN401 - any event's fields
        """Return the next event: `on` the fact's stream and at its time, unless these say otherwise."""
        stream = on or self.stream
        version = self.record.version_of(stream) + 1
        if version == 1 and stream in self.customer.opened_as:
            fields["opened_as"] = self.customer.opened_as[stream]
        return cls.made(
            originator_id=stream,
            originator_version=version,
            occurred_at=at or self.time,
            position=self.place + 1,
            part=self.place - self.first,
            **self.envelope,
            **fields,
        )

    def stated(self, cls: type[_E], **fields: Any) -> _E:  # noqa: ANN401 - any event's fields
        """Return the event that the fact itself states, with the contact points that it gives."""
        return self.make(cls, contacts=self.contacts, **fields) if self.contacts else self.make(cls, **fields)

    def findings(self, event: Event) -> tuple[Finding, ...]:
        """Return what the policy in force finds wrong with an event."""
        if self.case is not None and self.case.event is event and not self.holders:
            return self.judge.findings(self.case)
        visitor = self.record if isinstance(self.record, Visitor) else None
        return self.judge.judge(self.customer, self.company, event, visitor, self.holders)
