"""When things happened: by time, and at one instant in the order of their kinds.

Many dates come without a time of day, and a batch has one time for all its lines; so what happened at one instant has
an order of its own (wire contract, "One history, one verdict").
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

UNPLACED: Final = 2**62
"""The position of what has none yet: after all that have one."""


class Turn(IntEnum):
    """What comes first at one instant."""

    COMPANY = 0
    LINK = 1
    GIVEN = 2
    """Collections, corrections and enrollments."""
    PROTECTION = 3
    """Opt-outs, objections, refusals of cookies, signals, ages; and what was cancelled."""
    ACT = 4
    """Uses, shares, messages, cookies, analytics."""
    REQUEST = 5
    VERIFICATION = 6
    ANSWER = 7
    UNDOING = 8
    ERASURE = 9
    END = 10
    """After all that happened at the instant."""


class Moment(NamedTuple):
    """A point in history: world time, then the turn, then the position in the log. Later ones compare greater."""

    at: datetime
    turn: Turn
    position: int


def start_of(at: datetime) -> Moment:
    """Return the moment before all that happened at an instant."""
    return Moment(at, Turn.COMPANY, 0)


def end_of(at: datetime) -> Moment:
    """Return the moment after all that happened at an instant."""
    return Moment(at, Turn.END, UNPLACED)


def end_of_turn(moment: Moment) -> Moment:
    """Return the moment after all of one turn at an instant."""
    return moment._replace(position=UNPLACED)
