"""What binds a contact point, and what of it was undone: opt-outs that were annulled, and lifts that a link allowed.

An undoing counts for what is both later in time and told later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.moments import Moment, Turn

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.events.company import CompanyEntryCorrected
    from domain.events.customer import EntryCorrected
    from domain.events.visitor import VisitorEntryCorrected
    from domain.suppressed import Bound

    Lifts = dict[tuple[Bound | None, str, int], int]
    """By what was lifted, of whom, and the collection that lifted it, up to where lifts by it do not count."""


class Binding(NamedTuple):
    """An opt-out from a program, or an objection, that binds a contact point, or, unless `is_out`, what lifted one.

    With `by`, it reaches only the records without a number that hold the contact point: `by` is a code of the person
    who opted out under a number. Each time when that person's opt-outs come to reach a contact point otherwise, all of
    them are put on the list again, at a later position, and only those at the last position count.

    With `what` None it is the end of the contact point: it was given up, and is theirs alone who are named with it
    since.

    With `annuls` it lifts the one opt-out at that position, by an officer's word: for what is later in time and told
    later. Where it reaches, `annuls` is the position of that word, since the row itself is put on the list anew. With
    `annuls` and `is_out` it takes back what the collection at that position lifted, as only a link allowed it.

    `source` is, of a lift, the collection by which somebody asked; of what was passed on, the opt-out or objection. Of
    what takes back a lift, it is that collection where the lift turned out to have been none at any time, and the
    correction where it had rested on a wrong entry. Of what is owed to somebody erased and was told only afterwards, it
    is the erasure.

    With `since` and `code` it is owed to somebody erased since then, and began to bind only with their erasure, or when
    nobody living was known to have the contact point any more: for what is later in time and told later. With `since`
    alone it was passed on, and `since` is when the one said so who had the contact point before.

    With `code` it is owed to the person of the erasure with that code, who may come back and lift it; without, it was
    told of the contact point itself. What lifts has the code of what it lifts, and lifts nothing else.
    """

    what: Bound | None
    moment: Moment
    is_out: bool
    by: str = ""
    annuls: int = 0
    source: int = 0
    since: datetime | None = None
    code: str = ""

    @property
    def owed(self) -> Moment:
        """Since when it is owed."""
        return self.moment._replace(at=self.since) if self.since and self.code else self.moment

    def has_begun(self, until: Moment) -> bool:
        """Return whether it counts at a moment: what lifts, from the request on that lifts, whenever that was known."""
        if self.moment <= until:
            return True
        is_lift = bool(self.source) and not self.is_out and not self.annuls
        return is_lift and self.moment._replace(position=self.source) <= until

    def comes_from(self, places: Container[int]) -> bool:
        """Return whether one of these events said this, here or where it was passed on from."""
        return self.moment.position in places or self.source in places


def bound_when(what: Bound | None, at: datetime, position: int, *, is_out: bool, annuls: int = 0) -> Moment:
    """Return when something binds a contact point, or lifts that: a request, an opt-out, or what undoes either."""
    if what is None or (annuls and not is_out):
        return Moment(at, Turn.UNDOING, position)
    return Moment(at, Turn.PROTECTION if is_out else Turn.GIVEN, position)


def is_undone(undoing: Moment, until: Moment) -> bool:
    """Return whether what was done to a record counts at a moment: one both later in time and told later.

    What follows from the undoing itself stands at its position, where an audit works it out anew.
    """
    return undoing.at < until.at and undoing.position <= until.position


def told_when(correction: EntryCorrected | CompanyEntryCorrected | VisitorEntryCorrected) -> Moment:
    """Return when a correction of an entry was told, also where it was told before its entry and waited for it."""
    own, waited = correction.moment, correction.waited
    return own if waited is None else own._replace(position=waited)


def counted(bindings: Sequence[Binding], until: Moment) -> Sequence[Binding]:
    """Return the bindings of a contact point that count at a moment: not undone for it, nor begun after it."""
    if any(_begins(one) and not is_undone(one.moment, until) for one in bindings):
        bindings = [one for one in bindings if not _begins(one) or is_undone(one.moment, until)]
    if not any(binding.annuls for binding in bindings):
        return bindings
    undoings = [
        one
        for one in bindings
        if one.annuls and not one.by and (one.annuls == one.source or is_undone(one.moment, until))
    ]
    annulled = {one.annuls for one in undoings if not one.is_out}
    lifts = _lifts_of(undoings)
    return [
        one
        for one in bindings
        if one.by or not (one.annuls or _is_annulled(one, annulled) or _is_taken_back(one, lifts))
    ]


def is_unheard(binding: Binding, until: Moment) -> bool:
    """Return whether an annulment that lifts what reaches a contact point does not count at a moment yet."""
    return bool(binding.annuls) and not is_undone(binding.moment._replace(position=binding.annuls), until)


def annulments(bindings: Iterable[Binding]) -> Iterator[Moment]:
    """Yield when officers annulled what bound a contact point, or reached it, with the position of their word."""
    for one in bindings:
        if one.annuls and not one.is_out:
            yield one.moment._replace(position=one.annuls) if one.by else one.moment


def lifts_undone(bindings: Iterable[Binding]) -> Iterator[Moment]:
    """Yield when lifts of a contact point were taken back, since only a link that was undone had allowed them."""
    return (one.moment for one in bindings if _takes_back(one) and not one.source)


def without_undone_lifts(bindings: Sequence[Binding]) -> list[Binding]:
    """Return the bindings of a contact point as if no lift had been made that was taken back since."""
    lifts = _lifts_of(one for one in bindings if one.source in {0, one.annuls})
    return [one for one in bindings if not _is_taken_back(one, lifts)]


def _begins(binding: Binding) -> bool:
    """Return whether it began to bind with an erasure, or behind it: an undoing of what was so until then."""
    return bool(binding.since and binding.code)


def _takes_back(binding: Binding) -> bool:
    return bool(binding.annuls) and binding.is_out and not binding.by


def _lifts_of(bindings: Iterable[Binding]) -> Lifts:
    found: Lifts = {}
    for one in filter(_takes_back, bindings):
        lift = one.what, one.code, one.annuls
        found[lift] = max(one.moment.position, found.get(lift, 0))
    return found


def _is_annulled(binding: Binding, annulled: Collection[int]) -> bool:
    """Return whether an opt-out was annulled, or comes from one that was."""
    return binding.is_out and binding.comes_from(annulled)


def _is_taken_back(binding: Binding, lifts: Lifts) -> bool:
    """Return whether a lift was told before it was taken back."""
    if binding.is_out or binding.by or not binding.source:
        return False
    return binding.moment.position < lifts.get((binding.what, binding.code, binding.source), 0)
