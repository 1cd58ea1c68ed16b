"""The order in which a trace's facts are told: by time, at one instant by their turn, then by line.

What is done to the record goes by telling. So of people of whom any were erased, wholly or in part, or parted, or of
whose names one was given up or entries corrected, an erasure, deletion or undoing comes behind all that stands on
earlier lines, and what stands on later lines comes behind it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.contact_points import names_beside, points_in
from domain.facts import CustomerFact
from domain.facts.data import DeletionData, EntryCorrectionData, ErasureData
from domain.facts.fields import CONTACT_KINDS
from domain.facts.name_data import NameEndedData, UnlinkData

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.facts import Fact
    from domain.facts.addresses import Addresses
    from domain.facts.fields import Subject
    from domain.moments import Turn

_DONE_TO_RECORD: Final = (DeletionData, EntryCorrectionData, ErasureData, NameEndedData, UnlinkData)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class Line(NamedTuple):
    """A fact, and the number of the line on which it stands."""

    number: int
    fact: Fact


def in_order(lines: Iterable[Line], addresses: Addresses) -> list[Line]:
    """Return the lines in the order in which their facts are told."""
    told = sorted(lines, key=attrgetter("number"))
    groups = _concerned(told, addresses)
    of_deletions = {
        groups.get(fact.subject) for _, fact in told if fact.subject and isinstance(fact.data, DeletionData)
    }
    latest: dict[Subject, datetime] = {}
    undone: dict[Subject, datetime] = {}
    behind: Counter[Subject] = Counter()
    corrected: set[str] = set()
    when: list[tuple[datetime, int, datetime, Turn, int, Line]] = []
    for line in told:
        fact = line.fact
        at = own = fact.time
        is_done = isinstance(fact.data, _DONE_TO_RECORD)
        group = groups.get(fact.subject) if fact.subject else None
        if group is not None:
            assert isinstance(fact, CustomerFact), "only people are erased or undone"
            # A deletion reaches whom it was told of, and what it waits for, as far as they were linked by then.
            is_done |= group in of_deletions and bool(names_beside(fact))
            # So does a correction that waits for its entry.
            is_done |= bool(corrected) and fact.name in corrected
            corrected |= {fact.data.entry.name} if isinstance(fact.data, EntryCorrectionData) else set()
            at = max(at, undone.get(group, _FIRST))
            latest[group] = max(at, latest.get(group, _FIRST))
            if is_done:
                at = own = undone[group] = latest[group]
        when.append((at, behind[group] if group else 0, own, fact.turn, line.number, line))
        if group is not None and is_done:
            behind[group] += 1
    return [line for *_, line in sorted(when)]


def _concerned(lines: Sequence[Line], addresses: Addresses) -> dict[Subject, Subject]:
    """Return, for each name that facts connect with one erased or undone, one name that stands for all of these.

    Who has a contact point that was given up is connected with all others who have it. So is, once anybody was erased
    or parted, who has any contact point: of an erased person's, a tombstone stays where nobody living has it, and an
    opt-out under an address binds those who were parted as well.
    """
    if not any(isinstance(line.fact.data, _DONE_TO_RECORD) for line in lines):
        return {}
    ended = {line.fact.data.name for line in lines if isinstance(line.fact.data, NameEndedData)}
    are_every = any(isinstance(line.fact.data, ErasureData | UnlinkData) for line in lines)
    are_points = are_every or any(name.kind in CONTACT_KINDS for name in ended)
    towards: dict[Subject, Subject] = {}
    done: set[Subject] = set()
    for fact in (line.fact for line in lines if isinstance(line.fact, CustomerFact)):
        assert fact.subject is not None, "the contract gives every fact about a customer a subject"
        names = {fact.subject, *names_beside(fact)}
        if are_points:
            points = set(points_in(fact, addresses))
            names |= points if are_every else points & ended
        for name in names:
            towards[_stands_for(name, towards)] = _stands_for(fact.subject, towards)
        if isinstance(fact.data, _DONE_TO_RECORD):
            done.add(fact.subject)
    groups = {_stands_for(name, towards) for name in done}
    return {name: group for name in towards if (group := _stands_for(name, towards)) in groups}


def _stands_for(name: Subject, towards: dict[Subject, Subject]) -> Subject:
    """Return the name that stands for all that are connected with a name, and shorten the way to it."""
    while (nearer := towards.setdefault(name, name)) != name:
        towards[name] = towards[nearer]
        name = nearer
    return name
