"""Times at the ends of the calendar: each door takes them, or says what is wrong with them, and none breaks down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.api_keys.roles import APPENDS, Role
from domain.facts import SHAPES
from tests.controls import cloud_event
from tests.examples import EXAMPLES
from tests.http.conftest import MATRIX
from tests.http.test_reading import catch_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from fastapi import FastAPI

    from adapters.bootstrap import Installation

ENDS: Final = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000001Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T23:59:59-14:00",
    "1900-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:60Z",
    "10000-01-01T00:00:00Z",
)
OF_FACTS: Final = (ENDS[0], ENDS[4], ENDS[5], ENDS[8])
"""One of each sort, for what is slower."""
TIMES: Final = ("as_of", "from", "to")
"""The parameters of questions that are times."""
LONGEST: Final = {"within_days": 36_500, "answer_within_days": 3_650, "due_within_days": 3_650}
"""Those that are added to one, at their greatest."""
INSTANTS: Final = {"effective_from", "until", "queued_at", "counted_as_of"}
"""The fields of data that are times."""


_PATHS: Final[dict[str, Any]] = {}


def paths_of(app: FastAPI) -> dict[str, Any]:
    """Return what the OpenAPI document says of each path: the same in each test, and it takes two seconds."""
    if not _PATHS:
        _PATHS.update(app.openapi()["paths"])
    return _PATHS


def questions(app: FastAPI) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield each question that takes a time: method, path and parameter, with the others that go with it."""
    for path, methods in paths_of(app).items():
        for method, said in methods.items():
            parameters = {one["name"]: one for one in said.get("parameters", ())}
            beside: dict[str, Any] = {name: longest for name, longest in LONGEST.items() if name in parameters}
            beside |= {"purpose": "support"} if "purpose" in parameters else {}
            for name in TIMES:
                if name in parameters:
                    yield method.upper(), path, name, beside


@pytest.fixture
def holders(key: Callable[..., dict[str, str]]) -> dict[Role, dict[str, str]]:
    """Return a key of each role."""
    return {role: key(role, role.value, sealed_values=role is Role.AUDITOR) for role in Role}


def asked(client: httpx.Client, app: FastAPI, holders: dict[Role, dict[str, str]], end: str) -> int:
    """Ask each question as of a time, and return how many there are; none may break down."""
    asked = 0
    for method, path, name, beside in questions(app):
        role = min(MATRIX[method, path] & {Role.OFFICER, Role.AUDITOR})
        where = path.format(customer="customer:1")
        told = client.request(method, where, params={**beside, name: end}, headers=holders[role])
        assert told.status_code in {200, 422}, (path, name, end, told.text)
        asked += 1
    return asked


@pytest.mark.parametrize("end", ENDS)
def test_questions(
    client: httpx.Client, app: FastAPI, holders: dict[Role, dict[str, str]], installation: Installation, end: str
) -> None:
    """Every question as of a time at the ends is answered, or refused with what is wrong."""
    open_with(client, holders)
    catch_up(installation)
    assert asked(client, app, holders, end) > len(TIMES)


def open_with(client: httpx.Client, holders: dict[Role, dict[str, str]]) -> None:
    """Let there be a customer, with a request that nobody answered."""
    values = {"user.contact.email": "ada@example.org"}
    told = [cloud_event("collection", "c", values=values), cloud_event("access_request", "q", request="R-1")]
    assert client.post("/v1/events", json=told, headers=holders[Role.SERVICE]).status_code == 200


def with_times(word: str, end: str) -> Iterator[dict[str, Any]]:
    """Yield a fact of a type whose own time is an end, and one for each time in its data."""
    yield {**cloud_event(word, f"{word}-time-{end}"), "time": end}
    for name in INSTANTS & SHAPES[f"pledger.{word}.v1"][1].model_fields.keys():
        yield cloud_event(word, f"{word}-{name}-{end}", **{name: end})


@pytest.mark.slow
@pytest.mark.parametrize("end", OF_FACTS)
def test_facts(
    client: httpx.Client, app: FastAPI, holders: dict[Role, dict[str, str]], installation: Installation, end: str
) -> None:
    """A fact of such a time is stored or refused, and what is stored breaks no question afterwards."""
    open_with(client, holders)
    stored = 0
    for word in sorted(EXAMPLES.keys() - {"erasure"}):
        role = next(role for role in (Role.SERVICE, Role.OFFICER, Role.ADMIN) if f"pledger.{word}.v1" in APPENDS[role])
        for fact in with_times(word, end):
            told = client.post("/v1/events", json=fact, headers=holders[role])
            assert told.status_code in {200, 201, 400, 403, 422}, (word, end, told.text)
            stored += told.is_success
    catch_up(installation)
    asked(client, app, holders, "9999-12-31T23:59:59.999999Z")
    assert bool(stored) is (end in {"1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
