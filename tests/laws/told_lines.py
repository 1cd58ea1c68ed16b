"""Generated traces in the short notation of `tests/verdicts`, by theme, to compare the audit with the reference.

Days are few, so that facts come late and fall on one instant; some people are linked, and some are erased at the end.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.reference.history import Line
from tests.verdicts.notation import SOURCE, fact_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PEOPLE: Final = ("1", "2", "3")
DAYS: Final = 8
CATEGORIES: Final = ("name", "email", "address", "contact", "payment")
COOKIES: Final = ("cookie_id", "name", "email", "user.account", "user.unique_id.pseudonymous", "behavior")
SITES: Final = ("homepage", "web")
VERSIONS: Final = ("2016-03-14", "2017-01-01")
ACTS: Final = ("order", "contest_entry", "promotional_request", "catalog_request", "registration")
CAUSES: Final = ("purchase", *ACTS[1:], "import", "staff")
OF_NOBODY: Final = {"-"}
PROPERTIES: Final = ("late", "at one instant", "linked", "erased")


class Theme(NamedTuple):
    """A kind of history: what its facts are, each as a function of chance."""

    facts: Sequence[Callable[[Random], str]]
    people: Sequence[str] = PEOPLE
    is_linked: bool = True
    """Whether two of them may be linked."""
    is_corrected: bool = True
    """Whether an entry may be corrected afterwards."""


def _collected(chance: Random) -> str:
    act = chance.choice(ACTS)
    held = " ".join(chance.sample(CATEGORIES[:3], chance.randint(1, 3)))
    asked = f" requests={chance.choice(('updates', 'catalog', ''))}" if act == "registration" else ""
    return f"{act} R-{chance.randint(1, 3)} {held}{asked}"


def _cited(chance: Random) -> str:
    return f"{chance.choice(('order', 'contest_entry'))}/R-1"


def _used(chance: Random) -> str:
    return f"use verify_identity {chance.choice(CATEGORIES)} value_from={_cited(chance)}"


def _shared(chance: Random) -> str:
    return f"share carrier verify_identity {chance.choice(CATEGORIES)} value_from={_cited(chance)}"


def _enrolled(chance: Random) -> str:
    reference = f" R-{chance.randint(1, 3)}" if chance.random() < 1 / 2 else ""
    return f"enroll {chance.choice(('email', 'email', 'post'))} {chance.choice(CAUSES)}{reference}"


def _of(text: str, **words: Sequence[str]) -> Callable[[Random], str]:
    """Return a fact with a choice of words in it."""
    return lambda chance: text.format(**{name: chance.choice(several) for name, several in words.items()})


MOSTLY: Final = ("true", "true", "false")
ID: Final = ("Q-1", "Q-1", "Q-2")
ANNULLED: Final = ("order ", "contest_entry", "registration", "catalog_request", "correct ", "cancelled ")
"""What may be an entry that is corrected afterwards; the annulment of an opt-out is not compared yet."""
THEMES: Final = {
    "requests": Theme(
        (
            _of("access {id}", id=ID),
            _of("ask_correction {id} {category} shows_error={shows}", id=ID, category=CATEGORIES, shows=MOSTLY),
            _of("verify {id} passed={passed}", id=ID, passed=("true", "true", "false")),
            _of("verify {id}", id=ID),
            _of("report {id}", id=ID),
            _of("correct {id} {category}", id=ID, category=("name", "address", "payment", "contact")),
            _of("decline {id}", id=ID),
            _of("deny {id}", id=ID),
            _of("withdraw {id}", id=ID),
            _of("ask_erasure {id}", id=("Q-3",)),
        ),
        people=PEOPLE[:2],
        is_corrected=False,
    ),
    "values": Theme(
        (
            _of("{act} R-1 name email address", act=("order", "contest_entry")),
            *(_used, _used, _shared),
            _of("correct Q-1 {category}", category=CATEGORIES),
        ),
        people=PEOPLE[:2],
    ),
    "enrollments": Theme(
        (
            *(_collected, _collected, _enrolled, _enrolled, _enrolled),
            _of("cancelled R-{n}", n=("1", "2", "3")),
            _of("completed R-{n}", n=("1", "2", "3")),
            _of("out {program}", program=("email", "post")),
            _of("offer print_posters"),
            _of("object print_posters"),
        ),
    ),
    "notices": Theme(
        (
            _of("- published {version}", version=(VERSIONS[0], *VERSIONS)),
            _of("- posted {site} {version}", site=SITES, version=VERSIONS),
            _of("- posted {site} {version}", site=SITES, version=VERSIONS),
            _of("- removed {site} {version}", site=SITES, version=VERSIONS),
            _of("- point web online={online}", online=("true", "true", "false")),
            _of("- closed web"),
            _of(
                "1 {act} R-1 name notice={version} online={online}",
                act=(*ACTS, "inbound_message"),
                version=VERSIONS,
                online=MOSTLY,
            ),
        ),
        people=("",),
        is_linked=False,
        is_corrected=False,
    ),
    "browsers": Theme(
        (
            _of(
                "{who} cookie {purpose} {category}",
                who=("v1", "v2"),
                purpose=("track_visits", "direct_marketing"),
                category=COOKIES,
            ),
            _of("{who} refused", who=("v1", "v2")),
            _of("{who} signal {kind}", who=("v1", "v2"), kind=("gpc", "dnt")),
            _of("{who} forwarded {category} server_side={own}", who=("v1", "v2"), category=COOKIES, own=MOSTLY),
            _of("{who} identified 1", who=("v1", "v2")),
            _of("- attested {kind} 04-{day}", kind=("physical", "electronic", "managerial"), day=("03", "07", "20")),
            _of("- attested {kind} 04-{day}", kind=("physical", "electronic", "managerial"), day=("03", "07", "20")),
            _of("- reviewed 04-{day}", day=("03", "07", "20")),
            _of("- incident {reads}", reads=("0", "0", "1")),
        ),
        people=("",),
        is_linked=False,
        is_corrected=False,
    ),
}


def traces(theme: str, count: int) -> Iterator[list[str]]:
    """Yield generated traces of a theme, each a list of lines; the same ones every time."""
    for seed in range(count):
        yield _trace(THEMES[theme], Random(f"{theme} {seed}"))  # noqa: S311 - any history will do


def _trace(theme: Theme, chance: Random) -> list[str]:
    told = [_line(theme, chance) for _ in range(chance.randint(4, 16))]
    if theme.is_linked and chance.random() < 1 / 2:
        one, other = chance.sample(theme.people, 2)
        told.insert(chance.randint(0, len(told)), f"{_time(chance)} {one} link {other}")
    if theme.is_corrected and chance.random() < 1 / 2:
        told += _annulled(told, chance)
        told += [_line(theme, chance) for _ in range(4)]
    if theme.people != ("",) and chance.random() < 1 / 2:
        told.append(f"05-01 {chance.choice(theme.people)} erase{chance.choice(('', ' Q-3'))}")
    return told


def _line(theme: Theme, chance: Random) -> str:
    return f"{_time(chance)} {chance.choice(theme.people)} {chance.choice(theme.facts)(chance)}"


def _annulled(told: list[str], chance: Random) -> list[str]:
    """Return the correction of one of the entries, under the name that it was told under; of nothing, none."""
    entries = [place for place, one in enumerate(told, 1) if one.split(" ", 2)[2].startswith(ANNULLED)]
    if not entries:
        return []
    entry = chance.choice(entries)
    at, who = told[entry - 1].split()[:2]
    return [f"{max(at, _time(chance))} {who} annul {entry}"]


def _time(chance: Random) -> str:
    return f"04-0{chance.randint(1, DAYS)}T12:{chance.choice(('00', '00', '30'))}"


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


def covered(lines: Sequence[Line]) -> Counter[tuple[str, str]]:
    """Count, of each type of fact, how many came late, at one instant with another, of people linked or erased."""
    found: Counter[tuple[str, str]] = Counter()
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
        found.update((one.kind, name) for name, holds in of.items() if holds)
        latest = max(latest, one.at)
    return found
