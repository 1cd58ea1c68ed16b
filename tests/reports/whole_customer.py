"""A customer of whose report every section has something to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.controls import fact

if TYPE_CHECKING:
    from tests.reports.conftest import Desk

CONTACT = {
    "user.name": "Ada Marker",
    "user.contact.address": "1 Marker Street\nMarkerham",
    "user.contact.email": "ada@marker.test",
}
PLACE: dict[str, Any] = {"collection_point": "checkout", "notice": "2016-03-14"}
EMAIL = "user.contact.email"
FIRST = "order-1"
"""A fact by which to ask for the report."""


def whole_customer(desk: Desk) -> None:
    """Tell a ledger of this customer's life."""
    court = {"recipient": "court", "roles": ["authority"], "categories": ["user"]}
    desk.installation.ledger.append(fact("recipient_registered", 0, court, fact_id="r-1", source="/office"))
    _shop(desk)
    _mail(desk)
    _rights(desk)


def _shop(desk: Desk) -> None:
    tell = desk.tell
    order: dict[str, Any] = {"act": "order", "held_in": "the payment processor", **PLACE}
    tell("collection", FIRST, "2016-04-02T10:15:00Z", values=CONTACT | {"user.payment": None}, reference="O-1", **order)
    tell("collection", "order-2", "2016-04-05T10:15:00Z", values=CONTACT, reference="O-2", **order)
    gift: dict[str, Any] = {"act": "gift", "reference": "G-1", "source": "email:buyer@marker.test", **PLACE}
    tell("collection", "gift-1", "2016-04-06T00:00:00Z", values={"user.name": "A. Marker"}, **gift)
    form: dict[str, Any] = {"act": "registration", "reference": "F-1", "requests": ["catalog", "updates"], **PLACE}
    tell("collection", "form-1", "2016-04-07T00:00:00Z", values=CONTACT, online=False, **form)
    used: dict[str, Any] = {"purpose": "complete_order", "categories": ["user.name"], "reference": "O-1"}
    value_from = {"act": "order", "reference": "O-1"}
    tell("use", "use-1", "2016-04-08T10:20:00Z", value_from=value_from, **used)
    tell("use", "use-2", "2016-04-08T11:20:00Z", purpose="cast_horoscopes", categories=["user.name"])
    given: dict[str, Any] = {"purpose": "deliver_order", "categories": ["user.name", "user.contact.address"]}
    tell("share", "share-1", "2016-04-09T08:00:00Z", recipient="parcels", reference="O-1", **given)
    law: dict[str, Any] = {"kind": "legal_obligation", "purpose": "legal_obligation", "categories": ["user.name"]}
    tell("share", "share-2", "2016-04-10T08:00:00Z", recipient="court", reference="O-1", **law)
    selling: dict[str, Any] = {"purpose": "deliver_ads", "categories": [EMAIL], "kind": "sale", "mode": "enforce"}
    tell("share", "sell-1", "2016-04-11T09:00:00Z", recipient="adverts", **selling)
    tell("order_completed", "done-1", "2016-04-12T12:00:00Z", reference="O-1")
    tell("order_cancelled", "gone-2", "2016-04-12T13:00:00Z", reference="O-2")


def _mail(desk: Desk) -> None:
    tell = desk.tell
    advert: dict[str, Any] = {"channel": "email", "purpose": "direct_marketing", "program": "email_marketing"}
    tell("message", "mail-1", "2016-04-15T09:00:00Z", unsubscribe_link=True, message_id="letter-one", **advert)
    tell("opt_out", "out-1", "2016-04-20T09:00:00Z", program="email_marketing", via="unsubscribe_link")
    queued: dict[str, Any] = {"message_id": "letter-two", "queued_at": "2016-04-19T00:00:00Z", **advert}
    tell("message", "mail-2", "2016-05-01T09:00:00Z", unsubscribe_link=False, **queued)
    tell("objection", "no-1", "2016-05-01T10:00:00Z", purpose="deliver_ads")
    entry = {"source": "/shop", "id": "mail-2"}
    tell("entry_correction", "mend-1", "2016-05-02T00:00:00Z", entry=entry, reason="it was another's")


def _rights(desk: Desk) -> None:
    tell = desk.tell
    tell("access_request", "ask-1", "2016-05-03T09:00:00Z", request="A-1")
    right: dict[str, Any] = {"request": "C-1", "category": "user.contact.address"}
    tell("correction_request", "ask-2", "2016-05-04T09:00:00Z", shows_error=True, **right)
    tell("identity_verification", "id-2", "2016-05-04T10:00:00Z", request="C-1", method="log-in", passed=True)
    tell("correction", "right-2", "2016-05-05T09:00:00Z", value="2 Marker Street", **right)
    tell("recipient_notified", "told-2", "2016-05-05T10:00:00Z", request="C-1", recipient="parcels")
    wrong: dict[str, Any] = {"request": "C-2", "category": "user.name"}
    tell("correction_request", "ask-3", "2016-05-06T09:00:00Z", shows_error=False, **wrong)
    tell("correction_declined", "no-3", "2016-05-07T09:00:00Z", request="C-2", reason="no error shown")
    tell(
        "link", "same-1", "2016-05-07T10:00:00Z", **{"with": "order:O-7", "verified": "login", "evidence": "session 7"}
    )
    tell("contact_confirmed", "mailbox-1", "2016-05-07T11:00:00Z", contact="email:ada@marker.test", method="mail")
    tell("record_read", "read-1", "2016-05-08T09:00:00Z", reader="helpdesk-7", purpose="answer_rights_request")
