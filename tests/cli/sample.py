"""Facts to append: a contest entry with an e-mail address, an order, a share that breaks P05, and an opt-out."""

from __future__ import annotations

import json
from typing import Any

COLLECTED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "c-1",
    "source": "/website",
    "type": "pledger.collection.v1",
    "time": "2016-04-02T10:15:00Z",
    "subject": "customer:1",
    "data": {
        "act": "contest_entry",
        "reference": "C-1",
        "collection_point": "contest",
        "notice": "2016-03-14",
        "values": {"user.contact.email": "marked-value@example.org"},
    },
}
ORDERED: dict[str, Any] = {
    **COLLECTED,
    "id": "c-2",
    "time": "2016-04-02T11:15:00Z",
    "data": {
        "act": "order",
        "reference": "O-1",
        "collection_point": "checkout",
        "notice": "2016-03-14",
        "values": {"user.name": "Ada", "user.contact.address": "1 Quay Lane"},
    },
}
SHARED: dict[str, Any] = {
    **COLLECTED,
    "id": "s-2",
    "type": "pledger.share.v1",
    "time": "2016-04-03T00:00:00Z",
    "data": {
        "recipient": "nobody-known",
        "purpose": "deliver_order",
        "categories": ["user.contact.address"],
        "reference": "O-1",
    },
}


def opt_out(fact_id: str, **changes: object) -> dict[str, Any]:
    """Give an opt-out from e-mail marketing."""
    data = {"program": "email_marketing", "via": "portal"}
    return {
        **COLLECTED,
        "id": fact_id,
        "type": "pledger.opt_out.v1",
        "data": data,
        "time": "2016-05-01T00:00:00Z",
    } | changes


def lines(*facts: object) -> str:
    """Give JSON Lines; text is taken as it is."""
    return "".join((fact if isinstance(fact, str) else json.dumps(fact)) + "\n" for fact in facts)
