"""The spans of names that were given up: what a batch knows of them, and what it is to store.

A name that was never given up leads to one stream, and needs none of this. A batch that changes a span, or what is owed
to one, is planned under the lock, so what it rests on cannot change.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, Span, attached, ended, whole
from domain.records.contacts import FOREVER
from domain.suppressed import Suppression, suppressed_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.facts.fields import Subject
    from domain.name_spans import Spans


class NameSpans:
    """The spans that a batch changes, over those of the log that were looked up, and what it owes to them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.changed: dict[Subject, Spans] = {}
        self.owed: dict[tuple[bytes, datetime], list[Suppression]] = {}
        """What is owed to those who have a name after an end of it, by its digest."""
        self.owed_ended: list[tuple[Suppression, datetime]] = []
        """What is owed no more from then on, to whatever names it was passed on from the same event."""

    def __bool__(self) -> bool:
        """Return whether there is anything to store."""
        return bool(self.changed or self.owed or self.owed_ended)

    def of(self, name: Subject) -> Spans | None:
        """Return the spans of a name; None: it was never given up."""
        return self.changed.get(name) or self._records.spans.get(name)

    def attach(self, name: Subject, stream: UUID, at: datetime) -> None:
        """Let a name lead to a stream in the span of a time."""
        self.changed[name] = attached(self.of(name) or UNKNOWN, at, stream)

    def end(self, name: Subject, at: datetime, stream: UUID | None) -> None:
        """End a name, which leads to a stream until then."""
        self.changed[name] = ended(self.of(name) or (Span(FOREVER, stream),), at)

    def has_contact(self, stream: UUID) -> bool:
        """Return whether a contact point leads to a stream in a span that this batch changes."""
        return any(
            name.kind in CONTACT_KINDS and any(span.stream == stream for span in spans)
            for name, spans in self.changed.items()
        )

    def owe(self, stream: UUID, owed: Suppression) -> UUID | None:
        """Keep what is owed to a name that no longer leads to a stream; return the stream that it led to next."""
        for digest, spans in self._of_stream(stream):
            own = next(span for span in spans if span.stream == stream)
            if own.until != FOREVER and self.owe_after(digest, own.until, owed):
                return spans[spans.index(own) + 1].stream
        return None

    def owe_after(self, digest: bytes, end: datetime, owed: Suppression) -> bool:
        """Keep what is owed to a name after an end of it; return False if that is kept already."""
        if any(one.what == owed.what and one.ended is None for one in self._known(digest, end)):
            return False
        self.owed.setdefault((digest, end), []).append(owed)
        return True

    def owed_from(self, sources: Collection[int]) -> Iterator[Suppression]:
        """Yield what names are owed that were given up, and comes from one of these events."""
        for what, owed_since, came_from, ended_at, said in self._records.fetch("owed_from", sources=list(sources)):
            yield Suppression(suppressed_by(what), owed_since, came_from, ended_at, by_last=said)
        yield from (one for several in self.owed.values() for one in several if one.source in sources)

    def end_owed(self, owed: Suppression, at: datetime) -> None:
        """Keep that what names are owed from the same event ended."""
        self.owed_ended.append((owed, at))
        for known in (self.owed, self._records.owed):
            for several in known.values():
                several[:] = [
                    one._replace(ended=at) if (one.source, one.what) == (owed.source, owed.what) else one
                    for one in several
                ]

    def as_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the parameters of the statement that stores a span, one a span."""
        for name, spans in self.changed.items():
            digest = self._records.keyring.name(name)
            for until, stream in spans:
                if stream is not None or until != FOREVER:
                    last = None if until == FOREVER else until
                    is_contact = name.kind in CONTACT_KINDS
                    yield {"digest": digest, "until": last, "stream": stream, "is_contact": is_contact}

    def _known(self, digest: bytes, end: datetime) -> Iterable[Suppression]:
        """Return what is owed to a name after an end of it."""
        stored = self._records.suppressions([digest]).get((digest, end), [])
        return [*stored, *self.owed.get((digest, end), ())]

    def _of_stream(self, stream: UUID) -> Iterator[tuple[bytes, Spans]]:
        """Yield the spans of the names that lead, or led, to a stream."""
        keyring = self._records.keyring
        changed = {keyring.name(name): spans for name, spans in self.changed.items()}
        found: dict[bytes, list[Span]] = defaultdict(list)
        for digest, led, until in self._records.fetch("spans_of_stream", stream=stream):
            found[digest].append(Span(until or FOREVER, led))
        for digest, spans in {**{digest: whole(spans) for digest, spans in found.items()}, **changed}.items():
            if any(span.stream == stream for span in spans):
                yield digest, spans
