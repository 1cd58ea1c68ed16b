"""What is shown of an opt-out that somebody is owed from before: its own date, and whether it was told only later.

It outlived an erasure, or the one who had a name before had said so. A ledger and a trace show the same.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from domain.records.customer import LAST
from tests.laws.as_told import audited, told
from tests.laws.numbers import part_of
from tests.laws.test_late_of_erased_laws import facts_in
from tests.laws.test_returned_laws import returned, shown_otherwise

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORIES = part_of(200)
LEAST = part_of(15)
PROMISES = ("P11", "P14", "P17", "P18")
DONE = (
    *("contest_entry C-{n} email=a", "contest_entry C-{n} email=b", "order O-{n} email=a"),
    *("out email", "out email", "mail", "mail"),
)
ENDED = {"1": "customer:1", "2": "customer:2", "a@": "email:a@example.com"}


def ended(chance: random.Random) -> list[str]:
    """Return a history in which one of two names is given up, with opt-outs and mail on both sides, in any order."""
    names = chance.choice((("1", "2"), ("a@", "1"), ("1", "a@")))
    days = chance.sample(range(1, 25), chance.randint(4, 7))
    lines = [
        f"04-{day:02} {chance.choice(names)} {chance.choice(DONE).format(n=number)}" for number, day in enumerate(days)
    ]
    gone = chance.choice(names)
    lines.insert(chance.randint(1, len(lines)), f"04-{chance.randint(5, 20):02} {gone} ended {ENDED[gone]}")
    return [*lines, f"04-25 {chance.choice(names)} mail"]


def shown(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return why each fact breaks a promise of those about opt-outs, by the promise and the fact."""
    return {
        (promise, str(one["event"])): one["why"]
        for promise in PROMISES
        for one in document["readings"]["harmonised"][promise]["violations"]
    }


def opt_out_in(why: str) -> str:
    """Return the time of the opt-out that a sentence names; empty: it names none."""
    return why.partition("opted out ")[2].partition(";")[0]


@pytest.mark.parametrize("story", [returned, ended])
def test_generated_histories(story: Callable[[random.Random], list[str]]) -> None:
    """Of each breach by the same opt-out, a ledger and a trace say the same; the dates are those of opt-outs."""
    chance, seen = random.Random(17), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = "; ".join(story(chance))
        facts = facts_in(lines)
        documents = [audited(told(facts, in_time=in_time), LAST.at) for in_time in (False, True)]
        ledger, trace = map(shown, documents)
        for one in ledger.keys() & trace.keys():
            if opt_out_in(ledger[one]) == opt_out_in(trace[one]):
                assert ledger[one] == trace[one], (one, lines)
        for document in documents:
            assert not shown_otherwise(facts, document), lines
        for why in ledger.values():
            seen["opt-out" if "opted out" in why else "absence"] += 1
            seen["told later"] += "told only after it" in why
    assert min(seen["opt-out"], seen["told later"]) >= LEAST, seen


@pytest.mark.parametrize(
    ("lines", "is_later"),
    [
        ("04-08 1 order O-1 email=a; 04-10 1 erase; 04-21 1 mail; 04-04 1 out email; 04-25 1 mail", True),
        ("04-08 1 order O-1 email=a; 04-04 1 out email; 04-10 1 erase; 04-21 1 mail; 04-11 1 order O-2 email=a", False),
        ("04-15 1 ended customer:1; 04-16 1 mail; 04-21 1 order O-6 email=a; 04-05 1 out email; 04-25 1 mail", True),
        ("04-05 1 out email; 04-16 1 mail; 04-21 1 order O-6 email=a; 04-15 1 ended customer:1; 04-25 1 mail", False),
        ("04-02 1 order O-4 email=a; 04-05 1 out email; 04-13 1 ended email:a@example.com; 04-20 2 mail to=a@", False),
    ],
)
def test_whether_it_was_told_only_later(lines: str, *, is_later: bool) -> None:
    """It goes by where the opt-out was told, and not by when the record was made of who came back, or is named next."""
    facts = facts_in(lines)
    for in_time in (False, True):
        found = shown(audited(told(facts, in_time=in_time), LAST.at))
        why = [said for (promise, _), said in sorted(found.items()) if promise == "P17"]
        assert why
        assert any("told only after it" in one for one in why) == is_later, why
        assert all("opted out 2016-04-0" in one for one in why), why
