"""The events of a browser's stream. Nothing here refers to a customer."""

from __future__ import annotations

from typing import ClassVar

from domain.events.base import VISITOR, Event, Place, Refusal
from domain.moments import Turn


class VisitorEvent(Event):
    """An event on a browser's stream."""

    stream_kind: ClassVar[str] = VISITOR
    sealed_envelope: ClassVar[tuple[str, ...]] = ()


class CookieSet(VisitorEvent):
    """A cookie was set; `area` is the part of the site that was visited, if the fact names it."""

    cookie: str
    purpose: str
    categories: tuple[str, ...] = ()
    area: str | None = None


class CookiesRefused(VisitorEvent, turn=Turn.PROTECTION):
    """The browser disallowed cookies."""


class SignalReceived(VisitorEvent, turn=Turn.PROTECTION):
    """The browser sent a privacy signal, such as Sec-GPC."""

    signal: str
    value: str


class AnalyticsForwarded(VisitorEvent):
    """Analytics data was sent on, by the browser or by our server."""

    recipient: str
    categories: tuple[str, ...]
    server_side: bool


class IdentifierLinked(VisitorEvent):
    """This browser's identifier was linked to something; what that was is not kept."""


class VisitorEntryCorrected(VisitorEvent, turn=Turn.UNDOING):
    """An entry about this browser was wrong. Why is not kept, since a text could name a person.

    `entry_code` stands for the name of an entry that is not told yet.
    """

    entry_code: str | None = None
    by_officer: bool | None = None
    entry: Place = None
    replacement: Place = None
    waited: Place = None


class VisitorActRefused(Refusal, VisitorEvent):
    """A cookie, a link or a forwarding to an analytics service was refused."""
