"""Facts and decisions in the OpenAPI document: examples of bodies and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.http.cloud_events import BATCH, PLAIN, SINGLE
from adapters.http.openapi.errors import errors
from adapters.receipt_notes import NOT_LINKED

if TYPE_CHECKING:
    from collections.abc import Mapping

FACT: Final[Mapping[str, Any]] = {
    "specversion": "1.0",
    "id": "o-1001-collect",
    "source": "/checkout",
    "type": "pledger.collection.v1",
    "time": "2016-04-02T10:15:00Z",
    "subject": "customer:17850",
    "data": {
        "act": "order",
        "reference": "O-1001",
        "collection_point": "checkout",
        "notice": "2016-03-14",
        "values": {"user.name": "…", "user.contact.email": "…", "user.payment": None},
        "held_in": "payment-vault",
    },
}
_SHARE: Final[Mapping[str, Any]] = {
    **FACT,
    "id": "o-1001-sell",
    "source": "/crm",
    "type": "pledger.share.v1",
    "data": {
        "recipient": "brightads",
        "purpose": "deliver_ads",
        "categories": ["user.contact.email"],
        "reference": "O-1001",
        "kind": "sale",
        "mode": "enforce",
    },
}
_DELETION: Final[Mapping[str, Any]] = {
    **FACT,
    "id": "o-1001-forget",
    "source": "/retention",
    "type": "pledger.data_deleted.v1",
    "time": "2017-04-02T10:15:00Z",
    "data": {
        "categories": ["user.contact"],
        "relying_on": {"act": "order", "reference": "O-1001"},
        "reason": "a year after the delivery",
    },
}
_FINDING: Final[Mapping[str, Any]] = {
    "promise": "P05",
    "code": "role_not_allowed",
    "why": "The recipient has none of the roles that may get it.",
    "excused": False,
    "events": ["/checkout o-1001-collect"],
    "about": None,
}
_RECEIPT: Final[Mapping[str, Any]] = {
    "fact": "/checkout o-1001-collect",
    "at_least": "lPnZ3m9cQ1r0vYb7sKdE5xHt2uWgAf6J",
    "repeated": False,
    "reasons": [],
    "findings": [],
    "unread": [],
    "not_linked": [],
    "took_later": False,
    "notes": [],
    "later": [],
}
_STREAMS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "string"}}
_FACT_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "One fact, as a CloudEvent 1.0 in structured mode. Other attributes are accepted and passed over; "
    "the trace id in traceparent is the correlation where the data gives none.",
    "required": ["specversion", "id", "source", "type", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
        "source": {"type": "string", "minLength": 1, "maxLength": 255},
        "type": {"type": "string", "pattern": r"^pledger\.[a-z_]+\.v1$"},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "maxLength": 512},
        "data": {"type": "object"},
    },
}
_FINDINGS_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": list(_FINDING),
        "properties": {
            "promise": {
                "type": ["string", "null"],
                "description": "Null to a service where the code is `not_subscribed`: one reason for all that say that "
                "the person is not in the program.",
            },
            "code": {"type": "string"},
            "why": {"type": "string"},
            "excused": {"type": "boolean"},
            "events": {"type": "array", "items": {"type": "string"}},
            "about": {"type": ["string", "null"]},
        },
    },
}
_REASONS_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "array",
    "description": "What stands against the fact, in short: the codes of its findings, each once. `not_subscribed` "
    "stands for all that say that the person is not in the program, by whichever promise.",
    "items": {"type": "string"},
}
_RECEIPT_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": list(_RECEIPT),
    "properties": {
        "fact": {"type": "string"},
        "at_least": {
            "type": ["string", "null"],
            "pattern": "^[A-Za-z0-9_-]{32}$",
            "description": "Pass it on as the `at_least` of a question: the answer then knows of this fact. It tells "
            "nothing else. Null where a fact is repeated whose customer has been erased.",
        },
        "repeated": {"type": "boolean"},
        "reasons": _REASONS_SCHEMA,
        "findings": _FINDINGS_SCHEMA,
        "unread": {
            "type": "array",
            "description": "The categories among the values that hold something else than one e-mail address or one "
            "telephone number. They are stored, and match nobody.",
            "items": {"type": "string"},
        },
        "not_linked": {
            "type": "array",
            "description": "Why names were not linked, one code for each: "
            + " ".join(f"`{code}`: {meaning}." for code, meaning in NOT_LINKED.items())
            + " The fact itself is stored.",
            "items": {"enum": list(NOT_LINKED)},
        },
        "took_later": {
            "type": "boolean",
            "description": "Whether facts of a later time than the erasure's went with it.",
        },
        "notes": {
            "type": "array",
            "description": "The same in sentences.",
            "items": {"type": "string"},
        },
        "stays_open": {
            "type": "boolean",
            "description": "Whether the request that this erasure or report answers stays open: addresses of the "
            "person stand on other records; to an officer only.",
        },
        "erased": {**_STREAMS, "description": "The streams that an erasure erased; to an officer only."},
        "elsewhere": {
            **_STREAMS,
            "description": "The streams of others on which addresses of the person stand, and those that are `left`; "
            "to an officer only.",
        },
        "left": {
            **_STREAMS,
            "description": "Of an erasure of one record (`only`): the person's other streams, which go on; to an "
            "officer only.",
        },
        "later": {
            "type": "array",
            "description": "Where a name ended: the facts that had been told under it already and happened later. "
            "Annul each (`entry_correction`) and tell it again, so that it goes to the one who has the name now.",
            "items": {"type": "string"},
        },
    },
}


def _json(schema: Mapping[str, Any], **examples: object) -> dict[str, Any]:
    return {"schema": schema, "examples": {name: {"value": value} for name, value in examples.items()}}


_COMMON: Final = (
    *("key_not_valid", "role_not_allowed", "outside_of_scope"),
    *("malformed_fact", "malformed_request", "body_too_large", "body_too_slow", "body_cut_short"),
)
_WRITING: Final = (
    *_COMMON,
    *(
        "refused",
        "not_vouched",
        "officer_only",
        "erasure_waits",
        "entry_forgotten",
        "entry_declared_wrong",
        "unknown_customer",
        "fact_conflict",
        "time_in_future",
        "too_busy",
    ),
    "media_type_not_supported",
    *("database_unreachable", "connection_lost", "append_failed"),
)

EVENTS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: _json(_FACT_SCHEMA, collection=FACT, enforced_share=_SHARE, deletion=_DELETION),
            BATCH: _json({"type": "array", "maxItems": 1000, "items": _FACT_SCHEMA}, two=[FACT, _SHARE]),
            PLAIN: _json({"anyOf": [_FACT_SCHEMA, {"type": "array", "items": _FACT_SCHEMA}]}, collection=FACT),
        },
    }
}
EVENT_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "description": "The fact is stored; `findings` say which promises it breaks.",
        "content": {
            PLAIN: _json(
                _RECEIPT_SCHEMA,
                stored=_RECEIPT,
                not_linked={**_RECEIPT, "not_linked": ["not_vouched"]},
                ended={**_RECEIPT, "later": ["/checkout o-1002-collect"]},
            )
        },
    },
    200: {
        "description": "The fact was stored before, or: a batch, with one answer for each fact, in its order.",
        "content": {
            PLAIN: _json(
                {
                    "anyOf": [
                        _RECEIPT_SCHEMA,
                        {"type": "object", "required": ["answers"], "properties": {"answers": {"type": "array"}}},
                    ]
                },
                repeated={**_RECEIPT, "repeated": True},
                repeated_after_erasure={**_RECEIPT, "at_least": None, "repeated": True},
                batch={"answers": [{"status": 201, "receipt": _RECEIPT}]},
            )
        },
    },
    **errors(_WRITING),
}
DECISIONS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {SINGLE: _json(_FACT_SCHEMA, share=_SHARE), PLAIN: _json(_FACT_SCHEMA, share=_SHARE)},
    }
}
_DECISION: Final[Mapping[str, Any]] = {
    "fact": "/crm o-1001-sell",
    "allowed": False,
    "reasons": ["role_not_allowed"],
    "findings": [_FINDING],
}
DECISION_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Whether it may be done; `findings` say which promises stand against it.",
        "content": {
            PLAIN: _json(
                {
                    "type": "object",
                    "required": list(_DECISION),
                    "properties": {
                        "fact": {"type": "string"},
                        "allowed": {"type": "boolean"},
                        "reasons": _REASONS_SCHEMA,
                        "findings": _FINDINGS_SCHEMA,
                    },
                },
                refused=_DECISION,
            )
        },
    },
    **errors(code for code in _WRITING if code not in {"refused", "fact_conflict", "append_failed"}),
}
