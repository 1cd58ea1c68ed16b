"""What rule kinds share about grounds: the collections that an event relies on, and what they may serve.

The judge uses it, and `purposes_limited`, `recipients_limited`, `set_apart`, `offer_first`, `current_value` and
`aggregates_only`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.rules.common.base import Breach, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.programs import marketing_program, program_of
from domain.vocabulary import (
    CONTACT_OF_PROGRAM,
    DIRECT_MARKETING,
    LAWFUL_USES,
    LEGAL_OBLIGATION,
    PURPOSE_OF_ACT,
    Act,
    Reading,
    holds,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from domain.events.customer import DataShared
    from domain.records.company import Registration
    from domain.records.entries import Change, Held
    from domain.rules.common.base import Case
    from domain.vocabulary import Role

PURPOSE_REASONS: Final[Mapping[str, str]] = {
    "other_reference": "It is for another reference than the collection that it relies on.",
    "purpose_not_allowed": "The collection that it relies on does not allow this purpose.",
}
SET_APART_REASONS: Final[Mapping[str, str]] = {
    "enrolled_by_set_apart_contact": "The address is known only from a collection that must not be used for this.",
    "mailed_by_set_apart_contact": "The address is known only from a collection that must not be used for this.",
}


def enrolled_by(case: Case) -> Sequence[Held]:
    """Return the collections behind the enrollment that a message in a program relies on."""
    return case.once(_enrolled_by)


def _enrolled_by(case: Case) -> Sequence[Held]:
    event = case.event
    program = marketing_program(event) if isinstance(event, MessageSent) else None
    change = case.customer.enrollment(program, case.moment) if program else None
    positions = change.relies_on if change else ()
    return tuple(held for one in positions if (held := case.customer.by_position.get(one)))


def enrollments(case: Case) -> list[Change]:
    """Return the enrollments that a message in a program relies on."""
    event = case.event
    program = marketing_program(event) if isinstance(event, MessageSent) else None
    relies_on: tuple[int, ...] = getattr(event, "relies_on", ())
    changes = case.customer.programs.get(program, ()) if program else ()
    return [one for one in changes if one.position in relies_on]


def grounds_of(case: Case) -> Sequence[Held]:
    """Return the collections that an event relies on, itself or by its enrollment."""
    return case.once(_grounds_of)


def _grounds_of(case: Case) -> Sequence[Held]:
    return (*case.cited(), *enrolled_by(case))


def is_allowed_for_an_act(case: Case, purpose: str) -> bool:
    """Return whether the policy allows a purpose for data of any act."""
    policy = case.policy
    rules = (promise.under(Reading.HARMONISED) for promise in policy.promises)
    lists = (rule.served() for rule in rules if isinstance(rule, Rule))
    of_acts = {DIRECT_MARKETING, LEGAL_OBLIGATION, *LAWFUL_USES, *PURPOSE_OF_ACT.values()}
    return purpose in of_acts or any(name is not None and purpose in policy.purposes[name] for name in lists)


def latest_of(case: Case, act: Act) -> tuple[int, ...]:
    """Return the position of the latest collection of an act, if there is one."""
    held = next(case.customer.collections_of(act, case.moment), None)
    return (held.position,) if held else ()


def is_for(case: Case, held: Held) -> bool:
    """Return whether a use, share or message is for the very order or thread of a collection that it relies on.

    The reference that it names decides. Without one it is for what it relies on; a message never names one.
    """
    reference = case.event.reference_code if isinstance(case.event, DataUsed) else None
    return reference is None or case.customer.stands_for(reference) == held.reference


def is_needed(case: Case, event: DataShared, recipient: Registration, roles: Iterable[Role]) -> bool:
    """Return whether a recipient's registration and these roles of it both cover all that a share gives it."""
    of_roles = [category for role in roles for category in case.policy.roles.get(role, ())]
    return within(event.categories, recipient.categories) and within(event.categories, of_roles)


def set_apart_contact(case: Case, act: Act) -> Iterator[Breach]:
    """Return the breach of an enrollment or message in a program whose contact is known from this act alone."""
    program = program_of(case.event)
    if program and _is_known_only_by(case, act, CONTACT_OF_PROGRAM[program]):
        enrolls = isinstance(case.event, CustomerEnrolled)
        code = "enrolled_by_set_apart_contact" if enrolls else "mailed_by_set_apart_contact"
        known = particulars(program=program, only_act=act, categories=(CONTACT_OF_PROGRAM[program],))
        yield Breach(code, latest_of(case, act), particulars=known)


def _is_known_only_by(case: Case, act: Act, contact: str) -> bool:
    customer = case.customer
    acts = [
        one
        for one in customer.by_act
        if any(holds(held.categories, contact) for held in customer.collections_of(one, case.moment))
    ]
    return acts == [act]
