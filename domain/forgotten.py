"""What a store keeps of the erased: until when a name was theirs, what they stay owed, and what waits for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.suppressed import Gone, Suppression, Tombstone


class Forgotten(Protocol):
    """The part of a store (`domain.store.Store`) that speaks of people who were erased."""

    def suppressed(self, name: Subject, at: datetime) -> Iterable[Suppression]:
        """Return what the one who has a name at a time is owed: who had it was erased, or gave it up last."""
        ...

    def owed_to(self, left: Tombstone) -> Iterable[Suppression]:
        """Return what the erased person of a name is owed."""
        ...

    def is_forgotten(self, source: str, fact_id: str) -> bool:
        """Return whether a fact was told of somebody who has been erased since."""
        ...

    def forget(self, customer: Customer, gone: Gone, owed: Sequence[Suppression]) -> None:
        """Forget the names of an erased person, but not what is owed to them.

        A tombstone stays for each span of each name: it was theirs until then, or until it was given up.
        """
        ...

    def entomb(self, left: Tombstone, *, is_held: bool) -> None:
        """Keep a tombstone of a contact point with the code of the erasure; a held one says nothing until `release`."""
        ...

    def release(self, point: Point, held: Collection[datetime]) -> None:
        """Let the tombstones of a contact point say whose it is, but those after an end after which it is held."""
        ...

    def waiting(self, point: Point) -> Sequence[Suppression]:
        """Return what erased people are owed at a contact point as soon as nobody living holds it."""
        ...

    def wait(self, point: Point, owed: Suppression) -> None:
        """Keep what waits at a contact point, unless it is kept already."""
        ...

    def settle(self, point: Point, owed: Suppression) -> None:
        """Let something wait no longer."""
        ...

    def left_of(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return the tombstones of a name or contact point that was an erased person's at a time."""
        ...

    def left_by(self, streams: Collection[UUID]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures after which their person came back under the names of these streams."""
        ...

    @property
    def erasure_code(self) -> str:
        """The code of the erasure that is handled, as its tombstones have it."""
        ...

    def set_aside(self, name: Subject, at: datetime) -> datetime | None:
        """Return when that was which may permit anything, and is kept as an erased person's by a contact point in it.

        It is the latest of what was told under this name.
        """
        ...

    def left_under(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures of those who had a name before the one who has it at a time."""
        ...

    def left_with(self, codes: Iterable[Hashable]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures that have these codes, also those that say nothing yet."""
        ...

    def left_of_stream(self, stream: UUID) -> Sequence[Tombstone]:
        """Return all tombstones of the erasure that a stream was erased in."""
        ...

    def erased_with(self, codes: Iterable[Hashable]) -> Sequence[UUID]:
        """Return the streams that were erased in the erasures that have these codes."""
        ...

    def owe_left(self, left: Tombstone, owed: Suppression) -> Sequence[UUID]:
        """Keep what the erased person of a name is owed: the name, and who has it after that person gave it up.

        Return the streams of those who have it since, and are to be told.
        """
        ...

    def erasure_of(self, name: Subject) -> int | None:
        """Return where the last person was erased to whom a name led that leads to nobody now; None: nobody was."""
        ...

    def open_forgotten(self, fact: Fact) -> UUID:
        """Open a stream for one fact about an erased person: no name leads there, and its key is not kept."""
        ...

    def keep_forgotten(self, name: Subject, at: datetime, found: Sequence[Tombstone], *, may_permit: bool) -> None:
        """Keep tombstones for a name that a fact of a time told of an erased person, with the codes of those found."""
        ...
