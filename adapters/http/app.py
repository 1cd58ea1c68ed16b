"""The app: its endpoints, who may call them, and how errors are answered.

Nothing is opened here. The OpenAPI document has every endpoint with examples, and every error with its code.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response

from adapters.http import company, customers, events, gpc, health, keys, links, lists, problems, projections
from adapters.http.backpressure import BodyLimit
from adapters.http.metrics import RequestTiming
from adapters.http.openapi.errors import PROBLEM
from adapters.http.security import OPEN
from adapters.unsubscribe.router import router

if TYPE_CHECKING:
    from adapters.http.service import Service

VERSION: Final = "1"
_SUMMARY: Final = "A ledger of what a company does with its customers' personal data."


def create_app(service: Service) -> FastAPI:
    """Return the server's app over its parts."""
    app = FastAPI(
        title="Pledger",
        summary=_SUMMARY,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # Answered below.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = service
    problems.install(app)
    for module in (events, customers, lists, links, company, projections, keys, health, gpc):
        app.include_router(module.router)
    app.include_router(router(service.unsubscriber))
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestTiming, metrics=service.metrics)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    _answer_with_document(app)
    return app


def _answer_with_document(app: FastAPI) -> None:
    """Answer `/openapi.json`, which needs no key: the document is written once, since that takes some milliseconds."""
    written = cache(lambda: json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode())

    async def openapi(_: Request) -> Response:
        return Response(written(), media_type="application/json")

    app.add_route("/openapi.json", openapi, include_in_schema=False)


def _document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, in which every endpoint but the open ones requires a key."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        components = document.setdefault("components", {})
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        components.setdefault("schemas", {})["Problem"] = PROBLEM
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                operation["responses"].pop("422", None) if (method.upper(), path) in OPEN else None
                if (method.upper(), path) not in OPEN:
                    operation["security"] = [{"key": []}]
        app.openapi_schema = document
    return app.openapi_schema
