"""What an audit has found so far, part by part."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from domain.audit.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.audit.linked_records import Undoing
    from domain.vocabulary import Reading


class Revision(NamedTuple):
    """A fact that breaks other promises than were found at append, because other facts were recorded late."""

    at: datetime
    fact: int
    then: tuple[str, ...]
    """The promises that it broke by what was known at append."""
    now: tuple[str, ...]


class Waited(NamedTuple):
    """Something was done with the data of a person who had asked to be forgotten, in the waiting period."""

    at: datetime
    fact: int
    subject: str | None
    request: int
    """Where the request stands; 0: it is another person's, who has the address of a message."""
    until: datetime


class Ungrounded(NamedTuple):
    """A use, share or message of categories that no collection on record holds: it rests on nothing recorded."""

    at: datetime
    fact: int
    subject: str | None
    categories: tuple[str, ...]


class Amendment(NamedTuple):
    """The fact that declared one of our entries wrong. The entry stays, and so do the findings about it."""

    by: int
    replacement: int | None
    reason: str | None
    """None where the seal was not opened."""
    evidence: str | None
    """None where there was none, too."""


@dataclass(slots=True)
class Findings:
    """All that an audit has found: a tally for each reading and promise, revisions, what was undone or too early."""

    tallies: dict[Reading, dict[str, Tally]]
    revisions: list[Revision] = field(default_factory=list)
    amended: dict[int, Amendment] = field(default_factory=dict)
    """The entries declared wrong, by the entry."""
    undone: list[Undoing] = field(default_factory=list)
    waited: list[Waited] = field(default_factory=list)
    ungrounded: list[Ungrounded] = field(default_factory=list)

    @classmethod
    def empty(cls, readings: Iterable[Reading]) -> Findings:
        """Return findings in which nothing is found yet."""
        return cls({reading: defaultdict(Tally) for reading in readings})

    def add(self, other: Findings) -> None:
        """Add what was found in another part of the same history."""
        for reading, tallies in other.tallies.items():
            for promise, tally in tallies.items():
                self.tallies[reading][promise].add(tally)
        self.revisions += other.revisions
        self.amended |= other.amended
        self.undone += other.undone
        self.waited += other.waited
        self.ungrounded += other.ungrounded
