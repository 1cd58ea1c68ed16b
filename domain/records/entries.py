"""The entries of a person's record: what was collected, what changed a subscription, what was given away.

Every entry has its moment, whose position identifies it, and `place` keeps a timeline in their order, whichever order
they came in.
"""

from __future__ import annotations

from bisect import insort
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from domain.vocabulary import Reading

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events.past_points import HeldBefore
    from domain.moments import Moment
    from domain.vocabulary import Act, Cause, OptOutVia

ENROLLED, OPTED_OUT, ENDED = "enrolled", "opted_out", "ended"


class Held(NamedTuple):
    """A collection on record. `reference` is the code of its order, thread or form; `point` is where."""

    moment: Moment
    act: Act
    reference: str
    categories: tuple[str, ...]
    requests: tuple[str, ...]
    online: bool = True
    point: str = ""
    withheld: bool = False
    """Whether its values were not kept, since a known child gave them."""
    alike: str = ""
    """The code of what its reference looks like; empty where that is the reference itself."""
    stream: UUID | None = None
    """The stream that it was told of."""
    unread: tuple[str, ...] = ()
    """The categories that should hold a contact point and hold something else, which mail reaches nobody by."""
    held_before: tuple[tuple[UUID, HeldBefore], ...] = ()
    """Which of its contact points the person had before an erasure, each with the stream whose ordinal it has."""

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Change(NamedTuple):
    """A change of a subscription; `lawful` is False where the judge found that it broke a promise.

    `relies_on` are the positions of the collections by which somebody was enrolled. `broken_under` is an audit's: the
    other readings under which the change broke a promise.
    """

    moment: Moment
    state: str
    cause: Cause | None
    reference: str | None
    lawful: bool
    relies_on: tuple[int, ...] = ()
    via: OptOutVia | None = None
    is_told: bool = True
    """Whether somebody said so; else the ledger made it of something told: of an opt-out, where that came late."""
    broken_under: frozenset[Reading] = frozenset()
    is_elsewhere: bool = False
    """Whether it was told of a contact point, on another stream."""
    comes_from: int = 0
    """Of what was recalled, the position of the event on another record that said so, where that is known."""
    stream: UUID | None = None
    """The stream that it was told of, or made for; None: it is on another person's."""
    said: Moment | None = None
    """Of what was recalled of this very person, when and at which position it was said."""
    of_contact: bool = False
    """Of what was recalled, whether it was told of a contact point, so that nothing that the person asked for ends."""
    by_last: Moment | None = None
    """Of what was recalled of the one who had a name before, when it was said."""
    learned: int = 0
    """Of what was recalled, the position at which it was told, where that is not its own."""
    others: tuple[int, ...] = ()
    """Of an opt-out that was told of a contact point, the position of what said it, where that is known."""

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position

    @property
    def evidence(self) -> tuple[int, ...]:
        """The position of what shows it; none for an opt-out that is on another stream, or was forgotten."""
        if self.said is not None:
            return (self.said.position,)
        is_recalled = self.state == OPTED_OUT and self.is_told and self.via is None
        return () if self.is_elsewhere or is_recalled else (self.position,)

    @property
    def since(self) -> Moment:
        """When it was said, where that is known, though it may bind this person only since later."""
        return self.said or self.by_last or self.moment

    @property
    def told(self) -> Moment:
        """When it was said, at the position at which that was told."""
        of_last = self.others[0] if self.by_last and self.others else 0
        return self.since._replace(position=self.learned or of_last or self.since.position)

    def is_lawful(self, reading: Reading) -> bool:
        """Return whether the change broke nothing under a reading."""
        return self.lawful if reading is Reading.HARMONISED else reading not in self.broken_under


class Given(NamedTuple):
    """A share of contact data: what went to whom."""

    moment: Moment
    recipient: str
    categories: tuple[str, ...]

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class AwaitedDeletion(NamedTuple):
    """A deletion of a collection that was not told yet, by the collection's act and the code of its reference."""

    moment: Moment
    act: Act
    reference: str
    categories: tuple[str, ...]
    is_anonymising: bool
    system: str
    """The code of the other system that deleted what it held; empty: ours."""

    @property
    def position(self) -> int:
        """The position of its event."""
        return self.moment.position


class Standing(NamedTuple):
    """What a person is owed in a program, even where something else was done to them since.

    `change` is the last change that counts. `opted_out` is the opt-out that began the present one: to opt out twice
    starts no second grace. `was_enrolled`: that opt-out ended an enrollment.
    """

    change: Change | None = None
    opted_out: Change | None = None
    was_enrolled: bool = False
    of_contact: bool = False
    """Whether that opt-out was told of a contact point that the person has, and not of the person."""
    of_address: bool = False
    """Whether an opt-out binds a contact point of theirs, so that what the person asks for does not lift it."""
    by_number: Moment | None = None
    """Since when somebody is out whose address this person holds: under a number, where this person has none, or since
    before an erasure that left the address with this person. Nobody knows whether they are one."""

    @property
    def out_since(self) -> Moment | None:
        """Return since when the person is to be left alone, also where the opt-out may be another's; None: not now."""
        return self.opted_out.moment if self.opted_out else self.by_number

    @property
    def is_enrolled(self) -> bool:
        """Return whether the person is enrolled, and lawfully so."""
        return self.change is not None and self.change.state == ENROLLED


class Placed(Protocol):
    """Whatever has a moment."""

    @property
    def moment(self) -> Moment:
        """When it happened."""
        ...


_Placed = TypeVar("_Placed", bound=Placed)
by_moment = attrgetter("moment")
"""The order of every timeline."""


def place(timeline: list[_Placed], entry: _Placed) -> None:
    """Put an entry into its timeline, which is in order of time."""
    if not timeline or timeline[-1].moment <= entry.moment:
        timeline.append(entry)
    else:
        insort(timeline, entry, key=by_moment)
