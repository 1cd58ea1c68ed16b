"""What an audit has found so far of one promise under one reading, and how much of it.

Promise: tallies of disjoint parts of a history add up to the tally of the whole, in any order, so that parts can be
judged in processes of their own. One fact breaks one promise once, however many of its events do, and whatever speaks
against them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from domain.policy.status import Status

IN_FLIGHT = "in_flight_at_opt_out"
"""The code of a message that was queued before an opt-out and handed over after it."""


EVIDENCE_MAX = 1_000
"""So many facts stand as evidence that a promise was kept; what breaks one is always listed whole."""


_LAST: Final = datetime.max.replace(tzinfo=UTC)


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
    kept_by: dict[str, datetime] = field(default_factory=dict)
    """Facts that show that it was kept, with their times: the first `EVIDENCE_MAX` of them, and at times more."""
    newest: datetime = _LAST
    """After this time, no fact is among those first ones."""
    late: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Facts that keep the promise, each with those that permit it and were recorded only after it."""
    persons: int = 0

    def say(self, status: Status, said: Spoken) -> None:
        """Note what was said of a fact."""
        of_status = self.spoken.setdefault(status, {})
        known = of_status.get(said.event)
        of_status[said.event] = said if known is None else known.joined(said)

    def wants(self, at: datetime) -> bool:
        """Tell whether a fact of this time can be among the first that show that the promise was kept."""
        return at <= self.newest

    def rests_on(self, event: str, at: datetime) -> None:
        """Note a fact that shows that the promise was kept, and its time; of many, the first ones are remembered."""
        if not self.wants(at):
            return
        self.kept_by[event] = at
        if len(self.kept_by) > 2 * EVIDENCE_MAX:
            self.kept_by = dict(self._first())
            self.newest = max(self.kept_by.values())

    def came_late(self, event: str, permitted_by: tuple[str, ...]) -> None:
        """Note what permits a fact and was recorded only after it."""
        if permitted_by:
            self.late[event] = permitted_by

    def evidence(self) -> list[str]:
        """Give the first facts that show that the promise was kept, in order of time."""
        return [event for event, _ in self._first()]

    def _first(self) -> list[tuple[str, datetime]]:
        return sorted(self.kept_by.items(), key=lambda one: (one[1], one[0]))[:EVIDENCE_MAX]

    def add(self, other: Tally) -> None:
        """Take over what was found in another part of the same history."""
        self.exercised += other.exercised
        self.persons += other.persons
        self.late |= other.late
        for event, at in other.kept_by.items():
            self.rests_on(event, at)
        for status, spoken in other.spoken.items():
            for said in spoken.values():
                self.say(status, said)

    def of(self, status: Status) -> list[Spoken]:
        """Give what was said with a status, in order of time."""
        return sorted(self.spoken.get(status, {}).values(), key=lambda said: (said.at, said.event))
