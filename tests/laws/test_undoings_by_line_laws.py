"""Limits and undoings go by line in a trace: second links of an address, unlinks, and which entry a correction reaches.

A trace that is told again in the order of time says what a ledger says that was told the same lines one by one. People
have numbers, and one has an address alone, which links to one person.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from adapters.contract import parse_name
from domain.events.customer import EntryCorrected
from domain.events.links import CustomersLinked, CustomersUnlinked, LinkProposed, NameEnded
from domain.records.customer import LAST
from domain.vocabulary import LinkRefusal
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import least_of, part_of
from tests.laws.test_told_by_line_laws import ACTS, fact_on
from tests.verdicts.notation import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.audit.trace import MemoryStore
    from domain.events import Event

HISTORIES: Final = part_of(150)
LEAST: Final = least_of(8)
NAMES: Final = ("1", "2", "3", "a@")
USUAL: Final = (
    *("link {other}", "link {other}", "out email", "mail", "mail"),
    *("{act} R-{n} {held}",) * 4,
    "use deliver_order address reference=R-{n}",
)
THEMES: Final = {
    "links": ("link {other}", "age", "post"),
    "unlinks": ("unlink {other}", "unlink {other}", "out post", "post"),
    "corrections": ("unlink {other}", "ended {name}", "annul {entry}", "annul {entry}", "annul {entry}"),
}
SORTS: Final = {
    "links": ("a second link of an address", "a link behind a later one"),
    "unlinks": ("parted", "a link behind a later one"),
    "corrections": ("corrected", "waited for its entry", "reached nothing", "ended"),
}
"""What must be among the histories of a theme."""


def _traces(theme: str) -> Iterator[list[str]]:
    for seed in range(HISTORIES):
        chance = Random(f"{theme} {seed}")  # noqa: S311 - any history will do
        count = chance.randint(5, 12)
        yield [_line(chance, (*USUAL, *THEMES[theme]), count) for _ in range(count)]


def _line(chance: Random, kinds: Sequence[str], count: int) -> str:
    who = chance.choice(NAMES)
    held = [f"email={chance.choice('ab')}", "address", "name"]
    told_of = chance.choice(kinds).format(
        other=chance.choice([one for one in NAMES if one != who]),
        act=chance.choice(ACTS),
        n=chance.randint(1, 2),
        held=" ".join(chance.sample(held, chance.randint(1, 3))),
        name=chance.choice(("a@", "b@", "1")),
        entry=chance.randint(1, count),
    )
    return f"04-0{chance.randint(1, 9)}T12:{chance.choice(('00', '00', '30'))} {who} {told_of}"


@pytest.mark.parametrize("theme", THEMES)
def test_a_trace_comes_to_what_a_ledger_does(theme: str) -> None:
    """Verdicts, and what rests on nothing recorded, are the same, and so is who is one person in the end."""
    coverage: Counter[str] = Counter()
    for lines in _traces(theme):
        facts = [fact_on(number, line) for number, line in enumerate(lines, 1)]
        ledger, trace = (told(facts, in_time=in_time) for in_time in (False, True))
        assert _people(ledger) == _people(trace), "\n".join(lines)
        assert said(audited(ledger, LAST.at)) == said(audited(trace, LAST.at)), "\n".join(lines)
        coverage.update(_sorts(ledger))
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in SORTS[theme]) >= LEAST, coverage


def _people(store: MemoryStore) -> set[frozenset[str]]:
    """Return which names lead to one person in the end."""
    found: dict[int, set[str]] = {}
    for name in NAMES:
        if stream := store.stream_of(parse_name(name_of(name)), LAST.at):
            found.setdefault(id(store.person(stream)), set()).add(name)
    return set(map(frozenset, found.values()))


def _sorts(store: MemoryStore) -> set[str]:
    """Return which sorts of what goes by telling are in a history."""
    events = [one for several in store.events.values() for one in several]
    links = sorted((one.moment.position, one.occurred_at) for one in events if isinstance(one, CustomersLinked))
    times = [at for _, at in links]
    found = {"a link behind a later one"} if times != sorted(times) else set()
    return found | {sort for one in events if (sort := _sort(one))}


def _sort(event: Event) -> str | None:
    if isinstance(event, LinkProposed) and event.because is LinkRefusal.SECOND_PERSON:
        return "a second link of an address"
    if isinstance(event, CustomersUnlinked):
        return "parted" if event.others else None
    if isinstance(event, EntryCorrected):
        return "waited for its entry" if event.waited else "corrected" if event.entry else "reached nothing"
    return "ended" if isinstance(event, NameEnded) else None
