"""Statuses of promises, in the order of the wire contract: the first of these that was found of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PRECEDENCE: Final = ("broken", "open", "excused", "indeterminate", "attested", "kept")


def first_of(found: Iterable[str], otherwise: str = "untested") -> str:
    """Return the status of a promise of which these were found."""
    found = set(found)
    return next((status for status in PRECEDENCE if status in found), otherwise)


def overlap(one: str, other: str) -> bool:
    """Return whether two categories are one, or one stands above the other."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
