"""What of a person's record protects them, so that only an officer may annul it, and which annulments wait for it."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.events.customer import AgeLearned, CustomerOptedOut, EntryCorrected, ObjectionRaised
from domain.events.suppressions import SuppressionEnded, SuppressionOwed, SuppressionRecalled
from domain.moments import start_of
from domain.records.bindings import is_undone, told_when
from domain.records.contacts import EVER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.events import Event
    from domain.moments import Moment

PROTECTING: Final[Mapping[type[Event], str]] = {
    CustomerOptedOut: "opt_out",
    ObjectionRaised: "objection",
    AgeLearned: "age",
}
"""The events that protect a person, each with the word by which an audit calls one that was annulled."""


class Awaited(NamedTuple):
    """A correction of an entry that is not told yet: who told it, when, and whether that is an officer."""

    actor: str
    moment: Moment
    by_officer: bool


@dataclass(slots=True)
class Protections:
    """The facts that protect a person, and the annulments of facts that are not told yet."""

    facts: dict[int, str] = field(default_factory=dict)
    """By the position of the fact's first event, what it is."""
    told: dict[int, int] = field(default_factory=dict)
    """By the position of an opt-out, objection or age, that of the first event of the fact that told it.

    By the position of what was recalled, its own with a minus sign: no fact of this person told it.
    """
    annulled: dict[int, list[Moment]] = field(default_factory=dict)
    """By the position of a fact's first event, or of what was recalled with a minus sign, when it was annulled."""
    ages: list[Moment] = field(default_factory=list)
    """When it was learned that the person is under age, in order of time."""
    said: dict[int, int] = field(default_factory=dict)
    """By the position of an age that was recalled, that of what said it on the record of somebody else."""
    awaited: dict[str, Awaited] = field(default_factory=dict)
    """By the code of a fact's name, who corrected it before it was told, and when."""

    def note(self, event: Event) -> None:
        """Fold one event; one that neither protects nor annuls changes nothing."""
        fold = _FOLDS.get(type(event))
        if fold is not None:
            fold(self, event)

    def _note_protection(self, event: CustomerOptedOut | ObjectionRaised | AgeLearned) -> None:
        self.facts[event.fact_position] = PROTECTING[type(event)]
        if not isinstance(event, CustomerOptedOut) or not event.follows:
            self.told[event.moment.position] = event.fact_position
        if isinstance(event, AgeLearned):
            insort(self.ages, event.moment)

    def _note_recall(self, event: SuppressionRecalled) -> None:
        moment = event.moment
        self.told[moment.position] = -moment.position
        if event.under is not None:
            # Of this person, on a stream that was erased alone, it was told before.
            insort(self.ages, moment if event.told is None else moment._replace(position=event.told))
            self.said |= {moment.position: event.comes_from} if event.comes_from else {}

    def _note_owed(self, event: SuppressionOwed) -> None:
        self.told[event.moment.position] = -event.moment.position
        if event.under is not None:
            insort(self.ages, event.moment)

    def _note_end(self, event: SuppressionEnded) -> None:
        for recalled in event.recalled:
            # What was lifted had never bound, so that counts for what was told before as well.
            when = start_of(EVER) if event.lifted else event.moment
            self.annulled.setdefault(-recalled, []).append(when)

    def _note_annulment(self, event: EntryCorrected) -> None:
        """Fold the correction of an entry; without an officer's word nothing that protects is annulled."""
        if event.entry is None:
            known = self.awaited.get(event.entry_code)
            told = Awaited(event.actor, event.moment, bool(event.by_officer))
            # An officer's word is enough for all that it can annul; of several, the earliest counts.
            if known is None or (told.by_officer, known.moment) > (known.by_officer, told.moment):
                self.awaited[event.entry_code] = told
            return
        self.awaited.pop(event.entry_code, None)
        if event.by_officer:
            self.annulled.setdefault(event.entry, []).append(told_when(event))

    def child_since(self, until: Moment) -> Moment | None:
        """Return since when it was known at a moment that the person is under age; None: it was not."""
        return next((one for one in self.ages if one <= until and not self.is_annulled(one.position, until)), None)

    def is_recalled(self, told: int) -> bool:
        """Return whether something was recalled, and told by no fact of this person."""
        return self.told.get(told, 0) < 0

    def all_annulled(self) -> list[int]:
        """Return the positions of what was annulled, at whatever time."""
        return [place for place, fact in self.told.items() if fact in self.annulled]

    def annulments(self, told: int) -> list[Moment]:
        """Return when an officer annulled the opt-out, objection or age at a position."""
        return self.annulled.get(self.told.get(told, 0), [])

    def is_annulled(self, told: int, until: Moment) -> bool:
        """Return whether the opt-out, objection or age at a position was annulled, and counts no more at a moment."""
        return any(is_undone(annulment, until) for annulment in self.annulments(told))

    def absorb(self, other: Protections) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.facts |= other.facts
        self.told |= other.told
        self.ages = sorted({*self.ages, *other.ages})
        self.said |= other.said
        for entry, told in other.annulled.items():
            own = self.annulled.setdefault(entry, [])
            own += [one for one in told if one not in own]
        self.awaited |= other.awaited

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""

        def moved(one: Moment) -> Moment:
            return one._replace(position=shift(one.position))

        def signed(place: int) -> int:
            return shift(place) if place > 0 else -shift(-place)

        self.facts = {shift(place): what for place, what in self.facts.items()}
        self.told = {shift(place): signed(fact) for place, fact in self.told.items()}
        self.annulled = {signed(entry): list(map(moved, told)) for entry, told in self.annulled.items()}
        self.ages = list(map(moved, self.ages))
        self.said = {shift(place): shift(said) for place, said in self.said.items()}
        self.awaited = {code: one._replace(moment=moved(one.moment)) for code, one in self.awaited.items()}


_FOLDS: Final[Mapping[type[Event], Callable[[Protections, Any], None]]] = {
    **dict.fromkeys(PROTECTING, Protections._note_protection),  # noqa: SLF001 - methods of the class above
    SuppressionRecalled: Protections._note_recall,  # noqa: SLF001
    SuppressionOwed: Protections._note_owed,  # noqa: SLF001
    SuppressionEnded: Protections._note_end,  # noqa: SLF001
    EntryCorrected: Protections._note_annulment,  # noqa: SLF001
}
