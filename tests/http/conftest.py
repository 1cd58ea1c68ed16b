"""The server's app over a real ledger, in this process and as a process of its own, with a key of each role."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from adapters.api_keys import keys
from adapters.api_keys.keys import ApiKeys
from adapters.api_keys.roles import Role, Scope
from adapters.http.app import create_app
from adapters.http.service import Service
from adapters.ledger import utc_now
from tests.controls import cloud_event
from tests.serving import PATIENCE, app_served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI
    from starlette.routing import BaseRoute

    from adapters.bootstrap import Installation


def _matrix() -> Iterator[tuple[tuple[str, str], frozenset[Role]]]:
    page = (Path(__file__).parents[2] / "adapters" / "http" / "README.md").read_text(encoding="utf-8")
    table = page.partition("| endpoint | for | does |\n")[2].partition("\n\n")[0]
    for row in table.splitlines()[1:]:
        _, paths, roles, *_ = row.split("|")
        for endpoint in re.findall(r"`([A-Z]+) ([^`]+)`", paths):
            yield endpoint, frozenset(role for role in Role if re.search(rf"\b{role}\b", roles))


MATRIX: Final = dict(_matrix())
"""Each endpoint, and the roles that may call it, as adapters/http/README.md says; the open ones have no role."""


def routes(app: FastAPI) -> Iterator[BaseRoute]:
    """Yield every route of the app, those of its routers among them."""
    left = list(app.routes)
    while left:
        route = left.pop()
        if included := getattr(route, "original_router", None):
            left += included.routes
        else:
            yield route


def entry(name: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a customer's contest entry on paper as a CloudEvent: no collection point has to be registered for it."""
    usual = {"act": "contest_entry", "reference": name, "values": {"user.contact.email": "marked-value@example.org"}}
    return cloud_event("collection", name, **{**usual, "online": False, **data})


def share(name: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a share that breaks promises: its recipient is not registered."""
    given = {"recipient": "ads", "purpose": "deliver_ads", "categories": ["user.contact.email"]}
    return cloud_event("share", name, **{**given, **data})


@pytest.fixture
def service(installation: Installation) -> Iterator[Service]:
    """Return the parts of a server over a new ledger."""
    with closing(Service(installation, ApiKeys(installation.connect, utc_now))) as service:
        yield service


@pytest.fixture
def app(service: Service) -> FastAPI:
    """Return the app."""
    return create_app(service)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Return a client of the app on a real server, which runs in a thread of this process."""
    with app_served(app) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def key(installation: Installation) -> Callable[..., dict[str, str]]:
    """Make a key, and give the header that carries it."""

    def make(role: Role = Role.SERVICE, label: str = "checkout", **scope: Any) -> dict[str, str]:  # noqa: ANN401
        with installation.connect() as connection:
            secret, _ = keys.create(connection, label, role, Scope(**scope), now=utc_now())
        return {"Authorization": f"Bearer {secret}"}

    return make


def as_json(events: list[dict[str, Any]]) -> str:
    """Write a batch."""
    return json.dumps(events)
