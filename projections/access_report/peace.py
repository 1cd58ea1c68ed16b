"""What a person is owed whatever was done: peace in programs, purposes not to be served, and that they are a child.

The judge says so from the person's record and from what binds their contact points, as it does when it decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.customer import CustomerEvent
from domain.policy.judge import Judge
from domain.records.contacts import Contacts
from domain.records.customer import LAST, Customer
from domain.records.customer_fold import evolve
from domain.records.objections import all_objected_to
from domain.suppressed import Age, Objection, word_of
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.contacts import ContactBook
    from projections.as_of import Bounds

UNDER_AGE: Final = Age.UNDER_13.value


def owed(
    history: Iterable[Event], person: UUID, policy: Policy, book: ContactBook, limits: Bounds
) -> dict[str, datetime]:
    """Return what a person is owed at the end of their history, and since when."""
    last, until = limits["position"], limits["time"]
    bound = {
        key: [
            one
            for one in bindings
            if (last is None or one.moment.position <= last) and (until is None or one.moment.at <= until)
        ]
        for key, bindings in book.bound.items()
    }
    record = Customer(person, contacts=Contacts(dict(book.points), bound))
    for event in history:
        if isinstance(event, CustomerEvent):
            evolve(record, event)
    if record.erased:
        return {}
    judge = Judge(policy)
    out = {one.value: judge.standing(record, one, LAST).out_since for one in Program}
    found = {program: since.at for program, since in out.items() if since is not None}
    objections = all_objected_to(record, LAST)
    found |= {word_of(Objection(purpose)): one.moment.at for purpose, one in objections.items()}
    child_since = record.protections.child_since(LAST)
    return found | ({UNDER_AGE: child_since.at} if child_since else {})
