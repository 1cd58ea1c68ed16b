"""An opt-out of an address lets a message break that somebody had left, and never that nobody had enrolled them.

That holds for whoever had the address when it was opted out, on all of their streams, and goes on after an unlink.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from domain.events.suppressions import SuppressionRecalled
from domain.records.customer import LAST
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import part_of
from tests.laws.test_told_by_line_laws import fact_on

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from domain.audit.trace import MemoryStore

HISTORIES: Final = part_of(150)
OF_MAIL: Final = ("P11", "P17", "P18")
LEAST: Final = part_of(12)
NAMES: Final = ("1", "2", "3")
OUT: Final = ("a@ out email", "b@ out email")
STORIES: Final = {
    "an unlink": (
        "04-02 1 contest_entry C-1 email=a",
        "04-02 2 contest_entry C-2 email=b",
        "04-03 1 link 2",
        "04-05 b@ out email",
        "04-06 1 unlink 2",
        "05-01 1 mail to=a@",
    ),
    "an unlink that is told before": (
        "04-02 1 contest_entry C-1 email=a",
        "04-02 2 contest_entry C-2 email=b",
        "04-03 1 link 2",
        "04-06 1 unlink 2",
        "04-05 b@ out email",
        "05-01 1 mail to=a@",
    ),
    "joined again since, before it is told": (
        "04-03 1 link 2",
        "04-05 1 unlink 2",
        "05-10 1 link 2",
        "04-01 1 contest_entry C-1 email=a",
        "03-31 2 contest_entry C-2 email=b",
        "04-02 a@ out email",
        "05-01 2 mail to=b@",
    ),
    "whose the address was is told last": (
        "04-02 a@ out email",
        "04-03 1 link 2",
        "04-05 1 unlink 2",
        "04-01 1 contest_entry C-1 email=a",
        "03-31 2 contest_entry C-2 email=b",
        "05-01 2 mail to=b@",
    ),
    "a purchase since": (
        "04-02 2 contest_entry C-2 email=b",
        "04-03 1 link 2",
        "04-05 b@ out email",
        "04-06 1 unlink 2",
        "04-07 1 order C-1 email=a",
        "05-01 1 mail to=a@",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_who_had_asked_is_mailed_in_spite_of_the_opt_out(story: str) -> None:
    """The mail breaks P17 and P18, and not P11."""
    ledger, trace = _told(STORIES[story])
    assert said(audited(ledger, LAST.at)) == said(audited(trace, LAST.at))
    assert set(_statuses(ledger, ("P11", "P17", "P18")).values()) == {("P17", "broken"), ("P18", "broken")}


def test_whether_they_are_enrolled_is_judged_as_if_no_address_had_left() -> None:
    """Of the last mails of a history that break P17 and P18, P11 says the same without these opt-outs."""
    coverage: Counter[str] = Counter()
    for seed in range(HISTORIES):
        lines = _history(seed)
        ledger, trace = _told(lines)
        # Of people who are joined again, what followed is counted once more by a ledger in rare histories.
        assert _statuses(ledger, OF_MAIL) == _statuses(trace, OF_MAIL), lines
        out = [place for place, line in enumerate(lines) if line.split(maxsplit=1)[1] in OUT]
        left = {event for event, _ in _statuses(ledger, ("P17", "P18"))}
        found, expected = (_statuses(one, ("P11",)) for one in (ledger, _told(lines, without=out)[0]))
        assert _of(left, found) == _of(left, expected), lines
        events = [one for several in ledger.events.values() for one in several]
        coverage["goes on after an unlink"] += any(isinstance(one, SuppressionRecalled) for one in events)
        coverage["had asked, and was out"] += any((event, "P11") not in found for event in left)
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("goes on after an unlink", "had asked, and was out")) >= LEAST, coverage


def _history(seed: int) -> list[str]:
    """Return the lines of a history with opt-outs of addresses, a link that is undone, and mails in the end."""
    chance = Random(f"address out {seed}")  # noqa: S311 - any history will do
    lines = [_line(chance) for _ in range(chance.randint(3, 8))]
    one, other = chance.sample(NAMES, 2)
    lines.insert(chance.randint(0, len(lines)), f"04-0{chance.randint(1, 5)} {one} link {other}")
    if chance.random() < 0.8:
        lines.append(f"04-0{chance.randint(4, 9)} {one} unlink {other}")
        if chance.random() < 0.3:
            lines.append(f"05-09 {one} link {other}")
        lines += [_line(chance) for _ in range(chance.randint(0, 2))]
    return [*lines, *(f"05-0{number} {name} mail" for number, name in enumerate(NAMES, 1))]


def _line(chance: Random) -> str:
    if chance.random() < 0.3:
        return f"04-0{chance.randint(1, 9)} {chance.choice(OUT)}"
    act = chance.choice(("contest_entry", "promotional_request", "order", "inbound_message"))
    email = chance.choice("ab")
    return f"04-0{chance.randint(1, 9)} {chance.choice(NAMES)} {act} R-{chance.randint(1, 3)} email={email}"


def _told(lines: Sequence[str], without: Sequence[int] = ()) -> list[MemoryStore]:
    """Tell a ledger these lines one by one, and a trace; without some, whose numbers stay."""
    facts = [fact_on(number + 1, line) for number, line in enumerate(lines) if number not in without]
    return [told(facts, in_time=in_time) for in_time in (False, True)]


def _of(events: Container[str], found: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    return {key: status for key, status in found.items() if key[0] in events}


def _statuses(store: MemoryStore, promises: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Return what is said against the mails of May by these promises: that they are broken or undecided."""
    document = audited(store, LAST.at)
    return {
        (one["event"], promise): (promise, status)
        for promise in promises
        for status, key in (("broken", "violations"), ("indeterminate", "indeterminate"))
        for one in document["readings"]["harmonised"][promise].get(key, ())
        if one["at"] >= "2016-05"
    }
