"""A browser, as the fold of its events: whether it refuses cookies, and how. It is never joined to a customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.events import Event, visitor as events

if TYPE_CHECKING:
    from uuid import UUID

    from domain.moments import Moment

ON: Final = frozenset({"1", "true", "yes"})
"""What the value of a signal is, in small letters, where it is switched on."""


@dataclass(slots=True)
class Visitor:
    """A browser's record. `version` is that of its stream.

    `refused` is its first refusal of cookies, `signalled` the first time that it sent each privacy signal switched on.
    """

    stream: UUID
    version: int = 0
    refused: Moment | None = None
    signalled: dict[str, Moment] = field(default_factory=dict)

    def version_of(self, stream: UUID) -> int:
        """Return the version of the browser's stream, the only one of this record."""
        assert stream == self.stream, "a record holds its own streams"
        return self.version


def evolve(state: Visitor, event: Event) -> Visitor:
    """Fold one event of a browser's stream; the state that is given is changed and returned."""
    state.version = event.originator_version
    refusal = event.moment
    match event:
        case events.CookiesRefused():
            state.refused = min(refusal, state.refused or refusal)
        case events.SignalReceived() if event.value.lower() in ON:
            state.signalled[event.signal] = min(refusal, state.signalled.get(event.signal, refusal))
        case events.VisitorEvent():
            pass
        case _:
            message = f"{type(event).__name__} is not an event of a visitor"
            raise TypeError(message)
    return state
