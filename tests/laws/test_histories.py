"""Generated histories reach every sort of person, and in each of them who is owed peace is not enrolled."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings

from domain import ledger
from domain.events.links import LinkProposed, NameEnded
from domain.facts.fields import CONTACT_KINDS
from domain.records.customer import LAST
from domain.store import Sender
from domain.vocabulary import LinkRefusal, Program
from tests.laws.histories import NAME_KINDS, OF_CONTACT_POINTS, facts_of, is_vouched, name_of, steps
from tests.scenario import Shop

if TYPE_CHECKING:
    from uuid import UUID

    from tests.laws.histories import Step

KINDS: Final = (
    "order",
    "contest_entry",
    "registration",
    "out",
    *("link",) * 3,
    *OF_CONTACT_POINTS,
    "erase",
    "erase",
    "end",
    "end",
)
SORTS: Final = (
    *("told late of the erased", "links without a voucher", "come back"),
    *("ended names", "ended contact points", "ends that waited", "named next", "to be told again"),
)
LEAST: Final = 20
"""How many people of each sort, and how many facts of each sort, the generated histories hold."""


@pytest.mark.slow
def test_every_sort_of_person_comes_up_and_none_owed_peace_is_enrolled() -> None:
    """Print how many people there are of each kind of name, linked or not, erased or not, with a shared address or not.

    Each sort can occur, and who comes back after an erasure is another person. So can facts told late of the erased,
    links without a voucher, and people who come back.
    """
    people: Counter[tuple[str, bool, bool, bool]] = Counter()
    facts: Counter[str] = Counter()

    @settings(max_examples=1_500, deadline=None, derandomize=True)
    @given(steps(30, KINDS, least=8, days=9, at_once=True, of_any_name=True))
    def holds(taken: list[Step]) -> None:
        shop = Shop()
        streams: dict[str, list[UUID]] = {}
        for fact in facts_of(taken, "a"):
            shop.sender = Sender("test", is_vouched(fact), is_officer=True)
            came = ledger.handle(shop.store, fact, shop.sender)
            shop.store.keep(came.events)
            shop.store.place += len(came.events)
            is_late = came.stream in shop.store.people and shop.store.person(came.stream).is_late
            facts["told late of the erased"] += is_late
            refused = {event.because for event in came.events if isinstance(event, LinkProposed)}
            ended = [event for event in came.events if isinstance(event, NameEnded)]
            facts["ended names"] += any(event.led_here and not event.waited for event in ended)
            facts["ended contact points"] += any(event.kind in CONTACT_KINDS for event in ended)
            facts["ends that waited"] += any(bool(event.waited) for event in ended)
            facts["to be told again"] += any(event.later for event in ended)
            facts["links without a voucher"] += LinkRefusal.NOT_VOUCHED in refused
            if came.stream in shop.store.people and not is_late:
                known = streams.setdefault(str(fact.subject), [])
                if came.stream not in known:
                    is_back = bool(known) and shop.store.person(known[-1]).erased
                    facts["come back"] += is_back
                    facts["named next"] += bool(known) and not is_back
                    known.append(came.stream)
        for record in shop.store.people.values():
            for program in Program:
                owed = shop.judge.opted_out(record, program, LAST) is not None
                assert not (owed and shop.judge.is_enrolled(record, program, LAST))
        for name in {name_of(step.who, "a") for step in taken} & streams.keys():
            for stream in streams[name]:
                people[_sort(shop, name, stream)] += 1

    holds()
    print("kind linked erased shares people")  # noqa: T201 - the coverage is read by people
    cells = list(product(NAME_KINDS, (False, True), (False, True), (False, True)))
    for cell in cells:
        print(*cell, people[cell])  # noqa: T201
    print(dict(facts))  # noqa: T201
    assert min(people[cell] for cell in cells) >= LEAST
    assert min(facts[sort] for sort in SORTS) >= LEAST


def _sort(shop: Shop, name: str, stream: UUID) -> tuple[str, bool, bool, bool]:
    """Return of which sort a person is: kind of name, linked, erased, and whether somebody else has their address."""
    record = shop.store.person(stream)
    own = set(record.contacts.points.values())
    others = {
        point
        for other in shop.store.people.values()
        if other is not record and not other.is_late
        for point in other.contacts.points.values()
    }
    return name.partition(":")[0], len(record.streams) > 1, record.erased, bool(own & others)
