"""The server's metrics, for Prometheus.

Labels are routes, methods, statuses, outcomes, and the names of sources, read models and webhooks; never a customer's
name, a reference or a value.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from adapters.webhooks.deliveries import AttemptResult


CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counts of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "pledger_request_seconds",
            "How long requests took.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.facts = Counter("pledger_facts", "Facts by outcome.", ("outcome",), registry=self.registry)
        self.under_way = Gauge(
            "pledger_facts_under_way", "Facts that wait for their transaction.", registry=self.registry
        )
        self.log = Gauge("pledger_log_events", "Events in the log.", registry=self.registry)
        self.behind = Gauge(
            "pledger_read_model_events_behind",
            "How many events a read model has not read yet.",
            ("read_model",),
            registry=self.registry,
        )
        self.webhook_attempts = Counter(
            "pledger_webhook_attempts",
            "Attempts of this server to tell a webhook, by outcome.",
            ("outcome",),
            registry=self.registry,
        )
        self.webhook_waiting = Gauge(
            "pledger_webhook_waiting_events",
            "Events that a webhook has not been told of, and the state of the webhook.",
            ("webhook", "state"),
            registry=self.registry,
        )
        self.opt_out_burst = Gauge(
            "pledger_opt_out_burst_opt_outs",
            "Opt-outs in the latest burst of who told more of them that bind addresses than the settings expect.",
            ("told_by", "name"),
            registry=self.registry,
        )

    def count_webhook_attempt(self, attempt: AttemptResult) -> None:
        """Count an attempt to tell a webhook."""
        self.webhook_attempts.labels("delivered" if attempt.is_delivered else "failed").inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class RequestTiming:
    """Middleware that measures how long each request takes."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record its route, status and time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), "500"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, status).observe(time.perf_counter() - started)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
