"""What follows from facts, worked out anew: what the ledger made of them when they were told counts only then.

Where something came late, other enrollments follow by what had happened by then than followed when it was told (wire
contract, "What the ledger itself made of facts is a consequence"). An audit then leaves out what was made, and lets
follow from each fact in the order of time what follows from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain import consequences
from domain.decide import react
from domain.events.customer import CustomerEnrolled, CustomerOptedOut, DataCollected, EnrollmentEnded, EntryCorrected
from domain.events.links import CustomersUnlinked
from domain.events.suppressions import SuppressionEnded
from domain.moments import Moment, end_of
from domain.records.bindings import annulments, told_when
from domain.set_right import set_right
from domain.state import NoKeys, State
from domain.times import next_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.records.contacts import ContactBook
    from domain.records.customer import Customer


def is_made(event: Event) -> bool:
    """Return whether the ledger itself made an event of what was told, and an audit can work it out anew."""
    if isinstance(event, CustomerEnrolled | CustomerOptedOut):
        return bool(event.follows)
    return isinstance(event, EnrollmentEnded)


def follows_as_enrollment(event: Event) -> bool:
    """Return whether the ledger itself made an enrollment of what was told: the company has done nothing by it."""
    return isinstance(event, CustomerEnrolled) and bool(event.follows)


def are_of(policy: Policy, events: Iterable[Event]) -> bool:
    """Return whether what followed from events followed under the policy by which they are judged."""
    return all(event.policy == policy.version for event in events)


class LetGo(NamedTuple):
    """What an officer annulled keeps no enrollment out any more: from a time on, by the word at a position."""

    moment: Moment

    @classmethod
    def all_of(cls, events: Iterable[Event], book: ContactBook) -> Iterator[LetGo]:
        """Yield when opt-outs of people, and of addresses that they have, let enrollments go, by their events.

        That is when they were annulled, with each later collection that was told before, which counts from there on,
        and when something else was lifted that bound them besides.
        """
        events = list(events)
        streams = {event.originator_id for event in events}
        keys = {point.key for (stream, _), point in book.points.items() if stream in streams}
        of_points = [one for key in keys for one in annulments(book.bound.get(key, ()))]
        corrections = (one for one in events if isinstance(one, EntryCorrected) and one.by_officer and one.entry)
        collected = [event.moment for event in events if isinstance(event, DataCollected)]
        lifted = [one.moment for key in keys for one in book.bound.get(key, ()) if not one.is_out and not one.annuls]
        found: set[Moment] = set()
        for told in (*of_points, *map(told_when, corrections)):
            later = [one for one in collected if one.position < told.position]
            ends = (end_of(one.at)._replace(position=max(one.position, told.position)) for one in (*later, *lifted))
            found |= {told, *(one for one in ends if one.at > told.at)}
        return map(cls, found)


def in_order(events: Iterable[Event], book: ContactBook) -> list[Event | LetGo]:
    """Return events in the order of time, but the correction of an entry that happened later behind that entry.

    Among them stands what lets enrollments follow that annulled opt-outs had kept out.
    """
    events = list(events)
    times = {event.fact_position: event.occurred_at for event in events if not event.part}

    def order(event: Event | LetGo) -> Moment:
        if isinstance(event, EntryCorrected) and event.entry is not None:
            entry = times.get(event.entry, event.occurred_at)
            return event.moment if entry <= event.occurred_at else end_of(entry)
        return event.moment

    return sorted([*events, *LetGo.all_of(events, book)], key=order)


def is_followed(event: Event) -> bool:
    """Return whether anything can follow from an event."""
    return type(event) in consequences.OF


def follow(
    judge: Judge, person: Customer, company: Company, told: Event | LetGo, take: Callable[[Event], None]
) -> None:
    """Let what follows from an event, which was folded, be taken one by one; each is folded before the next is made.

    It stands where the event stands, since no other position is free in a ledger; what an annulment let go stands where
    that was told.
    """
    if isinstance(told, LetGo):
        made = _from_let_go(judge, person, company, told)
    else:
        made = _from_event(judge, person, company, told)
    for event in made:
        take(event)


def _from_event(judge: Judge, person: Customer, company: Company, event: Event) -> Iterator[Event]:
    place = event.moment.position
    envelope = {
        name: getattr(event, name) for name in ("actor", "source", "policy", "fact_id", "correlation", "causation")
    }
    state = State(judge, company, person, event.originator_id, place, NoKeys(), event.occurred_at, envelope)
    state.told = (event.waited or 0) if isinstance(event, EntryCorrected) else 0
    # Who was parted is told apart from the beginning here, so nothing is left to follow from an unlink. Nothing follows
    # from the end of what never bound either.
    is_followed_by_nothing = isinstance(event, CustomersUnlinked) or (
        isinstance(event, SuppressionEnded) and bool(event.lifted)
    )
    sources = [] if is_followed_by_nothing else [react(state, event)]
    if isinstance(event, EntryCorrected) and event.entry is not None:
        # The record is folded up to the entry, which may have happened later.
        last = next_instant(max(event.occurred_at, person.last_told or event.occurred_at))
        sources.append(set_right(state, event.occurred_at, last))
    stands = {"position": event.position, "part": event.part}
    if isinstance(event, EntryCorrected) and event.waited is not None:  # It was told before its entry.
        stands = {"position": event.waited, "part": 0}
    for made in (one for source in sources for one in source):
        state.place += 1
        if is_made(made):
            yield made.model_copy(update=stands)


def _from_let_go(judge: Judge, person: Customer, company: Company, let_go: LetGo) -> Iterator[Event]:
    moment, envelope = let_go.moment, {"actor": "", "source": "", "policy": judge.policy.version}
    state = State(judge, company, person, person.person, moment.position, NoKeys(), moment.at, envelope)
    for made in set_right(state, moment.at, next_instant(moment.at)):
        state.place += 1
        yield made.model_copy(update={"position": moment.position, "part": 0})
