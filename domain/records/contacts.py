"""The contact points on a person's record, and what binds them on all records that hold them.

An event names a contact point by its ordinal on the event's stream. Which address that is, and what somebody told about
the address under its own name, is not on the stream. Both are given to the fold (`points`, `bound`), and they
are shared by all records of one store, so that what is told of an address reaches everybody who has it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.moments import Moment, end_of
from domain.records.bindings import Binding, counted, is_unheard
from domain.records.entries import by_moment, place
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from domain.suppressed import Bound

EVER: Final = datetime.min.replace(tzinfo=UTC)
"""The beginning of the first span of a name or contact point."""
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
"""The end of the last one."""
KIND_OF_PROGRAM: Final[Mapping[Program, str | None]] = {
    Program.EMAIL_MARKETING: "email",
    Program.PHYSICAL_MAILINGS: None,
}
"""The kind of contact point that a program writes to; None: it writes to no contact point."""


class Point(NamedTuple):
    """A contact point: its kind, and a key that is the same wherever this contact point stands."""

    kind: str
    key: Hashable


class Named(NamedTuple):
    """A contact point was given: when, and as which ordinal of which stream."""

    moment: Moment
    stream: UUID
    ordinal: int


class ContactBook(NamedTuple):
    """What ordinals of streams stand for, and what binds the contact points, by key: all that is on no stream."""

    points: dict[tuple[UUID, int], Point]
    bound: dict[Hashable, list[Binding]]
    same: Mapping[UUID, Mapping[Point, Point]] = MappingProxyType({})
    """For a stream, by which of its contact points it knows one that stands on another stream under another key."""


@dataclass(slots=True)
class Contacts:
    """The contact points of one person, in the order in which they were given."""

    points: dict[tuple[UUID, int], Point] = field(default_factory=dict)
    """What each ordinal of a stream stands for. An erasure forgets it."""
    bound: dict[Hashable, list[Binding]] = field(default_factory=dict)
    """By the key of a contact point, what binds it, in order of time."""
    named: list[Named] = field(default_factory=list)
    confirmed: list[Named] = field(default_factory=list)
    """The contact points that answered."""
    mailed: set[tuple[UUID, int]] = field(default_factory=set)
    """The contact points under which messages were told."""
    same: dict[Point, Point] = field(default_factory=dict)
    """By which contact point this person knows one that has another key since somebody who had it was erased."""

    def name(self, named: Named) -> None:
        """Put a contact point on record."""
        place(self.named, named)

    def confirm(self, named: Named) -> None:
        """Put on record that a contact point answered."""
        place(self.confirmed, named)

    def own(self, point: Point) -> Point:
        """Return a contact point by the key that it has on this record."""
        return self.same.get(point, point)

    def current(self, kind: str, until: Moment) -> Point | None:
        """Return the contact point of a kind that was given last up to a moment."""
        return next((point for point in self._back_from(until) if point.kind == kind), None)

    def current_as_told(self, kind: str, until: Moment, linked: Mapping[UUID, int]) -> Point | None:
        """Return the contact point of a kind that is current at a moment, of what was told before its position.

        `linked` says for streams at which position they were linked. None also where it is the current one by all that
        is known, or where nothing was known.
        """
        told = [
            one
            for one in self.named
            if one.moment.position < until.position and linked.get(one.stream, 0) < until.position
        ]
        if len(told) == len(self.named):
            return None
        then = replace(self, named=told).current(kind, until)
        return then if then != self.current(kind, until) else None

    def current_ordinal(self, kind: str | None, stream: UUID, until: Moment) -> int | None:
        """Return the ordinal on one stream of the contact point of a kind that is current; None: it has none."""
        current = self.current(kind, until) if kind else None
        return next((one[1] for one, point in self.points.items() if point == current and one[0] == stream), None)

    def held(self, until: Moment) -> set[Point]:
        """Return all contact points that were given up to a moment."""
        return set(self._back_from(until))

    def reached(self, program: Program, at: Moment, sent_to: Point | None = None) -> set[Point]:
        """Return the contact points that an opt-out from a program would reach this person by, at a moment.

        With a message that says where it was `sent_to`: those that it could have reached them by.
        """
        kind = KIND_OF_PROGRAM[program]
        if kind is None:
            return self.held(at) | ({sent_to} if sent_to else set())
        current = sent_to if sent_to and sent_to.kind == kind else self.current(kind, at)
        return {current} if current else set()

    def was_given(self, point: Point, at: Moment) -> bool:
        """Return whether a contact point was given at exactly this moment."""
        start = bisect_left(self.named, at, key=by_moment)
        given = self.named[start : bisect_right(self.named, at, key=by_moment)]
        return any(self.points.get((one.stream, one.ordinal)) == point for one in given)

    def last_given(self, point: Point, until: Moment) -> Moment | None:
        """Return when a contact point was last given up to a moment; None: it was not."""
        given = (one.moment for one in reversed(self.named) if self.points.get((one.stream, one.ordinal)) == point)
        return next((moment for moment in given if moment <= until), None)

    def confirmations(self, point: Point, until: Moment) -> Iterator[Named]:
        """Yield when the contact point had answered by a moment, and this person was the one who answered."""
        ends = self.bound.get(point.key, ())
        for one in self.confirmed:
            is_of_point = one.moment <= until and self.points.get((one.stream, one.ordinal)) == point
            if is_of_point and not was_given_up(ends, one.moment.at, until):
                yield one

    def opt_outs(self, program: Program, until: Moment) -> Iterator[tuple[Point, Binding]]:
        """Yield the opt-outs up to a moment that bind the contact points on record, with the contact point.

        What was told of one after this person gave it up is another's.
        """
        for point, known in self.bindings():
            for binding in counted(known, until):
                if binding.is_out and not binding.by and binding.what is program and binding.moment <= until:
                    if _has_end(known) and self._had_left(point, binding.moment, until):
                        continue
                    yield point, binding

    def by_number(self, point: Point, program: Program, until: Moment) -> Iterator[list[Binding]]:
        """Yield how each person was in and out of a program who opted out of it under a number.

        The contact point was current for them then.
        """
        bindings = reaching(self.bound.get(point.key, ()), program)
        for by in dict.fromkeys(binding.by for binding in bindings):
            yield [one for one in bindings if one.by == by and not is_unheard(one, until)]

    def of_address(self, point: Point, program: Program, until: Moment) -> list[list[Binding]]:
        """Return how a contact point itself was in and out of a program, as far as that counts at a moment.

        What is owed there to each person who was erased stands by itself.
        """
        found: dict[str, list[Binding]] = {}
        for one in counted(self.bound.get(point.key, ()), until):
            if not one.by and one.what is program:
                found.setdefault(one.code, []).append(one)
        return list(found.values())

    def ends(self) -> Iterator[tuple[Point, Binding]]:
        """Yield the ends of contact points that stood on this record until then."""
        for point, known in self.bindings():
            for binding in tuple(known):
                if binding.what is None and point in self.held(end_of(binding.moment.at)):
                    yield point, binding

    def bindings(self) -> Sequence[tuple[Point, list[Binding]]]:
        """Return the contact points on record that anything binds, each with that; most people have none."""
        bound = self.bound
        if not bound:
            return ()
        points = dict.fromkeys(self.points.values())
        return [(point, bound[point.key]) for point in points if point.key in bound]

    def _had_left(self, point: Point, at: Moment, until: Moment) -> bool:
        """Return whether this person had given up a contact point at a moment, and was not named with it since."""
        named = [one for one in self.named if self.points.get((one.stream, one.ordinal)) == point]
        known = [one for one in named if one.moment <= until]
        ends = self.bound.get(point.key, ())
        return bool(known) and all(was_given_up(ends, one.moment.at, at) for one in known)

    def of_stream(self, stream: UUID) -> tuple[tuple[str, ...], list[tuple[int, Binding]]]:
        """Return the kinds of a stream's contact points, by ordinal, and what binds them, each with the ordinal."""
        own = sorted((ordinal, point) for (one, ordinal), point in self.points.items() if one == stream)
        bindings = [(ordinal, binding) for ordinal, point in own for binding in in_force(self.bound.get(point.key, ()))]
        return tuple(point.kind for _, point in own), bindings

    def move(self, entry: Callable[[Named], Named]) -> None:
        """Replace every entry by what `entry` returns for it; their order stays."""
        self.named = list(map(entry, self.named))
        self.confirmed = list(map(entry, self.confirmed))

    def absorb(self, other: Contacts) -> None:
        """Take over the contact points of a record that turned out to be the same person's."""
        self.points |= other.points
        self.mailed |= other.mailed
        self.same |= other.same
        self.named = sorted(self.named + other.named, key=by_moment)
        self.confirmed = sorted(self.confirmed + other.confirmed, key=by_moment)

    def _back_from(self, until: Moment) -> Iterator[Point]:
        end = bisect_right(self.named, until, key=by_moment)
        for index in range(end - 1, -1, -1):
            one = self.named[index]
            point = self.points.get((one.stream, one.ordinal))
            if point is not None and not was_given_up(self.bound.get(point.key, ()), one.moment.at, until):
                yield point


def was_given_up(bindings: Iterable[Binding], since: datetime, until: Moment) -> bool:
    """Return whether a contact point was given up after a time, of what is known at a moment.

    An end counts for what is both later in time and told later.
    """
    return any(
        one.what is None and since <= one.moment.at < until.at and one.moment.position <= until.position
        for one in bindings
    )


def said_at(contacts: Contacts, since: Moment, beside: Point | None = None) -> tuple[tuple[int, ...], Moment | None]:
    """Return the position of what said an opt-out that binds a contact point on record, or one `beside`, since then.

    And when that was said, where it was passed on. What is owed to somebody erased was said by what is forgotten.
    """
    points = dict.fromkeys([*contacts.points.values(), *([beside] if beside else ())])
    bindings = (one for point in points for one in contacts.bound.get(point.key, ()))
    said = (one for one in bindings if one.is_out and not (one.by or one.code or one.annuls))
    for one in (one for one in said if one.moment == since):
        return (one.source or one.moment.position,), one.moment._replace(at=one.since) if one.since else None
    return (), None


def _has_end(bindings: Iterable[Binding]) -> bool:
    return any(one.what is None for one in bindings)


def binds(bindings: Sequence[Binding], what: Bound, until: Moment) -> Binding | None:
    """Return the opt-out or objection that binds at a moment, of the bindings of one contact point; None: none does.

    Of several that bind, since they are owed to several people, it is the first one.
    """
    found = all_binding(bindings, what, until)
    return min(found.values(), key=by_moment, default=None) if found else None


def all_binding(bindings: Sequence[Binding], what: Bound, until: Moment) -> dict[str, Binding]:
    """Return what binds a contact point at a moment, by the code of whom it is owed to; what was told of it has none.

    What lifts the one lifts nothing of the other.
    """
    latest: dict[str, Binding] = {}
    lifted: dict[str, tuple[Binding | None, datetime]] = {}
    for binding in counted(bindings, until):
        if binding.what == what and not binding.by and binding.has_begun(until):
            if not binding.is_out:
                lifted[binding.code] = latest.pop(binding.code, None), binding.moment.at
            elif binding.code not in latest:  # One that was lifted and put back at the same instant was never lifted.
                before, at = lifted.get(binding.code, (None, None))
                latest[binding.code] = before if before and at == binding.moment.at else binding
    return latest


def reaching(bindings: Iterable[Binding], program: Program) -> list[Binding]:
    """Return the bindings in a program that reach only records without a number, those that count."""
    own = [binding for binding in bindings if binding.by and binding.what is program]
    last: dict[str, int] = {}
    for binding in own:
        last[binding.by] = max(binding.moment.position, last.get(binding.by, 0))
    return [binding for binding in own if binding.moment.position == last[binding.by]]


def in_force(bindings: Iterable[Binding]) -> list[Binding]:
    """Return the bindings of a contact point without those that were put on the list anew."""
    bindings = list(bindings)
    if not any(binding.by for binding in bindings):
        return bindings
    counted = {binding for program in Program for binding in reaching(bindings, program)}
    return [binding for binding in bindings if not binding.by or binding in counted]
