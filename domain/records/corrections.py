"""Entries corrected: which facts somebody declared wrong, and what of a person's record stands at a moment.

What an entry correction names counts for nothing in what is both later in time than the correction and told later
(wire contract, "Entries corrected"). Whoever decides or judges by a record asks `standing` for what is left of it then.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from domain.events.base import Event, Moment
from domain.events.customer import CustomerEnrolled, CustomerOptedOut, EnrollmentEnded, EntryCorrected
from domain.events.deletions import DataAnonymised, DataDeleted
from domain.events.links import CustomersLinked, NameEnded
from domain.events.suppressions import SuppressionEnded, SuppressionRecalled
from domain.records.bindings import is_undone
from domain.records.entries import ENDED, ENROLLED, by_moment
from domain.records.rights import Matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.records.customer import Customer
    from domain.records.entries import Change, Held, Placed

    _P = TypeVar("_P", bound=Placed)

_BESIDE_LINK: Final = (
    *(CustomersLinked, CustomerEnrolled, CustomerOptedOut, EnrollmentEnded, EntryCorrected),
    *(NameEnded, SuppressionEnded, SuppressionRecalled),
)
"""The events that a fact can make which says nothing but that two streams are one person's."""
CORRECTING: Final = frozenset({CustomersLinked, DataAnonymised, DataDeleted, EntryCorrected})
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
    gone: dict[int, list[tuple[str, Moment]]] = field(default_factory=dict)
    """By the position of a collection, the categories of it whose values were deleted, each with when that was."""

    def note(self, event: Event) -> None:
        """Fold one event."""
        if event.part:
            self.facts[event.moment.position] = event.fact_position
            if self.links and not isinstance(event, _BESIDE_LINK):
                self.links.discard(event.fact_position)
        elif isinstance(event, CustomersLinked):
            self.links.add(event.fact_position)
        if isinstance(event, DataDeleted):
            for category, place in zip(event.gone, event.gone_from, strict=True):
                self.gone.setdefault(place, []).append((category, event.moment))
        elif isinstance(event, EntryCorrected) and event.entry is not None:
            told = event.moment if event.waited is None else Moment(event.occurred_at, event.waited)
            self.told.setdefault(event.entry, []).append(told)

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
        self.gone |= other.gone
        for entry, told in other.told.items():
            known = self.told.setdefault(entry, [])
            known += [one for one in told if one not in known]

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""
        self.facts = {shift(place): shift(fact) for place, fact in self.facts.items()}
        self.links = set(map(shift, self.links))
        self.gone = {
            shift(place): [(category, Moment(at.at, shift(at.position))) for category, at in gone]
            for place, gone in self.gone.items()
        }
        self.told = {
            shift(entry): [Moment(one.at, shift(one.position)) for one in told] for entry, told in self.told.items()
        }


def standing(person: Customer, until: Moment) -> Customer:
    """Return what of a person's record stands at a moment: all but what was corrected by then as a wrong entry.

    What protects them is left on it, and asked by its own annulments: only an officer's word ends it.
    """
    if not person.corrections.told:
        return person
    wrong = person.corrections.wrong_at(until) - person.without
    return _without(person, wrong) if wrong else person


def holding(person: Customer, until: Moment) -> Customer:
    """Return what of a person's record stands at a moment, each collection with the categories that it still holds.

    What was deleted is held no more in what is both later in time than the deletion and told later.
    """
    person = standing(person, until)
    gone = {
        place: {category for category, at in deleted if is_undone(at, until)}
        for place, deleted in person.corrections.gone.items()
    }
    if not any(gone.values()):
        return person

    def left(held: Held) -> Held:
        lost = gone.get(held.position)
        return held._replace(categories=tuple(one for one in held.categories if one not in lost)) if lost else held

    by_position = {place: left(held) for place, held in person.by_position.items()}
    return replace(
        person,
        by_act=_by(by_position.values(), "act"),
        by_reference=_by(by_position.values(), "reference"),
        by_position=by_position,
        categories={category for held in by_position.values() for category in held.categories},
    )


def _without(person: Customer, wrong: frozenset[int]) -> Customer:
    fact_of = person.corrections.fact_of

    def stands(one: Placed) -> bool:
        return fact_of(one.moment.position) not in wrong

    def left(timeline: Iterable[_P]) -> list[_P]:
        return [one for one in timeline if stands(one)]

    def is_left(change: Change) -> bool:
        if change.state == ENROLLED:  # By a collection: as long as one of those stands that it relies on.
            is_grounded = not change.relies_on or any(fact_of(place) not in wrong for place in change.relies_on)
            return is_grounded and (stands(change) or not change.is_told)
        return change.state != ENDED or stands(change)

    by_position = {place: held for place, held in person.by_position.items() if stands(held)}
    cancellations = {
        code: own
        for code, told in person.cancellations.items()
        if (own := [one for one in told if fact_of(one.position) not in wrong])
    }
    rights, contacts = person.rights, person.contacts
    offers = {purpose: left(made) for purpose, made in rights.offers.items()}
    matters = {code: _matter_left(matter, left) for code, matter in rights.matters.items()}
    return replace(
        person,
        by_act=_by(by_position.values(), "act"),
        by_reference=_by(by_position.values(), "reference"),
        by_position=by_position,
        categories={category for held in by_position.values() for category in held.categories},
        cancellations=cancellations,
        programs=defaultdict(list, {program: list(filter(is_left, own)) for program, own in person.programs.items()}),
        given=left(person.given),
        rights=replace(
            rights,
            matters=defaultdict(Matter, matters),
            offers=defaultdict(list, offers),
            corrections=left(rights.corrections),
        ),
        contacts=replace(contacts, named=left(contacts.named), confirmed=left(contacts.confirmed)),
        without=person.without | wrong,
        whole=person.whole or person,
    )


def _matter_left(matter: Matter, left: Callable[[Iterable[Any]], list[Any]]) -> Matter:
    return replace(
        matter,
        requests=left(matter.requests),
        verified=left(matter.verified),
        reported=left(matter.reported),
        corrected=left(matter.corrected),
        declined=left(matter.declined),
        denied=left(matter.denied),
        withdrawn=left(matter.withdrawn),
    )


def _by(held: Iterable[Held], name: str) -> dict[Any, list[Held]]:
    found: dict[Any, list[Held]] = defaultdict(list)
    for one in sorted(held, key=by_moment):
        found[getattr(one, name)].append(one)
    return found
