"""What streams that are joined, parted or given up come to goes by time, told in whichever order: about one address.

Two people share an address that has a record of its own. They ask with it, leave under it, and are linked with it,
early and late: so most histories hold what a link, an unlink or the end of the name decides.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from domain.events.customer import CustomerEnrolled, CustomerOptedOut
from domain.events.links import CustomersLinked, CustomersUnlinked, NameEnded
from domain.events.suppressions import SuppressionRecalled
from domain.moments import end_of
from domain.records.as_joined import joined_at
from domain.records.customer import LAST
from domain.vocabulary import Program
from tests.laws.as_told import audited, said, told
from tests.laws.test_told_by_line_laws import fact_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.audit.trace import MemoryStore
    from domain.facts.fields import Subject

HISTORIES: Final = 80
LEAST: Final = 3
NAMES: Final = ("1", "2", "a@")
ASKING: Final = ("{act} R-{n} email=a address",) * 3
LEAVING: Final = ("a@ out email", "a@ out email", "out email")
THEMES: Final = {
    "links": (*ASKING, "link {other}", "1 link a@", "2 link a@", *LEAVING, "mail", "cancelled R-{n}"),
    "unlinks": (*ASKING, *("link {other}",) * 3, "unlink {other}", "unlink {other}", *LEAVING, "mail", "mail"),
    "ends": (*ASKING, "{other} ended a@", "ended a@", "a@ age", "a@ age", *LEAVING, "link {other}", "mail"),
}
"""By theme, what its lines say; what begins with a name is told of that one."""
SORTS: Final = {
    "links": ("enrolled by a link", "an earlier link behind a later one", "left"),
    "unlinks": ("parted", "left"),
    "ends": ("ended", "passed on", "left"),
}
"""What must be among the histories of a theme."""
STORIES: Final = {
    "a link of a later time lets them ask": (
        "04-02 a@ out email",
        "04-04 3 contest_entry R-1 email=a address",
        "04-09 a@ link 3",
        "04-04 2 link 3",
    ),
    "they left again before the link": (
        "04-02 a@ out email",
        "04-04 3 contest_entry R-1 email=a",
        "04-06 3 out email",
        "04-09 a@ link 3",
    ),
    "they asked anew before a link brings a cancellation": (
        "04-03 2 order R-1 email=a",
        "04-05 3 cancelled R-1",
        "04-07 2 contest_entry R-2 email=a",
        "04-09 2 link 3",
        "04-10 2 mail",
    ),
    "a link of an earlier time brings a cancellation": (
        "04-01 3 cancelled R-1",
        "04-03 2 order R-1 email=a",
        "04-02 2 link 3",
    ),
    "they ask late of a time before the link": (
        "04-04 a@ out email",
        "04-06 1 link a@",
        "04-05 1 promotional_request R-2 email=a",
    ),
    "their address is out before it is theirs": (
        "04-08 1 link a@",
        "04-05 1 contest_entry R-1 email=a",
        "04-02 a@ out email",
    ),
    "the next one had asked anew already": (
        "04-07 1 ended a@",
        "04-09 a@ contest_entry R-1 email=a",
        "04-05 a@ out email",
    ),
    "the age of the last one is told late": (
        "04-04 1 ended a@",
        "04-06 a@ contest_entry R-2 email=a name",
        "04-04 a@ age",
    ),
    "the next one is linked before they are told of": (
        "04-05 3 ended a@",
        "04-02 a@ age",
        "04-09 2 link a@",
        "04-08 a@ catalog_request R-1 email=a name",
    ),
    "what lifts is of a later line than a link, and of an earlier time": (
        "04-05 a@ link 2",
        "04-02 2 contest_entry R-1 email=a address",
        "04-02 a@ out email",
        "04-01 a@ out email",
        "04-07 1 order R-1 email=a address",
        "04-02 a@ contest_entry R-1 email=a address",
        "04-07 1 link a@",
    ),
}
"""What a law found, in short."""


def _histories(theme: str) -> Iterator[list[str]]:
    for seed in range(HISTORIES):
        chance = Random(f"joined {theme} {seed}")  # noqa: S311 - any history will do
        yield [_line(chance, THEMES[theme]) for _ in range(chance.randint(4, 8))]


def _line(chance: Random, kinds: Sequence[str]) -> str:
    who, other = chance.sample(NAMES, 2)
    act = chance.choice(("contest_entry", "promotional_request", "contest_entry", "order"))
    line = chance.choice(kinds).format(other=other, act=act, n=chance.randint(1, 2))
    is_of_one = line.split()[0] in NAMES
    return f"04-0{chance.randint(1, 9)} {line if is_of_one else f'{who} {line}'}"


@pytest.mark.parametrize("theme", THEMES)
def test_a_ledger_says_what_a_trace_does(theme: str) -> None:
    """Verdicts are those of a trace, with what shows them, and nobody is shown as enrolled whom it says to be out."""
    coverage: Counter[str] = Counter()
    for lines in _histories(theme):
        ledger = _compared(lines)
        coverage.update(_sorts(ledger))
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in SORTS[theme]) >= LEAST, coverage


@pytest.mark.parametrize("story", STORIES)
def test_what_is_told_late_is_decided_as_streams_were_joined_then(story: str) -> None:
    """Verdicts are those of a trace, and nobody is shown as enrolled at a time whom it does not say to be in."""
    _compared(STORIES[story])


def _compared(lines: Sequence[str]) -> MemoryStore:
    """Compare a ledger that is told these lines with a trace of them, and return the ledger."""
    facts = [fact_on(number, line) for number, line in enumerate(lines, 1)]
    ledger, trace = (told(facts, in_time=in_time) for in_time in (False, True))
    assert said(audited(ledger, LAST.at)) == said(audited(trace, LAST.at)), "\n".join(lines)
    names = [fact.subject for fact in facts if fact.subject]
    assert _at_each_time(ledger, names, is_shown=True) <= _at_each_time(trace, names, is_shown=False), lines
    return ledger


def _at_each_time(store: MemoryStore, names: Sequence[Subject], *, is_shown: bool) -> set[tuple[str, str, int]]:
    """Return who is shown as enrolled at the end of each day, or is enrolled by what was told, and is not out."""
    found = set()
    for name in names:
        for day in range(1, 11):
            at = datetime(2016, 4, day, 13, tzinfo=UTC)
            stream = store.stream_of(name, at)
            person = joined_at(store.person(stream), stream, at) if stream else None
            for program in Program if person else ():
                assert person is not None, "it was asked"
                shown, stands = (
                    person.subscription(program, end_of(at)),
                    store.judge.standing(person, program, end_of(at)),
                )
                is_in = shown is not None and shown.state == "enrolled" if is_shown else stands.is_enrolled
                found |= {(str(name), str(program), day)} if is_in and stands.out_since is None else set()
    return found


def _sorts(store: MemoryStore) -> set[str]:
    """Return which sorts of what goes by time are in a history."""
    events = [one for several in store.events.values() for one in several]
    links = {
        one.fact_position: one.occurred_at for one in events if isinstance(one, CustomersLinked) and not one.follows
    }
    times = [at for _, at in sorted(links.items())]
    found = {"an earlier link behind a later one"} if times != sorted(times) else set()
    for event in events:
        if isinstance(event, CustomerEnrolled) and event.fact_position in links:
            found.add("enrolled by a link")
        elif isinstance(event, CustomersUnlinked) and event.others:
            found.add("parted")
        elif isinstance(event, NameEnded):
            found.add("ended")
        elif isinstance(event, SuppressionRecalled):
            found.add("passed on")
        elif isinstance(event, CustomerOptedOut) and not event.follows:
            found.add("left")
    return found
