"""One good example of the data of each fact type, with every field that the type has. `controls` builds facts of it.

Every personal value holds `MARK`, so that a test can search for it where it must not be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK: Final = "Qzx7"
UNTIL: Final = "2017-04-02T00:00:00+02:00"
CITED: Final = {"act": "order", "reference": f"O-{MARK}"}
SHARED: Final = {
    "purpose": "deliver_order",
    "categories": ["user.name", "user.contact.address"],
    "reference": f"O-{MARK}",
    "relying_on": [CITED],
    "value_from": CITED,
}
REQUEST: Final = {"request": "r-1"}

_CUSTOMER: Final[Mapping[str, Mapping[str, Any]]] = {
    "collection": {
        "act": "gift",
        "reference": f"G-{MARK}",
        "collection_point": "checkout",
        "notice": "2016-03-14",
        "values": {"user.name": f"Ada {MARK}", "user.contact.address": f"1 {MARK} Row", "user.payment": None},
        "held_in": "shop",
        "source": f"customer:{MARK}",
        "requests": [],
        "online": False,
    },
    "order_completed": {"reference": f"O-{MARK}"},
    "order_cancelled": {"reference": f"O-{MARK}"},
    "use": SHARED,
    "share": {**SHARED, "recipient": "carrier", "kind": "third_party"},
    "message": {
        "program": "email_marketing",
        "channel": "email",
        "purpose": "direct_marketing",
        "unsubscribe_link": True,
        "message_id": "m-1",
        "to": f"email:to.{MARK}@example.com",
        "queued_at": "2016-04-01T00:00:00Z",
        "relying_on": CITED,
        "value_from": CITED,
    },
    "enrollment": {"program": "email_marketing", "cause": "purchase", "reference": f"O-{MARK}"},
    "opt_out": {"program": "physical_mailings", "via": "customer_service", "to": f"email:out.{MARK}@example.com"},
    "link": {"with": f"customer:other-{MARK}", "verified": "merge", "evidence": f"form {MARK}"},
    "name_ended": {"name": f"order:ended-{MARK}", "reason": f"because {MARK}", "evidence": f"letter {MARK}"},
    "unlink": {
        "with": f"customer:apart-{MARK}",
        "verified": "document",
        "reason": f"because {MARK}",
        "evidence": f"form {MARK}",
    },
    "link_rejected": {"with": f"customer:other-{MARK}", "reason": f"because {MARK}"},
    "contact_confirmed": {"contact": f"email:{MARK}@example.com", "method": "mail"},
    "opt_out_offer": {"purpose": "print_posters"},
    "objection": {"purpose": "print_posters"},
    "age_learned": {"under": 13},
    "access_request": REQUEST,
    "correction_request": {**REQUEST, "category": "user.name", "shows_error": True},
    "erasure_request": REQUEST,
    "request_withdrawn": REQUEST,
    "identity_verification": {**REQUEST, "method": "passport", "passed": True},
    "access_report_issued": REQUEST,
    "correction": {**REQUEST, "category": "user.name", "value": f"Bea {MARK}"},
    "correction_declined": {**REQUEST, "reason": f"because {MARK}"},
    "request_denied": {**REQUEST, "reason": f"because {MARK}"},
    "recipient_notified": {**REQUEST, "recipient": "carrier"},
    "erasure": {**REQUEST, "reason": f"because {MARK}", "only": False},
    "data_deleted": {
        "categories": ["user.contact"],
        "reason": f"because {MARK}",
        "held_in": f"vault {MARK}",
        "relying_on": [CITED],
    },
    "data_anonymised": {
        "categories": ["user.name"],
        "reason": f"because {MARK}",
        "held_in": f"vault {MARK}",
        "relying_on": [CITED],
    },
    "record_read": {"reader": "clerk-7", "purpose": "answer_message"},
    "entry_correction": {
        "entry": {"source": "/shop", "id": "1"},
        "reason": f"because {MARK}",
        "replacement": {"source": "/shop", "id": "2"},
        "evidence": f"ticket {MARK}",
    },
}

_COMPANY: Final[Mapping[str, Mapping[str, Any]]] = {
    "policy_published": {"version": "2016-03-14", "effective_from": UNTIL, "digest": "ab" * 32},
    "notice_posted": {"location": "homepage", "version": "2016-03-14", "evidence": "screenshot-1"},
    "notice_removed": {"location": "analytics_opt_out", "version": "2016-03-14", "evidence": "screenshot-2"},
    "collection_point_registered": {"collection_point": "checkout", "online": True},
    "collection_point_closed": {"collection_point": "checkout"},
    "recipient_registered": {
        "recipient": "carrier",
        "roles": ["carrier", "customs"],
        "group": "google",
        "categories": ["user.name"],
    },
    "recipient_ended": {"recipient": "carrier"},
    "purpose_registered": {"purpose": "print_posters", "unrelated": True},
    "aggregate_released": {
        "release": "2016-q1",
        "recipient": "advertiser",
        "dimensions": ["country", {"name": "area", "empty_is_public": True}],
        "cells": [{"where": {"country": "NL"}, "count": 12}, {"where": {"country": "BE"}, "count": 0}],
        "counted_at": 120,
        "counted_as_of": UNTIL,
    },
    "security_attested": {"kind": "managerial", "until": UNTIL},
    "site_reviewed": {"finding": f"nothing for children, says {MARK}", "until": UNTIL},
    "incident": {"incident": "i-1", "unauthorised_reads": 0, "categories": ["user.name"]},
}

_VISITOR: Final[Mapping[str, Mapping[str, Any]]] = {
    "cookie_set": {
        "cookie": "sid",
        "purpose": "track_visits",
        "categories": ["user.device.cookie_id"],
        "area": "rings/three-stone",
    },
    "cookies_refused": {},
    "signal": {"signal": "gpc", "value": True},
    "analytics_forwarded": {"recipient": "analytics", "categories": ["user.behavior"], "server_side": True},
    "identifier_linked": {"to": f"customer {MARK}"},
}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {**_CUSTOMER, **_COMPANY, **_VISITOR}
"""The data of each fact type, by the middle word of the type."""
