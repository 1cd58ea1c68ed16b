"""When the streams of a person were joined: what was done before a link is judged as it could be known then."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events.links import CustomersLinked, CustomersUnlinked


@dataclass(slots=True)
class Joins:
    """The links of a person that stand, each with the streams that it joined, and from when on."""

    links: set[tuple[datetime, frozenset[UUID]]] = field(default_factory=set)

    told: set[tuple[int, datetime, frozenset[UUID]]] = field(default_factory=set)
    """The streams that facts name together, each with where that was told, and from when on it holds."""
    parted: dict[UUID, datetime] = field(default_factory=dict)
    """The streams that were parted from this person's, each with when that was last."""
    by_erasure: dict[UUID, int] = field(default_factory=dict)
    """Those of them of which one of the two was erased alone: each with its number among those that went on.

    An unlink takes it out again.
    """

    goes_on: datetime | None = None
    """Since when the person goes on without a stream that alone was erased."""
    left_at: int = 0
    """The position at which the last such stream left; 0: none did."""

    def part(self, event: CustomersUnlinked) -> None:
        """Take note of an unlink."""
        if event.by_erasure:
            self.goes_on = max(event.occurred_at, self.goes_on or event.occurred_at)
            self.left_at = max(event.moment.position, self.left_at)
        for number, other in enumerate(event.others):
            self.parted[other] = max(event.occurred_at, self.parted.get(other, event.occurred_at))
            if event.by_erasure:
                self.by_erasure[other] = number
            else:
                self.by_erasure.pop(other, None)

    def absorb(self, other: Joins) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.links |= other.links
        self.told |= other.told
        self.by_erasure |= other.by_erasure
        for stream, at in other.parted.items():
            self.parted[stream] = max(at, self.parted.get(stream, at))
        self.goes_on = max(filter(None, (self.goes_on, other.goes_on)), default=None)
        self.left_at = max(self.left_at, other.left_at)

    def note(self, event: CustomersLinked) -> None:
        """Take note of what is left of a link."""
        if event.others:
            self.links.add((event.occurred_at, frozenset((event.originator_id, *event.others))))
        if event.direct:
            streams = frozenset((event.originator_id, *event.direct))
            self.told.add((event.moment.position, event.occurred_at, streams))

    def streams_at(self, stream: UUID, at: datetime) -> frozenset[UUID]:
        """Return the streams that were one person's with a stream at a time."""
        return _reached({stream}, [streams for joined_at, streams in self.links if joined_at <= at])

    def apart_at(self, stream: UUID, at: datetime, streams: Iterable[UUID]) -> Iterator[UUID]:
        """Yield one stream of each person who was not one with a stream at a time, of the streams of one person now."""
        apart = set(streams) - self.streams_at(stream, at)
        while apart:
            one = min(apart, key=str)
            yield one
            apart -= self.streams_at(one, at)

    def are_all_by(self, at: datetime) -> bool:
        """Return whether no stream was joined after a time."""
        return all(joined_at <= at for joined_at, _ in self.links)

    def are_one(self, pair: Sequence[UUID], at: datetime, place: int) -> bool:
        """Return whether two streams were one person's at a time by what was told up to a place."""
        known = [streams for position, since, streams in self.told if position <= place and since <= at]
        return pair[1] in _reached(pair[:1], known)

    def told_at(self, stream: UUID, other: UUID) -> int:
        """Return where it was told that two streams are one person's; 0: it was not.

        Where several links lead from one to the other, that is the last of those which were told first.
        """
        links: list[frozenset[UUID]] = []
        for position, _, streams in sorted(self.told, key=itemgetter(0)):
            links.append(streams)
            if other in _reached({stream}, links):
                return position
        return 0

    def move(self, shift: Callable[[int], int]) -> None:
        """Put in the place of each position what `shift` returns for it."""
        self.told = {(shift(position), at, streams) for position, at, streams in self.told}
        self.left_at = shift(self.left_at) if self.left_at else 0

    def since(self, at: datetime, pair: Iterable[UUID]) -> Iterator[tuple[datetime, frozenset[UUID]]]:
        """Yield who is one person from a time on, were a pair of streams joined then; and from when on any more are."""
        found = frozenset(pair)
        later = [link for link in self.links if link[0] > at]
        if len(later) < len(self.links):
            found = _reached(found, [streams for joined_at, streams in self.links if joined_at <= at])
        yield at, found
        for time in sorted({joined_at for joined_at, _ in later}):
            known = [streams for joined_at, streams in self.links if joined_at <= time]
            if (more := _reached(found, known)) != found:
                yield time, more
            found = more

    def without(self, stream: UUID) -> Joins:
        """Return the links that are left without a stream; those whom it joined stay together."""
        return Joins(links={(at, streams - {stream}) for at, streams in self.links if len(streams - {stream}) > 1})

    def after(self, at: datetime, order: Sequence[UUID]) -> Iterator[tuple[datetime, frozenset[UUID]]]:
        """Yield who comes to be one person at each later time, at one time in the order of some streams."""
        for time in sorted({joined_at for joined_at, _ in self.links if joined_at > at}):
            before = [streams for joined_at, streams in self.links if joined_at < time]
            now = [streams for joined_at, streams in self.links if joined_at == time]
            groups = {_reached(each, before + now) for each in now}
            for streams in sorted(groups, key=lambda each: min(map(order.index, each))):
                if streams != _reached(list(streams)[:1], before):
                    yield time, streams


def _reached(streams: Iterable[UUID], links: list[frozenset[UUID]]) -> frozenset[UUID]:
    """Return all streams to which links lead from some."""
    found = frozenset(streams)
    while reached := [joined for joined in links if not joined.isdisjoint(found) and not joined <= found]:
        found = found.union(*reached)
    return found
