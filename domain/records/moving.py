"""A person's record moves along when the events of a batch come to stand further on than they were planned."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.moments import Moment
    from domain.records.customer import Customer


def move(person: Customer, by: int, after: int) -> None:
    """Let everything on a record that stands after the position `after` stand `by` further; its order stays."""

    def shift(moment: Moment) -> Moment:
        return moment._replace(position=moment.position + by) if moment.position > after else moment

    def entry(one: Any) -> Any:  # noqa: ANN401 - an entry of any kind
        relies_on = getattr(one, "relies_on", ())
        if one.moment.position <= after:
            return one
        one = one._replace(moment=shift(one.moment))
        if any(place > after for place in relies_on):
            one = one._replace(relies_on=tuple(place + by if place > after else place for place in relies_on))
        if getattr(one, "comes_from", 0) > after:
            one = one._replace(comes_from=one.comes_from + by)
        if getattr(one, "said", None) is not None:
            one = one._replace(said=shift(one.said))
        return one

    held = (*person.by_act.values(), *person.by_reference.values())
    timelines: Iterator[list[Any]] = chain(held, person.programs.values(), (person.given, person.awaited))
    for timeline in timelines:
        timeline[:] = map(entry, timeline)
    person.by_position = {one.position: one for one in map(entry, person.by_position.values())}
    person.cancellations = {code: list(map(shift, told)) for code, told in person.cancellations.items()}
    person.cancelled_on = {place + by if place > after else place: on for place, on in person.cancelled_on.items()}
    person.apart.move(shift)
    person.set_aside = list(map(shift, person.set_aside))
    person.protections.move(lambda place: place + by if place > after else place)
    person.corrections.move(lambda place: place + by if place > after else place)
    person.erased_by += by if person.erased_by > after else 0
    person.linked = {stream: place + by if place > after else place for stream, place in person.linked.items()}
    person.joins.move(lambda place: place + by if place > after else place)
    person.rights.move(entry)
    person.contacts.move(entry)
