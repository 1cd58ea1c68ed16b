"""The company, as the fold of the Company stream: who may receive what, which purposes and points are registered.

Promise: everything keeps its moment, so a late fact meets the register as it stood at its own time. An event that is
not the company's raises.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.events import Event, Moment, company as events
from domain.vocabulary import PURPOSES, Role

if TYPE_CHECKING:
    from uuid import UUID


_moment = attrgetter("moment")


class Registration(NamedTuple):
    """A recipient's entry in the register from a moment on; `ended` where the entry ends its registration."""

    moment: Moment
    roles: tuple[Role, ...]
    categories: tuple[str, ...]
    group: str | None
    ended: bool


class Opening(NamedTuple):
    """A collection point opened, or closed, at a moment."""

    moment: Moment
    is_open: bool


@dataclass(slots=True)
class Company:
    """What decisions rest on of the company's own record. `version` is that of the Company stream."""

    stream: UUID
    version: int = 0
    recipients: dict[str, list[Registration]] = field(default_factory=lambda: defaultdict(list))
    points: dict[str, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    purposes: dict[str, Moment] = field(default_factory=dict)

    def recipient(self, name: str, at: Moment) -> Registration | None:
        """Give a recipient's registration in force at a moment, or None."""
        known = [entry for entry in self.recipients.get(name, ()) if entry.moment <= at]
        if not known:
            return None
        latest = max(known, key=_moment)
        return None if latest.ended else latest

    def has_point(self, name: str, at: Moment) -> bool:
        """Tell whether a collection point was registered, and open, at a moment."""
        known = [entry for entry in self.points.get(name, ()) if entry.moment <= at]
        return bool(known) and max(known, key=_moment).is_open

    def knows_purpose(self, name: str, at: Moment) -> bool:
        """Tell whether a purpose is one that every ledger knows, or had been registered by a moment."""
        if name in PURPOSES:
            return True
        registered = self.purposes.get(name)
        return registered is not None and registered <= at


def evolve(state: Company, event: Event) -> Company:
    """Fold one event of the Company stream; the state that is given is changed and returned."""
    state.version = event.originator_version
    moment = event.moment
    match event:
        case events.RecipientRegistered():
            entry = Registration(moment, event.roles, event.categories, event.group, ended=False)
            state.recipients[event.recipient].append(entry)
        case events.RecipientEnded():
            state.recipients[event.recipient].append(Registration(moment, (), (), None, ended=True))
        case events.CollectionPointRegistered():
            state.points[event.collection_point].append(Opening(moment, is_open=True))
        case events.CollectionPointClosed():
            state.points[event.collection_point].append(Opening(moment, is_open=False))
        case events.PurposeRegistered():
            known = state.purposes.get(event.purpose)
            state.purposes[event.purpose] = moment if known is None else min(known, moment)
        case events.CompanyEvent():
            pass  # On record for the audit; no decision about a customer rests on it yet.
        case _:
            message = f"{type(event).__name__} is not an event of the company"
            raise TypeError(message)
    return state
