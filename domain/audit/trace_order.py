"""The order in which a trace's facts are told: by time, ties by line.

Undoing goes by telling. So of people of whom any were parted, or of whose names one was given up, an undoing comes
behind all that stands on earlier lines, and what stands on later lines comes behind the undoing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.contact_points import names_beside, points_in
from domain.facts import CustomerFact
from domain.facts.fields import CONTACT_KINDS
from domain.facts.name_data import NameEndedData, UnlinkData

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.facts import Fact
    from domain.facts.addresses import Addresses
    from domain.facts.fields import Subject

_UNDOING: Final = (NameEndedData, UnlinkData)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class Line(NamedTuple):
    """A fact, and the number of the line on which it stands."""

    number: int
    fact: Fact


def in_order(lines: Iterable[Line], addresses: Addresses) -> list[Line]:
    """Return the lines in the order in which their facts are told."""
    told = sorted(lines, key=attrgetter("number"))
    groups = _named_with_undone(told, addresses)
    latest: dict[Subject, datetime] = {}
    undone: dict[Subject, datetime] = {}
    when: list[tuple[datetime, int, Line]] = []
    for line in told:
        fact, at = line.fact, line.fact.time
        group = groups.get(fact.subject) if fact.subject else None
        if group is not None:
            at = max(at, undone.get(group, _FIRST))
            latest[group] = max(at, latest.get(group, _FIRST))
            if isinstance(fact.data, _UNDOING):
                at = undone[group] = latest[group]
        when.append((at, line.number, line))
    return [line for _, _, line in sorted(when)]


def _named_with_undone(lines: Sequence[Line], addresses: Addresses) -> dict[Subject, Subject]:
    """Return, for each name that facts connect with one that an undoing names, one name that stands for all of these.

    Who has a contact point that was given up is connected with all others who have it.
    """
    if not any(isinstance(line.fact.data, _UNDOING) for line in lines):
        return {}
    ended = {line.fact.data.name for line in lines if isinstance(line.fact.data, NameEndedData)}
    are_points = any(name.kind in CONTACT_KINDS for name in ended)
    together: dict[Subject, set[Subject]] = {}
    undone: set[Subject] = set()
    for fact in (line.fact for line in lines if isinstance(line.fact, CustomerFact)):
        names = {fact.subject, *names_beside(fact)}
        if are_points:
            names |= ended.intersection(points_in(fact, addresses))
        connected = set().union(*(together.get(name, {name}) for name in names))
        together |= dict.fromkeys(connected, connected)
        undone |= names if isinstance(fact.data, _UNDOING) else set()
    return {name: min(connected, key=str) for name, connected in together.items() if connected & undone}
