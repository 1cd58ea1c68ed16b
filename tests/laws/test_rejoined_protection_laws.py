"""Objections and ages of people who were parted and joined again: told late, they bind as if told in time.

A ledger that learns the lines in any order comes to what a trace of them does.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.controls import day
from tests.laws.as_told import audited, told
from tests.laws.numbers import least_of, part_of
from tests.laws.test_told_by_line_laws import fact_on

if TYPE_CHECKING:
    from domain.facts import Fact

AS_OF: Final = 400
HISTORIES: Final = part_of(120)
LEAST: Final = least_of(8)
PROTECTING: Final = ("object print_posters", "age")
DONE: Final = (
    *("use print_posters name", "use print_posters name", "offer print_posters"),
    *("contest_entry C-{n} name email=a", "order C-{n} name email=a"),
)


def rejoined(chance: Random) -> list[str]:
    """Return a history of two people who are joined, parted and joined again; one is protected, told at any line."""
    one, other = chance.choice((("1", "2"), ("2", "1")))
    days = sorted(chance.sample(range(3, 28), 3))
    lines = [f"04-{on:02} {one} {word} {other}" for on, word in zip(days, ("link", "unlink", "link"), strict=True)]
    done = [chance.choice(DONE).format(n=number) for number in range(chance.randint(2, 4))]
    for said in (chance.choice(PROTECTING), *done):
        lines.insert(chance.randint(0, len(lines)), f"04-{chance.randint(1, 29):02} {chance.choice('12')} {said}")
    return lines


def judged(facts: list[Fact], *, in_time: bool) -> dict[str, Any]:
    """Return the status of each promise, with the facts that break it."""
    verdicts = audited(told(facts, in_time=in_time), day(AS_OF))["readings"]["harmonised"]
    return {
        promise: (one["status"], [said["event"] for said in one.get("violations", ())])
        for promise, one in verdicts.items()
    }


def test_generated_histories() -> None:
    """Statuses and breaches are the same; some of what protects is told behind the second link, of a time before it."""
    seen = Counter[str]()
    for seed in range(HISTORIES):
        lines = rejoined(Random(f"rejoined {seed}"))  # noqa: S311 - any history will do
        facts = [fact_on(number, line) for number, line in enumerate(lines, 1)]
        ledger, trace = (judged(facts, in_time=in_time) for in_time in (False, True))
        assert ledger == trace, "; ".join(lines)
        last = max(number for number, line in enumerate(lines) if " link " in line)
        late = [line for line in lines[last:] if line.endswith(PROTECTING) and line[:5] < lines[last][:5]]
        seen.update("late objection" if "object" in line else "late age" for line in late)
        seen["broken"] += bool(late) and "broken" in {ledger["P14"][0], ledger["P23"][0]}
    assert min(seen["late objection"], seen["late age"], seen["broken"]) >= LEAST, seen
