"""Asking for a program anew: whether a collection would enroll its person if nobody else's opt-out stood against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.events.customer import CustomerEnrolled
from domain.records.company import Company
from domain.routes import routes

if TYPE_CHECKING:
    from domain.policy.model import Policy
    from domain.records.customer import Customer
    from domain.records.entries import Held
    from domain.vocabulary import Program

NOBODYS: Final = Company(UUID(int=0))
"""An empty record of the company: no rule about enrollments asks it."""


def enrollment_by(policy: Policy, program: Program, held: Held) -> CustomerEnrolled | None:
    """Return the enrollment that follows from a collection where nothing stands against it; None: it opens nothing."""
    cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
    if cause is None or held.withheld:
        return None
    return CustomerEnrolled(
        originator_id=held.stream or NOBODYS.stream,
        originator_version=1,
        occurred_at=held.moment.at,
        position=held.position,
        actor="",
        source="",
        policy=policy.version,
        program=program,
        cause=cause,
        follows=True,
        reference_code=held.reference,
        relies_on=(held.position,),
    )


def without_bindings(person: Customer) -> Customer:
    """Return a person's record as if nothing bound their contact points."""
    return replace(person, contacts=replace(person.contacts, bound={}))
