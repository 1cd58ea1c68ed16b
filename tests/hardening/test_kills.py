"""The server is killed again and again under load: nothing that it acknowledged is lost, and nothing is there twice.

`PLEDGER_TEST_KILLS` says how often; `make kills` has it killed 200 times.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from adapters.api_keys.roles import Role
from adapters.bootstrap import opened
from adapters.client import Client, Receipt, Unanswered
from adapters.http.append_tokens import AppendTokens
from adapters.queries.doctor import installation_checks
from domain.events.customer import CustomerEnrolled
from projections import engine
from tests.controls import cloud_event
from tests.http.conftest import entry
from tests.reading import opened_log, places_of
from tests.serving import PATIENCE, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.events import Event
    from projections.projection import Connection
    from tests.places import Place

KILLS = int(os.environ.get("PLEDGER_TEST_KILLS", "8"))
CLIENTS = 6
BATCH = 25
"""Every second client sends so many facts at once, the others one by one."""
LONGEST_SECONDS = 0.4
"""A server is killed so long after its first answer at most."""


class Told(NamedTuple):
    """Where a fact's last event stands, and how many it has."""

    position: int
    events: int


class Sender:
    """A client that tells fact after fact, each again under its id until it is answered, and notes the answers."""

    def __init__(self, number: int, address: str, key: str) -> None:
        self.number = number
        self.client = Client(address, key, timeout_seconds=10, retry_seconds=0)
        self.acknowledged: dict[str, str | None] = {}
        """By id, what a receipt has as `at_least`."""
        self.repeats = 0
        """How many were stored before the answer to them was lost."""
        self.unanswered = 0
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until what is under way is answered, and raise what went wrong."""
        self._thread.join(timeout=PATIENCE)
        assert not self._thread.is_alive()
        self.client.close()
        if self._error:
            raise self._error

    def _run(self) -> None:
        turn = 0
        try:
            while not self.stop.is_set():
                turn += 1
                facts = [self._fact(turn, place) for place in range(BATCH if self.number % 2 else 1)]
                for fact, answer in zip(facts, self._answers(facts), strict=True):
                    assert isinstance(answer, Receipt), answer
                    self.acknowledged[fact["id"]] = answer.at_least
                    self.repeats += answer.repeated
        except BaseException as error:  # noqa: BLE001 - it is raised again in the test's own thread
            self._error = error

    def _answers(self, facts: list[dict[str, Any]]) -> list[Any]:
        until = time.monotonic() + 45
        while True:
            try:
                return [self.client.append(facts[0])] if len(facts) == 1 else list(self.client.append_many(facts))
            except Unanswered:
                self.unanswered += 1
                assert time.monotonic() < until, "the server did not come back"
                time.sleep(0.02)

    def _fact(self, turn: int, place: int) -> dict[str, Any]:
        """Return an entry, or what follows from one; customers are shared by all clients, so that they meet."""
        name = f"{self.number}-{turn}-{place}"
        customer = f"customer:{(turn * 7 + place) % 500}"
        match (turn + place) % 4:
            case 0:
                return cloud_event("opt_out", name, 1, customer, program="email_marketing")
            case 1:
                return cloud_event("access_request", name, 1, customer, request=name)
            case _:
                return {**entry(name), "subject": customer}


@contextmanager
def sending(address: str, key: str) -> Iterator[list[Sender]]:
    """Let clients send for the length of the block."""
    senders = [Sender(number, address, key) for number in range(CLIENTS)]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stop.set()
        for sender in senders:
            sender.join()


def _wait_for_answers(senders: list[Sender], more_than: int) -> None:
    until = time.monotonic() + 30
    while sum(len(sender.acknowledged) for sender in senders) <= more_than:
        assert time.monotonic() < until, "nothing is answered"
        time.sleep(0.005)


@pytest.mark.slow
def test_killed_under_load(place: Place) -> None:
    """Whenever it dies, each acknowledged fact is in the log once, whole, where its receipt says; positions run on."""
    chance, began = random.Random(20160314), time.perf_counter()  # noqa: S311 - moments, the same in every run
    with served(place.environment) as (address, first):
        port = address.rsplit(":", 1)[1]
        with sending(address, place.keys[Role.SERVICE]) as senders:
            _wait_for_answers(senders, 0)
            first.kill()
            for _ in range(KILLS - 1):
                first.wait()
                answered = sum(len(sender.acknowledged) for sender in senders)
                with served(place.environment, "--port", port) as (_, process):
                    _wait_for_answers(senders, answered)
                    time.sleep(chance.uniform(0, LONGEST_SECONDS))
                    process.kill()
            with served(place.environment, "--port", port):
                for sender in senders:
                    sender.stop.set()
                for sender in senders:
                    sender.join()
    seconds = time.perf_counter() - began
    acknowledged = {name: told for sender in senders for name, told in sender.acknowledged.items()}
    lost, doubled, stored = _look(place, acknowledged)
    repeats, unanswered = sum(one.repeats for one in senders), sum(one.unanswered for one in senders)
    print(  # noqa: T201 - for whoever runs it
        f"{KILLS} kills in {seconds:.0f} s; {len(acknowledged):,} facts acknowledged, {stored:,} in the log, "
        f"{lost} lost, {doubled} doubled; {unanswered:,} requests unanswered, "
        f"{repeats:,} facts stored before an answer that never came"
    )
    assert (lost, doubled) == (0, 0)
    # Whatever was sent was sent until it was answered, so that nothing else is there.
    assert stored == len(acknowledged)
    assert all(check.is_well for check in installation_checks(place.settings)), list(
        installation_checks(place.settings)
    )
    _look_at_the_read_models(place)


def _look(place: Place, acknowledged: dict[str, str | None]) -> tuple[int, int, int]:
    """Return how many facts are lost, how many are there other than once, and how many there are."""
    with opened(place.settings) as installation, installation.connect() as connection:
        tokens = AppendTokens(installation.keyring.append_tokens)
        of_fact: dict[str, list[Event]] = defaultdict(list)
        for event in opened_log(installation):
            if event.source == "/shop":
                of_fact[event.fact_id or ""].append(event)
        rows = [
            (name, len(own), own[-1].moment.position, sum(not isinstance(one, CustomerEnrolled) for one in own))
            for name, own in of_fact.items()
        ]
        ((size, first, last, count),) = connection.execute(
            "SELECT (SELECT size FROM head), min(position), max(position), count(*) FROM events"
        ).fetchall()
        (gap,) = connection.execute(
            "SELECT count(*) FROM (SELECT version - lag(version, 1, 0) OVER (PARTITION BY stream_id ORDER BY position) "
            "AS step FROM events) AS steps WHERE step <> 1"
        ).fetchall()
        in_log = {name: (Told(position, events), own) for name, events, position, own in rows}
        on_record = {
            name: Told(place.position, place.events) for name, place in places_of(installation, in_log).items()
        }
    assert (size, first, last, count, gap) == (size, 1, size, size, (0,))
    assert {name: told for name, (told, _) in in_log.items()} == on_record
    lost = sum(on_record.get(name) is None for name in acknowledged)
    doubled = sum(own != 1 for _, own in in_log.values())
    assert all(
        tokens.write(on_record[name].position) == told for name, told in acknowledged.items() if name in on_record
    )
    return lost, doubled, len(on_record)


def _look_at_the_read_models(place: Place) -> None:
    """Assert that what servers kept up to date between kills is what a rebuild makes of the log."""
    with opened(place.settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        engine.catch_up(connection)
        kept = _rows(connection)
        outcomes = engine.rebuild(installation.connect)
        assert all(isinstance(one, engine.Rebuilt) for one in outcomes.values()), outcomes
        assert _rows(connection) == kept


def _rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all read models."""
    return {
        one.name: sorted(connection.execute(one.sql("SELECT * FROM {table}")).fetchall(), key=repr)
        for one in engine.PROJECTIONS
    }
