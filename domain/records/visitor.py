"""A browser, as the fold of its events: whether it refuses cookies, and how. It is never joined to a customer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from domain.events import Event, visitor as events
from domain.records.wrong_entries import WrongEntries

if TYPE_CHECKING:
    from uuid import UUID

    from domain.moments import Moment

ON: Final = frozenset({"1", "true", "yes"})
"""What the value of a signal is, in small letters, where it is switched on."""
REFUSAL: Final = "refusal"
"""The kind of protection that a refusal of cookies is; a signal is one of its own name."""


@dataclass(slots=True)
class Visitor:
    """A browser's record. `version` is that of its stream.

    `refusals` are its refusals of cookies, `signals` when it sent each privacy signal switched on.
    """

    stream: UUID
    version: int = 0
    refusals: list[Moment] = field(default_factory=list)
    signals: dict[str, list[Moment]] = field(default_factory=dict)
    wrong: WrongEntries = field(default_factory=WrongEntries)

    @property
    def refused(self) -> Moment | None:
        """Return its first refusal of cookies."""
        return min(self.refusals, default=None)

    def signalled(self, signal: str) -> Moment | None:
        """Return when it first sent a privacy signal switched on."""
        return min(self.signals.get(signal, ()), default=None)

    def protection(self, position: int) -> str | None:
        """Return what a fact is that says that the browser is to be left alone; None: it says nothing of the kind."""
        if any(one.position == position for one in self.refusals):
            return REFUSAL
        return next(
            (name for name, sent in self.signals.items() if any(one.position == position for one in sent)), None
        )

    def standing(self, until: Moment) -> Visitor:
        """Return what of the record stands at a moment: all but what was corrected by then as a wrong entry."""
        wrong = {entry for _, entry in self.wrong.counting(until)} if self.wrong.told else ()
        if not wrong:
            return self
        return replace(
            self,
            refusals=[one for one in self.refusals if one.position not in wrong],
            signals={name: [one for one in sent if one.position not in wrong] for name, sent in self.signals.items()},
        )

    def version_of(self, stream: UUID) -> int:
        """Return the version of the browser's stream, the only one of this record."""
        assert stream == self.stream, "a record holds its own streams"
        return self.version


def evolve(state: Visitor, event: Event) -> Visitor:
    """Fold one event of a browser's stream; the state that is given is changed and returned."""
    state.version = event.originator_version
    match event:
        case events.CookiesRefused():
            state.refusals.append(event.moment)
        case events.SignalReceived() if event.value.lower() in ON:
            state.signals.setdefault(event.signal, []).append(event.moment)
        case events.VisitorEntryCorrected():
            state.wrong.note(event)
        case events.VisitorEvent():
            pass
        case _:
            message = f"{type(event).__name__} is not an event of a visitor"
            raise TypeError(message)
    return state
