"""Messages that were told under a contact point: nobody says which person they went to.

Such a message is judged by all people on whose records the contact point stood (wire contract, "What a use, share or
message relies on"). Where they differ, nothing vouches for either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.customer import MessageSent
from domain.policy.status import Status
from domain.records.objections import objected_to
from domain.rules.common.base import Breach, OfHolders
from domain.rules.common.particulars import particulars
from domain.rules.common.programs import is_in_grace, marketing_program
from domain.vocabulary import HOLDERS_MOST, Channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Event
    from domain.moments import Moment
    from domain.records.contacts import Point
    from domain.records.customer import Customer
    from domain.rules.common.base import Case, Rule
    from domain.vocabulary import Program

HOLDERS_DIFFER: Final = "holders_differ"
"""The code of what cannot be decided, since the people who have an address are owed different things."""

SENT_ELSEWHERE: Final = "sent_elsewhere"
"""The code of what cannot be decided, since the message went to an address that was not on the person's record."""


ADDRESS_TOLD_LATER: Final = "address_told_later"
"""The code of what cannot be decided, since another address than was known then turned out to have been current."""

_OF_ANOTHER: Final = frozenset({"because", "categories", "corrected_at", "opted_out_at", "program", "told_later"})
"""The particulars that are told of another person who has the address of a message."""


def breaches_of(case: Case, rule: Rule) -> Iterable[Breach]:
    """Return what a rule finds wrong with an event, also where a message could be for several people."""
    event = case.event
    program = marketing_program(event) if isinstance(event, MessageSent) else None
    if case.sent_then is not None:
        is_asked = rule.asks_address or rule.of_holders is OfHolders.OBJECTION or (program and rule.of_holders)
        return _to_either(case, rule) if is_asked else rule.breaches(case)
    if rule.of_holders is OfHolders.OBJECTION:
        own = list(rule.breaches(case))
        is_doubtful = not own and rule.is_tested(case) and _is_objected_to(case)
        return (_differ(case),) if is_doubtful else own
    if rule.of_holders is OfHolders.VALUE:
        return _of_value(case, rule)
    if program is None or rule.of_holders is None:
        return rule.breaches(case)
    if not case.holders:
        own = list(rule.breaches(case))
        is_doubtful = not own and _went_elsewhere(case) and rule.is_tested(case)
        return (_sent_elsewhere(event),) if is_doubtful else own
    if len(case.holders) > HOLDERS_MOST:
        return _of_everybody(case, rule, program)
    if rule.of_holders is OfHolders.PEACE and (bound := _of_bound(case, rule, program)):
        return bound
    cases = _each(case)
    found = [list(rule.breaches(one)) for one in cases]
    if rule.of_holders is OfHolders.PEACE:
        is_known = all(found) or not any(_is_enrolled(one, program) for one in cases)
        found = found if any(found) else []
    else:
        is_bound = case.altered(holders=()).standing(program).of_address
        is_known = not is_bound and not any(_is_owed(one, program) for one in cases)
        found = found if all(found) or not is_known else []
    if is_known or not found:
        return dict.fromkeys(_elsewhere(case, cases, found))
    return (_differ(case),)


def _of_value(case: Case, rule: Rule) -> Iterable[Breach]:
    """Return what is wrong with a message to an address that some people have, or had before it was corrected."""
    if not case.holders:
        return rule.breaches(case)
    if len(case.holders) > HOLDERS_MOST:
        return (_differ(case),)
    cases = _each(case)
    found = [list(rule.breaches(one)) for one in cases]
    if all(found):
        return dict.fromkeys(_elsewhere(case, cases, found))
    return (_differ(case),) if any(found) else ()


def _to_either(case: Case, rule: Rule) -> Iterable[Breach]:
    """Return what is wrong with a message to whichever of two addresses it went; else nobody knows whether anything is.

    One was current as far as was known when it was told, the other is by all that is known now.
    """
    then = case.altered(sent_to=case.sent_then, sent_then=None)
    found = [list(rule.breaches(one)) for one in (case, then)]
    if all(any(one.status is Status.BROKEN for one in breaches) for breaches in found):
        return found[0]
    if any(found) or rule.is_tested(case) or rule.is_tested(then):
        known = particulars(channel=case.event.channel if isinstance(case.event, MessageSent) else None)
        return (Breach(ADDRESS_TOLD_LATER, status=Status.INDETERMINATE, particulars=known),)
    return ()


def _differ(case: Case) -> Breach:
    """Return that the people who have an address are owed different things."""
    return Breach(HOLDERS_DIFFER, status=Status.INDETERMINATE, particulars=particulars(people=len(case.holders)))


def _sent_elsewhere(event: Event) -> Breach:
    known = particulars(channel=event.channel if isinstance(event, MessageSent) else None)
    return Breach(SENT_ELSEWHERE, status=Status.INDETERMINATE, particulars=known)


def _went_elsewhere(case: Case) -> bool:
    """Return whether a message to a person went to an address that is on no record of theirs."""
    is_by_address = isinstance(case.event, MessageSent) and case.event.by_address
    if case.sent_to is None or is_by_address:
        return False
    return case.sent_to not in case.customer.contacts.held(case.moment)


def _of_everybody(case: Case, rule: Rule, program: Program) -> Iterable[Breach]:
    """Return what is wrong with a message to an address of more people than can be asked: that it is bound itself."""
    if rule.of_holders is OfHolders.PEACE and (bound := _of_bound(case, rule, program)):
        return bound
    return (_differ(case),)


def _of_bound(case: Case, rule: Rule, program: Program) -> Sequence[Breach]:
    """Return what is wrong with a message to an address that is bound itself, on any record.

    What an erased person is owed binds nobody who had the address before: to whom of them it went is not known.
    """
    if case.sent_to is None or not case.customer.contacts.bound.get(case.sent_to.key):
        return ()
    alone = case.altered(holders=())
    found = list(rule.breaches(alone)) if alone.standing(program).of_address else []
    return (_differ(case),) if found and any(_is_in(one, program) for one in _each(case)) else found


def _is_objected_to(case: Case) -> bool:
    """Return whether a message is for an unrelated purpose that somebody else who has its address objects to."""
    event = case.event
    if not isinstance(event, MessageSent) or not case.company.is_unrelated(event.purpose, case.moment):
        return False
    if len(case.holders) > HOLDERS_MOST:
        return True
    return any(objected_to(one, event.purpose, case.moment) for one in case.holders)


def is_tested(case: Case, rule: Rule) -> bool:
    """Return whether an event tests a promise, also where a message could be for several people."""
    if not case.holders or rule.of_holders in {None, OfHolders.OBJECTION}:
        return rule.is_tested(case)
    if len(case.holders) > HOLDERS_MOST:
        return True
    return any(map(rule.is_tested, _each(case)))


def _each(case: Case) -> list[Case]:
    """Return the case of each person. A contact point's own stream is nobody's unless it was linked, or gave values."""
    own = case.customer
    people = [*case.holders, own] if len(own.streams) > 1 or own.by_position else case.holders
    return [_case_of(case, one) for one in people]


def _case_of(case: Case, person: Customer) -> Case:
    """Return the case of one of the people, with the contact point by the key that it has on their record."""
    sent_to = person.contacts.own(case.sent_to) if case.sent_to else None
    return case.altered(customer=person, holders=(), sent_to=sent_to)


def _is_owed(case: Case, program: Program) -> bool:
    standing = case.standing(program)
    return standing.opted_out is not None and not is_in_grace(case, program, standing)


def _is_in(case: Case, program: Program) -> bool:
    """Return whether a person is known to be enrolled: nobody who may be theirs has left."""
    return _is_enrolled(case, program) and case.standing(program).by_number is None


def _is_enrolled(case: Case, program: Program) -> bool:
    standing = case.standing(program)
    return standing.is_enrolled and standing.opted_out is None


def _elsewhere(case: Case, cases: Sequence[Case], found: Sequence[Sequence[Breach]]) -> Iterable[Breach]:
    """Return the breaches with the events of the message's own person alone: others' are named by nothing but time.

    Those of others come in an order of their own, since in which order records came to hold an address says nothing.
    """
    each = list(zip(cases, found, strict=False))
    others = [_of_another(breach) for one, own in each if one.customer is not case.customer for breach in own]
    yield from sorted(others, key=lambda breach: (breach.code, str(breach.particulars)))
    yield from (breach for one, own in each if one.customer is case.customer for breach in own)


def _of_another(breach: Breach) -> Breach:
    """Return a breach that rests on another person's record: of what shows it only the time is told."""
    known = tuple((name, value) for name, value in breach.particulars if name in _OF_ANOTHER)
    return breach._replace(events=(), particulars=known, others=(*breach.others, *breach.events))


def sent_then_to(customer: Customer, event: MessageSent, moment: Moment) -> Point | None:
    """Return to which address a message went as was known when it was told, where another is current by now."""
    if event.contact is not None or event.channel is not Channel.EMAIL:
        return None
    own = event.originator_id
    linked = {stream: customer.joins.told_at(own, stream) for stream in customer.linked if stream != own}
    return customer.contacts.current_as_told("email", moment, linked)
