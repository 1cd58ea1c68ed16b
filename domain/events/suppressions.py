"""Events of what is owed to a person from elsewhere, or kept apart: by an erasure, an unlink, or the end of a name."""

from __future__ import annotations

from datetime import datetime

from domain.events.base import Place, Places
from domain.events.customer import CustomerEvent
from domain.moments import Moment, Turn
from domain.vocabulary import Program


class SuppressionRecalled(CustomerEvent, turn=Turn.PROTECTION):
    """Of somebody erased, or once taken for this person, this still binds.

    It is an opt-out from a program, an objection to a purpose, or an age. `comes_from` is the event that said so, on
    the record of the one who was parted from this person, or had the name before. With `said_at`, that was said at this
    time, of both, before an unlink parted them. With `told`, where it was told of this person, on another stream of
    theirs, one of the two was erased alone. With `owed_since`, the one who had the name before had said so then.
    `learned` is where it was told, or the erasure, where a trace makes the record of somebody who came back later.
    `of_contact`: it was told of a contact point that was theirs then.
    """

    program: Program | None = None
    purpose: str | None = None
    under: int | None = None
    comes_from: Place = None
    said_at: datetime | None = None
    told: Place = None
    of_contact: bool | None = None
    owed_since: datetime | None = None
    learned: Place = None

    @property
    def told_at(self) -> int:
        """The position at which it was told, where that is known and not its own; else 0."""
        return self.learned or (self.comes_from if self.owed_since else 0) or 0

    @property
    def said(self) -> Moment | None:
        """When and at which position it was said of this very person; None: of somebody who was erased, or another."""
        if self.told is not None:
            return self.moment._replace(position=self.told)
        if self.said_at is None or self.comes_from is None:
            return None
        return self.moment._replace(at=self.said_at, position=self.comes_from)


class SuppressionOwed(CustomerEvent, turn=Turn.PROTECTION):
    """This protected somebody erased when something happened that was told of them only after the erasure.

    It stands before that fact, on the stream which the fact has to itself, and protects nobody else.
    """

    program: Program | None = None
    purpose: str | None = None
    under: int | None = None


class SuppressionEnded(CustomerEvent, turn=Turn.UNDOING):
    """What was recalled binds no longer, since an officer annulled what it came from.

    Or it was `lifted`: one of two had asked anew before an unlink parted them, which was told later; so it never bound.
    """

    recalled: Places
    lifted: bool | None = None


class EntrySetAside(CustomerEvent):
    """What was told under this person's name holds a contact point of somebody erased, so it is coded, as about them.

    What it gave and permitted is on no record, though it may have been this person's.
    """
