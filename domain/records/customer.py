"""A person's record: all that decisions about them rest on.

Every entry keeps its moment, in order of world time, so that a fact that arrives late is judged against what had
happened by its own time. One record covers one person, who can have several streams once they were linked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from domain.events import Event, customer as events, deletions, links
from domain.moments import Moment, end_of
from domain.records.apart import Apart
from domain.records.contacts import Contacts, Named
from domain.records.corrections import Corrections
from domain.records.entries import (
    ENROLLED,
    OPTED_OUT,
    AwaitedDeletion,
    Change,
    Given,
    Held,
    by_moment,
    place,
)
from domain.records.erased_contacts import absorb
from domain.records.joins import Joins
from domain.records.protections import Protections
from domain.records.rights import Rights
from domain.vocabulary import Act, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

LAST = end_of(datetime.max.replace(tzinfo=UTC))
"""No moment comes after this one."""


@dataclass(slots=True)
class Customer:
    """What decisions about a person rest on. `streams` maps each of the person's streams to its version."""

    person: UUID
    streams: dict[UUID, int] = field(default_factory=dict)
    opened_as: dict[UUID, str] = field(default_factory=dict)
    """The kind of name under which each stream was opened."""
    by_act: dict[Act, list[Held]] = field(default_factory=lambda: defaultdict(list))
    by_reference: dict[str, list[Held]] = field(default_factory=lambda: defaultdict(list))
    by_position: dict[int, Held] = field(default_factory=dict)
    categories: set[str] = field(default_factory=set)
    """The categories of which collections hold a value."""
    cancellations: dict[str, list[Moment]] = field(default_factory=dict)
    """By the code of an order, when it was cancelled, in order of time."""
    cancelled_on: dict[int, UUID] = field(default_factory=dict)
    """The streams of which cancellations were told, by position."""
    programs: dict[Program, list[Change]] = field(default_factory=lambda: defaultdict(list))
    erased_by: int = 0
    """The position of the erasure."""
    erased_at: datetime | None = None
    erased_for: str | None = None
    """The code of the request that the erasure names."""
    asked_under_another: bool = False
    """Whether the person had asked to be erased under another stream, where one of the two was erased alone."""
    last_told: datetime | None = None
    """The latest time of what was told."""
    opened_by: int | None = None
    """The position of a fact of which nothing stands yet but what it brought along."""
    apart: Apart = field(default_factory=Apart)
    protections: Protections = field(default_factory=Protections)
    corrections: Corrections = field(default_factory=Corrections)
    without: frozenset[int] = frozenset()
    """The facts that this record was taken without, since they were corrected as wrong entries (`standing`)."""
    whole: Customer | None = None
    """The record from which these were taken; None: this is the whole one."""
    given: list[Given] = field(default_factory=list)
    set_aside: list[Moment] = field(default_factory=list)
    """When something was told of the person that is kept as an erased one's."""
    awaited: list[AwaitedDeletion] = field(default_factory=list)
    rights: Rights = field(default_factory=Rights)
    contacts: Contacts = field(default_factory=Contacts)
    linked: dict[UUID, int] = field(default_factory=dict)
    """The streams that links name, each with the position of the first link that names it."""
    joins: Joins = field(default_factory=Joins)
    names_ended: dict[UUID, datetime] = field(default_factory=dict)
    """The streams to which a name no longer leads, each with until when it did."""
    alike: set[str] = field(default_factory=set)
    """The codes of what references look like that are not these references themselves."""
    same_codes: dict[str, str] = field(default_factory=dict)
    erased: bool = False
    is_late: bool = False
    """Whether the person had been erased when this was told: whatever else was on record of them is gone."""

    @property
    def has_number(self) -> bool:
        """Whether the person is on record under a number of the company's."""
        return "customer" in self.opened_as.values()

    def version_of(self, stream: UUID) -> int:
        """Return the version of one of the person's streams."""
        return self.streams[stream]

    def hold(self, held: Held) -> None:
        """Put a collection on record."""
        place(self.by_act[held.act], held)
        place(self.by_reference[held.reference], held)
        self.by_position[held.position] = held
        self.categories.update(held.categories)
        if held.alike:
            self.alike.add(self.stands_for(held.alike))

    def collections_of(self, act: Act, until: Moment) -> Iterator[Held]:
        """Return the collections of one act up to a moment, latest first, one at a time."""
        held = self.by_act.get(act, ())
        return (held[index] for index in range(bisect_right(held, until, key=by_moment) - 1, -1, -1))

    def collections_under(self, reference: str, until: Moment) -> list[Held]:
        """Return the collections under one reference up to a moment."""
        return [held for held in self.by_reference.get(reference, ()) if held.moment <= until]

    def cancelled(self, reference: str) -> Moment | None:
        """Return when an order was first cancelled; None: it was not."""
        return next(iter(self.cancellations.get(reference, ())), None)

    def cancel(self, reference: str, moments: Iterable[Moment], stream: UUID | None = None) -> None:
        """Put on record when an order was cancelled, and on which stream that was told."""
        self.cancelled_on |= {one.position: stream for one in moments} if stream else {}
        self.cancellations[reference] = sorted({*moments, *self.cancellations.get(reference, ())})

    def is_cancelled(self, reference: str, until: Moment) -> bool:
        """Return whether an order had been cancelled by a moment."""
        cancelled = self.cancelled(reference)
        return cancelled is not None and cancelled <= until

    def subscription(self, program: Program, until: Moment) -> Change | None:
        """Return the last change of a subscription up to a moment: what happened."""
        return next(self.changes_back_from(program, until), None)

    def enrollment(self, program: Program, until: Moment) -> Change | None:
        """Return the change by which a person is enrolled at a moment, lawfully or not; None: they are not."""
        latest = next(self.counted_back_from(program, until), None)
        return latest if latest is not None and latest.state == ENROLLED else None

    def counted(self, program: Program, until: Moment) -> list[Change]:
        """Return the changes of a subscription that count at a moment.

        Opt-outs that were annulled by then do not, nor does what only shows what something else brought about.
        """
        changes = self.programs.get(program, [])
        if any(not change.is_told and change.state != ENROLLED for change in changes):
            changes = [change for change in changes if change.is_told or change.state == ENROLLED]
        if not self.protections.annulled:
            return changes
        is_annulled = self.protections.is_annulled
        return [one for one in changes if one.state != OPTED_OUT or not is_annulled(one.position, until)]

    def counted_back_from(self, program: Program, until: Moment) -> Iterator[Change]:
        """Return the changes of a subscription up to a moment that count then, latest first."""
        return (change for change in reversed(self.counted(program, until)) if change.moment <= until)

    def changes_back_from(self, program: Program, until: Moment) -> Iterator[Change]:
        """Return the changes of a subscription up to a moment, latest first."""
        changes = self.programs.get(program, ())
        return (changes[index] for index in range(bisect_right(changes, until, key=by_moment) - 1, -1, -1))

    def is_cancelled_order(self, held: Held, until: Moment) -> bool:
        """Return whether a collection is an order that had been cancelled by a moment."""
        return held.act is Act.ORDER and self.is_cancelled(held.reference, until)

    def was_told_before(self, held: Held, opted_out: Moment) -> bool:
        """Return whether a collection of the same act is on record from before an opt-out, under a reference alike.

        Then it is told again, by an old confirmation link, say, and lifts nothing.
        """
        before = takewhile(lambda one: one.moment <= opted_out, self.by_act.get(held.act, ()))
        alike = self._looks_like(held)
        return any(self._looks_like(one) == alike for one in before)

    def _looks_like(self, held: Held) -> str:
        """Return the code of what the reference of a collection looks like."""
        return self.stands_for(held.alike or held.reference)

    def is_known_only_as_recipient(self, until: Moment) -> bool:
        """Return whether all that is held of a person came from the buyers of gifts."""
        gifts = any(True for _ in self.collections_of(Act.GIFT, until))
        return gifts and not any(
            True for act in self.by_act if act is not Act.GIFT for _ in self.collections_of(act, until)
        )

    def is_known_child(self, at: Moment) -> bool:
        """Return whether the company knew by then that the person is under age."""
        return self.protections.child_since(at) is not None

    def link(self, event: links.CustomersLinked, joined: Iterable[Customer]) -> None:
        """Let streams be this person's, with all that their records hold."""
        self.person = event.person
        self.joins.note(event)
        for stream in event.others:
            self.linked.setdefault(stream, event.moment.position)
        for other in joined:
            self._absorb(other)
        self.unify_all(event.same_codes)

    def name(self, event: events.CustomerEvent) -> None:
        """Put on record by what the person was named in an event."""
        if event.opened_as:
            self.opened_as[event.originator_id] = event.opened_as
        for ordinal in reversed(event.contacts):  # The last one named is the current one.
            self.contacts.name(Named(event.moment, event.originator_id, ordinal))

    def settle(self, event: Event) -> None:
        """Take note of what an event on a stream of somebody else settles about that stream."""
        if isinstance(event, events.CustomerErased):
            self.apart.settle_all((event.originator_id,), event.moment)
        elif isinstance(event, links.CustomersUnlinked):
            if not event.by_erasure and not self.streams.keys().isdisjoint(event.others):
                self.apart.settle_all((event.originator_id,), event.moment)
        elif isinstance(event, links.LinkRejected):
            is_erasure = self.erased and event.erased == self.erased_by
            if is_erasure or not self.streams.keys().isdisjoint(event.others):
                self.apart.settle_all((event.originator_id,), event.moment)

    def unify_all(self, same_codes: Iterable[tuple[str, str]]) -> None:
        """Take each pair of codes for one reference from here on."""
        for code, into in same_codes:
            self.unify(code, into)

    def _absorb(self, other: Customer) -> None:
        """Take over all that is held of another record, unless this is done already."""
        if other.streams.keys() <= self.streams.keys():
            return
        self.streams |= other.streams
        self.opened_as |= other.opened_as
        for held in other.by_position.values():
            self.hold(held)
        for program, changes in other.programs.items():
            for change in changes:
                place(self.programs[program], change)
        for reference, moments in other.cancellations.items():
            self.cancel(reference, moments)
        self.cancelled_on |= other.cancelled_on
        for given in other.given:
            place(self.given, given)
        self.awaited = sorted(self.awaited + other.awaited, key=by_moment)
        self.set_aside += other.set_aside
        self.rights.absorb(other.rights)
        self.last_told = max(filter(None, (self.last_told, other.last_told)), default=None)
        self.opened_by = other.opened_by if self.opened_by is None else self.opened_by
        self.apart.absorb(other.apart)
        self.protections.absorb(other.protections)
        self.corrections.absorb(other.corrections)
        absorb(self.contacts, other.contacts)
        for stream, position in other.linked.items():
            self.linked[stream] = min(position, self.linked.get(stream, position))
        self.names_ended |= other.names_ended
        self.joins.absorb(other.joins)
        for code, into in {**self.same_codes, **other.same_codes}.items():
            self.unify(code, into)

    def wait(self, event: deletions.DataDeleted) -> None:
        """Let a deletion wait for the collections that were not told yet."""
        for act, code in event.awaits:
            what = event.categories, isinstance(event, deletions.DataAnonymised), event.system_code or ""
            place(self.awaited, AwaitedDeletion(event.moment, Act(act), self.stands_for(code), *what))

    def knows(self, code: str) -> bool:
        """Return whether something is on record under a code."""
        is_known = code in self.by_reference or code in self.cancellations or code in self.rights.matters
        return is_known or code in self.alike or any(one.reference == code for one in self.awaited)

    def stands_for(self, code: str) -> str:
        """Return the one code of a reference, which had others on streams that were joined since."""
        return self.same_codes.get(code, code)

    def unify(self, code: str, into: str) -> None:
        """Take two codes, and all that stand for either, for one reference from here on, in all that is held."""
        code, into = self.stands_for(code), self.stands_for(into)
        if code == into:
            return
        self.same_codes[code] = into
        if code in self.alike:
            self.alike.add(into)
        self.same_codes |= {other: into for other, same in self.same_codes.items() if same == code}
        for held in self.by_reference.pop(code, []):
            renamed = held._replace(reference=into)
            timeline = self.by_act[held.act]
            timeline[timeline.index(held)] = renamed
            place(self.by_reference[into], renamed)
            self.by_position[held.position] = renamed
        if code in self.cancellations:
            self.cancel(into, self.cancellations.pop(code))
        for changes in self.programs.values():
            changes[:] = [one._replace(reference=into) if one.reference == code else one for one in changes]
        self.awaited = [one._replace(reference=into) if one.reference == code else one for one in self.awaited]
        self.rights.unify(code, into)
