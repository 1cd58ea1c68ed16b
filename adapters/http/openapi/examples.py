"""Answers to questions in the OpenAPI document, each with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.http.openapi.errors import errors, read_errors, read_errors_as_of, read_model_errors
from adapters.http.openapi.link_examples import LINKS, PERSON_ID
from adapters.http.responses import POSITION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.http.openapi.errors import Responses

_JSON: Final = "application/json"
_PERSON: Final[Mapping[str, Any]] = {
    "customer": "customer:17850",
    "as_of": None,
    "person": PERSON_ID,
    "erased_at": None,
    "erased_by": None,
}
_KEY: Final[Mapping[str, Any]] = {
    "name": "0a1b2c3d",
    "label": "checkout",
    "role": "service",
    "scope": {
        "sources": ["/checkout"],
        "collection_points": None,
        "purposes": None,
        "recipients": None,
        "sealed_values": False,
        "vouch": False,
    },
    "created_at": "2016-04-01T08:00:00Z",
    "expires_at": None,
    "revoked_at": None,
}
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "resolve": {"customer": f"id:{_PERSON['person']}", "streams": [_PERSON["person"]]},
    "subscriptions": {
        **_PERSON,
        "now": {"email_marketing": "enrolled"},
        "owed": {},
        "changes": [
            {
                "position": 43,
                "program": "email_marketing",
                "state": "enrolled",
                "cause": "purchase",
                "via": None,
                "because_of": "purchase",
                "time": "2016-04-02T10:15:00Z",
                "fact": "/checkout o-1001-collect",
                "broken": [],
            }
        ],
        "next": None,
    },
    "sharing": {
        **_PERSON,
        "shares": [
            {
                "position": 51,
                "time": "2016-04-03T07:30:00Z",
                "recipient": "parcelco",
                "kind": "service_provider",
                "purpose": "deliver_order",
                "categories": ["user.contact.address", "user.name"],
                "relies_on": ["/checkout o-1001-collect"],
                "fact": "/warehouse o-1001-ship",
                "broken": [],
                "excused": [],
            }
        ],
        "next": None,
    },
    "holdings": {
        **_PERSON,
        "holdings": [
            {
                "category": "user.contact.email",
                "state": "current",
                "what": "collection",
                "act": "order",
                "given_by": "person",
                "held_in": None,
                "position": 42,
                "time": "2016-04-02T10:15:00Z",
                "fact": "/checkout o-1001-collect",
                **dict.fromkeys(("superseded_how", "superseded_by", "superseded_at", "deleted_by", "deleted_at")),
            }
        ],
        "next": None,
    },
    "timeline": {
        "customer": "customer:17850",
        "as_of": None,
        "person": _PERSON["person"],
        "events": [
            {
                "position": 43,
                "stream": _PERSON["person"],
                "version": 2,
                "event": "CustomerEnrolled.v1",
                "time": "2016-04-02T10:15:00Z",
                "recorded_at": "2016-04-02T10:15:01.250000Z",
                "actor": "checkout",
                "fact": "/checkout o-1001-collect",
                "policy": "2016-03-14",
                "correlation": None,
                "causation": None,
                "data": {"program": "email_marketing", "cause": "purchase"},
            }
        ],
        "next": None,
    },
    "suppressions": {
        "as_of": None,
        "position": 120,
        "entries": [
            {
                "person": _PERSON["person"],
                "streams": [_PERSON["person"]],
                "owed": "email_marketing",
                "since": "2016-05-01T00:00:00Z",
                "because_of": "unsubscribe_link",
                "fact": "/mail u-7",
            }
        ],
        "next": None,
    },
    "suppression_changes": {
        "position": 121,
        "is_all": True,
        "changes": [
            {
                "position": 121,
                "stream": _PERSON["person"],
                "state": "listed",
                "owed": "email_marketing",
                "time": "2016-05-01T00:00:00Z",
                "fact": "/mail u-7",
            }
        ],
    },
    "requests": {
        "as_of": None,
        "judged_at": "2016-05-20T09:00:00Z",
        "answer_within_days": 30,
        "due_within_days": 7,
        "counts": {
            "access": {"open": 1, "due": 0, "overdue": 0, "answered": 4, "unanswered": 1},
            "correction": {"open": 0, "due": 0, "overdue": 0, "answered": 0, "unanswered": 0},
            "erasure": {"open": 0, "due": 0, "overdue": 0, "answered": 0, "unanswered": 0},
        },
        "requests": [
            {
                "person": _PERSON["person"],
                "request": "r-12",
                "kind": "access",
                "state": "open",
                "category": None,
                "asked_at": "2016-05-19T12:00:00Z",
                "asked_by": "/helpdesk t-12",
                "deadline": "2016-06-18T12:00:00Z",
                "identity": "verified",
                **dict.fromkeys(("answer", "answered_at", "answered_by")),
                "elsewhere": [],
                "waits_until": None,
                "erased_at": None,
                "erased_by": None,
            }
        ],
        "next": None,
    },
    **LINKS,
    "policy": {
        "version": "2016-03-14",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "text_digest": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "text": 'version = "2016-03-14"\n…',
        "promises": [{"id": "P18", "title": "Unsubscribing ends marketing mail", "kind": "unsubscribe_honoured"}],
    },
    "projections": {
        "projections": [
            {
                "projection": "subscriptions",
                "position": 120,
                "behind": 1,
                "lag_seconds": 0.2,
                "obstacle": None,
                "rebuilding": {"position": 64, "rows": 12, "is_running": True},
            }
        ],
        "left_over": [],
        "rebuilt": {
            "people": {"position": 120, "events": 120, "rows": 3, "seconds": 0.02, "events_per_second": 6000.0}
        },
    },
    "rebuild": {"rebuilding": ["subscriptions"]},
    "cancel_rebuild": {"cancelled": ["subscriptions"]},
    "keys": {"keys": [_KEY]},
    "create_key": {**_KEY, "key": "plk_0a1b2c3d_…"},
    "revoke_key": {"revoked": "0a1b2c3d"},
}
"""An example answer of each endpoint that has a schema, by the endpoint's name."""


def json_response(example: Mapping[str, Any], description: str, failures: Responses, *, status: int = 200) -> Responses:
    """Return the answers of an endpoint: an example, and its errors."""
    return {status: {"description": description, "content": {_JSON: {"example": example}}}, **failures}


def page_response(example: Mapping[str, Any], description: str, failures: Responses) -> Responses:
    """Return the answers of an endpoint that answers as of a moment."""
    answers = json_response(example, description, failures)
    return {**answers, 200: {**answers[200], "headers": _HEADERS}}


def document_response(description: str, example: Mapping[str, Any], failures: Responses, *others: str) -> Responses:
    """Return the answers of an endpoint whose document is that of a command, or a text of one of the `others` types.

    `example` is part of the document, which is long.
    """
    content: dict[str, Any] = {_JSON: {"schema": {"type": "object"}, "example": example}}
    content |= {media_type: {"schema": {"type": "string"}} for media_type in others}
    return {200: {"description": description, "content": content, "headers": _HEADERS}, **failures}


_HEADERS: Final = {
    POSITION: {"description": "The position of the log up to which the answer knows.", "schema": {"type": "integer"}}
}
PERSON_FAILURES: Final = read_model_errors("unknown_customer", "bad_cursor")
LIST_FAILURES: Final = read_model_errors("bad_cursor")
REPORT: Final = document_response(
    "The report, as the document of `pledger report --format json`, as a page, or as text; part of it for example.",
    {
        "report": "access",
        "person": _PERSON["person"],
        "events": 12,
        "position": 120,
        "summary": {
            "categories": ["user.contact.email", "user.name"],
            "purposes": ["deliver_order"],
            "recipients": ["parcelco"],
            "sources": ["/checkout"],
        },
    },
    read_errors_as_of("outside_of_scope", "unknown_customer", "append_failed"),
    "text/html",
    "text/plain",
)
COMPANY: Final = document_response(
    "The company's record, as the document of `pledger company --format json`; part of it for example.",
    {
        "as_of": "2016-12-15T00:00:00Z",
        "within_days": 30,
        "policy": "2016-03-14",
        "attestations": [{"kind": "physical", "until": "2017-01-01T00:00:00Z", "lasts": True, "fact": "/site s-1"}],
    },
    read_errors_as_of(),
)
AUDIT: Final = document_response(
    "The audit, as the document of `pledger audit --format json`, with its `digest`; part of it for example.",
    {
        "policy": "diamondnexus 2016-03-14",
        "as_of": "2016-12-15T00:00:00Z",
        "events": 120,
        "readings": {
            "harmonised": {
                "P18": {
                    "title": "Unsubscribing ends marketing mail",
                    "status": "broken",
                    "exercised": 3,
                    "violations": [
                        {"event": "/mail m-7", "subject": f"id:{_PERSON['person']}", "codes": ["after_opt_out"]}
                    ],
                }
            }
        },
        "digest": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    },
    read_errors_as_of("no_such_promise", "unknown_customer", "too_busy"),
)
HEALTH: Final[Responses] = {
    200: {"description": "The process answers.", "content": {_JSON: {"example": {"status": "alive"}}}}
}
READY: Final[Responses] = {
    200: {"description": "Facts can be appended.", "content": {_JSON: {"example": {"status": "ready"}}}},
    **errors(("database_unreachable", "connection_lost")),
}
METRICS: Final[Responses] = {
    200: {
        "description": "Counts, in Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    **read_errors(),
}
