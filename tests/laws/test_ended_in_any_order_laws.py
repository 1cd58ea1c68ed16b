"""Names that are given up, told in any order: a ledger and a trace judge the next one by the same opt-outs.

An end can be told before facts of the time before it. What those say of what the last one was owed reaches the next one
as if it had been told in time, and nothing else does. Not held yet: where two people had one address and gave names up
at different times, what either was owed is never taken back, so a trace can call mail broken that a ledger does not.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from domain.records.customer import LAST
from tests.laws.as_told import audited, told
from tests.laws.numbers import least_of, part_of
from tests.laws.test_late_of_erased_laws import facts_in
from tests.laws.test_shown_opt_outs_laws import DONE, ENDED

if TYPE_CHECKING:
    from domain.facts import Fact

HISTORIES = part_of(200)
LEAST = least_of(8)
PROMISES = ("P11", "P14", "P15", "P16", "P17", "P18")
NAMES = (("1", "2"), ("a@", "1"), ("1", "a@"), ("1", "2", "a@"))


def ended(chance: random.Random) -> list[str]:
    """Return a history in which up to three names are given up, told anywhere, with opt-outs and mail on all sides."""
    names = chance.choice(NAMES)
    days = chance.sample(range(1, 25), chance.randint(4, 7))
    lines = [
        f"04-{day:02} {chance.choice(names)} {chance.choice(DONE).format(n=number)}" for number, day in enumerate(days)
    ]
    for _ in range(chance.randint(1, 3)):
        gone = chance.choice(names)
        by = chance.choice((gone, gone, *names))
        lines.insert(chance.randint(0, len(lines)), f"04-{chance.randint(5, 20):02} {by} ended {ENDED[gone]}")
    return [*lines, f"04-25 {chance.choice(names)} mail"]


def judged(facts: list[Fact], *, in_time: bool) -> dict[str, Any]:
    """Return the status of each promise about programs, with the facts that break it and those that are undecided."""
    verdicts = audited(told(facts, in_time=in_time), LAST.at)["readings"]["harmonised"]
    found = {promise: verdicts[promise] for promise in PROMISES}
    lists = ("violations", "indeterminate")
    return {
        promise: (one["status"], *(sorted(said["event"] for said in one.get(kind, ())) for kind in lists))
        for promise, one in found.items()
    }


def test_generated_histories() -> None:
    """Statuses, breaches and what is undecided are the same, and the next one is met by what the last one was owed."""
    seen = Counter[str]()
    for seed in range(HISTORIES):
        lines = "; ".join(ended(random.Random(f"ended {seed}")))  # noqa: S311 - any history will do
        facts = facts_in(lines)
        ledger, trace = (judged(facts, in_time=in_time) for in_time in (False, True))
        assert ledger == trace, lines
        seen.update(f"{promise} {ledger[promise][0]}" for promise in ("P17", "P18"))
    assert min(seen["P17 broken"], seen["P17 kept"], seen["P18 broken"]) >= LEAST, seen


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        # Who had the number had left by their address, which was told under it, after the number was given up.
        ("04-13 1 ended customer:1; 04-04 1 order O-4 email=a; 04-06 a@ out email; 04-25 1 mail", "broken"),
        ("04-04 1 order O-4 email=a; 04-06 a@ out email; 04-13 1 ended customer:1; 04-25 1 mail", "broken"),
        (
            (
                "04-18 a@ ended email:a@example.com; 04-22 a@ ended email:a@example.com; 04-13 1 ended customer:1; "
                "04-04 1 order O-4 email=a; 04-06 a@ out email; 04-20 a@ order O-6 email=a; "
                "04-03 1 contest_entry C-7 email=b; 04-25 1 mail"
            ),
            "broken",
        ),
        # They had asked anew before they gave it up, or had another address when somebody left by the first.
        (
            (
                "04-19 1 ended customer:1; 04-05 1 order O-2 email=a; 04-07 a@ out email; "
                "04-16 1 contest_entry C-4 email=a; 04-25 1 mail"
            ),
            "kept",
        ),
        (
            (
                "04-19 1 ended customer:1; 04-05 1 order O-2 email=a; 04-07 1 out email; 04-25 1 mail; "
                "04-16 1 contest_entry C-4 email=a"
            ),
            "kept",
        ),
        (
            (
                "04-20 2 ended customer:2; 04-17 a@ out email; 04-03 2 order O-4 email=a; "
                "04-12 2 contest_entry C-1 email=b; 04-25 2 mail"
            ),
            "kept",
        ),
        # Another one who had the address was not owed it when they gave that up.
        (
            (
                "04-17 1 ended customer:1; 04-14 1 out email; 04-17 a@ ended email:a@example.com; "
                "04-10 a@ contest_entry C-4 email=b; 04-13 1 contest_entry C-5 email=a; 04-25 1 mail"
            ),
            "broken",
        ),
        # Who has the address next asks anew: that lifts what its last holder said, also where more of it is told late.
        (
            (
                "04-14 a@ ended email:a@example.com; 04-21 a@ contest_entry C-0 email=a; 04-13 a@ out email; "
                "04-09 a@ out email; 04-25 a@ mail"
            ),
            "kept",
        ),
    ],
)
def test_stories(lines: str, status: str) -> None:
    """The next one is met by what the last one was owed when they gave the name up, by the times of all facts."""
    for in_time in (False, True):
        assert judged(facts_in(lines), in_time=in_time)["P17"][0] == status
