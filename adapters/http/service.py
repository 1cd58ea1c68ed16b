"""What the server's endpoints share: the ledger, the keys, backpressure, metrics, and threads to wait in."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Request
from psycopg_pool import ConnectionPool

from adapters.http.append_tokens import AppendTokens
from adapters.http.backpressure import Backpressure
from adapters.http.metrics import Metrics
from adapters.postgres.connection import translated
from adapters.unsubscribe import Unsubscriber
from adapters.workers.rebuilder import Rebuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from adapters.api_keys.keys import ApiKeys
    from adapters.bootstrap import Installation

_T = TypeVar("_T")

THREADS: Final = 64
"""How many requests wait for the ledger at once; their facts share transactions."""
READERS: Final = 8
"""How many questions are answered at once, in threads that no append waits for."""
CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 60.0


@dataclass(slots=True)
class Service:
    """One server's parts."""

    installation: Installation
    keys: ApiKeys
    backpressure: Backpressure = field(default_factory=Backpressure)
    metrics: Metrics = field(default_factory=Metrics)
    unsubscriber: Unsubscriber = field(init=False)
    rebuilder: Rebuilder = field(init=False)
    append_tokens: AppendTokens = field(init=False)
    connections: ConnectionPool[psycopg.Connection[tuple[Any, ...]]] = field(init=False)
    """For questions; opened as they are needed, and checked before each use."""
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(THREADS))
    readers: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(READERS))
    auditing: Lock = field(default_factory=Lock)
    """Held by the one audit that may run."""

    def __post_init__(self) -> None:
        """Make the parts that work on the ledger."""
        self.unsubscriber = Unsubscriber(self.installation)
        self.rebuilder = Rebuilder(self.installation.connect)
        self.append_tokens = AppendTokens(self.installation.keyring.append_tokens)
        self.connections = ConnectionPool(
            self.installation.database.conninfo,
            kwargs={"autocommit": True},
            min_size=0,
            max_size=READERS,
            max_idle=IDLE_SECONDS,
            timeout=CONNECT_SECONDS,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def close(self) -> None:
        """Close the connections that the parts keep; the caller closes the ledger."""
        self.rebuilder.close()
        self.connections.close()
        self.keys.close()
        self.unsubscriber.close()

    async def reads(self, work: Callable[..., _T], *arguments: Any) -> _T:  # noqa: ANN401 - whatever the work takes
        """Do work that reads, with a connection as its first argument, and return its result."""
        return await run_sync(self._read, work, *arguments, limiter=self.readers)

    def _read(self, work: Callable[..., _T], *arguments: Any) -> _T:  # noqa: ANN401 - as above
        with translated(), self.connections.connection() as connection:
            return work(connection, *arguments)

    async def waits(self, work: Callable[..., _T], *arguments: Any) -> _T:  # noqa: ANN401 - whatever the work takes
        """Do work that blocks in a thread, and return its result."""
        return await run_sync(work, *arguments, limiter=self.threads)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(_service)]
