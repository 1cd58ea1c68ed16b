"""Generated traces in the short notation of `tests/verdicts`, by theme, to compare the audit with the reference.

Days are few, so that facts come late and fall on one instant; some people are linked, and some are erased at the end.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.laws import themes, themes_of_people
from tests.reference.history import Line
from tests.verdicts.notation import SOURCE, fact_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.laws.themes import Theme

LAST: Final = "05-03T12:00"
"""A time after those of the themes."""
Crossed = tuple[str, ...]
"""One property of a fact, or two that it has at once."""
ASKING: Final = {"out"}
"""What an undoing that is told after it is no earlier than."""
PROPERTIES: Final = ("late", "at one instant", "linked", "erased")
THEMES: Final = {**themes.THEMES, **themes_of_people.THEMES}


def traces(theme: str, count: int) -> Iterator[list[str]]:
    """Yield generated traces of a theme, each a list of lines; the same ones every time."""
    for seed in range(count):
        yield _trace(THEMES[theme], Random(f"{theme} {seed}"))  # noqa: S311 - any history will do


def _trace(theme: Theme, chance: Random) -> list[str]:
    told = [*theme.begins, *(_line(theme, chance) for _ in range(chance.randint(4, 16)))]
    if theme.is_parted:
        told = _parted(theme, told, chance)
    elif theme.is_renamed:
        told = _renamed(theme, told, chance)
    elif theme.is_linked and chance.random() < 1 / 2:
        one, other = chance.sample(theme.people, 2)
        place = chance.randint(len(theme.begins), len(told))
        told.insert(place, f"{chance.choice(theme.times)} {one} link {other}")
    if theme.annulled and chance.random() < 1 / 2:
        told += _annulled(theme, told, chance)
        told += [_line(theme, chance) for _ in range(4)]
    if theme.people != ("",) and chance.random() < 1 / 2:
        day = chance.choice(theme.erased_on)
        told.append(f"{day} {chance.choice(theme.people)} erase{chance.choice(('', ' Q-3'))}")
    return [*told, *(chance.choices(theme.ends) if theme.ends and chance.random() < 1 / 2 else ())]


def _parted(theme: Theme, told: list[str], chance: Random) -> list[str]:
    """Return the lines with a link of two people and an unlink told after it, and not before an opt-out of its future.

    What is told after the unlink is of another instant: at one instant, undoings come last, and go by telling.
    """
    one, other = chance.sample(theme.people, 2)
    linked_at = chance.choice(theme.times)
    place = chance.randint(len(theme.begins), len(told))
    told = [*told[:place], f"{linked_at} {one} link {other}", *told[place:]]
    place = chance.randint(place + 1, len(told))
    first, second = chance.sample((one, other), 2)
    return _undone(theme, told, place, f"{first} unlink {second}", chance, (linked_at,))


def _renamed(theme: Theme, told: list[str], chance: Random) -> list[str]:
    """Return the lines with the end of somebody's number, told when something had been told of them."""
    who = chance.choice(theme.people)
    known = [place for place, line in enumerate(told, 1) if line.split()[1] == who]
    if not known:
        return told
    return _undone(theme, told, chance.choice(known), f"{who} ended {who}", chance)


def _undone(  # noqa: PLR0913, PLR0917 - what is undone, where, and not before what
    theme: Theme, told: list[str], place: int, what: str, chance: Random, not_before: tuple[str, ...] = ()
) -> list[str]:
    """Return the lines with an undoing at a place, at a time that no earlier line asks for anything after."""
    asks = (line.split()[0] for line in told[:place] if ASKING & set(line.split()))
    after = max([*not_before, *asks], default="")
    at = chance.choice([time for time in theme.times if time > after] or [LAST])
    later = [line.replace(at, f"{at[:-2]}15") if line.startswith(at) else line for line in told[place:]]
    return [*told[:place], f"{at} {what}", *later]


def _line(theme: Theme, chance: Random) -> str:
    said = chance.choice(theme.facts)(chance)
    who = "" if said.startswith("- ") else chance.choice(theme.people)
    return f"{chance.choice(theme.times)} {who} {said}"


def _annulled(theme: Theme, told: list[str], chance: Random) -> list[str]:
    """Return the correction of one of the entries, under the name that it was told under; of nothing, none."""
    may_be = tuple(theme.annulled)
    entries = [place for place, one in enumerate(told, 1) if one.split(" ", 2)[2].startswith(may_be)]
    if not entries:
        return []
    entry = chance.choice(entries)
    at, who = told[entry - 1].split()[:2]
    return [f"{max(at, chance.choice(theme.times))} {who} annul {entry}"]


def events_of(told: Sequence[str]) -> list[dict[str, Any]]:
    """Return the CloudEvents of a trace."""
    return [fact_of(number, line) for number, line in enumerate(told, 1)]


def lines_of(events: Sequence[dict[str, Any]]) -> dict[str, Line]:
    """Return the facts as the reference reads them, by name."""
    usual = {"online": True, "requests": ()}
    found = {}
    for number, one in enumerate(events, 1):
        kind, data = one["type"].split(".")[1], {**usual, **one["data"]}
        at, subject = one["time"].replace("Z", "+00:00"), one.get("subject", "")
        found[f"{SOURCE} {one['id']}"] = Line(number, at, kind, subject, data, one["id"])
    return found


def covered(lines: Sequence[Line]) -> Counter[tuple[str, Crossed]]:
    """Count, of each type of fact, how many had each of the properties, and each two of them at once."""
    found: Counter[tuple[str, Crossed]] = Counter()
    times = Counter(one.at for one in lines)
    linked = {end for one in lines if one.kind == "link" for end in (one.subject, one.data["with"])}
    erased = {one.subject for one in lines if one.kind == "erasure"}
    latest = ""
    for one in sorted(lines, key=lambda one: one.number):
        of = {
            "late": one.at < latest,
            "at one instant": times[one.at] > 1,
            "linked": one.subject in linked,
            "erased": one.subject in erased,
        }
        held = [name for name in PROPERTIES if of[name]]
        found.update((one.kind, crossed) for crossed in crossings(held))
        latest = max(latest, one.at)
    return found


def crossings(names: Sequence[str]) -> list[Crossed]:
    """Return each of these properties, and each two of them."""
    return [(name,) for name in names] + list(combinations(names, 2))
