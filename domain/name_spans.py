"""To whom a name led at which time: a name that was given up leads to another person from then on.

The spans of a name are in order of time. Each ends at an instant that still belongs to it; the last one has no end. A
span has no stream until something is told of its person.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.events.brought_along import is_brought_along
from domain.records.contacts import EVER, FOREVER

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event


class Span(NamedTuple):
    """Until when a name led to a stream; None: nothing is told of that person yet."""

    until: datetime
    stream: UUID | None


Spans = tuple[Span, ...]
UNKNOWN: Final[Spans] = (Span(FOREVER, None),)
"""The spans of a name of which nothing is told."""


def span_at(spans: Sequence[Span], at: datetime) -> Span:
    """Return the span of a time."""
    return next(span for span in spans if at <= span.until)


def since(spans: Sequence[Span], at: datetime) -> datetime:
    """Return the end of the span before that of a time."""
    return max((span.until for span in spans if span.until < at), default=EVER)


def ended(spans: Sequence[Span], at: datetime) -> Spans:
    """Return spans with one more end: what is later, up to the next end, is of a person not told of yet."""
    if any(span.until == at for span in spans):
        return tuple(spans)
    own = span_at(spans, at)
    return tuple(sorted((*(span for span in spans if span != own), own._replace(until=at), own._replace(stream=None))))


class Reached(NamedTuple):
    """To whom something is owed that is told late of an erased person: who has a name after these ends, and has it."""

    ends: tuple[datetime, ...] = ()
    streams: tuple[UUID, ...] = ()


def reached_late(spans: Sequence[Span], start: datetime, owed: datetime) -> Reached:
    """Return whom what an erased person is owed reaches by a name that was theirs after an end of it.

    It is who has the name after that end: they are back. And who has it next, unless it was given up before.
    """
    index = next(at for at, span in enumerate(spans) if start < span.until)
    own, following = spans[index], spans[index + 1 : index + 2]
    if own.until < owed:
        return Reached()
    ends = (start,) if own.until == FOREVER else (start, own.until)
    return Reached(ends, tuple(span.stream for span in (own, *following) if span.stream is not None))


def attached(spans: Sequence[Span], at: datetime, stream: UUID) -> Spans:
    """Return spans with a stream for that of a time."""
    own = span_at(spans, at)
    return tuple(own._replace(stream=stream) if span == own else span for span in spans)


def without(spans: Sequence[Span], streams: Container[UUID]) -> Spans:
    """Return spans that lead to none of these streams any more."""
    return tuple(span._replace(stream=None) if span.stream in streams else span for span in spans)


def whole(spans: Iterable[Span]) -> Spans:
    """Return spans in order, with the last one, which may be left out where it leads nowhere."""
    found = sorted(spans, key=attrgetter("until"))
    return tuple(found) if found[-1].until == FOREVER else (*found, *UNKNOWN)


def only_stream(spans: Sequence[Span]) -> UUID | None:
    """Return the stream of a name that was never given up; None: it was, or it leads nowhere."""
    return spans[0].stream if len(spans) == 1 and spans[0].until == FOREVER else None


def are_plain(spans: Sequence[Span]) -> bool:
    """Return whether a name was never given up."""
    return len(spans) == 1


def told_later(events: Iterable[Event], at: datetime) -> list[int]:
    """Return the positions of those facts among the events of a stream that were told of it and happened later.

    What a fact brings along of an earlier time, or of another stream, does not say when it happened.
    """
    first: dict[int, datetime] = {}
    own: set[int] = set()
    for event in sorted(events, key=attrgetter("moment.position")):
        own |= {event.fact_position} if event.part == 0 else set()
        if not is_brought_along(event):
            first.setdefault(event.fact_position, event.occurred_at)
    return sorted(fact for fact, happened in first.items() if fact in own and happened > at)
