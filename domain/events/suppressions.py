"""Events of what is owed to a person from elsewhere, or kept apart: by an erasure, an unlink, or the end of a name."""

from __future__ import annotations

from domain.events.base import Place, Places
from domain.events.customer import CustomerEvent
from domain.moments import Turn
from domain.vocabulary import Program


class SuppressionRecalled(CustomerEvent, turn=Turn.PROTECTION):
    """Of somebody erased, or once taken for this person, this still binds.

    It is an opt-out from a program, an objection to a purpose, or an age. `comes_from` is the event that said so, on
    the record of the one who was parted from this person, or had the name before. With `told`, where it was told of
    this person, on another stream of theirs, one of the two was erased alone.
    """

    program: Program | None = None
    purpose: str | None = None
    under: int | None = None
    comes_from: Place = None
    told: Place = None


class SuppressionOwed(CustomerEvent, turn=Turn.PROTECTION):
    """This protected somebody erased when something happened that was told of them only after the erasure.

    It stands before that fact, on the stream which the fact has to itself, and protects nobody else.
    """

    program: Program | None = None
    purpose: str | None = None
    under: int | None = None


class SuppressionEnded(CustomerEvent, turn=Turn.UNDOING):
    """What was recalled binds no longer, since an officer annulled what it came from."""

    recalled: Places


class EntrySetAside(CustomerEvent):
    """What was told under this person's name holds a contact point of somebody erased, so it is coded, as about them.

    What it gave and permitted is on no record, though it may have been this person's.
    """
