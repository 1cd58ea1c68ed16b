"""Facts to append: a contest entry with an e-mail address, an order, a share that breaks P05, and an opt-out."""

from __future__ import annotations

from typing import Any

from tests.controls import CUSTOMER, cloud_event

COLLECTED = cloud_event(
    "collection",
    "c-1",
    "2016-04-02T10:15:00Z",
    act="contest_entry",
    reference="C-1",
    collection_point="contest",
    values={"user.contact.email": "marked-value@example.org"},
)
ORDERED = cloud_event(
    "collection",
    "c-2",
    "2016-04-02T11:15:00Z",
    act="order",
    reference="O-1",
    values={"user.name": "Ada", "user.contact.address": "1 Quay Lane"},
)
SHARED = cloud_event(
    "share",
    "s-2",
    "2016-04-03T00:00:00Z",
    recipient="nobody-known",
    categories=["user.contact.address"],
    reference="O-1",
)


def opt_out(
    fact_id: str,
    time: str = "2016-05-01T00:00:00Z",
    subject: str = CUSTOMER,
    /,
    **data: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return an opt-out from e-mail marketing."""
    return cloud_event("opt_out", fact_id, time, subject, **{"program": "email_marketing", "via": "portal", **data})
