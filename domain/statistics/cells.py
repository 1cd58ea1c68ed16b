"""A released count."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cell(NamedTuple):
    """A count of persons, and the position of the release in which it stands; 0 for one that is not recorded yet."""

    where: Mapping[str, str]
    persons: int
    release: int = 0
