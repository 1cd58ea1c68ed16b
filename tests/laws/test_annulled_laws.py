"""An annulled opt-out counts for nothing in what is both later than the annulment and told later.

So the last mails of a history are judged as in one in which neither the opt-out nor its annulment had ever been told,
for everybody whom it had reached: its own person, those who have the address, and guests, whom a number reaches.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from domain.events.customer import CustomerEnrolled, EntryCorrected
from domain.records.customer import LAST
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import part_of
from tests.laws.test_told_by_line_laws import fact_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.audit.trace import MemoryStore

HISTORIES: Final = part_of(200)
LEAST: Final = part_of(12)
NAMES: Final = ("1", "2", "guest:g", "a@")
ASKING: Final = ("contest_entry", "promotional_request", "order", "inbound_message")
LEAVING: Final = ("a@ out email", "a@ out email", "1 out email", "1 out email", "2 out email", "guest:g out email")
STORIES: Final = {
    "the address was out": (
        "04-03 a@ out email",
        "04-04 1 contest_entry C-1 email=a",
        "04-05 a@ annul 1",
        "05-02 1 mail",
    ),
    "a number had reached a guest": (
        "04-02 1 contest_entry C-1 email=a",
        "04-03 1 out email",
        "04-04 guest:g contest_entry G-1 email=a",
        "04-05 1 annul 2",
        "05-02 guest:g mail",
    ),
    "they asked between an earlier annulment and its telling": (
        "04-03 a@ out email",
        "04-06 1 order C-1 email=a",
        "04-04 a@ annul 1",
        "05-02 1 mail",
    ),
    "the annulment waited for its entry": (
        "04-05 a@ annul 3",
        "04-04 1 contest_entry C-1 email=a",
        "04-03 a@ out email",
        "05-02 1 mail",
    ),
    "they have another stream since": (
        "04-03 a@ out email",
        "04-04 2 contest_entry C-1 email=a",
        "04-09 1 link 2",
        "04-05 a@ annul 1",
        "05-02 1 mail to=a@",
    ),
    "it was passed on with a name": (
        "04-02 a@ contest_entry C-1 email=a",
        "04-03 a@ out email",
        "04-04 1 ended a@",
        "04-05 2 contest_entry C-2 email=a",
        "04-06 a@ annul 2",
        "05-02 2 mail",
    ),
}
"""What was kept out, in short: the last mail goes to somebody whom nothing keeps out any more."""


def _history(seed: int) -> tuple[list[str], int]:
    """Return the lines of a history but for the annulment, and which of them is annulled."""
    chance = Random(f"annulled {seed}")  # noqa: S311 - any history will do
    lines = [_line(chance) for _ in range(chance.randint(3, 7))]
    place = chance.randint(0, len(lines))
    lines.insert(place, f"04-0{chance.randint(2, 6)} {chance.choice(LEAVING)}")
    return lines, place


def _line(chance: Random) -> str:
    if chance.random() < 0.2:
        return f"04-0{chance.randint(1, 9)} {chance.choice(LEAVING)}"
    who = chance.choice(("1", "2", "guest:g"))
    said_by = f"{chance.choice(ASKING)} R-{chance.randint(1, 3)} email={chance.choice('aab')}"
    return f"04-0{chance.randint(1, 9)} {who} {said_by}"


@pytest.mark.parametrize("story", STORIES)
def test_what_it_had_kept_out_follows_anew(story: str) -> None:
    """The mail breaks nothing, and a ledger says what a trace does."""
    lines = STORIES[story]
    stores = _told(lines)
    judged = [said(audited(store, LAST.at)) for store in stores]
    assert judged[0] == judged[1]
    assert _against(stores[0]) == {}


def test_an_annulled_opt_out_keeps_nobody_out() -> None:
    """Mails later than its annulment, and told later, are judged as if it had never been told."""
    coverage: Counter[str] = Counter()
    for seed in range(HISTORIES):
        lines, place = _history(seed)
        chance = Random(seed)  # noqa: S311 - any history will do
        at, who = lines[place].split()[:2]
        annulled = f"04-0{chance.randint(int(at[3:]), 9)} {who} annul {place + 1}"
        mails = [f"05-0{number} {name} mail" for number, name in enumerate(NAMES, 1)]
        stores = _told([*lines, annulled, *mails])
        judged = [said(audited(store, LAST.at)) for store in stores]
        assert judged[0] == judged[1], [*lines, annulled]
        without = _told([*lines, annulled, *mails], without=(place, len(lines)))[0]
        found, expected = (_against(store) for store in (stores[0], without))
        assert found == expected, [*lines, annulled, *mails]
        coverage.update(_sorts(stores[0]))
        coverage.update(f"{promise} {status}" for promise, status in found.values())
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("annulled", "let in", "others let in", "a guest let in")) >= LEAST, coverage


def _told(lines: Sequence[str], without: Sequence[int] = ()) -> list[MemoryStore]:
    """Tell a ledger these lines one by one, and a trace; without some, whose numbers stay."""
    facts = [fact_on(number + 1, line) for number, line in enumerate(lines) if number not in without]
    return [told(facts, in_time=in_time) for in_time in (False, True)]


def _against(store: MemoryStore) -> dict[tuple[str, str], Any]:
    """Return what is said against the mails of May, by promise: of each, that it is broken or undecided."""
    document = audited(store, LAST.at)
    return {
        (one["event"], promise): (promise, status)
        for promise in ("P11", "P17", "P18")
        for status, key in (("broken", "violations"), ("indeterminate", "indeterminate"))
        for one in document["readings"]["harmonised"][promise].get(key, ())
        if one["at"] >= "2016-05"
    }


def _sorts(store: MemoryStore) -> set[str]:
    """Return which sorts of what follows from annulments are in a history."""
    events = [one for several in store.events.values() for one in several]
    undone = {one.fact_position: one for one in events if isinstance(one, EntryCorrected) and one.entry}
    let_in = [one for one in events if isinstance(one, CustomerEnrolled) and one.fact_position in undone]
    found = {"annulled"} if undone else set()
    for one in let_in:
        found.add("let in")
        is_others = one.originator_id not in store.person(undone[one.fact_position].originator_id).streams
        found |= {"others let in"} if is_others else set()
        is_guest = "guest" in store.person(one.originator_id).opened_as.values()
        found |= {"a guest let in"} if is_guest and is_others else set()
    return found
