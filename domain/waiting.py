"""The waiting period: between a request to be forgotten and the erasure, if the policy sets one.

In it the person can withdraw the request, and nothing else may be done with their data but what protects them, answers
their requests, or is required by law. Neither an erasure nor a deletion in part is taken before its end by anybody,
while such a request is open; where no such request is on record, an officer's own waits for nothing. Only the person
and an officer end the period: a denial that anybody else told, before the request, answers it and ends no waiting.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import PledgerError
from domain.events import Event, Finding
from domain.events.customer import CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.records.rights import ERASURE
from domain.times import later, rfc3339
from domain.vocabulary import LAWFUL_USES, LEGAL_OBLIGATION, ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.facts import Fact
    from domain.policy.model import Policy
    from domain.records import Customer

WAITING: Final = "erasure_waits"
"""The code of what must not be done in the waiting period, in place of a promise's and of the finding's."""


class Wait(NamedTuple):
    """A request to be forgotten whose waiting period runs: the position of its event, and when it ends."""

    request: int
    until: datetime


class ErasureWaits(PledgerError):
    """An erasure or a deletion was told before the end of the policy's waiting period."""

    code = WAITING


def waits(policy: Policy, customer: Customer, at: datetime) -> Wait | None:
    """Return the request to be forgotten whose waiting period runs at a time, the one that ends last; None: none."""
    days = policy.parameters.erasure_waiting_days
    if not days:
        return None
    running = [
        Wait(request.position, ends)
        for matter in customer.rights.matters.values()
        for request in matter.requests
        if request.kind == ERASURE and request.moment.at <= at < (ends := waits_until(request.moment.at, days))
        if not any(request.moment <= ended.moment and ended.moment.at <= at for ended in matter.ended_waiting())
    ]
    return max(running, key=lambda one: one.until, default=None)


def has_waited(policy: Policy, customer: Customer) -> bool:
    """Return whether a person ever asked to be forgotten, under a policy with a waiting period."""
    matters = customer.rights.matters.values() if policy.parameters.erasure_waiting_days else ()
    return any(request.kind == ERASURE for matter in matters for request in matter.requests)


def waits_until(asked: datetime, days: int) -> datetime:
    """Return when the waiting period of a request ends."""
    return later(asked, timedelta(days=days))


def check_waits(policy: Policy, customer: Customer, fact: Fact) -> None:
    """Raise `ErasureWaits` where a fact would destroy data of a person whose waiting period runs at its time.

    It acts when it is told, so one that is dated before the request waits as well.
    """
    matters = customer.rights.matters.values()
    asked = (request.moment.at for matter in matters for request in matter.requests if request.kind == ERASURE)
    if (wait := waits(policy, customer, max((fact.time, *asked)))) is not None:
        raise ErasureWaits(
            "The fact was not stored, and nothing was erased or deleted.",
            f"the person asked to be forgotten, and the policy lets them think it over until {rfc3339(wait.until)}.",
            "Tell it at that time or later, unless the request is withdrawn (request_withdrawn) before.",
        )


def forbidden(policy: Policy, customer: Customer, event: Event, holders: Iterable[Customer] = ()) -> Wait | None:
    """Return the waiting period in which something was done that must wait; None: it may be done.

    `holders` are the other people who have the address under which a message was told.
    """
    if not isinstance(event, DataUsed | MessageSent | CustomerEnrolled):
        return None
    if getattr(event, "purpose", None) in {*LAWFUL_USES, LEGAL_OBLIGATION}:
        return None
    if isinstance(event, DataShared) and event.kind is ShareKind.LEGAL_OBLIGATION:
        return None
    if own := waits(policy, customer, event.occurred_at):
        return own
    others = (waits(policy, one, event.occurred_at) for one in holders)
    return next((wait._replace(request=0) for wait in others if wait), None)


def objection(policy: Policy, customer: Customer, event: Event, holders: Iterable[Customer] = ()) -> Finding | None:
    """Return what a decision has against something that must wait; another's request is not named."""
    wait = forbidden(policy, customer, event, holders)
    if wait is None:
        return None
    return Finding(promise=WAITING, code=WAITING, events=(wait.request,) if wait.request else ())
