"""A receiver on a real socket, a worker in a thread, and webhooks of a ledger that lead from the one to the other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from adapters.ledger import utc_now
from adapters.webhooks import registry
from adapters.webhooks.messages import FOR_COPIES
from adapters.workers.webhooks import deliver
from domain.events.customer import DataCollected
from tests.reading import opened_log
from tests.serving import Loopback, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from email.message import Message
    from ssl import SSLContext

    from adapters.bootstrap import Installation
    from adapters.webhooks.deliveries import AttemptResult
    from adapters.webhooks.messages import MessageKind
    from adapters.webhooks.registry import Webhook

SKEW_SECONDS = 300


class Got(NamedTuple):
    """One request, as it came."""

    path: str
    headers: Message
    body: bytes

    @property
    def id(self) -> str:
        """The message's id, by which a receiver knows what it has had."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:  # noqa: ANN401 - a CloudEvent
        """The body, read."""
        return json.loads(self.body)


def is_genuine(got: Got, secret: str, now: float | None = None) -> bool:
    """Check a signature as the specification has a receiver do it; nothing here is the sender's own code."""
    timestamp = got.headers["webhook-timestamp"]
    if abs((time.time() if now is None else now) - int(timestamp)) > SKEW_SECONDS:
        return False
    assert secret.startswith("whsec_")
    signed = f"{got.id}.{timestamp}.".encode() + got.body
    expected = hmac.new(base64.b64decode(secret.removeprefix("whsec_"), validate=True), signed, hashlib.sha256).digest()
    versions = [one.split(",", 1) for one in got.headers["webhook-signature"].split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(expected, base64.b64decode(signature, validate=True))
        for version, signature in versions
    )


class Receiver:
    """A receiver that keeps what it got, in order; `answers` says what it answers to each request."""

    def __init__(self, port: int = 0, tls: SSLContext | None = None) -> None:
        self.got: list[Got] = []
        self.answers: Callable[[Got], int | tuple[int, dict[str, str]]] = lambda _: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                got = Got(self.path, self.headers, self.rfile.read(length))
                if len(got.body) < length:  # Whoever sent it died in the middle.
                    return
                receiver.got.append(got)
                told = receiver.answers(got)
                status, headers = told if isinstance(told, tuple) else (told, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

        server = Loopback(Handler, port, tls)
        self.port, self.url, self.close = server.port, f"{server.url}/hooks", server.close

    def told(self) -> list[tuple[str, str]]:
        """Return whom and what it was told of, in order."""
        return [(got.event["subject"], got.event["type"]) for got in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver that answers 204."""
    it = Receiver()
    try:
        yield it
    finally:
        it.close()


class Hooks:
    """A ledger's webhooks, and a worker for them when a test wants one."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.told: list[AttemptResult] = []

    def add(
        self, url: str, *kinds: MessageKind, since: int | None = None, allows_private: bool = True
    ) -> tuple[str, str]:
        """Make a webhook; give its name and its secret as it is shown."""
        with self.installation.connect() as connection:
            secret, name = registry.add(
                connection,
                self.installation.keyring.holder,
                url,
                kinds or FOR_COPIES,
                now=utc_now(),
                since=since,
                allows_private=allows_private,
            )
        return name, "whsec_" + base64.b64encode(secret).decode()

    def state(self, name: str) -> Webhook:
        """Return a webhook as it stands."""
        with self.installation.connect() as connection:
            (found,) = [one for one in registry.list_webhooks(connection, utc_now()) if one.name == name]
        return found

    def retry(self, name: str) -> int:
        """Take a webhook up again."""
        with self.installation.connect() as connection:
            return registry.retry(connection, name, utc_now())

    def remove(self, name: str) -> None:
        """Remove a webhook."""
        with self.installation.connect() as connection:
            registry.remove(connection, name)

    def run(self, statement: bytes) -> list[tuple[Any, ...]]:
        """Look at or change the tables, as time would."""
        with self.installation.connect() as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def time_passes(self, days: float) -> None:
        """Let everything be so much longer ago, and all that waits be due."""
        with self.installation.connect() as connection:
            parameters = {"ago": f"{days} days", "now": utc_now()}
            connection.execute("UPDATE webhooks SET failing_since = failing_since - %(ago)s::interval", parameters)
            connection.execute(
                "UPDATE webhook_deliveries SET failing_since = failing_since - %(ago)s::interval, "
                "due_at = least(due_at, CASE WHEN due_at = 'infinity' THEN due_at ELSE %(now)s END)",
                parameters,
            )

    def customer(self, number: int) -> str:
        """Return the id of a customer as messages name it; of an erased one no name is left, so there can be one."""
        entries = [event for event in opened_log(self.installation) if isinstance(event, DataCollected)]
        named = {event.originator_id for event in entries if event.fact_id == f"entry-{number}"}
        (stream,) = named or {event.originator_id for event in entries if event.fact_id is None}
        return f"id:{stream}"

    def working(self) -> AbstractContextManager[None]:
        """Let a worker run for the length of the block."""
        return in_thread(lambda stop: deliver(self.installation, stop, self.told.append))


@pytest.fixture
def hooks(installation: Installation) -> Hooks:
    """Return the webhooks of a new ledger."""
    return Hooks(installation)
