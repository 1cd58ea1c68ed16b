"""What a fact brings along for a new record, as what its name is owed: at other times than that of the fact itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.links import NameEnded
from domain.events.suppressions import EntrySetAside, SuppressionEnded, SuppressionRecalled

if TYPE_CHECKING:
    from domain.events.base import Event

_BROUGHT: Final = (EntrySetAside, SuppressionEnded, SuppressionRecalled)


def is_brought_along(event: Event) -> bool:
    """Return whether an event stands before that which a fact states, on the record that the fact opened."""
    return isinstance(event, _BROUGHT) or (isinstance(event, NameEnded) and event.waited is True)
