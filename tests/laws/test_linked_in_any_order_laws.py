"""A link joins from its own time on, in whichever order links are told: who is one person since when is read by time.

Histories have four streams and links between any of them, early and late, in both forms, with what their people did.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.contract import parse_name
from domain.facts.data import CollectionData, CustomerData
from domain.facts.fields import VerifiedName
from domain.facts.name_data import LinkData, UnlinkData
from domain.records.customer import LAST
from tests.controls import RECIPIENTS, day, fact, link, unlink
from tests.laws.anew import ASKING, OF_ADDRESSES, OF_RIGHTS, facts_of
from tests.laws.as_told import audited, now, said, shown, told
from tests.laws.numbers import least_of, part_of
from tests.laws.test_reference import OF_MESSAGES, by_reference, decided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.audit.trace import MemoryStore
    from domain.facts import Fact

NAMES: Final = ("customer:1", "customer:2", "guest:g", "customer:3")
MAILED: Final = (
    "order",
    "contest_entry",
    "catalog_request",
    "promotional_request",
    "cancel",
    "out",
    "out",
    "mail",
    "mail",
)
"""The kinds of facts of which the reference says what they make of messages."""
HISTORIES: Final = part_of(150)
LEAST: Final = least_of(20)
AS_OF: Final = 400


def histories(kinds: Sequence[str], *, parts: bool = False) -> Iterator[list[Fact]]:
    """Yield histories of four streams with links told in any order; some also with the undoing of one."""
    for seed in range(HISTORIES):
        chance = Random(seed)  # noqa: S311 - any history will do
        facts = facts_of(seed, kinds, least=4, most=9, names=NAMES)
        for number in range(chance.randint(2, 4)):
            facts.insert(chance.randint(0, len(facts)), _link(chance, number))
        if parts:
            one, other = chance.sample(NAMES, 2)
            on = chance.randint(4, 11) + 0.25
            facts.insert(chance.randint(1, len(facts)), unlink(on, other, subject=one, fact_id="parts"))
        yield [*RECIPIENTS, *facts]


def _link(chance: Random, number: int) -> Fact:
    """Return a link of any two, by a fact of its own or in the short form."""
    one, other = chance.sample(NAMES, 2)
    on = chance.randint(1, 10) + chance.choice((0, 0.5))
    if chance.random() < 0.7:
        return link(on, other, subject=one, fact_id=f"joins-{number}")
    data = {"request": f"Q-{number}", "also": [{"name": other, "verified": "login"}]}
    return fact("access_request", on, data, subject=one, fact_id=f"joins-{number}")


def pairs_of(facts: Sequence[Fact]) -> list[tuple[float, str, str]]:
    """Return the links as facts say them: when, and which two names."""
    found = []
    for one in facts:
        if isinstance(one.data, LinkData):
            found.append((one.time.timestamp(), str(one.subject), str(one.data.with_)))
        elif isinstance(one.data, CustomerData):
            also = [name for name in one.data.also if isinstance(name, VerifiedName)]
            found += [(one.time.timestamp(), str(one.subject), str(name.name)) for name in also]
    return found


def people_at(pairs: Sequence[tuple[float, str, str]], at: float) -> set[frozenset[str]]:
    """Return who is one person at a time, worked out from the links alone: names that a way of links connects."""
    people = {name: frozenset([name]) for name in NAMES}
    for when, one, other in pairs:
        if when <= at:
            both = people[one] | people[other]
            people |= dict.fromkeys(both, both)
    return set(people.values())


def people_in(store: MemoryStore, at: Any) -> set[frozenset[str]]:  # noqa: ANN401 - a time
    """Return who was one person at a time by what a store keeps."""
    streams = {store.stream_of(parse_name(name), LAST.at): name for name in NAMES}
    return {
        frozenset(
            streams[each] for each in (store.person(own).joins.streams_at(own, at) if own else ()) if each in streams
        )
        or frozenset([name])
        for own, name in streams.items()
    }


@pytest.mark.parametrize("kinds", [ASKING, OF_RIGHTS, OF_ADDRESSES], ids=["asking", "rights", "addresses"])
@pytest.mark.parametrize("parts", [False, True], ids=["linked", "parted"])
def test_a_ledger_told_in_any_order_joins_by_time(kinds: Sequence[str], *, parts: bool) -> None:
    """Verdicts, what shows them, and who is in and out of a program are those of a trace of the same lines."""
    coverage: Counter[str] = Counter()
    for facts in histories(kinds, parts=parts):
        ledger, trace = (told(facts, in_time=in_time) for in_time in (False, True))
        judged, expected = (said(audited(one, day(AS_OF))) for one in (ledger, trace))
        assert judged == expected, lines(facts)
        people = [parse_name(name) for name in NAMES]
        if not parts and not any(one.id.startswith("enroll-") for one in facts):
            assert now(shown(ledger, people)) == now(shown(trace, people)), lines(facts)
        coverage.update(sorts(facts))
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("behind a later link", "in the short form", "a chain")) >= LEAST


def test_a_ledger_says_of_messages_what_the_reference_does() -> None:
    """The reference reads links by time from the lines alone; a ledger told them in any order agrees."""
    coverage: Counter[str] = Counter()
    for facts in histories(MAILED):
        document = audited(told(facts), day(AS_OF))
        expected = by_reference(facts)
        for message, broken in expected.items():
            found = {
                promise: status
                for promise in OF_MESSAGES
                for status, key in (("indeterminate", "indeterminate"), ("broken", "violations"))
                for one in document["readings"]["harmonised"][promise].get(key, ())
                if one["event"] == message
            }
            assert decided(found) == decided(broken), (message, lines(facts))
            coverage.update(f"{promise} {status}" for promise, status in broken.items())
            coverage["kept"] += not broken
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("kept", "P11 broken", "P17 broken", "P18 broken")) >= LEAST


def test_who_is_one_person_at_a_time_is_what_the_pairs_say() -> None:
    """At each time, the names that a way of links of that time or earlier connects are one person's, and no others."""
    coverage: Counter[str] = Counter()
    for facts in histories(ASKING):
        store, pairs = told(facts), pairs_of(facts)
        for on in (0.75, 1, 2.5, 4, 5.5, 7, 9, 10.5, 12):
            expected = people_at(pairs, day(on).timestamp())
            assert people_in(store, day(on)) == expected, (on, lines(facts))
            coverage[f"{len(expected)} people"] += 1
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[f"{number} people"] for number in (1, 2, 3, 4)) >= LEAST


def lines(facts: Sequence[Fact]) -> list[str]:
    """Return facts in short, for whoever reads a failure."""
    return [f"{one.id} {one.subject} {one.time:%d %H} {one.data.model_dump(exclude_none=True)}" for one in facts[5:]]


def sorts(facts: Sequence[Fact]) -> set[str]:
    """Return of which sorts a history is."""
    pairs = pairs_of(facts)
    times = [when for when, *_ in pairs]
    found = {"behind a later link"} if times != sorted(times) else set()
    found |= (
        {"in the short form"}
        if any(one.id.startswith("joins") and not isinstance(one.data, LinkData) for one in facts)
        else set()
    )
    found |= {"a chain"} if any(len(person) > 2 for person in people_at(pairs, LAST.at.timestamp())) else set()
    return found | {kind for one in facts if (kind := _sort(one))}


def _sort(one: Fact) -> str | None:
    if isinstance(one.data, UnlinkData):
        return "undone"
    return "collected" if isinstance(one.data, CollectionData) else None
