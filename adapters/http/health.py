"""Whether the server is alive, whether it can take facts, and its metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from adapters.api_keys.roles import Role
from adapters.http.metrics import CONTENT_TYPE
from adapters.http.openapi import examples
from adapters.http.security import Holder, admits
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.webhooks import registry
from projections import engine

router = APIRouter(tags=["health"])


@router.get("/health", responses=examples.HEALTH)
async def health() -> dict[str, str]:
    """Say that the process answers; nothing else is checked."""
    return {"status": "alive"}


@router.get("/ready", responses=examples.READY)
async def ready(service: ServiceDependency) -> JSONResponse:
    """Say whether facts can be appended: whether the database answers."""
    await service.waits(_log_size, service)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", response_class=PlainTextResponse, responses=examples.METRICS)
@admits(Role.OPERATOR)
async def metrics(service: ServiceDependency, key: Holder) -> Response:
    """Return the server's metrics, in Prometheus' text format."""
    del key
    for name, behind in (await service.waits(_lags, service)).items():
        service.metrics.behind.labels(name).set(behind)
    service.metrics.webhook_waiting.clear()
    for webhook, state, waiting in await service.waits(_webhooks, service):
        service.metrics.webhook_waiting.labels(webhook, state).set(waiting)
    service.metrics.log.set(await service.waits(_log_size, service))
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


def _log_size(service: Service) -> int:
    with translated(), service.installation.connect() as connection:
        ((size,),) = connection.execute(query("head")).fetchall()
    return int(size)


def _lags(service: Service) -> dict[str, Any]:
    with translated(), service.installation.connect() as connection:
        return {one.projection: one.behind for one in engine.status(connection, engine.PROJECTIONS)}


def _webhooks(service: Service) -> list[tuple[str, str, int]]:
    now = utc_now()
    with service.installation.connect() as connection:
        return [(one.name, registry.state(one, now), one.waiting) for one in registry.list_webhooks(connection, now)]
