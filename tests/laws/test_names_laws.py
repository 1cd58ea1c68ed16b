"""What holds whoever types whose address: names lead to people, contact points only match.

Histories are of people of every kind of name, of whom some are linked, some share addresses, and some are erased.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import given, settings, strategies as st

from domain.events.links import CustomersLinked
from domain.facts.fields import CONTACT_KINDS
from domain.vocabulary import EMAIL, Program
from tests.controls import collection, fact, message, verified
from tests.laws.audit import audit
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer

NAME_KINDS: Final = ("customer", "order", "guest", "email", "phone")
LIFTING: Final = ("contest_entry", "promotional_request")
OTHERS: Final = ("order", "gift", "inbound_message", "account", "catalog_request", "registration")
SHARED: Final = ("shared-0@example.com", "shared-1@example.com")
LEAST: Final = least_of(20)
"""How many people of each sort the generated histories hold."""
MAILED_ON: Final = 200.0
AS_OF: Final = 300.0

many = settings(max_examples=max(40, part_of(120)), deadline=None, derandomize=True)
some = settings(max_examples=part_of(60), deadline=None, derandomize=True)


class Person(NamedTuple):
    """A person as they are generated: by which kind of name, and what is told of them."""

    kind: str
    is_linked: bool
    shares: bool
    is_erased: bool
    acts: tuple[str, ...]
    leaves: str
    """Under which of their names, or under the address, they opt out; or not at all."""
    on: int

    def name(self, crowd: str, number: int) -> str:
        """Return the name of the person with this number in a crowd."""
        mailboxes = {"email": f"{crowd}{number}@example.com", "phone": f"+4477009{ord(crowd)}{number:02d}"[:13]}
        return f"{self.kind}:{mailboxes.get(self.kind, f'{crowd}{number}')}"

    def address(self, crowd: str, number: int) -> str:
        """Return the address that the person gives."""
        return SHARED[number % 2] if self.shares else f"own-{crowd}{number}@example.com"


def crowds(leaves: Iterable[str], acts: Iterable[str] = (*LIFTING, *OTHERS)) -> st.SearchStrategy[list[Person]]:
    """Return crowds of people who do some acts, and leave in some ways."""
    person = st.builds(
        Person,
        st.sampled_from(NAME_KINDS),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.lists(st.sampled_from(list(acts)), min_size=1, max_size=3).map(tuple),
        st.sampled_from(list(leaves)),
        st.integers(1, 40),
    )
    return st.lists(person, min_size=8, max_size=14)


def told_of(people: Sequence[Person], crowd: str, later: float = 0) -> list[Fact]:
    """Return what is told of a crowd, in order of time: nobody is linked with anybody outside of it."""
    made: list[Fact] = []
    linked = [number for number, person in enumerate(people) if person.is_linked]
    for number, person in enumerate(people):
        name, address = person.name(crowd, number), person.address(crowd, number)
        on = person.on + later + number / 100
        for nth, act in enumerate(person.acts):
            data: dict[str, Any] = {
                "reference": f"{name} {nth}",
                "values": {EMAIL: address},
                "also": [f"email:{address}"],
            }
            data |= {"source": f"customer:buyer-{crowd}"} if act == "gift" else {}
            made.append(collection(act, on + nth, subject=name, fact_id=f"{crowd} {number} {act} {nth}", **data))
        if person.leaves:
            about = {"name": name, "address": f"email:{address}"}[person.leaves]
            left = {"program": "email_marketing", "via": "portal"}
            made.append(fact("opt_out", on + 1.5, left, subject=about, fact_id=f"{crowd} {number} out"))
        if person.is_linked and number != linked[0]:
            other = people[linked[0]].name(crowd, linked[0])
            also = {"reader": "helpdesk", "purpose": "answer_message", "also": [verified(other)]}
            made.append(fact("record_read", on + 4, also, subject=name, fact_id=f"{crowd} {number} link"))
        if person.is_erased:
            made.append(fact("erasure", on + 50, {"reason": "asked"}, subject=name, fact_id=f"{crowd} {number} erase"))
    return sorted(made, key=lambda one: one.time)


def mail_to(people: Sequence[Person], crowd: str) -> list[Fact]:
    """Return a mail to each of a crowd who has a name of their own.

    A message that is told under an address is about everybody who has it.
    """
    return [
        message(MAILED_ON, subject=person.name(crowd, number), fact_id=f"{crowd} {number} mail")
        for number, person in enumerate(people)
        if person.kind not in CONTACT_KINDS
    ]


def shown(shop: Shop, told: Sequence[Fact]) -> dict[str, Any]:
    """Return, by name, what stands on the record of whom facts are about, and what is owed to them."""
    return {str(one.subject): _of(shop, shop.customer(str(one.subject))) for one in told}


def _of(shop: Shop, person: Customer) -> Any:  # noqa: ANN401 - compared, and nothing else
    events = sorted(
        (event for stream in person.streams for event in shop.store.events.get(stream, ())), key=lambda one: one.moment
    )
    at = [(program, shop.judge.is_enrolled(person, program, one.moment)) for program in Program for one in events]
    return [_said(event) for event in events], at, person.erased


def _said(event: Event) -> dict[str, Any]:
    """Return what an event says, but for positions, which other people's facts move."""
    places = {"position", "relies_on", "value_from", "findings", "part", "bindings", "told", "later", "learned"}
    places |= {"originator_id", "person", "others", "direct"}  # A trace makes the ids of streams from positions.
    # An officer is told which other records hold the addresses of somebody erased, and an audit needs to know it.
    places |= {"elsewhere", "same_points"}
    return {
        **event.model_dump(exclude=places),
        "found": sorted((one.promise, one.code) for one in event.findings),
        # What is owed at an address to somebody else who was erased waits while a stranger is known to have it.
        "bound": sorted(
            (one.ordinal, one.at, one.is_out)
            for one in getattr(event, "bindings", ())
            if not one.by and one.owed_to is None
        ),
    }


def breaches(document: dict[str, Any], crowd: str) -> dict[tuple[str, str], list[tuple[str, ...]]]:
    """Return what an audit finds broken by the facts of a crowd."""
    return {
        (reading, promise): [
            (one["event"], one["at"], *one["codes"])
            for one in verdict.get("violations", [])
            if one["event"].startswith(f"/shop {crowd} ")
        ]
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
    }


@some
@given(crowds(("", "address", "name")), crowds([""], OTHERS), crowds([""]))
def test_strangers_with_the_same_addresses_change_nothing(
    mine: list[Person], before: list[Person], after: list[Person]
) -> None:
    """What strangers buy at any time, and ask for once somebody left, is nobody else's: neither shown, owed nor judged.

    An erased person who left by their number is owed peace at addresses that nobody living holds, which strangers may.
    """
    all_linked = any(one.is_linked and one.is_erased for one in mine)  # Then all of them are erased, as one person.
    gone = [one.is_erased or (one.is_linked and all_linked) for one in mine]
    mine = [
        one._replace(leaves="address") if is_gone and one.leaves else one
        for one, is_gone in zip(mine, gone, strict=True)
    ]
    told = told_of(mine, "a") + mail_to(mine, "a")
    strangers = told_of(before, "b") + told_of(after, "c", later=100)
    together = sorted(strangers + told, key=lambda one: one.time)
    alone, among = Shop(vouches=True).given(*told), Shop(vouches=True).given(*together)
    assert shown(alone, told) == shown(among, told)
    expected = breaches(audit(*told, as_of=AS_OF).document, "a")
    assert breaches(audit(*together, as_of=AS_OF).document, "a") == expected


def test_nobody_shares_a_record_without_a_link() -> None:
    """Two names lead to one record, or have a stream in common, only if links were told from one to the other."""
    coverage: Counter[tuple[str, bool, bool, bool]] = Counter()

    @many
    @given(crowds(("", "address", "name")), crowds(("", "address")))
    def holds(one: list[Person], other: list[Person]) -> None:
        told = sorted(told_of(one, "a") + told_of(other, "b"), key=lambda fact: fact.time)
        shop = Shop().given(*told)
        linked = [
            {event.originator_id, *event.others}
            for events in shop.store.events.values()
            for event in events
            if isinstance(event, CustomersLinked)
        ]
        for stream, known in shop.store.people.items():
            assert set(known.streams) == _joined(stream, linked)
        for crowd, people in (("a", one), ("b", other)):
            linkers = sum(person.is_linked for person in people)
            for number, person in enumerate(people):
                record = shop._last[person.name(crowd, number)]
                assert len(record.streams) == 1 or person.is_linked
                names = {name.value for name, stream in shop.store.names.items() if stream in record.streams}
                assert not any(name.startswith("b" if crowd == "a" else "a") for name in names if "@" not in name)
                coverage[person.kind, person.is_linked and linkers > 1, person.shares, person.is_erased] += 1

    holds()
    cells = list(product(NAME_KINDS, (False, True), (False, True), (False, True)))
    print("kind linked shares erased people")  # noqa: T201 - the coverage is read by people
    for cell in cells:
        print(*cell, coverage[cell])  # noqa: T201
    assert min(coverage[cell] for cell in cells) >= LEAST


def _joined(stream: object, linked: Sequence[set[Any]]) -> set[Any]:
    """Return a stream with all that links lead to from it."""
    found = {stream}
    while more := {one for link in linked if link & found for one in link} - found:
        found |= more
    return found
