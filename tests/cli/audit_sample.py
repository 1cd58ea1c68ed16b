"""A history that fills every part of an audit: broken, open, excused, late, corrected and attested.

The lines are in the order in which they were told; two facts came late.
"""

from __future__ import annotations

from typing import Any, Final

from tests.controls import CUSTOMER, cloud_event

CHILD: Final = "customer:2"
VALUES: Final = {"user.name": "Ada Quill", "user.contact.address": "1 Quay Lane", "user.contact.email": "a@example.org"}
MARKETING: Final = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": "m"}


def collected(act: str, fact_id: str, time: float | str, subject: str = CUSTOMER, /, **data: object) -> dict[str, Any]:
    """Return a collection."""
    point = {"collection_point": "web", "notice": "2016-03-14", "values": VALUES}
    return cloud_event("collection", fact_id, time, subject, act=act, reference=fact_id.upper(), **{**point, **data})


COMPANY: Final = (
    cloud_event("notice_posted", "post", -17, location="homepage", version="2016-03-14"),
    cloud_event("notice_removed", "remove", 9, location="homepage", version="2016-03-14"),
    cloud_event("notice_posted", "post-again", 11, location="homepage", version="2016-03-14"),
    cloud_event("security_attested", "safe", 0, kind="physical", until="2017-04-01T00:00:00Z"),
    cloud_event("site_reviewed", "reviewed", 0, finding="Nothing for children.", until="2017-04-01T00:00:00Z"),
    cloud_event("recipient_registered", "court", 0, recipient="court", roles=["authority"], categories=["user"]),
)
SHARED: Final = cloud_event(
    "share",
    "parcel",
    2,
    recipient="carrier",
    purpose="deliver_order",
    categories=["user.name", "user.contact.address"],
    reference="O-1",
)
CARRIER: Final = cloud_event(
    "recipient_registered",
    "carrier",
    0,
    recipient="carrier",
    roles=["carrier"],
    categories=["user.name", "user.contact.address"],
)
SUBPOENA: Final = cloud_event(
    "share",
    "subpoena",
    3,
    recipient="court",
    purpose="legal_obligation",
    kind="legal_obligation",
    categories=["user.name"],
    reference="O-1",
)
QUEUED: Final = cloud_event("message", "queued", 31, **MARKETING, queued_at="2016-04-30T00:00:00Z")
LEFT: Final = cloud_event("opt_out", "left", 30, program="email_marketing", via="unsubscribe_link")
SLIP: Final = cloud_event("enrollment", "slip", 32, program="email_marketing", cause="staff")
DECLARED: Final = cloud_event(
    "entry_correction",
    "declared",
    33,
    entry={"source": "/shop", "id": "slip"},
    replacement={"source": "/shop", "id": "left"},
    reason="a slip of the hand",
    evidence="ticket T-7",
)
HISTORY: Final = (
    *COMPANY,
    collected("order", "o-1", "2016-04-02T10:00:00Z"),
    SHARED,
    CARRIER,  # It came late, and permits what was told before it.
    SUBPOENA,
    QUEUED,
    LEFT,  # It came late as well: nobody knew when the mail was told.
    SLIP,
    DECLARED,
    cloud_event("access_request", "ask", 34, request="r-1"),
    collected("order", "o-2", "2016-04-02T10:00:00Z", CHILD),
    cloud_event("age_learned", "child", 4, CHILD, under=13),
    cloud_event("erasure", "forget", 61, CHILD, reason="a child"),
)
AS_OF: Final = "2016-06-02T00:00:00Z"
