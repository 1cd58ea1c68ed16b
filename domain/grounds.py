"""What a use, share or message relies on, for each category that it uses by itself.

The first of these decides that holds the category (wire contract, "What a use, share or message relies on"): the
collection whose value was used; those that the fact relies on; those under its reference; else whichever there is. A
collection holds a category of which it has a value, or a value of one above; a category above stands for every part
that is held of it. What no collection holds rests on nothing recorded.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.records.uncorrected import holding, standing
from domain.vocabulary import ACT_OF_CAUSE, CONTACT_OF_CHANNEL, Act, has_value_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Event
    from domain.moments import Moment
    from domain.records.customer import Customer
    from domain.records.entries import Held


class Ground(NamedTuple):
    """What holds one category that an event uses: the collections among which that is decided, latest first."""

    category: str
    held: tuple[Held, ...]
    """Empty: the use of it rests on nothing recorded."""
    is_named: bool = False
    """Whether the fact names them: by their act and reference, or by the reference that it is for."""
    is_others: bool = False
    """Whether they are on record of somebody else who has the address under which a message was told."""


def used_categories(event: Event) -> tuple[str, ...]:
    """Return the categories that a use, share or message uses: a message uses the address of its channel."""
    if type(event) is MessageSent:
        return (CONTACT_OF_CHANNEL[event.channel],)
    return event.categories if isinstance(event, DataUsed) else ()


def grounds_on_record(person: Customer, event: DataUsed | MessageSent, until: Moment) -> tuple[Ground, ...]:
    """Return what an event relies on, of what had happened up to a moment, for each category that it uses.

    A message to an address that the person never gave rests on nothing recorded, where they gave others.
    """
    person = holding(person, until)
    if type(event) is MessageSent and _went_elsewhere(person, event, until):
        return tuple(Ground(category, ()) for category in used_categories(event))
    named = [_of(person, (cited,), until) for cited in (event.value_cited,) if cited]
    named += [_of(person, event.cites, until)] if event.cites else []
    if isinstance(event, DataUsed) and event.reference_code is not None:
        named.append(_latest_first(person.collections_under(person.stands_for(event.reference_code), until)))
    known = frozenset(person.categories)
    grounds: list[Ground] = []
    for category in used_categories(event):
        grounds += _grounds_of(person, category, known, named, until)
    return tuple(grounds)


def collection_cited(person: Customer, cited: tuple[str, str] | None, until: Moment) -> Held | None:
    """Return the latest collection of an act under a reference, as a fact names it; None: it is not on record."""
    return next(iter(_of(standing(person, until), (cited,), until)), None) if cited else None


def collection_behind(person: Customer, event: CustomerEnrolled, until: Moment) -> Held | None:
    """Return the collection that an enrollment rests on which was told: that of its reference, else the latest."""
    act = ACT_OF_CAUSE.get(event.cause)
    if act is None:
        return None
    if event.reference_code is not None:
        return collection_cited(person, (act.value, event.reference_code), until)
    person = standing(person, until)
    held_of_act = person.collections_of(act, until)
    return next((held for held in held_of_act if not person.is_cancelled_order(held, until)), None)


def _went_elsewhere(person: Customer, event: MessageSent, until: Moment) -> bool:
    """Return whether a message about a person went to an address of which others of theirs are known, and not it.

    One who gave none may have given it where its value is held in another system.
    """
    if event.contact is None or event.by_address:
        return False
    point = person.contacts.points.get((event.originator_id, event.contact))
    held = person.contacts.held(until) if point is not None else ()
    return point is not None and point not in held and any(one.kind == point.kind for one in held)


def _grounds_of(
    person: Customer, category: str, known: frozenset[str], named: Iterable[Iterable[Held]], until: Moment
) -> Sequence[Ground]:
    """Return what holds a category, and each part of it that is held (`known`), by itself."""
    grounds = []
    for part in (category, *parts_of(category, known)):
        for some in named:
            if found := [one for one in some if not one.withheld and has_value_of(one.categories, part)]:
                grounds.append(Ground(part, tuple(found), is_named=True))
                break
        else:
            if latest := _latest_of_each_act(person, part, until):
                grounds.append(Ground(part, latest))
    return grounds or (Ground(category, ()),)


def _latest_of_each_act(person: Customer, category: str, until: Moment) -> tuple[Held, ...]:
    """Return the latest collection of each act that holds a category, the latest of them first."""
    of_acts = (_latest(person.collections_of(act, until), category) for act in person.by_act)
    return tuple(_latest_first(filter(None, of_acts)))


def _of(person: Customer, cites: Iterable[tuple[str, str]], until: Moment) -> list[Held]:
    under = ((act, person.collections_under(person.stands_for(code), until)) for act, code in cites)
    return _latest_first({held for act, found in under for held in found if held.act is Act(act)})


def _latest_first(held: Iterable[Held]) -> list[Held]:
    return sorted(held, key=attrgetter("moment"), reverse=True)


def _latest(latest_first: Iterable[Held], category: str) -> Held | None:
    return next((held for held in latest_first if _holds(held, category)), None)


def _holds(held: Held, category: str) -> bool:
    return not held.withheld and has_value_of(held.categories, category)
