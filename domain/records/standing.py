"""What a person is owed in a program: whether they are enrolled, and whether an opt-out binds them, at any moment."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from domain.records.contacts import said_at, was_given_up
from domain.records.customer import LAST
from domain.records.entries import ENROLLED, OPTED_OUT, Change, Standing, by_moment
from domain.records.known_holders import had_before, held_before, is_linked_to, stood_before
from domain.records.uncorrected import standing
from domain.routes import routes
from domain.vocabulary import Act, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from datetime import datetime

    from domain.moments import Moment
    from domain.records.bindings import Binding
    from domain.records.contacts import Contacts, Point
    from domain.records.customer import Customer
    from domain.records.entries import Held
    from domain.vocabulary import Program

    WouldEnroll = Callable[[Customer, Program, Held], bool]
    """Whether a collection would enroll its person if no contact point of theirs was bound."""


class _Lifting(NamedTuple):
    """What lifts a person's own opt-out: asking by these acts, also where an enrollment was kept from following."""

    reopened_by: Container[Act] | None
    reading: Reading
    would_enroll: WouldEnroll | None


def standing_of(  # noqa: PLR0913, PLR0917 - whose standing, when, and by which rules
    person: Customer,
    program: Program,
    until: Moment,
    reopened_by: Container[Act] | None,
    reading: Reading = Reading.HARMONISED,
    sent_to: Point | None = None,
    would_enroll: WouldEnroll | None = None,
) -> Standing:
    """Return what the person is owed in a program at a moment, under a reading.

    A message that says which contact point it is `sent_to` is judged by that one, and not by the current one.

    An opt-out is lifted only by what the person asked for after it, in an act of `reopened_by` (None: any act).
    What enrolled them in ignorance of it lifts nothing: the opt-out came late, or stood on a stream joined since.
    Where a contact point is bound, no enrollment follows; then what the person asked for lifts it that `would_enroll`
    them, if nothing was bound.
    An enrollment that another reading forbids for a reason of its own still lifts it, if the harmonised one does
    not: that the person asked anew is no less true.

    Looks back from the moment, no further than to the beginning of the opt-out under which the person stands or
    last stood, so that what it costs does not grow with what came before.
    """
    person = standing(person, until)
    contacts = person.contacts
    is_bound = contacts.bindings() or (sent_to is not None and sent_to.key in contacts.bound)
    own = _own_standing(person, program, until, _Lifting(reopened_by, reading, would_enroll if is_bound else None))
    if not is_bound:
        return own
    bound = _bound_standing(person, program, until, reopened_by, own, sent_to)
    if own.opted_out is None:
        return bound
    # What this person asks for lifts their own opt-out, and not what binds their contact point besides.
    return own._replace(of_address=bound.of_address, by_number=bound.by_number)


def _bound_standing(  # noqa: PLR0913, PLR0917 - as above, with what the person did themself
    person: Customer,
    program: Program,
    until: Moment,
    reopened_by: Container[Act] | None,
    own: Standing,
    sent_to: Point | None,
) -> Standing:
    """Return the standing of a person, themself aside: somebody may have opted out by a contact point of theirs.

    Such an opt-out binds the person if it would have reached them there at its time, until they ask anew; what is owed
    to somebody erased is no opt-out of theirs. It also binds the contact point on every record, until it is lifted.
    """
    contacts = person.contacts
    of_person = [
        binding.owed
        for point, binding in contacts.opt_outs(program, until)
        if not binding.code
        and point in _contacts_at(person, binding.moment).reached(program, binding.moment)
        and not _has_asked_since(person, program, binding.owed, until, reopened_by)
    ]
    reached = contacts.reached(program, until, sent_to)
    told_of = ((point, bindings) for point in reached for bindings in contacts.of_address(point, program, until))
    of_address: list[Moment] = []
    in_doubt: list[Moment] = []
    for point, bindings in told_of:
        since = _bound_since(person, point, bindings, program, until, reopened_by)
        if since is not None:
            by = [one for one in bindings if one.is_out and one.owed == since]
            if stood_before(person, point, by, until):
                continue
            (in_doubt if had_before(person, point, by) else of_address).append(since)
    if not of_person and not of_address:
        by_number = _reached_since(person, program, until, reopened_by, reached)
        return own._replace(by_number=min(filter(None, (*in_doubt, by_number)), default=None))
    since = min(of_person + of_address)
    others, said = said_at(contacts, since, sent_to)
    change = Change(since, OPTED_OUT, None, None, lawful=True, is_elsewhere=True, others=others, by_last=said)
    return Standing(change, change, own.is_enrolled, of_contact=True, of_address=bool(of_address))


def _contacts_at(person: Customer, at: Moment) -> Contacts:
    """Return the contact points as they stood at a moment: an opt-out that reached the person then goes on."""
    return person.contacts if person.whole is None else standing(person.whole, at).contacts


def _reached_since(
    person: Customer, program: Program, until: Moment, reopened_by: Container[Act] | None, reached: Iterable[Point]
) -> Moment | None:
    """Return since when an opt-out under a number reaches a person without one, by an address; None: none does.

    The one who opted out may lift it, and this person, who had the address then, by asking with it.
    """
    if person.has_number:
        return None
    found = (
        _bound_since(person, point, bindings, program, until, reopened_by)
        for point in reached
        for bindings in person.contacts.by_number(point, program, until)
    )
    return min((since for since in found if since is not None), default=None)


def _bound_since(  # noqa: PLR0913, PLR0917 - who is bound by what, where, from when to when
    person: Customer,
    point: Point,
    bindings: Iterable[Binding],
    program: Program,
    until: Moment,
    reopened_by: Container[Act] | None,
) -> Moment | None:
    """Return the opt-out by which a contact point of this person is out of a program at a moment; None: it is not.

    To opt out twice starts no second grace, so this is the first one since it was lifted: by what stands on the list,
    or by what this person asked for with it, which may be on record already when an opt-out from before is told.
    All bindings are of the contact point itself, or owed to one person.
    """
    since: Moment | None = None
    code = ""
    lifted: Moment | None = None
    lifted_at: datetime | None = None
    for binding in bindings:
        if not binding.has_begun(until):
            continue
        code = binding.code
        if since is not None and _has_asked_since(person, program, since, binding.moment, reopened_by, point, code):
            since = None
        if not binding.is_out:
            since, lifted, lifted_at = None, since, binding.moment.at
        elif since is None:  # One that was lifted and put back at the same instant was never lifted.
            since = lifted if lifted and lifted_at == binding.moment.at else binding.owed
    if since is not None and _has_asked_since(person, program, since, until, reopened_by, point, code):
        return None
    return since


def _has_asked_since(  # noqa: PLR0913, PLR0917 - who asked for what, from when to when
    person: Customer,
    program: Program,
    opted_out: Moment,
    until: Moment,
    reopened_by: Container[Act] | None,
    point: Point | None = None,
    code: str = "",
) -> bool:
    """Return whether the person asked for a program after an opt-out, up to a moment.

    With a contact point: whether they asked with it, and may lift what binds it. With a code, that is owed to somebody.
    """
    contacts = person.contacts
    return any(
        point is None or (contacts.was_given(point, held.moment) and may_lift(person, point, held, opted_out, code))
        for held in asked_since(person, program, opted_out, until, reopened_by)
    )


def lifts_by_asking(
    person: Customer, program: Program, opted_out: Moment, reopened_by: Container[Act]
) -> Iterator[tuple[datetime, bool]]:
    """Yield when the person lifted an opt-out of their own by asking anew, and when they were out again, in order.

    They are out again once what lifted it was corrected as a wrong entry, unless they had asked otherwise by then.
    """
    ends: datetime | None = None
    for held in sorted(_asked_since(person, program, opted_out, LAST, reopened_by), key=by_moment):
        if ends is not None and ends < held.moment.at:
            yield ends, True
        if ends is None or ends < held.moment.at:
            yield held.moment.at, False
        told = person.corrections.told.get(person.corrections.fact_of(held.position))
        if not told:
            return
        ends = max(min(told).at, held.moment.at, ends or held.moment.at)
    if ends is not None:
        yield ends, True


def asked_since(
    person: Customer, program: Program, opted_out: Moment, until: Moment, reopened_by: Container[Act] | None
) -> Iterator[Held]:
    """Yield the collections that stand by which a person asked for a program after an opt-out, up to a moment."""
    return _asked_since(standing(person, until), program, opted_out, until, reopened_by)


def _asked_since(
    person: Customer, program: Program, opted_out: Moment, until: Moment, reopened_by: Container[Act] | None
) -> Iterator[Held]:
    for act in person.by_act:
        if reopened_by is not None and act not in reopened_by:
            continue
        for held in person.by_act[act]:
            if (
                opted_out < held.moment <= until
                and program in routes(held.act, held.categories, held.requests, held.unread)
                and not person.is_cancelled_order(held, until)
                and not person.was_told_before(held, opted_out)
            ):
                yield held


def may_lift(person: Customer, point: Point, held: Held, opted_out: Moment, code: str = "") -> bool:
    """Return whether this person may lift an opt-out of a contact point by a collection.

    They may if the contact point stood on their record when it was opted out and was not given up since, also where
    that record was erased and they came back; or if they were verified to have it: it answered, or its name was linked
    to them. What is owed there to somebody erased (`code`) takes a person who was verified.
    """
    contacts = standing(person, held.moment).contacts
    stood = not code and (point in contacts.held(opted_out) or held_before(contacts, point, held, opted_out))
    is_theirs = stood and not was_given_up(contacts.bound.get(point.key, ()), opted_out.at, held.moment)
    if is_theirs or is_linked_to(person, point, held):
        return True
    return any(True for _ in contacts.confirmations(point, held.moment))


def had_left(person: Customer, program: Program, until: Moment) -> bool:
    """Return whether the person, or a contact point of theirs, had ever left a program up to a moment."""
    person = standing(person, until)
    own = any(change.state == OPTED_OUT and change.moment <= until for change in person.counted(program, until))
    outs = person.contacts.opt_outs(program, until)
    return own or any(not stood_before(person, point, (one,), until) for point, one in outs)


def _own_standing(person: Customer, program: Program, until: Moment, lifting: _Lifting) -> Standing:
    changes = person.counted(program, until)
    end = bisect_right(changes, until, key=by_moment)
    latest = _opt_out_before(changes, end)
    if latest is None or _is_lifted(person, program, changes[latest:end], until, lifting):
        return Standing(_lawful_before(changes, end, lifting.reading))
    began = latest
    while (earlier := _opt_out_before(changes, began)) is not None:
        if _is_lifted(person, program, changes[earlier:began], changes[began].moment, lifting):
            break
        began = earlier
    before = Standing(_lawful_before(changes, began, lifting.reading))
    of_contact = all(one.of_contact for one in changes[began : latest + 1] if one.state == OPTED_OUT)
    return Standing(changes[latest], changes[began], before.is_enrolled, of_contact)


def _is_lifted(person: Customer, program: Program, changes: list[Change], until: Moment, lifting: _Lifting) -> bool:
    """Return whether an opt-out, the first of the changes, was lifted by a moment."""
    after = changes[0].moment
    if any(
        held.moment > after
        and (lifting.reopened_by is None or held.act in lifting.reopened_by)
        and not person.was_told_before(held, after)
        for change in islice(changes, 1, None)
        if change.state == ENROLLED and (change.lawful or change.is_lawful(lifting.reading))
        for held in map(person.by_position.get, change.relies_on)
        if held
    ):
        return True
    would_enroll = lifting.would_enroll
    asked = _asked_since(person, program, after, until, lifting.reopened_by) if would_enroll else ()
    return would_enroll is not None and any(would_enroll(person, program, held) for held in asked)


def _opt_out_before(changes: list[Change], end: int) -> int | None:
    """Return the index of the last opt-out before an index; every opt-out is lawful."""
    return next((index for index in range(end - 1, -1, -1) if changes[index].state == OPTED_OUT), None)


def _lawful_before(changes: list[Change], end: int, reading: Reading) -> Change | None:
    """Return the last lawful change before an index."""
    return next((changes[index] for index in range(end - 1, -1, -1) if changes[index].is_lawful(reading)), None)
