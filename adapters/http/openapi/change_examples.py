"""What is amiss now, and what a late fact changed, in the OpenAPI document: examples of the answers."""

from __future__ import annotations

from typing import Final

from adapters.http.openapi.errors import read_errors
from adapters.http.openapi.examples import document_response

AMISS: Final = document_response(
    "What is amiss now, as `amiss` of `pledger status --format json`.",
    {
        "as_of": "2016-06-02T06:00:00Z",
        "amiss": [
            {
                "promise": "P18",
                "title": "Unsubscribing lasts",
                "since": "2016-06-01T06:00:00Z",
                "latest": "2016-06-01T06:00:00Z",
                "facts": 1,
                "annulled": 0,
                "of_company": 0,
                "overdue": 0,
                "why": "",
                "do": "Take the suppression list (pledger suppressions) to who sends the messages.",
            }
        ],
    },
    read_errors(),
)
CHANGES: Final = document_response(
    "A page of what a late fact changed, as the document of `pledger changes --format json`; part of it for example.",
    {
        "after": 0,
        "changes": [
            {
                "event": "/mail m-1",
                "at": "2016-06-01T06:00:00Z",
                "then": [],
                "now": ["P18"],
                "why": {"P18": "The person had left the program: opted out 2016-05-01T08:00:00Z; told only after it."},
            }
        ],
        "next": None,
    },
    read_errors("malformed_request", "too_busy", "bad_cursor"),
)
