"""The names of a trace's people: to whom each led when, which were those of the erased, and what they are owed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from domain.facts.fields import CONTACT_KINDS, Subject
from domain.name_spans import UNKNOWN, attached, ended, reached_late, since, span_at
from domain.records.contacts import FOREVER
from domain.suppressed import Tombstone

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.name_spans import Spans
    from domain.records.contacts import Point
    from domain.suppressed import Suppression


class _Grave(NamedTuple):
    """What tells one tombstone from the others."""

    key: Hashable
    start: datetime
    code: Hashable
    is_contact: bool


def _grave(left: Tombstone) -> _Grave:
    return _Grave(left.key, left.start, left.code, left.is_contact)


class MemoryNames:
    """Names in memory: what a `domain.store.Store` says of them."""

    def __init__(self) -> None:
        self.place = 0
        """The position at which the fact that is handled begins."""
        self.names: dict[Subject, Spans] = {}
        self.owed: dict[tuple[Subject, datetime], Sequence[Suppression]] = {}
        """What is owed to those who have a name after an end of it."""
        self.gone: dict[Hashable, dict[_Grave, Tombstone]] = {}
        """What is left of the names and contact points of people who have been erased, by name or contact point."""
        self.of_code: dict[Hashable, dict[_Grave, None]] = {}
        self.erased: dict[Hashable, tuple[UUID, ...]] = {}
        """By the code of an erasure, the streams that were erased in it."""
        self.held: set[_Grave] = set()
        """Those tombstones that are of contact points which living people hold."""
        self.waits: dict[Hashable, list[Suppression]] = {}
        """By contact point, what erased people are owed there once nobody living holds it."""

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

    def left_of(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return the tombstones of a name or contact point that was an erased person's at a time."""
        own = self.gone.get(name, {}).items()
        return [left for grave, left in own if left.start < at <= left.until and grave not in self.held]

    def left_by(self, streams: Collection[UUID]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures after which their person came back under the names of these streams."""
        of_names = [(left.key, left) for own in self.gone.values() for left in own.values() if not left.is_contact]
        return self.left_with(
            {
                left.code: None
                for name, left in of_names
                if not left.is_typed and isinstance(name, Subject)
                for spans in (self.spans_of(name),)
                for span in spans
                if span.stream in streams and left.start == since(spans, span.until)
            }
        )

    def set_aside(self, name: Subject, at: datetime) -> datetime | None:
        """Return when that was which may permit anything, and is kept as an erased person's by an address in it."""
        start = since(self.spans_of(name), at)
        typed = (left for left in self.gone.get(name, {}).values() if left.is_typed and left.start == start)
        return max((left.named for left in typed if left.named is not None), default=None)

    def left_under(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures of those who had a name before the one who has it at a time."""
        start = since(self.spans_of(name), at)
        own = (left for left in self.gone.get(name, {}).values() if not left.is_contact and not left.is_typed)
        return self.left_with({left.code: None for left in own if left.start == start})

    def left_with(self, codes: Iterable[Hashable]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures that have these codes, also those that say nothing yet."""
        graves = (grave for code in codes for grave in self.of_code.get(code, ()))
        return [self.gone[grave.key][grave]._replace(is_held=grave in self.held) for grave in graves]

    def left_of_stream(self, stream: UUID) -> Sequence[Tombstone]:
        """Return all tombstones of the erasure that a stream was erased in."""
        return self.left_with(code for code, streams in self.erased.items() if stream in streams)

    def erased_with(self, codes: Iterable[Hashable]) -> Sequence[UUID]:
        """Return the streams that were erased in the erasures that have these codes."""
        return [stream for code in codes for stream in self.erased.get(code, ())]

    def keep_forgotten(self, name: Subject, at: datetime, found: Sequence[Tombstone], *, may_permit: bool) -> None:
        """Keep tombstones for a name that a fact of a time told of an erased person, with the codes of those found."""
        spans = self.spans_of(name)
        for one in found:
            until = min(one.until, span_at(spans, at).until)
            is_typed = one.is_contact or one.is_typed
            named = at if is_typed and may_permit else None
            left = Tombstone(name, since(spans, at), until, one.code, is_contact=False, named=named, is_typed=is_typed)
            self.bury(left)

    def owe_left(self, left: Tombstone, owed: Suppression) -> Sequence[UUID]:
        """Keep what the erased person of a name is owed; return the streams of those who have it since."""
        assert isinstance(left.key, Subject), "a trace knows names by themselves"
        reached = reached_late(self.spans_of(left.key), left.start, owed.since)
        for end in reached.ends:
            of_name = self.owed.get((left.key, end), ())
            known = [one for one in of_name if one.what != owed.what or one.since < owed.since]
            is_known = any(one.what == owed.what for one in known)
            self.owed[left.key, end] = known if is_known else [*known, owed._replace(learned=self.place)]
        return reached.streams

    def bury(self, left: Tombstone) -> None:
        """Keep a tombstone, for as long as any that is kept already."""
        grave, known = _grave(left), self.gone.setdefault(left.key, {})
        before = known.get(grave, left)
        is_typed = left.is_typed and before.is_typed
        named = max(filter(None, (left.named, before.named)), default=None) if is_typed else left.named
        known[grave] = left._replace(until=max(left.until, before.until), named=named, is_typed=is_typed)
        self.of_code.setdefault(left.code, {})[grave] = None

    def hold(self, left: Tombstone) -> None:
        """Let a tombstone say nothing for now: living people hold the contact point."""
        self.held.add(_grave(left))

    def release(self, point: Point, held: Collection[datetime]) -> None:
        """Let the tombstones of a contact point say whose it is, but those after an end after which it is held."""
        self.held = {grave for grave in self.held if grave.key != point.key or grave.start in held}

    def waiting(self, point: Point) -> Sequence[Suppression]:
        """Return what erased people are owed at a contact point as soon as nobody living holds it."""
        return self.waits.get(point.key, ())

    def wait(self, point: Point, owed: Suppression) -> None:
        """Keep what waits at a contact point, unless it is kept already."""
        known = self.waits.setdefault(point.key, [])
        if owed not in known:
            known.append(owed)

    def settle(self, point: Point, owed: Suppression) -> None:
        """Let something wait no longer."""
        self.waits[point.key].remove(owed)

    def suppressed(self, name: Subject, at: datetime) -> Sequence[Suppression]:
        """Return what the one who has a name at a time is owed: who had it was erased, or gave it up last."""
        return self.owed.get((name, since(self.spans_of(name), at)), ())

    def owed_to(self, left: Tombstone) -> Sequence[Suppression]:
        """Return what the erased person of a name is owed."""
        assert isinstance(left.key, Subject), "a trace knows names by themselves"
        return self.owed.get((left.key, left.start), ())
