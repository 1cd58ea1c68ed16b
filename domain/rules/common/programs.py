"""What rule kinds share about programs: which program an event belongs to, and the grace of an opt-out.

The judge uses it, and `opt_out_honoured`, `opt_out_permanent`, `routes_limited`, `confirmed_first` and
`purposes_limited`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.policy.status import Status
from domain.records.contacts import KIND_OF_PROGRAM
from domain.rules.common.base import Breach, later
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import told
from domain.vocabulary import ADDRESS, DIRECT_MARKETING, EMAIL, PROGRAM_OF_CHANNEL, Program, holds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.events import Event
    from domain.moments import Moment
    from domain.policy.model import Policy
    from domain.records.entries import Change, Standing
    from domain.rules.common.base import Case
    from domain.rules.common.particulars import Particulars

OUT_BY_NUMBER: Final = "out_by_number"
"""The code of what cannot be decided, since somebody with the same address opted out, who may be this person."""

SET_ASIDE: Final = "entry_set_aside"
"""The code of what cannot be decided, since something told of the person is kept as that of somebody erased."""


def marketing_program(event: MessageSent) -> Program | None:
    """Return the program of a message: that of its channel if it is direct marketing, else the program it names."""
    values = event.__dict__  # Asked several times about every message: the shorter way to its fields.
    program: Program | None = values["program"]
    return PROGRAM_OF_CHANNEL[values["channel"]] if values["purpose"] == DIRECT_MARKETING else program


def program_of(event: Event) -> Program | None:
    """Return the program into which an event enrolls, or of which it is a message."""
    if type(event) is CustomerEnrolled:
        return event.program
    return marketing_program(event) if type(event) is MessageSent else None


def marketed_programs(event: DataUsed) -> tuple[tuple[Program, ...], bool]:
    """Return the programs whose enrollment a use or share for direct marketing needs, and whether it needs all of them.

    The contact that it uses decides. Without a contact among its categories, either program will do.
    """
    needed = tuple(
        program
        for program, contact in ((Program.EMAIL_MARKETING, EMAIL), (Program.PHYSICAL_MAILINGS, ADDRESS))
        if holds(event.categories, contact)
    )
    return (needed, True) if needed else (tuple(Program), False)


def grace_ends(policy: Policy, program: Program, opt_out: Change) -> datetime:
    """Return the time from which a message of a program breaks an opt-out."""
    return grace_of(policy, program, opt_out.since.at)


def grace_of(policy: Policy, program: Program, opted_out: datetime) -> datetime:
    """Return until when a message of a program may still follow an opt-out of this time."""
    seconds = {
        Program.EMAIL_MARKETING: policy.parameters.opt_out_grace_seconds,
        Program.PHYSICAL_MAILINGS: policy.parameters.postal_opt_out_grace_seconds,
    }[program]
    return later(opted_out, seconds)


def is_in_grace(case: Case, program: Program, standing: Standing) -> bool:
    """Return whether the person has left a program, and the grace of that opt-out still runs."""
    opted_out = standing.opted_out
    return opted_out is not None and case.moment.at < grace_ends(case.policy, program, opted_out)


def may_be_anothers(case: Case, program: Program, standing: Standing) -> Iterator[Breach]:
    """Yield that an event cannot be judged where somebody is out whose address this person holds, or may hold."""
    since = standing.by_number
    is_message = isinstance(case.event, MessageSent)
    is_in_grace_of_it = since is not None and is_message and case.moment.at < grace_of(case.policy, program, since.at)
    is_theirs = standing.opted_out is not None and is_message  # A mail breaks the opt-out of their own.
    if since is not None and not is_in_grace_of_it and not is_theirs:
        yield out_by_number(case, program, since)
    elif not is_theirs and is_address_forgotten(case, program):
        yield set_aside(case)


def is_address_forgotten(case: Case, program: Program) -> bool:
    """Return whether a message went where an entry says that is kept as an erased person's: nobody knows what binds it.

    A postal opt-out binds whatever address the person ever had; one by e-mail, the address that was given last.
    """
    event, customer = case.event, case.customer
    if not customer.set_aside or not isinstance(event, MessageSent):
        return False
    kind = KIND_OF_PROGRAM[program]
    if kind is None:
        return was_set_aside(case)
    if event.contact is not None:
        return False
    latest = max((one for one in customer.set_aside if one <= case.moment), default=None)
    contacts = customer.contacts
    current = contacts.current(kind, case.moment)
    given = contacts.last_given(current, case.moment) if current else None
    return latest is not None and (given is None or given < latest)


def out_by_number(case: Case, program: Program, since: Moment) -> Breach:
    """Return that nobody knows whether somebody is out who has the same address as one who opted out."""
    known = (*particulars(program=program, opted_out_at=since), *told(case, since, is_elsewhere=True))
    return Breach(OUT_BY_NUMBER, status=Status.INDETERMINATE, particulars=known)


def of_grace(case: Case, program: Program, opted_out: Change) -> Particulars:
    """Return until when a message might still follow an opt-out; nothing where the policy allows none."""
    ends = grace_ends(case.policy, program, opted_out)
    return particulars(grace_until=ends if ends > opted_out.since.at else None)


def set_aside(case: Case) -> Breach:
    """Return that something told of the person, which is kept as that of somebody erased, may permit an event."""
    latest = max((one for one in case.customer.set_aside if one <= case.moment), default=None)
    return Breach(SET_ASIDE, status=Status.INDETERMINATE, particulars=particulars(set_aside_at=latest))


def was_set_aside(case: Case, since: Change | None = None) -> bool:
    """Return whether something told of the person, after a change if one is given, is kept as an erased person's."""
    known = case.customer.set_aside
    return any(one <= case.moment and (since is None or since.moment < one) for one in known)
