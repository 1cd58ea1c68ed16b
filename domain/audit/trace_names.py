"""The names of a trace's people: to whom each led when, which were those of the erased, and what they are owed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, attached, ended, since, span_at
from domain.records.contacts import FOREVER

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.facts.fields import Subject
    from domain.name_spans import Spans
    from domain.store import Suppression


class MemoryNames:
    """Names in memory: what a `domain.store.Store` says of them."""

    def __init__(self) -> None:
        self.names: dict[Subject, Spans] = {}
        self.owed: dict[tuple[Subject, datetime], Sequence[Suppression]] = {}
        """What is owed to those who have a name after an end of it."""
        self.gone: dict[Hashable, dict[datetime, datetime]] = {}
        """From when until when names and contact points were those of people who have been erased."""

    def spans_of(self, name: Subject) -> Spans:
        """Return the spans of a name."""
        return self.names.get(name, UNKNOWN)

    def ever_led(self, name: Subject) -> list[UUID]:
        """Return the living streams to which a name led at any time."""
        return [span.stream for span in self.spans_of(name) if span.stream is not None]

    def attach(self, name: Subject, stream: UUID, at: datetime) -> None:
        """Let a name lead to a stream, between those two ends of it that a time is between."""
        self.names[name] = attached(self.spans_of(name), at, stream)

    def ends(self, name: Subject, at: datetime) -> datetime | None:
        """Return when the one who had a name at a time gave it up; None: they did not."""
        until = span_at(self.spans_of(name), at).until
        return None if until == FOREVER else until

    def end_name(self, name: Subject, at: datetime, stream: UUID | None) -> None:
        """Let a name lead up to a time alone to whom it led."""
        del stream
        self.names[name] = ended(self.spans_of(name), at)

    def owe(self, stream: UUID, owed: Suppression) -> UUID | None:
        """Keep what is owed to a name that no longer leads to a stream; return the stream that it led to next."""
        for name, spans in self.names.items():
            for own, following in pairwise(spans):
                known = self.owed.get((name, own.until), ())
                if own.stream == stream and all(one.what != owed.what or one.ended for one in known):
                    self.owe_name(name, own.until, owed)
                    return following.stream
        return None

    def owe_name(self, name: Subject, end: datetime, owed: Suppression) -> None:
        """Keep what the one who has a name after an end of it is owed, unless that is kept already."""
        known = self.owed.get((name, end), ())
        if all(one.what != owed.what or one.ended for one in known):
            self.owed[name, end] = [*(one for one in known if one.what != owed.what), owed]

    def owed_from(self, sources: Collection[int]) -> list[Suppression]:
        """Return what names are owed that were given up, and comes from one of these events."""
        return [one for several in self.owed.values() for one in several if one.source in sources]

    def end_owed(self, owed: Suppression, at: datetime) -> None:
        """Keep that what names are owed from the same event ended."""
        for name, several in self.owed.items():
            is_same = [one.source == owed.source and one.what == owed.what and one.ended is None for one in several]
            self.owed[name] = [
                one._replace(ended=at) if same else one for one, same in zip(several, is_same, strict=True)
            ]

    def is_of_contact(self, stream: UUID) -> bool:
        """Return whether a stream was opened under a contact point, which leads to it."""
        return any(
            name.kind in CONTACT_KINDS for name, spans in self.names.items() for span in spans if span.stream == stream
        )

    def gone_until(self, name: Subject, at: datetime) -> datetime | None:
        """Return until when a name or contact point was that of the erased person who had it at a time, or None."""
        spans = self.gone.get(name, {}).items()
        return max((until for start, until in spans if start < at <= until), default=None)

    def keep_forgotten(self, name: Subject, at: datetime, until: datetime, owed: Suppression | None) -> None:
        """Keep a tombstone for a name that a fact of a time told of an erased person, and what it is owed since."""
        spans = self.spans_of(name)
        own, start = span_at(spans, at), since(spans, at)
        self.entomb(name, start, min(until, own.until))
        if owed is None:
            return
        for end in (start, own.until):
            of_name = self.owed.get((name, end), ())
            known = [one for one in of_name if one.what != owed.what or one.since < owed.since]
            is_known = any(one.what == owed.what for one in known)
            self.owed[name, end] = known if is_known else [*known, owed]

    def entomb(self, name: Hashable, start: datetime, until: datetime) -> None:
        """Keep a tombstone: a name was an erased person's from one time until another at least."""
        known = self.gone.setdefault(name, {})
        known[start] = max(until, known.get(start, until))

    def suppressed(self, name: Subject, at: datetime) -> Sequence[Suppression]:
        """Return what the one who has a name at a time is owed: who had it was erased, or gave it up last."""
        return self.owed.get((name, since(self.spans_of(name), at)), ())
