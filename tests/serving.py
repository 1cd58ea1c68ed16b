"""What tests talk to: web servers and workers in a thread of this process, and commands as processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from ssl import SSLContext

    from starlette.types import ASGIApp


LOOKS_A_TICK: Final = 20
PATIENCE: Final = 60.0
"""Seconds that a client waits for an answer: a machine that is busy with other tests is slow, and nothing is timed."""


class Loopback:
    """A web server on this machine, open until it is closed, that answers by a handler and logs nothing."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0, tls: SSLContext | None = None) -> None:
        quiet = type("Quiet", (handler,), {"log_message": lambda *_: None})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), quiet)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class PromptServer(uvicorn.Server):
    """A server that begins to stop within some milliseconds, and waits for no connection where it has none."""

    async def main_loop(self) -> None:
        """Look often whether it has to stop; the library looks each tenth of a second."""
        counter = 0
        while not await self.on_tick(counter // LOOKS_A_TICK):
            counter += 1
            await asyncio.sleep(0.1 / LOOKS_A_TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and give clients that have just left a moment to be seen to have left."""
        for server in self.servers:
            server.close()
        for _ in range(LOOKS_A_TICK):
            if not self.server_state.connections:
                await self.lifespan.shutdown()
                return
            await asyncio.sleep(0.1 / LOOKS_A_TICK)
        await super().shutdown(sockets)


@contextmanager
def app_served(app: ASGIApp, tls: tuple[Path, Path] | None = None, **options: Any) -> Iterator[str]:  # noqa: ANN401
    """Serve an application in a thread, and return its address; `tls` names the files of key and certificate."""
    key, certificate = tls or (None, None)
    config = uvicorn.Config(
        app, port=0, access_log=False, log_config=None, ssl_keyfile=key, ssl_certfile=certificate, **options
    )
    server = PromptServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http{'s' if tls else ''}://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def in_thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Let work go on in a thread until the block ends and its event is set; raise what it raised."""
    stop, ended = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the test's own thread
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=PATIENCE)
    assert not thread.is_alive()
    if ended:
        raise ended[0]


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait until something holds, and return how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it does not hold in time"
        time.sleep(0.01)
    return time.monotonic() - began


@contextmanager
def command(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of `pledger` as a process of its own; it is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from adapters.cli.main import app; app()", *words],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def served(environment: dict[str, str], *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `pledger serve` as a process of its own, and return its address and the process; it is stopped in the end."""
    with command(environment, "serve", "--port", "0", *options) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Listening at "), process.stderr.read() if process.stderr else line
        yield line.split()[-1], process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
