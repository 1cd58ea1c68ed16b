"""What an audit has found so far of one promise under one reading, and how much of it.

Promise: tallies of disjoint parts of a history add up to the tally of the whole, in any order, so that parts can be
judged in processes of their own. One fact breaks one promise once, however many of its events do, and whatever speaks
against them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from domain.policy.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

IN_FLIGHT = "in_flight_at_opt_out"
"""The code of a message that was queued before an opt-out and handed over after it."""


class Spoken(NamedTuple):
    """What was said of one fact: `event` is its name, `subject` whom it is about, as far as the history says.

    `at` is when it happened, or when time decided; `codes` say why, `events` are the facts that show it; `remedied`
    names what set it right since.
    """

    at: datetime
    event: str
    subject: str | None
    codes: tuple[str, ...]
    events: tuple[str, ...] = ()
    remedied: str | None = None

    def joined(self, other: Spoken) -> Spoken:
        """Give what both say of the same fact."""
        codes = tuple(dict.fromkeys((*self.codes, *other.codes)))
        events = tuple(dict.fromkeys((*self.events, *other.events)))
        return Spoken(min(self.at, other.at), self.event, self.subject, codes, events, self.remedied or other.remedied)


@dataclass(slots=True)
class Tally:
    """One promise under one reading: how often it was put to the test, what was said of which fact, who is affected."""

    exercised: int = 0
    spoken: dict[Status, dict[str, Spoken]] = field(default_factory=dict)
    """By status, then by the name of the fact; those that were kept are only counted, with their evidence."""
    evidence: dict[str, None] = field(default_factory=dict)
    """The facts that keeping it rests on, in order of time."""
    persons: int = 0

    def say(self, status: Status, said: Spoken) -> None:
        """Note what was said of a fact."""
        of_status = self.spoken.setdefault(status, {})
        known = of_status.get(said.event)
        of_status[said.event] = said if known is None else known.joined(said)

    def rests_on(self, events: Iterable[str]) -> None:
        """Note facts on which keeping the promise rests."""
        for event in events:
            self.evidence[event] = None

    def add(self, other: Tally) -> None:
        """Take over what was found in another part of the same history."""
        self.exercised += other.exercised
        self.persons += other.persons
        self.rests_on(other.evidence)
        for status, spoken in other.spoken.items():
            for said in spoken.values():
                self.say(status, said)

    def of(self, status: Status) -> list[Spoken]:
        """Give what was said with a status, in order of time."""
        return sorted(self.spoken.get(status, {}).values(), key=lambda said: (said.at, said.event))
