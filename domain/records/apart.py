"""What is settled about the records of others on which a person's addresses stand, and what was left out there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from domain.moments import Moment


@dataclass(slots=True)
class Apart:
    """The streams of others of one person: those that are settled, and those that their erasure left out."""

    settled: dict[UUID, Moment] = field(default_factory=dict)
    """Streams of others, each with when it was settled that it is not this person's, or that it was erased too."""
    left_out: set[UUID] = field(default_factory=set)
    """The streams of others on which contact points of this person stood at their erasure."""

    def settle_all(self, streams: Iterable[UUID], moment: Moment) -> None:
        """Take note that streams are settled."""
        for stream in streams:
            self.settled[stream] = min(moment, self.settled.get(stream, moment))

    def all_settled(self, streams: Iterable[UUID], answered: Moment) -> Moment | None:
        """Return since when an answer is whole that left these streams out; None: it is not."""
        since = [self.settled.get(stream) for stream in streams]
        return None if None in since else max((answered, *filter(None, since)))

    def were_settled(self, streams: Iterable[UUID], position: int) -> bool:
        """Return whether all these streams had been settled when the event at a position was told."""
        return all(stream in self.settled and self.settled[stream].position < position for stream in streams)

    def absorb(self, other: Apart) -> None:
        """Take over what is known of somebody who turned out to be the same person."""
        self.left_out |= other.left_out
        for stream, moment in other.settled.items():
            self.settle_all((stream,), moment)

    def move(self, moved: Callable[[Moment], Moment]) -> None:
        """Put in the place of each moment what `moved` returns for it."""
        self.settled = {stream: moved(moment) for stream, moment in self.settled.items()}
