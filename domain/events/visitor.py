"""The events of a browser's stream. Nothing here refers to a customer."""

from __future__ import annotations

from typing import ClassVar

from domain.events.base import VISITOR, Event, Refusal


class VisitorEvent(Event):
    """An event on a browser's stream."""

    stream_kind: ClassVar[str] = VISITOR


class CookieSet(VisitorEvent):
    """A cookie was set; `area` is the part of the site that was visited, as far as somebody said."""

    cookie: str
    purpose: str
    categories: tuple[str, ...] = ()
    area: str | None = None


class CookiesRefused(VisitorEvent):
    """The browser disallowed cookies."""


class SignalReceived(VisitorEvent):
    """The browser sent a privacy signal, such as Sec-GPC."""

    signal: str
    value: str


class AnalyticsForwarded(VisitorEvent):
    """Analytics data was sent on, by the browser or by our server."""

    recipient: str
    categories: tuple[str, ...]
    server_side: bool


class IdentifierLinked(VisitorEvent):
    """Somebody linked this browser's identifier to something; to what is not kept."""


class VisitorActRefused(Refusal, VisitorEvent):
    """A cookie was refused, or a link, or what was to be sent to an analytics service."""
