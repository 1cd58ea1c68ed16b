"""What a person can be owed, whatever was forgotten of them: peace in a program, an objection, or to be a child.

What is left of the names of the erased stands here too, since it is kept for that.

It is stored for the names and contact points of people who were erased, or gave a name up. There each has one word: a
program and an age have their own, and an objection that of its purpose behind `objection:`. No purpose holds a colon.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from domain.facts.fields import Subject

_OBJECTION: Final = "objection:"


class Objection(NamedTuple):
    """An objection to a purpose."""

    purpose: str


class Age(StrEnum):
    """What is known of a person's age."""

    UNDER_13 = "under_13"


Bound = Program | Objection
"""What can bind a contact point. An age is a person's alone."""
Suppressed = Program | Objection | Age


def word_of(what: Suppressed) -> str:
    """Return the word of what is owed."""
    return f"{_OBJECTION}{what.purpose}" if isinstance(what, Objection) else what.value


def suppressed_by(word: str) -> Suppressed:
    """Return what is owed by a word. Raises ValueError for a word of nothing."""
    if word in set(Age):
        return Age(word)
    return bound_by(word)


def bound_by(word: str) -> Bound:
    """Return what binds a contact point by a word. Raises ValueError for a word of nothing, or of an age."""
    purpose = word.removeprefix(_OBJECTION)
    return Program(word) if purpose == word else Objection(purpose)


def purpose_of(word: str) -> str | None:
    """Return the purpose that a word says somebody objected to; None: it says something else."""
    return word.removeprefix(_OBJECTION) if word.startswith(_OBJECTION) else None


class Suppression(NamedTuple):
    """What a person is owed after an erasure, an unlink or the end of a name, and since when.

    `source` is the position of what said so, where it is known and can still be annulled; `ended`, when it was. `code`
    is that of the erasure of the person, where it waits at a contact point. `said` is when it was said by one of two
    whom an unlink parted, while it binds the other one only since the unlink; `of_contact`, whether it was told of a
    contact point that was theirs. Neither is ever kept. `by_last` is when it was said by the one who had a name before.
    `learned` is where it was told, or the erasure: a trace alone needs that, which makes records in the order of time.
    """

    what: Suppressed
    since: datetime
    source: int = 0
    ended: datetime | None = None
    code: str = ""
    said: datetime | None = None
    of_contact: bool = False
    by_last: datetime | None = None
    learned: int = 0


class Gone(NamedTuple):
    """Under which name an erased person was told of, at which time, and until when their names were theirs."""

    name: Subject
    at: datetime
    until: datetime


class Tombstone(NamedTuple):
    """What is left of a name or contact point of somebody erased: after which end of it until when it was theirs.

    All tombstones of one erasure have one code, which means nothing else: what is told late under one of them reaches
    the others.
    """

    key: Hashable
    start: datetime
    until: datetime
    code: Hashable
    is_contact: bool
    """Whether it is of a contact point, which leads to nobody."""
    by: str = ""
    """Of a contact point: the code of the erased person in what their opt-outs reach; empty: they had no number."""
    named: datetime | None = None
    """Of a contact point: since when it stood on the erased person's record; None: it never did.

    Of a name that is typed: when that was which was told last under it, and may permit anything; None: nothing was.
    """
    is_typed: bool = False
    """Of a name: whether only a contact point of theirs, which anybody can type, says that it was theirs."""
    is_held: bool = False
    """Of a contact point: whether living people were known to have it at the erasure, and have it still."""
