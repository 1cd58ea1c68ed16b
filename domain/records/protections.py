"""What of a person's record protects them, so that only an officer may annul it, and which annulments wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.events import Moment
from domain.events.customer import AgeLearned, CustomerOptedOut, EntryCorrected, ObjectionRaised
from domain.records.contacts import is_undone

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
    told: dict[int, int] = field(default_factory=dict)
    """By the position of an opt-out or objection, that of the first event of the fact that told it."""
    annulled: dict[int, list[Moment]] = field(default_factory=dict)
    """By the position of a fact's first event, when an officer annulled it."""
    awaited: dict[str, tuple[str, Moment]] = field(default_factory=dict)
    """By the code of a fact's name, which officer annulled it before it was told, and when."""

    def note(self, event: Event) -> None:
        """Fold one event; one that neither protects nor annuls changes nothing."""
        what = PROTECTING.get(type(event))
        if what is not None:
            self.facts[event.fact_position] = what
            if isinstance(event, ObjectionRaised) or (isinstance(event, CustomerOptedOut) and not event.follows):
                self.told[event.moment.position] = event.fact_position
        elif isinstance(event, EntryCorrected):
            if event.entry is None and event.by_officer:
                self.awaited[event.entry_code] = (event.actor, event.moment)
                return
            self.awaited.pop(event.entry_code, None)
            if event.entry is not None and event.by_officer:
                self.annulled.setdefault(event.entry, []).append(event.moment)

    def annulments(self, told: int) -> list[Moment]:
        """Return when an officer annulled the opt-out or objection at a position."""
        return self.annulled.get(self.told.get(told, 0), [])

    def is_annulled(self, told: int, until: Moment) -> bool:
        """Return whether the opt-out or objection at a position counts for nothing at a moment: it was annulled."""
        return any(is_undone(annulment, until) for annulment in self.annulments(told))

    def absorb(self, other: Protections) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.facts |= other.facts
        self.told |= other.told
        for entry, told in other.annulled.items():
            own = self.annulled.setdefault(entry, [])
            own += [one for one in told if one not in own]
        self.awaited |= other.awaited

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""

        def moved(one: Moment) -> Moment:
            return Moment(one.at, shift(one.position))

        self.facts = {shift(place): what for place, what in self.facts.items()}
        self.told = {shift(place): shift(fact) for place, fact in self.told.items()}
        self.annulled = {shift(entry): list(map(moved, told)) for entry, told in self.annulled.items()}
        self.awaited = {code: (actor, moved(told)) for code, (actor, told) in self.awaited.items()}
