"""What every rule kind is: a frozen set of parameters, and pure questions that the judge puts to it.

A rule kind answers for the events that it `concerns`, looking only at what had happened by the event's own moment. Two
sorts of question: `breaches` is about the event as a whole; `forbids` is about one collection that a use, share or
message relies on, because permission follows the collection and not the value. What time alone decides, such as a
deadline, is for `settle` and `settle_company`. `is_tested` says whether an event put the promise to the test at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.events import Event, Moment
from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.policy.status import Status
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
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from domain.events.customer import DataShared
    from domain.policy.model import Policy
    from domain.records.company import Company, Registration
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held, Standing
    from domain.records.visitor import Visitor
    from domain.vocabulary import Role


class Breach(NamedTuple):
    """What speaks against an event under a promise: a stable code, and the facts (`source id`) that show it.

    `status` is broken; or indeterminate, where the record cannot decide; or open, where a later fact still can.
    """

    code: str
    events: tuple[str, ...] = ()
    about: Past | None = None
    """An earlier fact that this event shows to have been the breach; None: the event itself is."""
    status: Status = Status.BROKEN


class Past(NamedTuple):
    """A fact of the past, with its moment."""

    name: str
    moment: Moment


class Settled(NamedTuple):
    """What time has decided of a promise, or still can: `event` is the fact that set it, `at` when it is due or broke.

    `remedied` names the fact that set a breach right, after it had been one.
    """

    status: Status
    event: str
    at: datetime
    code: str = ""
    events: tuple[str, ...] = ()
    remedied: str | None = None


class Case(NamedTuple):
    """What is judged: an event, and whose it is and the company so far, under a policy.

    `reading` is the one by which it is told who is enrolled and who has left: the harmonised one decides that, and the
    permissive one adds what it permits. The strict one takes each clause alone, so that what another clause makes of an
    enrollment is nothing to it.
    """

    policy: Policy
    reading: Reading
    customer: Customer
    """The person; for an event of the company or of a browser, a record on which nothing is."""
    company: Company
    event: Event
    moment: Moment
    reopening: Mapping[Program, frozenset[Act]]
    """For each program whose opt-outs are permanent, the acts by which a person opens it again."""
    visitor: Visitor | None = None
    """The browser, for an event of one."""

    def standing(self, program: Program) -> Standing:
        """Give what the person is owed in a program at the event's moment."""
        return self.customer.standing(program, self.moment, self.reopening.get(program), self.reading)

    def cited(self) -> Iterator[Held]:
        """Give the collections on which the event relies."""
        names: tuple[str, ...] = getattr(self.event, "relies_on", ())
        return (held for name in names if (held := self.customer.by_name.get(name)))


class Rule(BaseModel):
    """A rule kind; its fields are the parameters that a policy file gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concerns: ClassVar[frozenset[type[Event]]] = frozenset()
    at_append: ClassVar[bool] = True
    """Whether an event is judged when it is appended; else only audits do, when the company's record is whole."""
    measures_time: ClassVar[bool] = False
    """Whether it matters how long before an event another of the person's own happened, and not only that it did."""
    by_position: ClassVar[bool] = False
    """Whether events are judged in the order of the log, and not of time."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Give what speaks against the event."""
        del case
        return iter(())

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Give what speaks against relying on this collection."""
        del case, held
        return iter(())

    def is_tested(self, case: Case) -> bool:
        """Tell whether an event that it concerns puts the promise to the test; a breach always does."""
        del case
        return True

    def reopening(self) -> Mapping[Program, frozenset[Act]]:
        """Give the programs that an opt-out closes for good under this promise, with the acts that open them again."""
        return {}

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Give what time decides about a person."""
        del policy, customer, as_of
        return iter(())

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Give what time decides about the company."""
        del policy, company, as_of
        return iter(())


def used_categories(event: Event) -> tuple[str, ...]:
    """Give the categories that a use, share or message makes use of: a message uses the address of its channel."""
    if isinstance(event, MessageSent):
        return (CONTACT_OF_CHANNEL[event.channel],)
    return event.categories if isinstance(event, DataUsed) else ()


def marketing_program(event: MessageSent) -> Program | None:
    """Give the program that a message belongs to: its channel's if it is direct marketing, or else the named one."""
    return PROGRAM_OF_CHANNEL[event.channel] if event.purpose == DIRECT_MARKETING else event.program


def program_of(event: Event) -> Program | None:
    """Give the program into which an event enrolls, or in which it is a message."""
    if isinstance(event, CustomerEnrolled):
        return event.program
    return marketing_program(event) if isinstance(event, MessageSent) else None


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


def is_needed(case: Case, event: DataShared, recipient: Registration, roles: Iterable[Role]) -> bool:
    """Tell whether a recipient's registration and these roles of it both cover all that a share gives it."""
    of_roles = [category for role in roles for category in case.policy.roles.get(role, ())]
    return within(event.categories, recipient.categories) and within(event.categories, of_roles)


def is_known_only_by(case: Case, act: Act, contact: str) -> bool:
    """Tell whether a contact of the person is known, and from nothing but collections of this act."""
    customer = case.customer
    acts = [
        one
        for one in customer.by_act
        if any(holds(held.categories, contact) for held in customer.collections_of(one, case.moment))
    ]
    return acts == [act]


def enrolled_by(case: Case) -> list[Held]:
    """Give the collections on which the enrollment rests that a message in a program relies on."""
    event = case.event
    program = marketing_program(event) if isinstance(event, MessageSent) else None
    change = case.customer.subscription(program, case.moment) if program else None
    names = change.relies_on if change else ()
    return [held for name in names if (held := case.customer.by_name.get(name))]


def want_of_offer(case: Case, purpose: str, seconds: int | None = None) -> Iterator[Breach]:
    """Give what speaks against a purpose that needs an offer to opt out: that none stood long enough, an objection.

    How long is enough: so many seconds, or what the policy sets for unrelated purposes.
    """
    rights, now = case.customer.rights, case.moment
    stood = timedelta(seconds=case.policy.parameters.unrelated_offer_seconds if seconds is None else seconds)
    offers = [one for one in rights.offers.get(purpose, ()) if one.moment <= now]
    if not any(now.at - one.moment.at >= stood for one in offers):
        yield Breach("no_offer", tuple(one.name for one in offers))
    objections = tuple(one.name for one in rights.objections.get(purpose, ()) if one.moment <= now)
    if objections:
        yield Breach("objected", objections)


def was_offered(case: Case, purpose: str) -> bool:
    """Tell whether the person had been offered an opt-out from a purpose, long enough before, and had not objected."""
    return not any(want_of_offer(case, purpose))


def later(at: datetime, seconds: int) -> datetime:
    """Give the time so many seconds after another, or the last time that there is."""
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def grace_ends(policy: Policy, program: Program, opt_out: Change) -> datetime:
    """Give the time from which a message of a program breaks an opt-out from it."""
    seconds = {
        Program.EMAIL_MARKETING: policy.parameters.opt_out_grace_seconds,
        Program.PHYSICAL_MAILINGS: policy.parameters.postal_opt_out_grace_seconds,
    }[program]
    return later(opt_out.moment.at, seconds)


def is_in_grace(case: Case, program: Program, standing: Standing) -> bool:
    """Tell whether the person is opted out of a program, and the grace of that opt-out still runs."""
    opted_out = standing.opted_out
    return opted_out is not None and case.moment.at < grace_ends(case.policy, program, opted_out)
