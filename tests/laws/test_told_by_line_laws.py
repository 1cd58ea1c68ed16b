"""What goes by telling goes by line in a trace: refusals, withheld values, deletions and erasures that came late.

A trace that is told again in the order of time says what a ledger says that was told the same lines one by one.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from adapters.contract import OWN
from domain.decide import refusal_in
from domain.events.customer import CustomerErased, DataCollected, DataCorrected
from domain.events.deletions import DataDeleted
from tests.controls import day
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import least_of, part_of
from tests.verdicts.notation import fact_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.audit.trace import MemoryStore
    from domain.events import Event
    from domain.facts import Fact

AS_OF: Final = 400
HISTORIES: Final = part_of(120)
LEAST: Final = least_of(8)
GIVING: Final = (
    "{act} R-{n} {held}",
    "{act} R-{n} {held}",
    "correct Q-{n} {category} value=n{n}@example.com",
    "link {other}",
    "out email",
    "cancelled R-{n}",
)
ACTS: Final = ("order", "contest_entry", "promotional_request", "catalog_request")
TAKING: Final = (
    "mail{enforced}",
    "post{enforced}",
    "use deliver_order {category} reference=R-{n}{enforced}",
    "use run_contest {category}{enforced}",
    "share carrier deliver_order address reference=R-{n}{enforced}",
)
THEMES: Final = {
    "ages": ("age",),
    "deletions": ("delete {categories}", "delete {categories} relying_on={act}/R-{n}"),
    "erasures": ("erase",),
}
SORTS: Final = {
    "ages": ("withheld", "refused", "not withheld, of an age told later"),
    "deletions": ("gone", "gone, of a later time", "refused"),
    "erasures": ("refused", "refused, of the erased"),
}
"""What must be among the histories of a theme."""


def _traces(theme: str) -> Iterator[list[str]]:
    for seed in range(HISTORIES):
        chance = Random(f"{theme} {seed}")  # noqa: S311 - any history will do
        kinds = (*GIVING, *TAKING, *(THEMES[theme] * (3 if len(THEMES[theme]) < len(ACTS) else 1)))
        yield [_line(chance, kinds) for _ in range(chance.randint(5, 14))]


def _line(chance: Random, kinds: Sequence[str]) -> str:
    who = chance.choice(("1", "1", "2") if "age" in kinds else ("1", "1", "2", "a@"))
    held = [f"email={chance.choice('ab')}", "address", "name"]
    said = chance.choice(kinds).format(
        act=chance.choice(ACTS),
        n=chance.randint(1, 2),
        held=" ".join(chance.sample(held, chance.randint(1, 3))),
        category=chance.choice(("email", "address", "name")),
        categories=chance.choice(("email", "address", "contact", "contact,name")),
        other=chance.choice([one for one in ("1", "2") if one != who]),
        enforced=chance.choice(("", " mode=enforce")),
    )
    return f"04-0{chance.randint(1, 9)}T12:{chance.choice(('00', '00', '30'))} {who} {said}"


@pytest.mark.parametrize("theme", THEMES)
def test_a_trace_comes_to_what_a_ledger_does(theme: str) -> None:
    """Verdicts, evidence and what rests on nothing recorded are the same, and so is what was refused."""
    coverage: Counter[str] = Counter()
    for lines in _traces(theme):
        facts = [fact_on(number, line) for number, line in enumerate(lines, 1)]
        ledger, trace = (told(facts, in_time=in_time) for in_time in (False, True))
        assert _outcomes(ledger) == _outcomes(trace), "\n".join(lines)
        assert said(audited(ledger, day(AS_OF))) == said(audited(trace, day(AS_OF))), "\n".join(lines)
        coverage.update(_sorts(ledger))
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in SORTS[theme]) >= LEAST, coverage


def fact_on(number: int, line: str) -> Fact:
    """Return the fact that a line of a trace tells."""
    return OWN.fact(json.dumps(fact_of(number, line)).encode())


def _events(store: MemoryStore) -> list[Event]:
    return sorted((one for events in store.events.values() for one in events), key=lambda one: one.moment.position)


def _outcomes(store: MemoryStore) -> list[tuple[object, ...]]:
    """Return what of the events of a store goes by telling, in the order of the lines."""
    found: list[tuple[object, ...]] = []
    for event in _events(store):
        line = event.fact_position >> 20
        if refusal_in([event]):
            found.append((line, "refused"))
        elif isinstance(event, DataCollected | DataCorrected) and event.withheld:
            found.append((line, "withheld"))
        elif isinstance(event, DataDeleted):
            gone = [(place >> 20, category) for place, category in zip(event.gone_from, event.gone, strict=True)]
            found += [(line, *one) for one in sorted(gone)]
    return found


def _sorts(store: MemoryStore) -> set[str]:
    """Return which sorts of what goes by telling are in a history."""
    found: set[str] = set()
    events = _events(store)
    by_place = {event.moment.position: event for event in events}
    ended = {event.fact_position for event in events if isinstance(event, CustomerErased) and event.is_late}
    for event in events:
        if refusal_in([event]):
            found.add("refused, of the erased" if event.fact_position in ended else "refused")
        elif isinstance(event, DataCollected | DataCorrected):
            if event.withheld:
                found.add("withheld")
            elif any(_knows_child(store, event, one) for one in events):
                found.add("not withheld, of an age told later")
        elif isinstance(event, DataDeleted) and event.gone:
            is_later = any(by_place[place].occurred_at > event.occurred_at for place in event.gone_from)
            found.add("gone, of a later time" if is_later else "gone")
    return found


def _knows_child(store: MemoryStore, given: Event, learned: Event) -> bool:
    """Return whether an age of the same person and of before something was given was told behind it."""
    is_age = type(learned).__name__ == "AgeLearned"
    is_late = given.moment.position < learned.moment.position and learned.occurred_at < given.occurred_at
    return is_age and is_late and store.person(given.originator_id) is store.person(learned.originator_id)
