"""A browser, as the fold of its events: only whether it refuses cookies. It is never joined to a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import Event, Moment, visitor as events

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(slots=True)
class Visitor:
    """A browser's record. `version` is that of its stream; `refused_since` the first refusal of cookies."""

    stream: UUID
    version: int = 0
    refused_since: Moment | None = None
    refused_by: str = ""
    """The fact by which it refused."""


def evolve(state: Visitor, event: Event) -> Visitor:
    """Fold one event of a browser's stream; the state that is given is changed and returned."""
    state.version = event.originator_version
    match event:
        case events.CookiesRefused():
            if state.refused_since is None or event.moment < state.refused_since:
                state.refused_since, state.refused_by = event.moment, event.fact
        case events.VisitorEvent():
            pass
        case _:
            message = f"{type(event).__name__} is not an event of a visitor"
            raise TypeError(message)
    return state
