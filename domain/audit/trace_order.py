"""The order in which a trace's facts are told: by time, ties by line.

Undoing a link goes by telling. So of people of whom any were parted, an unlink comes behind all that stands on earlier
lines, and what stands on later lines comes behind the unlink.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.contact_points import names_beside
from domain.facts import CustomerFact
from domain.facts.data import UnlinkData

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.facts import Fact
    from domain.facts.fields import Subject

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class Line(NamedTuple):
    """A fact, and the number of the line on which it stands."""

    number: int
    fact: Fact


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return the lines in the order in which their facts are told."""
    told = sorted(lines, key=attrgetter("number"))
    parted_names = _named_with_parted(told)
    latest: dict[Subject, datetime] = {}
    parted: dict[Subject, datetime] = {}
    when: list[tuple[datetime, int, Line]] = []
    for line in told:
        fact, at = line.fact, line.fact.time
        person = parted_names.get(fact.subject) if fact.subject else None
        if person is not None:
            at = max(at, parted.get(person, _FIRST))
            latest[person] = max(at, latest.get(person, _FIRST))
            if isinstance(fact.data, UnlinkData):
                at = parted[person] = latest[person]
        when.append((at, line.number, line))
    return [line for _, _, line in sorted(when)]


def _named_with_parted(lines: Sequence[Line]) -> dict[Subject, Subject]:
    """Return, for each name that facts connect with one that was parted, one name that stands for all of these."""
    if not any(isinstance(line.fact.data, UnlinkData) for line in lines):
        return {}
    together: dict[Subject, set[Subject]] = {}
    parted: set[Subject] = set()
    for fact in (line.fact for line in lines if isinstance(line.fact, CustomerFact)):
        names = {fact.subject, *names_beside(fact)}
        connected = set().union(*(together.get(name, {name}) for name in names))
        together |= dict.fromkeys(connected, connected)
        parted |= names if isinstance(fact.data, UnlinkData) else set()
    return {name: min(connected, key=str) for name, connected in together.items() if connected & parted}
