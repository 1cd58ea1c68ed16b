"""What needs no ground, since its purpose answers a person or the law, and what a legal order excuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import ACTS, DataShared, DataUsed, MessageSent
from domain.vocabulary import LAWFUL_USES, LEGAL_OBLIGATION, Role, ShareKind

if TYPE_CHECKING:
    from domain.events import Event
    from domain.rules.common.base import Case


def needs_no_ground(event: Event) -> bool:
    """Return whether no promise about a single collection forbids what was done."""
    return type(event) in {DataUsed, MessageSent} and getattr(event, "purpose", None) in LAWFUL_USES


def is_excused(case: Case) -> bool:
    """Return whether a legal order excuses what was done."""
    event = case.event
    if isinstance(event, DataShared):
        recipient = case.recipient()
        is_ordered = event.kind is ShareKind.LEGAL_OBLIGATION or event.purpose == LEGAL_OBLIGATION
        return is_ordered and recipient is not None and Role.AUTHORITY in recipient.roles
    return isinstance(event, ACTS) and event.purpose == LEGAL_OBLIGATION
