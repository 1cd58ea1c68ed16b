"""What a person can be owed, whatever was forgotten of them: peace in a program, an objection, or to be a child.

It is stored for the names and contact points of people who were erased, or gave a name up. There each has one word: a
program and an age have their own, and an objection that of its purpose behind `objection:`. No purpose holds a colon.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from domain.vocabulary import Program

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
