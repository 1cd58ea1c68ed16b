"""Possible links in the OpenAPI document: an example answer of each endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSON_ID: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
"""The person of whom the examples of all answers are."""
_DECIDED: Final[Mapping[str, Any]] = {
    "person": f"id:{PERSON_ID}",
    "other": "id:8a3c1d52-0f7e-4c3e-9d55-2a1f6c9b7e10",
    "fact": "/pledger/links 5f0d0c52-9f2b-4f7e-8f57-9a0b3a1c2d3e",
    "position": 131,
}
LINKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "links": {
        "is_all": True,
        "proposed": [
            {
                "position": 118,
                "person": f"id:{PERSON_ID}",
                "other": "id:8a3c1d52-0f7e-4c3e-9d55-2a1f6c9b7e10",
                "name": "customer:17850",
                "because": "not_vouched",
                "by": "checkout",
                "method": "login",
                "evidence": None,
                "time": "2016-05-19T12:00:00Z",
                "times": 1,
            }
        ],
        "contact_points": [
            {
                "position": 97,
                "kind": "email",
                "persons": 2,
                "people": [f"id:{PERSON_ID}", "id:9e107d9d-372b-4c81-b1d2-3c0a5e5b7f21"],
            }
        ],
    },
    "confirm_link": {**_DECIDED, "decided": "confirmed"},
    "reject_link": {**_DECIDED, "decided": "rejected"},
}
