"""What an audit has found so far of one promise under one reading: counts, statements and evidence.

Tallies of disjoint parts of a history add up to the tally of the whole, in any order, so parts can be judged in
separate processes. A fact breaks a promise once, however many of its events break it and for however many reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.policy.status import Status
    from domain.rules.common.particulars import Particulars
    from domain.vocabulary import Reading

IN_FLIGHT: Final = "in_flight_at_opt_out"
"""The code of a message that was queued before an opt-out and handed over after it."""
EVIDENCE_MAX: Final = 1_000
"""How many facts are listed as evidence that a promise was kept. Breaches are always listed in full."""
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Detail(NamedTuple):
    """One reason of a statement, with its particulars."""

    code: str
    particulars: Particulars


class Statement(NamedTuple):
    """What an audit says of one fact, under one promise and reading.

    `fact` is the position of the fact's first event; it is 0 where time decided about no fact. `at` is when the fact
    happened, or when time decided. `subject` is the person it is about, if the history says. `codes` give the reasons,
    `evidence` has the facts that show them, `remedied` the one that has set a breach right, `details` the particulars.
    `others` are events on streams of others that show them.
    """

    reading: Reading
    promise: str
    status: Status
    at: datetime
    fact: int
    subject: str | None = None
    codes: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()
    remedied: int | None = None
    details: tuple[Detail, ...] = ()
    others: tuple[int, ...] = ()

    def joined(self, other: Statement) -> Statement:
        """Return one statement with the reasons and the evidence of both, in whichever order they were stated."""
        # Particulars may hold lists and mappings, which a set cannot.
        details = {str(one): one for one in (*self.details, *other.details)}
        return self._replace(
            at=min(self.at, other.at),
            codes=tuple(sorted({*self.codes, *other.codes})),
            evidence=tuple(sorted({*self.evidence, *other.evidence})),
            remedied=self.remedied or other.remedied,
            others=tuple(sorted({*self.others, *other.others})),
            details=tuple(details[text] for text in sorted(details)),
        )


@dataclass(slots=True)
class Tally:
    """One promise under one reading: how often it was tested, the statements about facts, and how many it affects."""

    exercised: int = 0
    statements: dict[Status, dict[int, Statement]] = field(default_factory=dict)
    """By status, then by the fact. Facts that kept the promise are only counted, with their evidence."""
    kept_by: dict[int, datetime] = field(default_factory=dict)
    """Facts that show that the promise was kept, with their times: the earliest `EVIDENCE_MAX`, and at times more."""
    newest: datetime = _LAST
    """No fact after this time is among the earliest ones."""
    late: dict[int, tuple[int | str, ...]] = field(default_factory=dict)
    """Facts that keep the promise, each with the facts that permit it and were recorded only after it."""
    persons: int = 0
    """How many persons it affects, but for what was told late of the erased: whose that is, nobody knows."""
    erased: int = 0
    """How many of these persons have been erased."""
    of_late: bool = False
    """Whether something breaks it that was told late of somebody erased."""

    def enter(self, statement: Statement) -> None:
        """Add a statement; join it with what was stated of the same fact before."""
        of_status = self.statements.setdefault(statement.status, {})
        known = of_status.get(statement.fact)
        of_status[statement.fact] = statement if known is None else known.joined(statement)

    def wants(self, at: datetime) -> bool:
        """Return whether a fact of this time can be among the earliest that show that the promise was kept."""
        return at <= self.newest

    def rests_on(self, fact: int, at: datetime) -> None:
        """Add a fact that shows that the promise was kept, and its time; only the earliest ones are remembered.

        Of a fact that shows it of several people at several times, the earliest counts.
        """
        if at > self.newest or self.kept_by.get(fact, _LAST) <= at:  # `wants` is asked too often here to be called.
            return
        self.kept_by[fact] = at
        if len(self.kept_by) > 2 * EVIDENCE_MAX:
            self._forget_later()

    def rests_on_all(self, facts: Iterable[tuple[int, datetime]]) -> None:
        """Add several facts that show that the promise was kept, each with its time, as `rests_on` adds one."""
        newest, kept_by = self.newest, self.kept_by
        for fact, at in facts:
            if at <= newest and at < kept_by.get(fact, _LAST):
                kept_by[fact] = at
        if len(kept_by) > 2 * EVIDENCE_MAX:
            self._forget_later()

    def _forget_later(self) -> None:
        self.kept_by = dict(self._earliest())
        self.newest = max(self.kept_by.values())

    def came_late(self, fact: int, permitted_by: tuple[int | str, ...]) -> None:
        """Add the facts that permit a fact and were recorded only after it."""
        if permitted_by:
            self.late[fact] = permitted_by

    @property
    def affected(self) -> int:
        """How many persons it affects, at least: what was told late of the erased may all be of one of these."""
        return self.persons + (1 if self.of_late and not self.erased else 0)

    def evidence(self) -> list[int]:
        """Return the earliest facts that show that the promise was kept, in order of time."""
        return [fact for fact, _ in self._earliest()]

    def of(self, status: Status) -> list[Statement]:
        """Return the statements with a status, in order of time."""
        return sorted(self.statements.get(status, {}).values(), key=lambda one: (one.at, one.fact))

    def add(self, other: Tally) -> None:
        """Add what was found in another part of the same history."""
        self.exercised += other.exercised
        self.persons += other.persons
        self.erased += other.erased
        self.of_late |= other.of_late
        self.late |= other.late
        self.rests_on_all(other.kept_by.items())
        for statements in other.statements.values():
            for statement in statements.values():
                self.enter(statement)

    def _earliest(self) -> list[tuple[int, datetime]]:
        return sorted(self.kept_by.items(), key=lambda one: (one[1], one[0]))[:EVIDENCE_MAX]
