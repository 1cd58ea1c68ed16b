"""Lists about many people: requests, and who must be left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.documents import instant

if TYPE_CHECKING:
    from projections.requests import Request
    from projections.suppression_list import Change, Entry


def request(one: Request) -> dict[str, Any]:
    """Give one request and how it stands."""
    return {
        "person": str(one.person),
        "request": one.request,
        "kind": one.kind,
        "state": one.state,
        "category": one.category,
        "asked_at": instant(one.asked_at) if one.asked_at else None,
        "asked_by": one.asked_by,
        "deadline": instant(one.deadline) if one.deadline else None,
        "identity": one.identity,
        "answer": one.answer,
        "answered_at": instant(one.answered_at) if one.answered_at else None,
        "answered_by": one.answered_by,
    }


def entry(one: Entry) -> dict[str, Any]:
    """Give one person who must be left alone, and why."""
    return {
        "person": str(one.person),
        "streams": [str(stream) for stream in one.streams],
        "owed": one.owed,
        "since": instant(one.since),
        "because_of": one.because_of,
        "fact": one.fact,
    }


def change(one: Change) -> dict[str, Any]:
    """Give one change of who must be left alone."""
    return {
        "position": one.position,
        "stream": str(one.stream),
        "state": one.state,
        "owed": one.owed,
        "time": instant(one.at),
        "fact": one.fact,
    }
