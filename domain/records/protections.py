"""What of a person's record protects them, so that only an officer may annul it, and which annulments wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.events.customer import AgeLearned, CustomerOptedOut, EntryCorrected, ObjectionRaised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.events import Event

PROTECTING: Final[Mapping[type[Event], str]] = {
    CustomerOptedOut: "opt_out",
    ObjectionRaised: "objection",
    AgeLearned: "age",
}
"""The events that protect a person, each with the word by which an audit calls one that was annulled."""


@dataclass(slots=True)
class Protections:
    """The facts that protect a person, and the annulments of facts that are not told yet."""

    facts: dict[int, str] = field(default_factory=dict)
    """By the position of the fact's first event, what it is."""
    awaited: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By the code of a fact's name, which officer annulled it before it was told, and where that stands."""

    def note(self, event: Event) -> None:
        """Fold one event; one that neither protects nor annuls changes nothing."""
        what = PROTECTING.get(type(event))
        if what is not None:
            self.facts[event.fact_position] = what
        elif isinstance(event, EntryCorrected):
            if event.entry is None and event.by_officer:
                self.awaited[event.entry_code] = (event.actor, event.moment.position)
            else:
                self.awaited.pop(event.entry_code, None)

    def absorb(self, other: Protections) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.facts |= other.facts
        self.awaited |= other.awaited

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""
        self.facts = {shift(place): what for place, what in self.facts.items()}
        self.awaited = {code: (actor, shift(place)) for code, (actor, place) in self.awaited.items()}
