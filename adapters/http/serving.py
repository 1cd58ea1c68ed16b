"""Running the server: the app, read models and webhooks beside it, and a stop that answers all that was taken.

Promise: a stop closes the door first, and answers what is under way before it ends; what does not end within
`STOP_SECONDS` is cut. The read models follow the log in a thread of their own, and webhooks are told in another, unless
a `pledger worker` does both; one that cannot go on stops nothing.
"""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from adapters.api_keys.keys import Keys
from adapters.http.app import create_app
from adapters.http.connections import Patient
from adapters.http.service import Service
from adapters.ledger import utc_now
from adapters.workers.threads import following, sending_webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from adapters.bootstrap import Installation
    from adapters.workers import FollowerProgress
    from domain.errors import PledgerError

STOP_SECONDS: Final = 20
_log = logging.getLogger("pledger.http")


class _Server(uvicorn.Server):
    """Uvicorn's server, which says when it listens."""

    def __init__(self, config: uvicorn.Config, told: Callable[[str], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen, and say at which address: port 0 leaves the choice to the system."""
        await super().startup(sockets)
        for server in self.servers:
            for bound in server.sockets:
                host, port = bound.getsockname()[:2]
                self._told(f"http://{host}:{port}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and Ctrl-C end the serving and nothing more: what comes after it closes the ledger."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    installation: Installation, host: str, port: int, told: Callable[[str], None], *, follows: bool = True
) -> None:
    """Serve until the process is told to stop; `told` is given the address once it listens."""
    service = Service(installation, Keys(installation.connect, utc_now))
    config = uvicorn.Config(
        create_app(service),
        host,
        port,
        http=Patient,
        access_log=False,  # A path can name a customer.
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=20,
        backlog=1_024,
    )
    with ExitStack() as beside:
        beside.enter_context(closing(service))
        if follows:
            beside.enter_context(following(installation, _noted, _ended))
            beside.enter_context(sending_webhooks(installation, service.metrics.webhook_told, _ended))
        _Server(config, told).run()


def _noted(turn: FollowerProgress) -> None:
    if turn.interrupted:
        _log.warning("read models interrupted: %s", turn.interrupted.code)


def _ended(name: str, error: PledgerError) -> None:
    _log.error("%s stopped: %s", name, error.code)
