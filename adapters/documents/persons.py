"""What is known of one person: subscriptions, sharing and holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.documents import instant

if TYPE_CHECKING:
    from uuid import UUID

    from projections.holdings import Erasure, Holding, Holdings
    from projections.sharing_history import Share
    from projections.subscriptions import Change


def subscriptions(
    customer: str, as_of: str | None, person: UUID, changes: tuple[Change, ...], erased: Erasure | None
) -> dict[str, Any]:
    """Give the state of each program now, and every change with its cause."""
    now = {change.program: change.state for change in changes}
    return {**_head(customer, as_of, person, erased), "now": now, "changes": [_change(change) for change in changes]}


def sharing(
    customer: str, as_of: str | None, person: UUID, shares: tuple[Share, ...], erased: Erasure | None
) -> dict[str, Any]:
    """Give to whom data went, for what, and on which ground."""
    return {**_head(customer, as_of, person, erased), "shares": [_share(share) for share in shares]}


def holdings(customer: str, as_of: str | None, person: UUID, found: Holdings) -> dict[str, Any]:
    """Give which data is held, where it came from and what replaced it."""
    return {**_head(customer, as_of, person, found.erased), "holdings": [_holding(one) for one in found.listed]}


def _head(customer: str, as_of: str | None, person: UUID, erased: Erasure | None) -> dict[str, Any]:
    return {
        "customer": customer,
        "as_of": as_of,
        "person": str(person),
        "erased_at": instant(erased.at) if erased else None,
        "erased_by": erased.fact if erased else None,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "position": change.position,
        "program": change.program,
        "state": change.state,
        "cause": change.cause,
        "via": change.via,
        "because_of": change.why,
        "time": instant(change.at),
        "fact": change.fact,
        "broken": list(change.broken),
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "position": share.position,
        "time": instant(share.at),
        "recipient": share.recipient,
        "kind": share.kind,
        "purpose": share.purpose,
        "categories": list(share.categories),
        "relies_on": list(share.relies_on),
        "fact": share.fact,
        "broken": list(share.broken),
        "excused": list(share.excused),
    }


def _holding(one: Holding) -> dict[str, Any]:
    return {
        "category": one.category,
        "state": one.state,
        "what": one.what,
        "act": one.act,
        "given_by": one.given_by,
        "held_in": one.held_in,
        "position": one.position,
        "time": instant(one.at),
        "fact": one.fact,
        "superseded_how": one.superseded.how if one.superseded else None,
        "superseded_by": one.superseded.fact if one.superseded else None,
        "superseded_at": instant(one.superseded.at) if one.superseded else None,
    }
