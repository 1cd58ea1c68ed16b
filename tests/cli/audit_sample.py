"""A history of which an audit has something to say in every place: broken, open, excused, late, mended and vouched for.

The lines are in the order in which they were told, which is not that of time: two facts came late.
"""

from __future__ import annotations

from typing import Any, Final

CUSTOMER: Final = "customer:1"
CHILD: Final = "customer:2"
VALUES: Final = {"user.name": "Ada Quill", "user.contact.address": "1 Quay Lane", "user.contact.email": "a@example.org"}
MARKETING: Final = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": "m"}


def told(kind: str, fact_id: str, time: str, subject: str | None = CUSTOMER, /, **data: object) -> dict[str, Any]:
    """Give a fact as it is sent, on a day and hour of 2016 such as `04-02T10`; without a subject, of the company."""
    whole = {"specversion": "1.0", "id": fact_id, "source": "/shop", "type": f"pledger.{kind}.v1"}
    return {**whole, "time": f"2016-{time}:00:00Z", **({"subject": subject} if subject else {}), "data": data}


def collected(act: str, fact_id: str, time: str, subject: str = CUSTOMER, /, **data: object) -> dict[str, Any]:
    """Give a collection."""
    point = {"collection_point": "web", "notice": "2016-03-14", "values": VALUES}
    return told("collection", fact_id, time, subject, act=act, reference=fact_id.upper(), **{**point, **data})


COMPANY: Final = (
    told("notice_posted", "post", "03-15T00", None, location="homepage", version="2016-03-14"),
    told("notice_removed", "remove", "04-10T00", None, location="homepage", version="2016-03-14"),
    told("notice_posted", "post-again", "04-12T00", None, location="homepage", version="2016-03-14"),
    told("security_attested", "safe", "04-01T00", None, kind="physical", until="2017-04-01T00:00:00Z"),
    told("site_reviewed", "reviewed", "04-01T00", None, finding="Nothing for children.", until="2017-04-01T00:00:00Z"),
    told(
        "recipient_registered",
        "court",
        "04-01T00",
        None,
        recipient="court",
        roles=["authority"],
        categories=["user"],
    ),
)
SHARED: Final = told(
    "share",
    "parcel",
    "04-03T00",
    recipient="carrier",
    purpose="deliver_order",
    categories=["user.name", "user.contact.address"],
    reference="O-1",
)
CARRIER: Final = told(
    "recipient_registered",
    "carrier",
    "04-01T00",
    None,
    recipient="carrier",
    roles=["carrier"],
    categories=["user.name", "user.contact.address"],
)
SUBPOENA: Final = told(
    "share",
    "subpoena",
    "04-04T00",
    recipient="court",
    purpose="legal_obligation",
    kind="legal_obligation",
    categories=["user.name"],
    reference="O-1",
)
QUEUED: Final = told("message", "queued", "05-02T00", **MARKETING, queued_at="2016-04-30T00:00:00Z")
LEFT: Final = told("opt_out", "left", "05-01T00", program="email_marketing", via="unsubscribe_link")
SLIP: Final = told("enrollment", "slip", "05-03T00", program="email_marketing", cause="staff")
DECLARED: Final = told(
    "entry_correction",
    "declared",
    "05-04T00",
    entry={"source": "/shop", "id": "slip"},
    replacement={"source": "/shop", "id": "left"},
    reason="a slip of the hand",
)
HISTORY: Final = (
    *COMPANY,
    collected("order", "o-1", "04-02T10"),
    SHARED,
    CARRIER,  # It came late, and permits what was told before it.
    SUBPOENA,
    QUEUED,
    LEFT,  # It came late as well: nobody knew when the mail was told.
    SLIP,
    DECLARED,
    told("access_request", "ask", "05-05T00", request="r-1"),
    collected("order", "o-2", "04-02T10", CHILD),
    told("age_learned", "child", "04-05T00", CHILD, under=13),
    told("erasure", "forget", "06-01T00", CHILD, reason="a child"),
)
AS_OF: Final = "2016-06-02T00:00:00Z"
