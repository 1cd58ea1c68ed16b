"""The server's app over a real ledger, in this process and as a process of its own, with a key of each role."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from adapters.api_keys import keys
from adapters.api_keys.keys import Keys
from adapters.api_keys.roles import Role, Scope
from adapters.http.app import create_app
from adapters.http.service import Service
from adapters.ledger import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from adapters.bootstrap import Installation


def event(name: str, word: str = "collection", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a fact of customer 1 as a CloudEvent; a collection is a contest entry unless told otherwise."""
    entry = {"act": "contest_entry", "reference": name, "collection_point": "site", "notice": "2016-03-14"}
    values = {"user.contact.email": "marked-value@example.org"}
    whole = {**entry, "values": values, **data} if word == "collection" else data
    envelope = {"specversion": "1.0", "id": name, "source": "/shop", "type": f"pledger.{word}.v1"}
    return {**envelope, "time": "2016-04-02T10:15:00Z", "subject": "customer:1", "data": whole}


def share(name: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Give a share that breaks promises: nobody registered its recipient."""
    return event(
        name, "share", **{"recipient": "ads", "purpose": "deliver_ads", "categories": ["user.contact.email"], **data}
    )


@pytest.fixture
def service(installation: Installation) -> Iterator[Service]:
    """Give the parts of a server over a new ledger."""
    with closing(Service(installation, Keys(installation.connect, utc_now))) as service:
        yield service


@pytest.fixture
def app(service: Service) -> FastAPI:
    """Give the app."""
    return create_app(service)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Give a client of the app on a real server, which runs in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        host, port = server.servers[0].sockets[0].getsockname()
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def key(installation: Installation) -> Callable[..., dict[str, str]]:
    """Make a key, and give the header that carries it."""

    def make(role: Role = Role.SERVICE, label: str = "checkout", **scope: Any) -> dict[str, str]:  # noqa: ANN401
        with installation.connect() as connection:
            secret, _ = keys.create(connection, label, role, Scope(**scope), now=utc_now())
        return {"Authorization": f"Bearer {secret}"}

    return make


@contextmanager
def served(environment: dict[str, str], *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `pledger serve` as a process of its own, and give its address and the process; it is ended in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from adapters.cli.main import app; app()", "serve", "--port", "0", *options],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Listening at "), process.stderr.read() if process.stderr else line
        yield line.split()[-1], process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def as_json(events: list[dict[str, Any]]) -> str:
    """Write a batch."""
    return json.dumps(events)
