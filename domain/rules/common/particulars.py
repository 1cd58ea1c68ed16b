"""The particulars of a finding: what the person who answers for it asks next, in times, codes and counts.

A rule gives them with each breach. They hold no personal value. A time is given as the moment of an event, so that the
audit knows which event it is of; what is not a time of an event is a plain time. Another fact is a `Named` position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.vocabulary import within

if TYPE_CHECKING:
    from collections.abc import Iterable

Particulars = tuple[tuple[str, object], ...]
"""Each with its name, in the order in which a sentence says them."""


class Reference(NamedTuple):
    """The code of a reference, and the position of an event that has it."""

    code: str
    position: int


def particulars(**given: object) -> Particulars:
    """Return particulars without those that are unknown (None) or empty."""
    return tuple((name, value) for name, value in given.items() if value is not None and value != ())


def outside(categories: Iterable[str], allowed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the categories that one of the lists of allowed ones does not cover."""
    lists = [tuple(one) for one in allowed]
    return tuple(one for one in categories if not all(within((one,), each) for each in lists))
