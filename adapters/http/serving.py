"""Run the server: the app, with the follower of read models, the sender of webhooks and the watch over opt-outs.

A stop refuses new connections first, and answers the requests under way; those that do not end within `STOP_SECONDS`
are cut. Each of these three has a thread, unless a `pledger worker` does their work. If one of them cannot go on, the
server goes on without it.
"""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from adapters.api_keys.keys import ApiKeys
from adapters.http.app import create_app
from adapters.http.connections import TimedProtocol
from adapters.http.service import Service
from adapters.ledger import utc_now
from adapters.workers.threads import following, sending_webhooks, watching_opt_outs
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from adapters.bootstrap import Installation
    from adapters.queries.opt_outs import OptOutBurst
    from adapters.workers.follower import FollowerProgress
    from domain.errors import PledgerError

STOP_SECONDS: Final = 20
_log = logging.getLogger("pledger.http")


class _Server(uvicorn.Server):
    """Uvicorn's server, which reports its address once it listens."""

    def __init__(self, config: uvicorn.Config, report: Callable[[str], None]) -> None:
        super().__init__(config)
        self._report = report

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen, and report the address: with port 0 the system chooses it."""
        await super().startup(sockets)
        for server in self.servers:
            for bound in server.sockets:
                host, port = bound.getsockname()[:2]
                self._report(f"http://{host}:{port}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and Ctrl-C end the serving and nothing more, so that the ledger is closed after it."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    installation: Installation, host: str, port: int, report: Callable[[str], None], *, follows: bool = True
) -> None:
    """Serve until the process is told to stop; `report` is called with the address once the server listens."""
    service = Service(installation, ApiKeys(installation.connect, utc_now))
    config = uvicorn.Config(
        create_app(service),
        host,
        port,
        http=TimedProtocol,
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
            beside.enter_context(following(installation, _log_interruption, _log_end))
            beside.enter_context(sending_webhooks(installation, service.metrics.count_webhook_attempt, _log_end))
            beside.enter_context(watching_opt_outs(installation, _log_burst, _log_end))
        _Server(config, report).run()


def _log_interruption(turn: FollowerProgress) -> None:
    if turn.interrupted:
        _log.warning("read models interrupted: %s", turn.interrupted.code)


def _log_burst(burst: OptOutBurst) -> None:
    told = burst.told_by, burst.name, burst.opt_outs, rfc3339(burst.since)
    _log.warning("burst of opt-outs: %s %s told %d that bind addresses since %s; see pledger doctor", *told)


def _log_end(name: str, error: PledgerError) -> None:
    _log.error("%s stopped: %s", name, error.code)
