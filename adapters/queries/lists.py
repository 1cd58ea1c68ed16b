"""Lists about many people: requests, and who must be left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from adapters.queries import instant

if TYPE_CHECKING:
    from projections.request_history import RequestStatus
    from projections.suppression_list import Suppression, SuppressionChange


class Request(TypedDict):
    """One request and how it stands."""

    person: str
    request: str
    kind: str
    state: str
    category: str | None
    asked_at: str | None
    asked_by: str | None
    deadline: str | None
    identity: str | None
    answer: str | None
    answered_at: str | None
    answered_by: str | None


class Entry(TypedDict):
    """One person who must be left alone, and why."""

    person: str
    streams: list[str]
    owed: str
    since: str
    because_of: str
    fact: str


class Change(TypedDict):
    """One change of who must be left alone."""

    position: int
    stream: str
    state: str
    owed: str | None
    time: str
    fact: str


def request(one: RequestStatus) -> Request:
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


def entry(one: Suppression) -> Entry:
    """Give one person who must be left alone, and why."""
    return {
        "person": str(one.person),
        "streams": [str(stream) for stream in one.streams],
        "owed": one.suppressed,
        "since": instant(one.since),
        "because_of": one.because_of,
        "fact": one.fact,
    }


def change(one: SuppressionChange) -> Change:
    """Give one change of who must be left alone."""
    return {
        "position": one.position,
        "stream": str(one.stream),
        "state": one.state,
        "owed": one.suppressed,
        "time": instant(one.at),
        "fact": one.fact,
    }
