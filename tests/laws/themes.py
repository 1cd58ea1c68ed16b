"""Themes of generated traces: which facts each has, in the short notation of `tests/verdicts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

PEOPLE: Final = ("1", "2", "3")
DAYS: Final = 8
TIMES: Final = tuple(f"04-0{day}T12:{minute}" for day in range(1, DAYS + 1) for minute in ("00", "00", "30"))
CATEGORIES: Final = ("name", "email", "address", "contact", "payment")
COOKIES: Final = ("cookie_id", "name", "email", "user.account", "user.unique_id.pseudonymous", "behavior")
SITES: Final = ("homepage", "web")
VERSIONS: Final = ("2016-03-14", "2017-01-01")
ACTS: Final = ("order", "contest_entry", "promotional_request", "catalog_request", "registration")
CAUSES: Final = ("purchase", *ACTS[1:], "import", "staff")
NUMBERS: Final = tuple(map(str, range(1, 1_000)))
READERS: Final = ("", "", " recipient=acme", " recipient=other")
CELLS: Final = (
    *("all=100", "all=100 north=40", "north=40 south=36", "south=36", "east=20 north=40", "all=100 south=36"),
    *("north=40 south=36 east=20", "east=20", "up=0 north=40", "all=100 north=40 south=36 east=20 west=4", "up=0"),
)
"""Counts of one hundred people, of whom four live in the west."""
BEFORE: Final = ("03-12", "03-13", "03-14T09:18:32", "03-14T09:18:33", "03-14T12:00", "03-14T12:00", "03-16", "03-18")
ANNULLED: Final = ("order ", "contest_entry", "registration", "catalog_request", "correct ", "cancelled ")


class Theme(NamedTuple):
    """A kind of history: what its facts are, each as a function of chance."""

    facts: Sequence[Callable[[Random], str]]
    people: Sequence[str] = PEOPLE
    is_linked: bool = True
    """Whether two of them may be linked."""
    is_parted: bool = False
    """Whether they are linked and, later in time and in telling, parted."""
    is_renamed: bool = False
    """Whether the number of one of them is given up, and used again."""
    annulled: Sequence[str] = ANNULLED
    """How the facts begin of which one may be an entry that is corrected afterwards."""
    times: Sequence[str] = TIMES
    erased_on: Sequence[str] = ("05-01",)
    """When somebody is erased at the end, if anybody is."""
    begins: Sequence[str] = ()
    """What is told first of all, in each history."""
    ends: Sequence[str] = ()
    """Of which one is told last of all, in half of the histories."""


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


def of(text: str, **words: Sequence[str]) -> Callable[[Random], str]:
    """Return a fact with a choice of words in it."""
    return lambda chance: text.format(**{name: chance.choice(several) for name, several in words.items()})


MOSTLY: Final = ("true", "true", "false")
ID: Final = ("Q-1", "Q-1", "Q-2")
THEMES: Final = {
    "counts": Theme(
        (
            of("- released r{n}{to} {cells}", n=NUMBERS, to=READERS, cells=CELLS),
            of("- released r{n}{to} {cells} public=area", n=NUMBERS, to=READERS, cells=CELLS),
            of("- purpose print_posters unrelated=true"),
        ),
        people=("",),
        is_linked=False,
        annulled=(),
    ),
    "versions": Theme(
        (
            of("- published {version}", version=VERSIONS),
            of("- published {version} digest={digest}", version=VERSIONS, digest=("ab" * 32,)),
            of("- published {version} effective_from={day}", version=VERSIONS, day=BEFORE),
            of("1 order R-1 name"),
            of("1 use deliver_order name reference=R-1"),
            of("1 share carrier deliver_order name reference=R-1"),
        ),
        people=("",),
        is_linked=False,
        annulled=(),
        times=BEFORE,
    ),
    "requests": Theme(
        (
            of("access {id}", id=ID),
            of("ask_correction {id} {category} shows_error={shows}", id=ID, category=CATEGORIES, shows=MOSTLY),
            of("verify {id} passed={passed}", id=ID, passed=("true", "true", "false")),
            of("verify {id}", id=ID),
            of("report {id}", id=ID),
            of("correct {id} {category}", id=ID, category=("name", "address", "payment", "contact")),
            of("decline {id}", id=ID),
            of("deny {id}", id=ID),
            of("withdraw {id}", id=ID),
            of("ask_erasure {id}", id=("Q-3",)),
        ),
        people=PEOPLE[:2],
        annulled=(),
    ),
    "values": Theme(
        (
            of("{act} R-1 name email address", act=("order", "contest_entry")),
            *(_used, _used, _shared),
            of("correct Q-1 {category}", category=CATEGORIES),
        ),
        people=PEOPLE[:2],
    ),
    "enrollments": Theme(
        (
            *(_collected, _collected, _enrolled, _enrolled, _enrolled),
            of("cancelled R-{n}", n=("1", "2", "3")),
            of("completed R-{n}", n=("1", "2", "3")),
            of("out {program}", program=("email", "post")),
            of("offer print_posters"),
            of("object print_posters"),
        ),
    ),
    "notices": Theme(
        (
            of("- published {version}", version=(VERSIONS[0], *VERSIONS)),
            of("- posted {site} {version}", site=SITES, version=VERSIONS),
            of("- posted {site} {version}", site=SITES, version=VERSIONS),
            of("- removed {site} {version}", site=SITES, version=VERSIONS),
            of("- point web online={online}", online=("true", "true", "false")),
            of("- closed web"),
            of(
                "1 {act} R-1 name notice={version} online={online}",
                act=(*ACTS, "inbound_message"),
                version=VERSIONS,
                online=MOSTLY,
            ),
        ),
        people=("",),
        is_linked=False,
        annulled=(),
    ),
    "browsers": Theme(
        (
            of(
                "{who} cookie {purpose} {category}",
                who=("v1", "v2"),
                purpose=("track_visits", "direct_marketing"),
                category=COOKIES,
            ),
            of("{who} refused", who=("v1", "v2")),
            of("{who} signal {kind}", who=("v1", "v2"), kind=("gpc", "dnt")),
            of("{who} forwarded {category} server_side={own}", who=("v1", "v2"), category=COOKIES, own=MOSTLY),
            of("{who} identified 1", who=("v1", "v2")),
            of("- attested {kind} 04-{day}", kind=("physical", "electronic", "managerial"), day=("03", "07", "20")),
            of("- attested {kind} 04-{day}", kind=("physical", "electronic", "managerial"), day=("03", "07", "20")),
            of("- reviewed 04-{day}", day=("03", "07", "20")),
            of("- incident {reads}", reads=("0", "0", "1")),
        ),
        people=("",),
        is_linked=False,
        annulled=(),
    ),
}
