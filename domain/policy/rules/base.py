"""What every rule kind is: a frozen set of parameters, and pure questions that the judge puts to it.

A rule kind answers for the events that it `concerns`, looking only at what had happened by the event's own moment. Two
sorts of question: `breaches` is about the event as a whole; `forbids` is about one collection that a use, share or
message relies on, because permission follows the collection and not the value.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.events import Event, Moment
from domain.events.customer import DataUsed, MessageSent
from domain.vocabulary import (
    ADDRESS,
    CONTACT_OF_CHANNEL,
    DIRECT_MARKETING,
    EMAIL,
    PROGRAM_OF_CHANNEL,
    Act,
    Program,
    Reading,
    holds,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from domain.company import Company
    from domain.customer import Change, Customer, Held, Standing
    from domain.policy.model import Policy


class Breach(NamedTuple):
    """A promise broken: a stable code, and the facts (`source id`) that show it."""

    code: str
    events: tuple[str, ...] = ()


class Open(NamedTuple):
    """A deadline that still runs at the time asked about: which fact set it, and when it ends."""

    event: str
    due: datetime


class Case(NamedTuple):
    """What is judged: an event, the person and the company so far, under a policy and a reading."""

    policy: Policy
    reading: Reading
    customer: Customer
    company: Company
    event: Event
    moment: Moment
    reopening: Mapping[Program, frozenset[Act]]
    """For each program whose opt-outs are permanent, the acts by which a person opens it again."""

    def standing(self, program: Program) -> Standing:
        """Give what the person is owed in a program at the event's moment."""
        return self.customer.standing(program, self.moment, self.reopening.get(program))


class Rule(BaseModel):
    """A rule kind; its fields are the parameters that a policy file gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concerns: ClassVar[frozenset[type[Event]]] = frozenset()

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Give each way in which the event breaks the promise."""
        del case
        return iter(())

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Give each way in which relying on this collection breaks the promise."""
        del case, held
        return iter(())

    def reopening(self) -> Mapping[Program, frozenset[Act]]:
        """Give the programs that an opt-out closes for good under this promise, with the acts that open them again."""
        return {}

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Open]:
        """Give the deadlines of this promise that still run at a time."""
        del policy, customer, as_of
        return iter(())


def used_categories(event: Event) -> tuple[str, ...]:
    """Give the categories that a use, share or message makes use of: a message uses the address of its channel."""
    if isinstance(event, MessageSent):
        return (CONTACT_OF_CHANNEL[event.channel],)
    return event.categories if isinstance(event, DataUsed) else ()


def marketing_program(event: MessageSent) -> Program | None:
    """Give the program that a message belongs to: its channel's if it is direct marketing, or else the named one."""
    return PROGRAM_OF_CHANNEL[event.channel] if event.purpose == DIRECT_MARKETING else event.program


def marketed_programs(event: DataUsed) -> tuple[tuple[Program, ...], bool]:
    """Give the programs whose enrollment a use or share for direct marketing needs, and whether it needs all of them.

    The contact that it uses decides; without a contact among its categories, either program will do.
    """
    needed = tuple(
        program
        for program, contact in ((Program.EMAIL_MARKETING, EMAIL), (Program.PHYSICAL_MAILINGS, ADDRESS))
        if holds(event.categories, contact)
    )
    return (needed, True) if needed else (tuple(Program), False)


def is_for(case: Case, held: Held) -> bool:
    """Tell whether a use, share or message is for the very order or thread of a collection that it relies on.

    The reference that it names decides; a message never names one, and without one it is for what it relies on.
    """
    reference = case.event.reference_code if isinstance(case.event, DataUsed) else None
    return reference is None or case.customer.stands_for(reference) == held.reference


def grace_ends(policy: Policy, program: Program, opt_out: Change) -> datetime:
    """Give the time from which a message of a program breaks an opt-out from it."""
    seconds = {
        Program.EMAIL_MARKETING: policy.parameters.opt_out_grace_seconds,
        Program.PHYSICAL_MAILINGS: policy.parameters.postal_opt_out_grace_seconds,
    }[program]
    return opt_out.moment.at + timedelta(seconds=seconds)


def is_in_grace(case: Case, program: Program, standing: Standing) -> bool:
    """Tell whether the person is opted out of a program, and the grace of that opt-out still runs."""
    opted_out = standing.opted_out
    return opted_out is not None and case.moment.at < grace_ends(case.policy, program, opted_out)
