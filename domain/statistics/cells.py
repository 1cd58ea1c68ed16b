"""A released count, and a small group that follows from some."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cell(NamedTuple):
    """A count of persons, and the position of the release in which it stands; 0 for one that is not recorded yet."""

    where: Mapping[str, str]
    persons: int
    release: int = 0


class Group(NamedTuple):
    """A small group that follows: from which releases, how many persons it has, and the counts that give it."""

    releases: tuple[int, ...]
    persons: int
    counts: tuple[Cell, ...]
