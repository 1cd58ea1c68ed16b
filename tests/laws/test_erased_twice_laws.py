"""Names whose people were erased several times, at any times: until when a name was whose, and what is late of whom.

A name was an erased person's until the last that had happened to them, whichever was told first, and whatever the
record began with: what its name was owed says nothing of that.
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

if TYPE_CHECKING:
    from domain.facts import Fact

HISTORIES = part_of(150)
LEAST = part_of(20)
RETURNS = ("contest_entry C-{n} email={own}", "order O-{n} name email={own}", "use deliver_order address")
NAMES = ("1", "order:O-9", "guest:f")
DONE = (
    *("out email", "out email", "erase", "erase", "mail", "mail"),
    *("contest_entry C-{n} email={own}", "order O-{n} name email={own}"),
    *("inbound_message M-{n} email={own}", "correct Q-{n} name x"),
)


def history(chance: random.Random) -> list[str]:
    """Return lines of any times: people are erased, are owed something, are back, and erased again; then mail."""
    names = chance.sample(NAMES, chance.randint(1, 2))
    own = dict(zip(NAMES, "abc", strict=True))
    lines = []
    lives = (("erase",), DONE, ("out email", "age", "object print_posters"), RETURNS, DONE, ("erase",))
    for number, of_life in enumerate(lives):
        for name in names:
            if of_life is not DONE or chance.random() < 1 / 2:
                what = chance.choice(of_life).format(n=number, own=own[name])
                lines.append(f"04-{chance.randint(1, 9):02} {name} {what}")
    if chance.random() < 1 / 4:
        chance.shuffle(lines)
    return [*lines, *(f"04-{chance.randint(1, 10):02} {name} mail" for name in (*names, *names))]


def late_of(facts: list[Fact]) -> set[str]:
    """Return the mail that is told of the erased: of a time up to the last of what was told of the name by then."""
    until: dict[str, Any] = {}
    latest: dict[str, Any] = {}
    found = set()
    for one in facts:
        name, word = str(one.subject), one.type.split(".")[1]
        is_late = name in until and one.time <= until[name]
        if word == "erasure":
            until[name] = max(one.time, latest.pop(name, one.time), until.get(name, one.time))
        elif is_late:
            found |= {str(one.name)} if word == "message" else set()
        else:
            latest[name] = max(one.time, latest.get(name, one.time))
    return found


def undecided(facts: list[Fact], *, in_time: bool) -> tuple[set[str], set[str]]:
    """Return which facts leave P11 undecided since their person had been erased, and which break it."""
    verdict = audited(told(facts, in_time=in_time), LAST.at)["readings"]["harmonised"]["P11"]
    erased = {one["event"] for one in verdict.get("indeterminate", ()) if "person_erased" in one["codes"]}
    return erased, {one["event"] for one in verdict["violations"]}


@pytest.mark.parametrize(
    "began",
    [
        "04-01 1 out email; 04-05 1 order R-2 name email",
        "04-01 1 object print_posters; 04-05 1 order R-2 name email",
        "04-01 1 age; 04-05 1 order R-2 name email",
        "04-05 1 order R-2 name email; 04-01 1 out email",
        "04-05 1 use deliver_order address",
    ],
)
@pytest.mark.parametrize("erased", ["04-02 1 erase", "04-06 1 erase"])
def test_a_second_erasure_before_the_first(began: str, erased: str) -> None:
    """Mail of a time by which more had happened to the person is late, whatever their record began with."""
    facts = facts_in(f"04-03 1 erase; {began}; {erased}; 04-04 1 mail")
    for in_time in (False, True):
        assert undecided(facts, in_time=in_time) == ({str(facts[-1].name)}, set())


def test_what_is_late_of_whom() -> None:
    """Of the erased, mail never breaks P11 for absence; of who has the name since, it is judged as any."""
    chance, seen = random.Random(21), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = history(chance)
        facts = facts_in("; ".join(lines))
        late = late_of(facts)
        mails = {str(one.name) for one in facts if one.type.split(".")[1] == "message"}
        for in_time in (False, True):
            erased, broken = undecided(facts, in_time=in_time)
            assert erased == late, (lines, in_time)
            assert not broken & late, (lines, in_time)
        seen.update(late="".join(sorted(late)) != "", several=sum("erase" in line for line in lines) > 1)
        seen["living"] += bool(mails - late)
        seen["broken"] += bool(broken)
    assert min(seen[one] for one in ("late", "several", "living", "broken")) >= LEAST, seen
