"""A person, as the fold of their events.

`evolve` folds one event and does nothing else; an event that it does not know raises `TypeError`. It changes the record
that it is given, which keeps the cost of one event independent of how many came before. Events may be folded in any
order of their times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events import Event, customer as events, deletions, links
from domain.events.brought_along import is_brought_along
from domain.events.suppressions import EntrySetAside, SuppressionOwed, SuppressionRecalled
from domain.moments import Moment
from domain.records.contacts import Named
from domain.records.corrections import CORRECTING
from domain.records.entries import ENDED, ENROLLED, OPTED_OUT, Change, Given, Held, place
from domain.vocabulary import CONTACT, Program, Reading, holds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.records.customer import Customer


def evolve(  # noqa: C901, PLR0912, PLR0915 - one case an event is what a fold is
    state: Customer,
    event: Event,
    broken_under: frozenset[Reading] | None = None,
    joined: Iterable[Customer] = (),
) -> Customer:
    """Fold one event into the state of the person whose stream it is on.

    `joined` are the records of the streams that a link makes the same person's: what they hold is held here from then
    on. The keeper of the records lets the other streams lead to this one.
    `broken_under` is for audits, which judge anew: the readings under which the event breaks a promise. Else its own
    findings say whether it does under the harmonised one.
    """
    stream, moment = event.originator_id, event.moment
    state.streams[stream] = event.originator_version
    state.protections.note(event)
    if event.part or type(event) in CORRECTING:
        state.corrections.note(event)
    if not event.part or state.opened_by is not None:
        _note_time(state, event)
    values = event.__dict__
    if (values.get("contacts") or values.get("opened_as")) and isinstance(event, events.CustomerEvent):
        state.name(event)
    match event:  # Most events are of the first three kinds.
        case events.DataUsed():
            if isinstance(event, events.DataShared) and holds(event.categories, CONTACT):
                place(state.given, Given(moment, event.recipient, event.categories))
        case events.MessageSent():
            if event.by_address and event.contact is not None:
                state.contacts.mailed.add((stream, event.contact))
        case events.DataCollected():
            state.hold(_held(state, event))
        case events.OrderCancelled():
            state.cancel(state.stands_for(event.reference_code), (moment,), stream)
        case events.CustomerEnrolled():
            place(state.programs[event.program], _enrolled(state, event, broken_under))
        case events.CustomerOptedOut():
            change = Change(moment, OPTED_OUT, None, None, lawful=True, via=event.via, is_told=not event.follows)
            place(state.programs[event.program], change._replace(stream=stream))
        case events.EnrollmentEnded():
            is_told = not event.follows or bool(event.bound)
            change = Change(moment, ENDED, None, event.reference_code, lawful=True, is_told=is_told, stream=stream)
            place(state.programs[event.program], change)
        case SuppressionRecalled(program=Program() as program) | SuppressionOwed(program=Program() as program):
            place(state.programs[program], _out_still(event))
        case EntrySetAside():
            state.set_aside.append(moment)
        case links.CustomersLinked():
            state.link(event, joined)
        case links.CustomersUnlinked():
            _part(state, event)
        case links.LinkRejected():
            state.apart.settle_all(event.others, moment)
        case links.NameEnded(led_here=True):
            state.names_ended[stream] = min(moment.at, state.names_ended.get(stream, moment.at))
        case links.ContactConfirmed():
            state.contacts.confirm(Named(moment, stream, event.contact))
        case events.CustomerErased():
            _erase(state, event)
        case deletions.DataDeleted():
            state.wait(event)
        case events.CustomerEvent():
            _note_right(state, event)
        case _:
            message = f"{type(event).__name__} is not an event of a customer"
            raise TypeError(message)
    return state


def _note_time(state: Customer, event: Event) -> None:
    """Put on record when a fact happened: its own event says it, and not what it brought along for a new record."""
    if not event.part:
        state.opened_by = event.fact_position
    if event.fact_position != state.opened_by or is_brought_along(event):
        return
    state.opened_by = None
    if state.last_told is None or event.moment.at > state.last_told:
        state.last_told = event.moment.at


def _out_still(event: SuppressionRecalled | SuppressionOwed) -> Change:
    """Return the change that an opt-out is which was said of somebody erased, or once of this person."""
    out = Change(event.moment, OPTED_OUT, None, None, lawful=True, stream=event.originator_id)
    if isinstance(event, SuppressionOwed):
        return out._replace(said=event.moment)
    out = out._replace(comes_from=event.comes_from or 0, said=event.said, learned=event.told_at)
    out = out._replace(of_contact=bool(event.of_contact))
    return out if event.owed_since is None else out._replace(by_last=event.moment._replace(at=event.owed_since))


def _erase(state: Customer, event: events.CustomerErased) -> None:
    state.erased, state.is_late = True, event.is_late
    state.erased_by, state.erased_at = event.moment.position, event.occurred_at
    state.erased_for = event.request_code
    state.apart.left_out.update(event.elsewhere)
    state.asked_under_another |= bool(event.was_asked)


def _part(state: Customer, event: links.CustomersUnlinked) -> None:
    """Let streams of other people be theirs. The keeper of the records folds the person anew without them."""
    state.unify_all(event.same_codes)
    if not event.by_erasure:
        state.apart.settle_all(event.others, event.moment)
    state.joins.part(event)
    state.asked_under_another |= bool(event.was_asked)
    for past, told in zip(event.answers, event.answered_by, strict=True):
        code = state.stands_for(past.request_code) if past.request_code else ""
        state.rights.note_past(code, past, Moment(past.at, past.turn, told), event.originator_id)


def _held(state: Customer, event: events.DataCollected) -> Held:
    code, alike = state.stands_for(event.reference_code), event.alike_code or ""
    where = event.online, event.collection_point, bool(event.withheld), alike
    held = Held(event.moment, event.act, code, event.categories, event.requests, *where)
    before = tuple((event.originator_id, one) for one in event.held_before)
    return held._replace(stream=event.originator_id, unread=event.unread, held_before=before)


def _note_right(state: Customer, event: events.CustomerEvent) -> None:
    request: str | None = getattr(event, "request_code", None)
    state.rights.note(event, "" if request is None else state.stands_for(request))


def _enrolled(state: Customer, event: events.CustomerEnrolled, broken_under: frozenset[Reading] | None) -> Change:
    """Return the change that an enrollment is, with the readings under which it broke a promise."""
    if broken_under is None:
        is_broken = any(found.is_breach for found in event.findings)
        broken_under = frozenset((Reading.HARMONISED,)) if is_broken else frozenset()
    lawful = Reading.HARMONISED not in broken_under
    cites = event.reference_code and state.stands_for(event.reference_code)
    change = Change(event.moment, ENROLLED, event.cause, cites, lawful, event.relies_on)
    return change._replace(broken_under=broken_under, is_told=not event.follows, stream=event.originator_id)
