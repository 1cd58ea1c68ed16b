"""A shop's database with an outbox, beside the ledger's; roles that may do no more than they have to; relays."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from importlib import resources
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Json

from adapters.client import Client
from adapters.outbox import HttpDestination, LedgerDestination, Outbox, relay, rows
from adapters.outbox.relay_worker import KEEP
from domain.events.customer import CustomerEnrolled
from tests.http.conftest import entry
from tests.reading import opened_log
from tests.serving import Loopback, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from adapters.bootstrap import Installation
    from adapters.outbox import Destination, RelayProgress
    from adapters.outbox.rows import OutboxStatus, ParkedRow

SQL = resources.files("adapters.outbox").joinpath("outbox.sql").read_bytes()
RELAY_MAY = "SELECT, DELETE, UPDATE (delivered_at, attempts, parked_at, reason)"
SHOP_MAY = "INSERT (event)"


def entered(name: str, customer: int = 1) -> dict[str, Any]:
    """Return a customer's contest entry, now or at any time."""
    return {**entry(name), "subject": f"customer:{customer}"}


class Shop:
    """A shop's database. `url` is its owner's address, `relay_url` and `writer_url` those of roles that may little."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as connection:
            connection.execute(SQL)
        self.relay_url = self._role("relay", RELAY_MAY)
        self.writer_url = self._role("writer", SHOP_MAY)
        self.outbox = Outbox(self.relay_url)

    def _role(self, word: str, privileges: str) -> str:
        name = f"{word}_{uuid4().hex[:12]}"
        with psycopg.connect(self.url) as connection:
            role = sql.Identifier(name)
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'made up'").format(role))
            connection.execute(f"GRANT {privileges} ON pledger_outbox TO {name}".encode())
        return make_conninfo(self.url, user=name, password="made up")

    def drop_roles(self) -> None:
        """Drop the roles, which belong to the server and not to the database."""
        with psycopg.connect(self.url) as connection:
            for url in (self.relay_url, self.writer_url):
                name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(url)["user"]))
                connection.execute(sql.SQL("DROP OWNED BY {}").format(name))
                connection.execute(sql.SQL("DROP ROLE {}").format(name))

    def write(self, *events: object) -> None:
        """Write rows in a transaction of their own, as the shop does it."""
        with psycopg.connect(self.writer_url) as connection:
            write(connection, *events)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Look at or change the table, as its owner."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def standing(self) -> OutboxStatus:
        """Return the outbox in numbers, as the relay's role sees it."""
        with self.outbox.connect() as connection:
            return rows.status(connection)

    def parked(self) -> list[ParkedRow]:
        """Return what is parked."""
        with self.outbox.connect() as connection:
            return rows.parked(connection, 1_000)


def write(connection: psycopg.Connection[Any], *events: object) -> None:
    """Write rows in a transaction that is open."""
    connection.cursor().executemany("INSERT INTO pledger_outbox (event) VALUES (%s)", [(Json(one),) for one in events])


class Picky:
    """A server on a real socket that answers as a test tells it; what it takes, it takes in order.

    `whole` is how it answers whatever it is asked, `items` how it answers single facts, by id; `spoiling`: ids for
    which it refuses a whole batch. Each is a status and a code.
    """

    def __init__(self) -> None:
        self.whole: tuple[int, str] | None = None
        self.items: dict[str, tuple[int, str]] = {}
        self.spoiling: set[str] = set()
        self.asked: list[list[str]] = []
        self.taken: list[str] = []
        picky = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ids = [one["id"] for one in json.loads(self.rfile.read(int(self.headers["Content-Length"])))]
                status, body = picky.answer(ids)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self._server = Loopback(Handler)
        self.url, self.close = self._server.url, self._server.close

    def answer(self, ids: list[str]) -> tuple[int, dict[str, Any]]:
        """Answer a batch."""
        self.asked.append(ids)
        if self.whole:
            return self.whole[0], _problem(*self.whole)
        if self.spoiling & set(ids):
            return 422, _problem(422, "malformed_fact")
        self.taken += [name for name in ids if name not in self.items]
        return 200, {"answers": [self._item(name) for name in ids]}

    def _item(self, name: str) -> dict[str, Any]:
        if name in self.items:
            return {"status": self.items[name][0], "problem": _problem(*self.items[name])}
        receipt = {"fact": f"/shop {name}", "at_least": "x", "repeated": False}
        return {"status": 201, "receipt": {**receipt, "findings": [], "unread": [], "not_linked": [], "later": []}}


def _problem(status: int, code: str) -> dict[str, Any]:
    return {"code": code, "status": status, "title": "It was not stored.", "detail": "the test has it so.", "hint": "-"}


@pytest.fixture
def picky() -> Iterator[Picky]:
    """Return a server that takes everything until a test changes it."""
    server = Picky()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def to_picky(picky: Picky) -> Iterator[HttpDestination]:
    """Return that server as a destination, of which the relay hears at once."""
    with Client(picky.url, "k", retry_seconds=0) as client:
        yield HttpDestination(client)


@pytest.fixture
def shop(make_database: Callable[[], str]) -> Iterator[Shop]:
    """Return a shop with an empty outbox."""
    shop = Shop(make_database())
    try:
        yield shop
    finally:
        shop.drop_roles()


@contextmanager
def relaying(shop: Shop, destination: Destination, *, keep: timedelta = KEEP) -> Iterator[list[RelayProgress]]:
    """Let a relay run in a thread for the length of the block; gives what it tells."""
    turns: list[RelayProgress] = []
    with in_thread(lambda stop: relay(shop.outbox, destination, stop, turns.append, keep=keep)):
        yield turns


def relay_once(shop: Shop, destination: Destination, *, keep: timedelta = KEEP) -> list[RelayProgress]:
    """Deliver what waits, and give what the relay told."""
    turns: list[RelayProgress] = []
    relay(shop.outbox, destination, threading.Event(), turns.append, keep=keep, once=True)
    return turns


def stored(installation: Installation) -> list[str]:
    """Return the ids of the shop's facts in the log, in its order, each once for each time that it is there."""
    of_shop = (event for event in opened_log(installation) if event.source == "/shop")
    return [event.fact_id or "" for event in of_shop if not isinstance(event, CustomerEnrolled)]


def straight(installation: Installation) -> LedgerDestination:
    """Return the ledger of this process as a destination."""
    return LedgerDestination(installation.ledger)
