"""A history that fills every part of an audit: broken, open, excused, late, corrected and attested.

The lines are in the order in which they were told; two facts came late.
"""

from __future__ import annotations

from typing import Any, Final

from tests.controls import CUSTOMER, cloud_event

CHILD: Final = "customer:2"
VALUES: Final = {"user.name": "Ada Quill", "user.contact.address": "1 Quay Lane", "user.contact.email": "a@example.org"}
MARKETING: Final = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": "m"}


def collected(act: str, fact_id: str, time: str, subject: str = CUSTOMER, /, **data: object) -> dict[str, Any]:
    """Return a collection."""
    point = {"collection_point": "web", "notice": "2016-03-14", "values": VALUES}
    return cloud_event("collection", fact_id, time, subject, act=act, reference=fact_id.upper(), **{**point, **data})


COMPANY: Final = (
    cloud_event("notice_posted", "post", "2016-03-15T00:00:00Z", location="homepage", version="2016-03-14"),
    cloud_event("notice_removed", "remove", "2016-04-10T00:00:00Z", location="homepage", version="2016-03-14"),
    cloud_event("notice_posted", "post-again", "2016-04-12T00:00:00Z", location="homepage", version="2016-03-14"),
    cloud_event("security_attested", "safe", "2016-04-01T00:00:00Z", kind="physical", until="2017-04-01T00:00:00Z"),
    cloud_event(
        "site_reviewed",
        "reviewed",
        "2016-04-01T00:00:00Z",
        finding="Nothing for children.",
        until="2017-04-01T00:00:00Z",
    ),
    cloud_event(
        "recipient_registered",
        "court",
        "2016-04-01T00:00:00Z",
        recipient="court",
        roles=["authority"],
        categories=["user"],
    ),
)
SHARED: Final = cloud_event(
    "share",
    "parcel",
    "2016-04-03T00:00:00Z",
    recipient="carrier",
    purpose="deliver_order",
    categories=["user.name", "user.contact.address"],
    reference="O-1",
)
CARRIER: Final = cloud_event(
    "recipient_registered",
    "carrier",
    "2016-04-01T00:00:00Z",
    recipient="carrier",
    roles=["carrier"],
    categories=["user.name", "user.contact.address"],
)
SUBPOENA: Final = cloud_event(
    "share",
    "subpoena",
    "2016-04-04T00:00:00Z",
    recipient="court",
    purpose="legal_obligation",
    kind="legal_obligation",
    categories=["user.name"],
    reference="O-1",
)
QUEUED: Final = cloud_event("message", "queued", "2016-05-02T00:00:00Z", **MARKETING, queued_at="2016-04-30T00:00:00Z")
LEFT: Final = cloud_event("opt_out", "left", "2016-05-01T00:00:00Z", program="email_marketing", via="unsubscribe_link")
SLIP: Final = cloud_event("enrollment", "slip", "2016-05-03T00:00:00Z", program="email_marketing", cause="staff")
DECLARED: Final = cloud_event(
    "entry_correction",
    "declared",
    "2016-05-04T00:00:00Z",
    entry={"source": "/shop", "id": "slip"},
    replacement={"source": "/shop", "id": "left"},
    reason="a slip of the hand",
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
    cloud_event("access_request", "ask", "2016-05-05T00:00:00Z", request="r-1"),
    collected("order", "o-2", "2016-04-02T10:00:00Z", CHILD),
    cloud_event("age_learned", "child", "2016-04-05T00:00:00Z", CHILD, under=13),
    cloud_event("erasure", "forget", "2016-06-01T00:00:00Z", CHILD, reason="a child"),
)
AS_OF: Final = "2016-06-02T00:00:00Z"
