"""The OpenAPI document: complete enough to work from, and true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from adapters.http.openapi.errors import MEANINGS
from adapters.http.openapi.examples import EXAMPLES
from adapters.http.problems import STATUS
from adapters.http.security import OPEN
from tests.http.conftest import MATRIX, routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    import pytest
    from fastapi import FastAPI

_PAGES = {("GET", "/u/{token}"), ("POST", "/u/{token}"), ("GET", "/openapi.json")}


def operations(app: FastAPI) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Return each operation by method and path, but the pages for people."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if (method.upper(), path) not in _PAGES:
                yield (method.upper(), path), operation


def test_every_endpoint_is_in_it(app: FastAPI) -> None:
    """What is allowed to anybody is described, once, under a name of its own, and says whether it asks for a key."""
    found = dict(operations(app))
    assert set(found) == set(MATRIX) - _PAGES
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    for endpoint, operation in found.items():
        assert operation["description"], endpoint
        assert ("security" in operation) is (endpoint not in OPEN)


def test_every_answer_has_an_example(app: FastAPI) -> None:
    """Each success has an example, but for the counts; each parameter says what it is for."""
    for endpoint, operation in operations(app):
        for status, answer in operation["responses"].items():
            if status.startswith("2") and endpoint != ("GET", "/metrics"):
                shown = answer["content"]["application/json"]
                assert shown.get("example") or shown.get("examples"), endpoint
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (endpoint, parameter["name"])


def test_every_error_has_its_code(app: FastAPI) -> None:
    """Each error answer names its codes, and says of each what it means; every code that there is means something."""
    assert set(MEANINGS) == set(STATUS)
    for endpoint, operation in operations(app):
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                examples = answer["content"]["application/problem+json"]["examples"]
                assert examples, endpoint
                assert {STATUS[code] for code in examples} == {int(status)}
                assert all(f"`{code}`: {MEANINGS[code]}" in answer["description"] for code in examples)


def test_examples_are_of_the_schema(app: FastAPI) -> None:
    """An example has the keys and the types that the answer has."""
    modelled = [route for route in routes(app) if isinstance(route, APIRoute) and route.response_model is not None]
    assert len(modelled) >= len(EXAMPLES)
    for route in modelled:
        answer = route.responses[route.status_code or 200]
        example = answer["content"]["application/json"]["example"]
        TypeAdapter(route.response_model).validate_python(example, strict=True, extra="forbid")


def test_it_is_written_once(app: FastAPI, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no key, so anybody may ask for it often: it is written for the first who asks, and kept."""
    whole, asked = app.openapi(), list[int]()

    def document() -> dict[str, Any]:
        asked.append(1)
        return whole

    monkeypatch.setattr(app, "openapi", document)
    answers = [client.get("/openapi.json") for _ in range(3)]
    assert [answer.json() for answer in answers] == [whole] * 3
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
    assert len(asked) == 1
