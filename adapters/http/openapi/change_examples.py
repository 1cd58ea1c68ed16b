"""What a late fact changed, in the OpenAPI document: an example of the answer."""

from __future__ import annotations

from typing import Final

from adapters.http.openapi.errors import read_errors
from adapters.http.openapi.examples import document_response

CHANGES: Final = document_response(
    "What a late fact changed, as the document of `pledger changes --format json`; part of it for example.",
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
    },
    read_errors("too_busy"),
)
