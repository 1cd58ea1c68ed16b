"""Whether the server is alive, whether it can take facts, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from adapters.api_keys.roles import Role
from adapters.http.metrics import CONTENT_TYPE
from adapters.http.openapi import examples
from adapters.http.security import Holder, admits
from adapters.http.service import ServiceDependency
from adapters.ledger import utc_now
from adapters.queries.health import ledger_load, log_size

router = APIRouter(tags=["health"])


@router.get("/health", responses=examples.HEALTH)
async def health() -> dict[str, str]:
    """Say that the process answers; nothing else is checked."""
    return {"status": "alive"}


@router.get("/ready", responses=examples.READY)
async def ready(service: ServiceDependency) -> JSONResponse:
    """Say whether facts can be appended: whether the database answers."""
    await service.waits(log_size, service.installation)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", response_class=PlainTextResponse, responses=examples.METRICS)
@admits(Role.OPERATOR)
async def metrics(service: ServiceDependency, key: Holder) -> Response:
    """Return the server's metrics, in Prometheus' text format."""
    del key
    load = await service.waits(ledger_load, service.installation, utc_now())
    for name, behind in load.behind.items():
        service.metrics.behind.labels(name).set(behind)
    service.metrics.webhook_waiting.clear()
    for webhook in load.webhooks:
        service.metrics.webhook_waiting.labels(webhook.name, webhook.state).set(webhook.waiting)
    service.metrics.opt_out_burst.clear()
    for burst in load.opt_out_bursts:
        service.metrics.opt_out_burst.labels(burst.told_by, burst.name).set(burst.opt_outs)
    service.metrics.log.set(load.events)
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)
