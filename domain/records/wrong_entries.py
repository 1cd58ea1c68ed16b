"""Entries of the company's record, or of a browser's, that were corrected as wrong ones, and corrections that wait.

A correction counts for what is both later in time than it and told later (wire contract, "Entries corrected").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from domain.records.bindings import is_undone, told_when

if TYPE_CHECKING:
    from domain.events.company import CompanyEntryCorrected
    from domain.events.visitor import VisitorEntryCorrected
    from domain.moments import Moment


class AwaitingEntry(NamedTuple):
    """A correction of an entry that is not told yet: who told it, when, and whether that is an officer."""

    actor: str
    moment: Moment
    by_officer: bool


@dataclass(slots=True)
class WrongEntries:
    """Which entries of a record were corrected, each by the position of its fact's first event."""

    told: dict[int, list[Moment]] = field(default_factory=dict)
    corrections: set[int] = field(default_factory=set)
    """The facts that are corrections themselves, by the position of their first event."""
    awaited: dict[str, AwaitingEntry] = field(default_factory=dict)
    """By the code of a fact's name, its correction that was told first; an officer's word comes before others."""

    def note(self, event: CompanyEntryCorrected | VisitorEntryCorrected) -> None:
        """Fold a correction."""
        if event.waited is None:
            self.corrections.add(event.fact_position)
        if event.entry is not None:
            self.told.setdefault(event.entry, []).append(told_when(event))
        if event.entry_code is None:
            return
        if event.entry is not None:
            self.awaited.pop(event.entry_code, None)
            return
        told_now = AwaitingEntry(event.actor, event.moment, bool(event.by_officer))
        known = self.awaited.get(event.entry_code)
        if known is None or (told_now.by_officer, known.moment) > (known.by_officer, told_now.moment):
            self.awaited[event.entry_code] = told_now

    def counting(self, until: Moment) -> tuple[tuple[Moment, int], ...]:
        """Return the corrections that count at a moment, in order of time, each with its entry."""
        counting = ((one, entry) for entry, told in self.told.items() for one in told if is_undone(one, until))
        return tuple(sorted(counting))
