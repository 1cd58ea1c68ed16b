"""The dimensions by which persons and browsers are counted: a closed list, each of which divides everybody.

Each person has one value of every dimension, so the cells of a table add up. All values are our codes; a gender in
other words is `other`. Two things do not count: an entry that was declared wrong, and a gift's collection, because the
buyer gave that data for the delivery alone.

Several things can be true of one person, who may have ordered and registered. So each act, point, program and area is a
dimension of its own and is named after it: `act:order` is yes or no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import PledgerError
from domain.events import customer as events, visitor
from domain.events.suppressions import SuppressionRecalled
from domain.times import rfc3339
from domain.vocabulary import Act, Program, covers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from domain.events import Event
    from domain.moments import Moment

GENDER: Final = "user.demographic.gender"
OF, PERIOD = "of", "period"
"""The names under which a released cell says what it counts, and in which period."""
YES, NO, UNKNOWN = "yes", "no", "unknown"
_GENDERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("f", "female", "w", "woman"), "female"),
    **dict.fromkeys(("m", "male", "man"), "male"),
}
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
NAME_MAX: Final = 200


class Counted(StrEnum):
    """What a table counts: persons who gave data themselves, or visitors, which are browsers and not persons."""

    PERSONS = "persons"
    VISITORS = "visitors"


class UnknownDimension(PledgerError):
    """A dimension is not in the list, or does not have the value that was asked for."""

    code = "unknown_dimension"


class Period(NamedTuple):
    """A period with both of its ends; None: no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime) -> bool:
        """Return whether a time lies in the period."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

    def __str__(self) -> str:
        return "/".join(".." if end is None else rfc3339(end) for end in self)


ALWAYS: Final = Period()


class CountedCollection(NamedTuple):
    """A collection of data from a person themself, with the gender that it states; None: it states none."""

    moment: Moment
    fact: int
    act: Act
    point: str
    gender: str | None


class GenderCorrection(NamedTuple):
    """A correction of a person's gender."""

    moment: Moment
    fact: int
    gender: str


@dataclass(slots=True)
class CountedPerson:
    """The part of a person's record by which persons are counted."""

    given: list[CountedCollection] = field(default_factory=list)
    corrected: list[GenderCorrection] = field(default_factory=list)
    programs: dict[Program, tuple[Moment, str]] = field(default_factory=dict)
    wrong: set[int] = field(default_factory=set)
    """Entries that were declared wrong."""

    def take(self, event: Event) -> None:
        """Take in an event on one of the person's streams; events may come in any order."""
        match event:
            case events.DataCollected() if event.act is not Act.GIFT:
                gender = _gender((event.values or {}).get(GENDER)) if GENDER in event.categories else None
                self.given.append(
                    CountedCollection(event.moment, event.fact_position, event.act, event.collection_point, gender)
                )
            case events.DataCorrected() if covers(event.category, GENDER):
                gender = _gender(event.value if event.category == GENDER else None)
                self.corrected.append(GenderCorrection(event.moment, event.fact_position, gender))
            case events.EntryCorrected(entry=int() as entry):
                self.wrong.add(entry)
            case events.CustomerEnrolled():
                self._change(event.program, event.moment, "enrolled")
            case events.EnrollmentEnded():
                self._change(event.program, event.moment, "none")
            case events.CustomerOptedOut():
                self._change(event.program, event.moment, "opted_out")
            case SuppressionRecalled() if event.program is not None:
                self._change(event.program, event.moment, "opted_out")
            case _:
                pass

    def within(self, period: Period) -> list[CountedCollection]:
        """Return the collections in a period, in order of time; without any, the person is not counted."""
        return sorted(one for one in self.given if period.has(one.moment.at) and one.fact not in self.wrong)

    def gender(self) -> str:
        """Return the gender that was stated last."""
        stated = [(one.moment, one.gender) for one in self.given if one.gender and one.fact not in self.wrong]
        stated += [(one.moment, one.gender) for one in self.corrected if one.fact not in self.wrong]
        return max(stated)[1] if stated else UNKNOWN

    def program(self, program: Program) -> str:
        """Return how the person stands in a program: enrolled, opted_out or none."""
        return self.programs[program][1] if program in self.programs else "none"

    def _change(self, program: Program, moment: Moment, state: str) -> None:
        self.programs[program] = max((moment, state), self.programs.get(program, (moment, state)))


@dataclass(slots=True)
class CountedBrowser:
    """The part of a browser's record by which browsers are counted."""

    seen: list[tuple[Moment, str | None]] = field(default_factory=list)
    """When something was recorded about it, and in which area of the site, if that is known."""
    refusals: list[int] = field(default_factory=list)
    wrong: set[int] = field(default_factory=set)
    """Entries that were declared wrong."""

    @property
    def refused(self) -> bool:
        """Whether it refused cookies."""
        return not self.wrong.issuperset(self.refusals)

    def take(self, event: Event) -> None:
        """Take in an event on the browser's stream."""
        if isinstance(event, visitor.VisitorEntryCorrected):
            self.wrong |= {event.entry} if event.entry else set()
            return
        self.seen.append((event.moment, event.area if isinstance(event, visitor.CookieSet) else None))
        self.refusals += [event.fact_position] if isinstance(event, visitor.CookiesRefused) else []

    def within(self, period: Period) -> list[tuple[Moment, str | None]]:
        """Return what was recorded about it in a period, in order of time."""
        seen = (one for one in self.seen if period.has(one[0].at) and one[0].position not in self.wrong)
        return sorted(seen, key=lambda one: one[0])


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to divide everybody: its name in tables, its meaning in a line, and the values that it can have."""

    name: str
    meaning: str
    values: tuple[str, ...] | None
    """None: months."""
    of_person: Callable[[CountedPerson, list[CountedCollection]], str] | None = None
    """Returns the value for a person, from all that is known and from their collections in the period."""
    of_browser: Callable[[CountedBrowser, list[tuple[Moment, str | None]]], str] | None = None

    @property
    def opens(self) -> bool:
        """Return whether it needs sealed values to be opened."""
        return self.name == "gender"

    def has(self, value: str) -> bool:
        """Return whether it can have a value."""
        return value in self.values if self.values else bool(_MONTH.fullmatch(value))


_YES_NO: Final = (YES, NO)
_STATES: Final = ("enrolled", "opted_out", "none")

DIMENSIONS: Final[Mapping[Counted, Mapping[str, str]]] = {
    Counted.PERSONS: {
        "gender": "the gender stated last: female, male, other (in other words) or unknown",
        "month": "the month (UTC) in which they first gave data, of those in the period",
        "opted_out": "whether they are out of any program",
        "act:ACT": "whether they did this in the period, such as act:registration or act:order",
        "point:POINT": "whether they gave data at this collection point in the period",
        "program:PROGRAM": "their state in a program: enrolled, opted_out or none",
    },
    Counted.VISITORS: {
        "month": "the month (UTC) in which something was first recorded about them, of those in the period",
        "cookies_refused": "whether they refused cookies",
        "area:AREA": "whether a cookie was set in this area of the site in the period",
    },
}
"""All dimensions, with their meaning. A word in capitals stands for a name."""


def dimension(of: Counted, name: str) -> Dimension:
    """Return the dimension of a name. Raises `UnknownDimension`."""
    kind, colon, which = name.partition(":")
    pattern = f"{kind}:{kind.upper()}" if colon else kind
    meaning = DIMENSIONS[of].get(pattern)
    if meaning is None or (colon and not 0 < len(which) <= NAME_MAX):
        raise _unknown(of, "One of the dimensions is unknown.")
    if of is Counted.VISITORS:
        return _of_visitors(name, kind, which, meaning)
    match kind:
        case "gender":
            values = ("female", "male", "other", UNKNOWN)
            return Dimension(name, meaning, values, lambda person, _: person.gender())
        case "month":
            return Dimension(name, meaning, None, lambda _, given: _month(given[0].moment))
        case "opted_out":
            return Dimension(name, meaning, _YES_NO, lambda person, _: _yes(_is_out(person)))
        case "act" if which in tuple(Act) and which != Act.GIFT:
            return Dimension(name, meaning, _YES_NO, lambda _, given: _yes(any(one.act == which for one in given)))
        case "point":
            return Dimension(name, meaning, _YES_NO, lambda _, given: _yes(any(one.point == which for one in given)))
        case "program" if which in tuple(Program):
            return Dimension(name, meaning, _STATES, lambda person, _: person.program(Program(which)))
        case _:
            raise _unknown(of, f"There is no such {kind}.")


def _of_visitors(name: str, kind: str, which: str, meaning: str) -> Dimension:
    match kind:
        case "month":
            return Dimension(name, meaning, None, of_browser=lambda _, seen: _month(seen[0][0]))
        case "cookies_refused":
            return Dimension(name, meaning, _YES_NO, of_browser=lambda browser, _: _yes(browser.refused))
        case _:
            return Dimension(
                name, meaning, _YES_NO, of_browser=lambda _, seen: _yes(any(area == which for _, area in seen))
            )


def _is_out(person: CountedPerson) -> bool:
    return any(state == "opted_out" for _, state in person.programs.values())


def _yes(is_so: bool) -> str:  # noqa: FBT001 - what is turned into a word
    return YES if is_so else NO


def _month(moment: Moment) -> str:
    return moment.at.isoformat()[:7]


def _gender(value: str | None) -> str:
    """Return the code of a gender; without a value it was stated, and is not kept here."""
    word = (value or "").strip().lower()
    return _GENDERS.get(word, "other") if word else UNKNOWN


def _unknown(of: Counted, what: str) -> UnknownDimension:
    words = [*Program, *(act for act in Act if act is not Act.GIFT)]
    return UnknownDimension(
        what,
        f"{of.value} can be counted by {', '.join(DIMENSIONS[of])}; acts and programs are {', '.join(words)}.",
        "Name one of these, as in --by gender, --by act:order or --where act:registration=yes.",
    )
