"""Requests made from the OpenAPI document by schemathesis: no endpoint answers with a 5xx, or otherwise than it says.

Each endpoint that the document holds is asked with the key of a role that may, by good requests and by bad ones. What
the document leaves open is drawn from what is there, so that requests come past the door: names of customers, moments,
and the facts of the wire contract. `make fuzz` asks longer, `PLEDGER_TEST_FUZZ` times an endpoint, in another order
each time.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.api_keys.roles import Role
from adapters.http.connections import HEADERS_MAX
from adapters.http.security import OPEN
from domain.facts import SHAPES, CompanyFact, VisitorFact
from tests.controls import cloud_event
from tests.examples import EXAMPLES
from tests.http.conftest import MATRIX, entry
from tests.serving import PATIENCE, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from schemathesis import schemas

    from tests.places import Place

    APIOperation = schemas.APIOperation[Any, Any, Any, Any]
    Case = schemathesis.Case[Any]

FUZZ: Final = int(os.environ.get("PLEDGER_TEST_FUZZ", "0"))
RANDOM_EACH: Final = 12
CASES_FIRST: Final = 40
CASES_STEP: Final = 25
CASES_MOST: Final = 1_200
CHECKS: Final = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_CUSTOMER: Final = {"type": "string", "enum": [f"customer:{number}" for number in range(1, 6)]}
_VISITOR: Final = {"type": "string", "enum": ["visitor:a", "visitor:b"]}
_KNOWN: Final[Mapping[str, list[object]]] = {
    "customer": ["customer:1", "customer:2", "order:O-1"],
    "as_of": ["1", "5", "2016-04-02T10:15:00Z", "2030-01-01T00:00:00Z"],
    "at_least": [0, 1, 5],
    "since": [0, 3],
    "from": ["2016-01-01T00:00:00Z"],
    "to": ["2030-01-01T00:00:00Z"],
    "promise": [["P18"]],
    "purpose": ["support"],
}
"""What is there, by the name of the parameter that asks for it."""


@pytest.mark.slow
def test_schemathesis_finds_nothing(place: Place) -> None:
    """Every request to every endpoint is answered as the document says, and never with a server error."""
    with served(place.environment) as (address, process):
        _tell(address, place)
        document = httpx.get(f"{address}/openapi.json", timeout=PATIENCE).json()
        schema = schemathesis.openapi.from_dict(_sharpened(document))
        asked = Counter[str]()
        failed: list[BaseException] = []
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            for role in _roles(operation):
                try:
                    _ask(operation, partial(_check, address, place.headers(role) if role else {}, asked))
                except (BaseExceptionGroup, Exception) as error:  # noqa: BLE001 - those after it are asked as well
                    failed.append(error)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    print(f"{asked.total():,} requests to {len(asked)} endpoints, at least {min(asked.values())} to each")  # noqa: T201 - for whoever runs it
    if failed:
        raise BaseExceptionGroup("what schemathesis found", failed)
    assert len(asked) == sum(len(methods) for methods in document["paths"].values())
    assert "ERROR" not in out + err


def test_what_it_found(place: Place) -> None:
    """An audit of the time before the first event is empty; a body that is not text gets an error."""
    with served(place.environment) as (address, _):
        _tell(address, place)
        told = httpx.get(f"{address}/v1/audit?as_of=0", headers=place.headers(Role.AUDITOR), timeout=PATIENCE)
        assert (told.status_code, told.json()["events"]) == (200, 0)
        headers = {**place.headers(Role.AUDITOR), "Content-Type": "application/json"}
        told = httpx.post(f"{address}/v1/customers/resolve", content=b"\xff", headers=headers, timeout=PATIENCE)
        assert (told.status_code, told.json()["errors"][0]["where"]) == (422, "body")


def _tell(address: str, place: Place) -> None:
    """Put a person on record."""
    for one in (entry("a"), entry("b", act="order", reference="O-1"), cloud_event("access_request", "c", request="r")):
        httpx.post(f"{address}/v1/events", json=one, headers=place.headers(), timeout=PATIENCE).raise_for_status()


def _roles(operation: APIOperation) -> Sequence[Role | None]:
    """Return the roles whose keys an endpoint is asked with: one that may; each that appends, where facts are taken."""
    endpoint = (operation.method.upper(), operation.path)
    if endpoint in OPEN:
        return [None]
    roles = sorted(MATRIX[endpoint])
    return roles if endpoint[1] == "/v1/events" else roles[:1]


def _ask(operation: APIOperation, check: Callable[[Case], None]) -> None:
    """Ask an endpoint: at the bounds of all that the document says of it, and at random."""
    cases = operation.schema.iter_coverage_cases(
        operation, generation_modes=list(GenerationMode), generation_config=operation.schema.config.generation
    )
    for case in cases if FUZZ else _some(cases):
        check(case)
    ways = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    bounds = settings(
        max_examples=FUZZ or RANDOM_EACH,
        derandomize=not FUZZ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    @bounds
    @given(case=ways)
    def ask(case: Case) -> None:
        check(case)

    ask()


def _some(cases: Iterable[Case]) -> Iterator[Case]:
    """Return the first cases, and ever fewer of the later ones: what facts are of has some twenty thousand."""
    for number, case in enumerate(islice(cases, CASES_MOST)):
        if number < CASES_FIRST or number % CASES_STEP == 0:
            yield case


def _check(address: str, headers: dict[str, str], asked: Counter[str], case: Case) -> None:
    asked[case.operation.label] += 1
    response = case.call(base_url=address, headers=headers)
    if len(response.request.url or "") > HEADERS_MAX:
        # It did not come to the endpoint, whose part of the document says nothing of it.
        assert response.status_code < 500
        return
    case.validate_response(response, checks=CHECKS)


def _sharpened(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with what is known of the ledger put where it leaves a value open."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if known := _KNOWN.get(parameter["name"]):
                    parameter["schema"] = {"anyOf": [{"enum": known}, parameter["schema"]]}
    shared = document["components"].setdefault("schemas", {})
    facts = [_fact_schema(word, shared) for word in EXAMPLES]
    for path in ("/v1/events", "/v1/decisions"):
        for media, told in document["paths"][path]["post"]["requestBody"]["content"].items():
            one = {"anyOf": facts}
            told["schema"] = {"type": "array", "maxItems": 5, "items": one} if "batch" in media else one
            told.pop("examples", None)
    return document


def _fact_schema(word: str, shared: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a fact of one type; put what it refers to among what is shared."""
    kind, data = SHAPES[f"pledger.{word}.v1"]
    inner = data.model_json_schema(ref_template="#/components/schemas/{model}")
    shared |= inner.pop("$defs", {})
    shared["Subject"] = _CUSTOMER
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
        "source": {"enum": ["/a", "/b"]},
        "type": {"const": f"pledger.{word}.v1"},
        "time": {"enum": ["2016-04-02T10:15:00Z", "2016-04-03T00:00:00+02:00", "2020-01-01T00:00:00Z"]},
        "data": inner,
    }
    if not issubclass(kind, CompanyFact):
        properties["subject"] = _VISITOR if issubclass(kind, VisitorFact) else _CUSTOMER
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
