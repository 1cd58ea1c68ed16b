"""People who share an address with somebody who is erased: the erasure changes nothing that is judged about them.

What the erased person is owed binds the address for those who are named with it since. Who held it before is mailed
as before, and so is mail judged that is told under the address, as long as one of them has it.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from domain.records.customer import LAST
from tests.laws.as_told import audited, told
from tests.laws.numbers import part_of
from tests.laws.test_late_of_erased_laws import facts_in

if TYPE_CHECKING:
    from collections.abc import Iterable

HISTORIES = part_of(150)
LEAST = part_of(20)
OTHERS = ("2", "3", "guest:f")
BEFORE = (
    *("contest_entry C-{n} email=a",) * 3,
    *("order O-{n} email=a", "contest_entry C-{n} email=b", "confirm email:a@example.com"),
    *("object print_posters", "out email", "mail"),
)
AFTER = ("contest_entry C-{n} email=a", "order O-{n} email=a", "contest_entry C-{n} email=c", "out email", "mail")
PURPOSE = "03-01 - purpose print_posters unrelated=true"


def lines_of(chance: random.Random) -> tuple[list[str], list[str]]:
    """Return what is told of several people before one of them is erased, and what is told of the others after it."""
    before = ["04-02 9 contest_entry C-9 email=a", f"04-02 {chance.choice(OTHERS)} contest_entry C-8 email=a"]
    names = (*OTHERS, "9")
    for number, day in enumerate(sorted(chance.sample(range(3, 25), chance.randint(1, 5)))):
        before.append(f"04-{day:02} {chance.choice(names)} {chance.choice(BEFORE).format(n=number)}")
    before.append(f"04-{chance.choice((3, 12, 24)):02} 9 {chance.choice(('out email', 'out email', 'mail'))}")
    holders = {line.split()[1] for line in before if line.endswith("email=a")} - {"9"}
    after = [
        f"05-{day:02} {chance.choice(sorted(holders))} {chance.choice(AFTER).format(n=10 + day)}"
        for day in sorted(chance.sample(range(2, 12), chance.randint(0, 3)))
    ]
    after += [f"06-01 {name} mail" for name in sorted(holders)]
    after += ["06-02 a@ mail", "06-03 a@ message email print_posters"]
    after += [f"06-04 {name} message email print_posters" for name in sorted(holders)]
    return [PURPOSE, *before], after


def judged(lines: Iterable[str], *, in_time: bool) -> dict[tuple[str, str], str]:
    """Return, of each promise and fact, whether the fact breaks it, or leaves it undecided."""
    document = audited(told(facts_in("; ".join(lines)), in_time=in_time), LAST.at)
    return {
        (promise, str(one["event"]).removeprefix("/t ")): status
        for promise, verdict in document["readings"]["harmonised"].items()
        for status in ("indeterminate", "violations")
        for one in verdict.get(status, ())
    }


def named(lines: Iterable[str], prefix: str) -> list[str]:
    """Return lines with an id each, which stays the same wherever they stand."""
    return [f"{line} id={prefix}{number}" for number, line in enumerate(lines)]


def is_owed(before: Iterable[str]) -> bool:
    """Return whether the one who is erased had left, and had not asked anew."""
    own = sorted(line for line in before if line.split()[1] == "9" and ("out" in line or "contest" in line))
    return " out " in own[-1]


def check(chance: random.Random, *, is_late: bool) -> Counter[str]:
    """Compare one history with and without an erasure, behind which opt-outs are told if they are late."""
    first, second = lines_of(chance)
    if is_late:  # Which address was current when they left, and what had lifted that, is forgotten by then.
        first = [line for line in first if " 9 " not in line or "email=b" not in line]
        first = [*(line for line in first if " 9 out " not in line), "04-25 9 out email"]
    before, after = named(first, "b"), named(second, "a")
    late = [line for line in before if is_late and " 9 out email" in line]
    own = [line for line in before if line not in late]
    expected = judged([*before, *after], in_time=False)
    is_answered = any(" confirm " in line and " 9 " not in line for line in before)
    told_of = {f"a{number}": line.split()[1] for number, line in enumerate(second)}
    seen: Counter[str] = Counter()
    for in_time in (False, True):
        lines = [*own, "04-28 9 erase id=e", *late, *after]
        found = judged(lines, in_time=in_time)
        for event, who in told_of.items():
            if who == "a@" and (is_answered or not is_owed(before)):
                continue  # What is owed waits while the address is known to be another's.
            verdicts = [
                {promise: status for (promise, one), status in each.items() if one == event}
                for each in (found, expected)
            ]
            assert verdicts[0] == verdicts[1], (event, lines)
            sort = "address" if who == "a@" else "holder"
            seen.update(f"{sort} {verdicts[1].get(promise, 'nothing')}" for promise in ("P11", "P17"))
    return seen


@pytest.mark.parametrize("is_late", [False, True], ids=["told in time", "told after the erasure"])
def test_an_erasure_changes_nothing_for_those_who_had_the_address(*, is_late: bool) -> None:
    """Neither for mail to them, nor for mail under the address, in a ledger and in a trace.

    An opt-out that is told after the erasure is owed as if told before: what others are judged by is the same.
    """
    chance, seen = random.Random(12 + is_late), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        seen += check(chance, is_late=is_late)
    print(seen)  # noqa: T201 - the coverage is read by people
    assert min(seen.values()) >= LEAST, seen
