"""Entries corrected: which facts somebody declared wrong, and what of a person's record stands at a moment.

What an entry correction names counts for nothing in what is both later in time than the correction and told later
(wire contract, "Entries corrected"). Whoever decides or judges by a record asks `standing` for what is left of it then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.events.customer import CustomerEnrolled, CustomerOptedOut, EnrollmentEnded, EntryCorrected
from domain.events.deletions import DataAnonymised, DataDeleted
from domain.events.links import CustomersLinked, CustomersUnlinked, NameEnded
from domain.events.suppressions import SuppressionEnded, SuppressionRecalled
from domain.records.bindings import is_undone, told_when

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events.base import Event
    from domain.moments import Moment


_BESIDE_LINK: Final = (CustomersLinked, EnrollmentEnded, SuppressionEnded, SuppressionRecalled)
"""The events that no fact states, and that one can make which says nothing but that two streams are one person's."""
CORRECTING: Final = frozenset(
    {CustomersLinked, CustomersUnlinked, DataAnonymised, DataDeleted, EntryCorrected, NameEnded}
)
"""The events to take note of that can be their fact's first ones."""


@dataclass(slots=True)
class Corrections:
    """The corrections of entries on a person's record."""

    told: dict[int, list[Moment]] = field(default_factory=dict)
    """By the position of a fact's first event, when somebody corrected it as a wrong entry."""
    facts: dict[int, int] = field(default_factory=dict)
    """By the position of an event that is not its fact's first one, that of the first one."""
    links: set[int] = field(default_factory=set)
    """The facts that say nothing but that two streams are one person's."""
    unlinks: set[int] = field(default_factory=set)
    """The facts that parted two streams."""
    ends: set[int] = field(default_factory=set)
    """The facts that ended a name."""
    itself: set[int] = field(default_factory=set)
    """The facts that are corrections themselves."""
    gone: dict[int, list[tuple[str, Moment]]] = field(default_factory=dict)
    """By the position of a collection, the categories of it whose values were deleted, each with when that was."""

    def note(self, event: Event) -> None:
        """Fold one event."""
        if event.part:
            self.facts[event.moment.position] = event.fact_position
            if self.links and not _is_beside_link(event):
                self.links.discard(event.fact_position)
        elif isinstance(event, CustomersLinked):
            self.links.add(event.fact_position)
        if isinstance(event, CustomersUnlinked) and not event.by_erasure:
            self.unlinks.add(event.fact_position)
        elif isinstance(event, NameEnded) and not event.waited:
            self.ends.add(event.fact_position)
        elif isinstance(event, DataDeleted):
            for category, place in zip(event.gone, event.gone_from, strict=True):
                self.gone.setdefault(place, []).append((category, event.moment))
        elif isinstance(event, EntryCorrected):
            self._correct(event)

    def _correct(self, event: EntryCorrected) -> None:
        if event.waited is None:
            self.itself.add(event.fact_position)
        if event.entry is not None:
            self.told.setdefault(event.entry, []).append(told_when(event))

    def fact_of(self, place: int) -> int:
        """Return the position of the first event of the fact that made the event at a position."""
        return self.facts.get(place, place)

    def wrong_at(self, until: Moment) -> frozenset[int]:
        """Return the facts that were corrected and count for nothing at a moment."""
        if not self.told:
            return frozenset()
        return frozenset(fact for fact, told in self.told.items() if any(is_undone(one, until) for one in told))

    def absorb(self, other: Corrections) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.facts |= other.facts
        self.links |= other.links
        self.unlinks |= other.unlinks
        self.ends |= other.ends
        self.itself |= other.itself
        self.gone |= other.gone
        for entry, told in other.told.items():
            known = self.told.setdefault(entry, [])
            known += [one for one in told if one not in known]

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""
        self.facts = {shift(place): shift(fact) for place, fact in self.facts.items()}
        own = (self.links, self.unlinks, self.ends, self.itself)
        self.links, self.unlinks, self.ends, self.itself = (set(map(shift, one)) for one in own)
        self.gone = {
            shift(place): [(category, at._replace(position=shift(at.position))) for category, at in gone]
            for place, gone in self.gone.items()
        }
        self.told = {
            shift(entry): [one._replace(position=shift(one.position)) for one in told]
            for entry, told in self.told.items()
        }


def _is_beside_link(event: Event) -> bool:
    """Return whether a link alone can have made an event: it follows, or it waited for what the link lets in."""
    if isinstance(event, CustomerEnrolled | CustomerOptedOut):
        return bool(event.follows)
    if isinstance(event, EntryCorrected | NameEnded):
        return bool(event.waited)
    return isinstance(event, _BESIDE_LINK)
