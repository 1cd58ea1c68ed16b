"""The store that facts are decided on: the records as they stand, and where new streams, names and bindings go.

A batch of PostgreSQL's, a trace in memory and a test each supply one; the rules are the ledger's (`domain.ledger`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from domain.events.company import CompanyEntryCorrected
from domain.events.customer import EntryCorrected
from domain.events.visitor import VisitorEntryCorrected
from domain.forgotten import Forgotten
from domain.state import Keys

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.events.suppressions import SuppressionRecalled
    from domain.facts import Fact
    from domain.facts.addresses import Addresses
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge
    from domain.records import Company, Customer, Visitor
    from domain.records.bindings import Binding
    from domain.records.contacts import Point
    from domain.state import AsTold
    from domain.suppressed import Suppression, Tombstone
    from domain.vocabulary import LinkRefusal


_CORRECTING: Final = (CompanyEntryCorrected, EntryCorrected, VisitorEntryCorrected)


class KeptValue(NamedTuple):
    """A value that is still there: the stream and position of its event, and its category."""

    stream: UUID
    position: int
    category: str


class KeptValues(Protocol):
    """The values that a store has of collections and corrections."""

    def kept(self, streams: Iterable[UUID]) -> Iterable[KeptValue]:
        """Return the values on these streams that were not deleted yet."""
        ...

    def elsewhere(self, streams: Iterable[UUID], held_in: str) -> Iterable[KeptValue]:
        """Return what collections on these streams say that another system holds, deleted there or not."""
        ...

    def destroy(self, values: Iterable[KeptValue]) -> None:
        """Have the keys of these values destroyed, and the texts of contact points that stood in them alone."""
        ...


class Store(Keys, Forgotten, Protocol):
    """The records that facts are decided on, and where new streams and names go."""

    @property
    def judge(self) -> Judge:
        """The policy in force, ready to judge."""
        ...

    @property
    def place(self) -> int:
        """The position of the last event."""
        ...

    @property
    def latest(self) -> datetime:
        """The time after which nothing can have happened yet."""
        ...

    @property
    def values(self) -> KeptValues:
        """The values of collections and corrections, as far as they are there."""
        ...

    def as_told(self, fact: Fact) -> AsTold | None:
        """Return what came of a fact when it was told; None: it is told now."""
        ...

    def company(self) -> Company:
        """Return the company's record."""
        ...

    def visitor(self, name: Subject) -> Visitor:
        """Return a browser's record, a new one for an unknown name."""
        ...

    def stream_of(self, name: Subject, at: datetime) -> UUID | None:
        """Return the living stream that a customer's name led to at a time, None where it led to none.

        Raises `UnknownCustomer` for an id that is not a living customer's stream.
        """
        ...

    def ever_led(self, name: Subject) -> Iterable[UUID]:
        """Return the living streams to which a name led at any time."""
        ...

    def person(self, stream: UUID) -> Customer:
        """Return the record of the person whose stream this is."""
        ...

    def open(self, name: Subject) -> UUID:
        """Open a stream for a person who is told of under a new name, and return it."""
        ...

    def attach(self, name: Subject, stream: UUID, at: datetime) -> None:
        """Let a name lead to a stream, between those two ends of it that a time is between."""
        ...

    def ends(self, name: Subject, at: datetime) -> datetime | None:
        """Return when the one who had a name at a time gave it up; None: they did not."""
        ...

    def end_name(self, name: Subject, at: datetime, stream: UUID | None) -> None:
        """Let a name that led to a stream, if to any, lead there up to a time alone."""
        ...

    def told_later(self, stream: UUID, at: datetime) -> Sequence[int]:
        """Return the positions of the facts told of a stream that happened after a time."""
        ...

    def owe(self, stream: UUID, owed: Suppression) -> UUID | None:
        """Keep what is owed to a name that leads to a stream no longer; return whose stream it led to next, if any."""
        ...

    def owe_name(self, name: Subject, end: datetime, owed: Suppression) -> None:
        """Keep what the one who has a name after an end of it is owed, unless that is kept already."""
        ...

    def recalls_from(self, sources: Collection[int]) -> Iterable[SuppressionRecalled]:
        """Return what was recalled on anybody's record and comes from one of these events."""
        ...

    def bindings_from(self, sources: Collection[int]) -> Iterable[tuple[Point, Binding]]:
        """Return what binds contact points and was passed on from one of these events; look up what binds them."""
        ...

    def owed_from(self, sources: Collection[int]) -> Iterable[Suppression]:
        """Return what names are owed that were given up, and comes from one of these events."""
        ...

    def end_owed(self, owed: Suppression, at: datetime) -> None:
        """Keep that what names are owed from the same event ended."""
        ...

    def is_of_contact(self, stream: UUID) -> bool:
        """Return whether a stream was opened under a contact point, which leads to it."""
        ...

    def same_codes(self, stream: UUID, other: UUID) -> Sequence[tuple[str, str]]:
        """Return pairs of codes of the persons of two streams that stand for one reference.

        Each pair is a code and the first, in their order, of its reference.
        """
        ...

    def lead(self, streams: Iterable[UUID], stream: UUID) -> None:
        """Let streams lead to the record of another one, which has taken over all that they hold."""
        ...

    def part(self, sides: Iterable[Sequence[UUID]], made: Sequence[Event]) -> None:
        """Let each side of streams that were one person's have a record of its own, folded anew.

        It is folded from the events of its own streams, with those of `made`, and with the links left out that were
        undone (`domain.records.parted`).
        """
        ...

    def own_codes(self, stream: UUID, side: Sequence[UUID]) -> Sequence[tuple[str, str]]:
        """Return the codes of a stream's references that are not its side's, each with the one that stands for it."""
        ...

    @property
    def addresses(self) -> Addresses:
        """What reads e-mail addresses and telephone numbers."""
        ...

    @property
    def bound(self) -> dict[Hashable, list[Binding]]:
        """What binds contact points, by their key, as far as it was looked up."""
        ...

    def point(self, name: Subject) -> Point:
        """Return a contact point with its key, and look up what binds it."""
        ...

    def holders(self, point: Point, most: int | None = None) -> Iterable[Customer]:
        """Return the records of the people on which a contact point stands, or of whom it was told.

        With `most`, only those of so many streams are looked at.
        """
        ...

    def keep_contact(self, stream: UUID, ordinal: int, name: Subject) -> None:
        """Keep which contact point a new ordinal of a stream stands for, if an event of the fact names it."""
        ...

    def bind(self, point: Point, binding: Binding) -> None:
        """Put an opt-out, or what lifts one, on the list of what binds a contact point."""
        ...


class Sender(NamedTuple):
    """Who tells a fact, and what is believed of them."""

    actor: str = ""
    vouches: bool = False
    """They have verified whom the fact is about."""
    is_officer: bool = False
    """They may undo what protects a person, and link a contact point to a second one."""


class Handled(NamedTuple):
    """What came of a fact: the stream that it went to, and the events that it made, on this stream and others."""

    stream: UUID
    events: list[Event]
    unread: tuple[str, ...] = ()
    """The categories among the values that hold something else than one address or number."""
    not_linked: tuple[LinkRefusal, ...] = ()
    """Why names were not linked, one code for each."""
    later: tuple[int, ...] = ()
    """Of a name that ended, the positions of the facts told under it already that happened later."""
    left: tuple[Tombstone, ...] = ()
    """Of a fact about somebody who had been erased, their tombstones."""

    @property
    def awaits(self) -> bool:
        """Whether it corrects an entry that is not on this record: it was not told yet, or is another's."""
        return any(event.entry is None for event in self.events if isinstance(event, _CORRECTING))
