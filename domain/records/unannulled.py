"""A person's record as if what officers annulled by a moment had never been said: of them, or of their addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.moments import start_of
from domain.records.bindings import counted, is_undone, is_unheard
from domain.records.contacts import EVER, in_force

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.moments import Moment
    from domain.records.bindings import Binding
    from domain.records.customer import Customer


def without_annulled_at(person: Customer, until: Moment) -> Customer:
    """Return a person's record as if nothing had ever been said of what was annulled by a moment."""
    contacts, annulled = person.contacts, person.protections.annulled
    bound = {point.key: _without_annulled(bindings, until) for point, bindings in contacts.bindings()}
    if not bound and not annulled:
        return person
    never = [start_of(EVER)]
    known = {entry: never if any(is_undone(one, until) for one in told) else told for entry, told in annulled.items()}
    return replace(
        person,
        protections=replace(person.protections, annulled=known),
        contacts=replace(contacts, bound=bound),
    )


def _without_annulled(bindings: Sequence[Binding], until: Moment) -> list[Binding]:
    """Return the bindings of a contact point without those that are annulled.

    Of what reaches it, that is all since it was last lifted: each of these opt-outs was annulled.
    """
    left: list[Binding] = []
    for one in counted(in_force(bindings), until):
        if not one.by or not one.annuls:
            left.append(one)
        elif not is_unheard(one, until):
            of_same = [other for other in left if (other.by, other.what) == (one.by, one.what)]
            last = next((place for place in range(len(of_same), 0, -1) if not of_same[place - 1].is_out), 0)
            annulled = of_same[last:]
            left = [other for other in left if other not in annulled]
    return left
