"""Relays and servers as processes of their own: killed, gone for hours, several at once; nothing is lost or doubled."""

from __future__ import annotations

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import opened
from adapters.client import Client
from adapters.outbox import HttpDestination
from domain.errors import PledgerError
from tests.controls import cloud_event
from tests.http.conftest import app, client, key, service, share
from tests.outbox.conftest import entered, picky, relay_once, relaying, shop, stored, to_picky
from tests.serving import PATIENCE, command, eventually, served

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import httpx

    from adapters.bootstrap import Installation
    from tests.outbox.conftest import Picky, Shop
    from tests.places import Place

__all__ = ["app", "client", "key", "picky", "service", "shop", "to_picky"]
KILLS = 6
PEOPLE = 25
WAITING = 5_000
CATCH_UP_SECONDS = 40


def stored_at(place: Place) -> list[str]:
    """Return the ids of the shop's facts in the log, in its order."""
    with opened(place.settings) as installation:
        return stored(installation)


def relay_process(place: Place, shop: Shop, *options: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Run `pledger relay` as a process of its own; it is killed in the end."""
    where = {"PLEDGER_OUTBOX_URL": shop.relay_url, "PLEDGER_API_KEY": place.key}
    return command(place.environment | where, "relay", *options)


def per_person(people: int, each: int) -> list[dict[str, Any]]:
    """Return an entry and then requests of each person, the people taking turns, with a number that grows."""
    return [
        cloud_event("access_request", f"{person}-{turn}", 1, f"customer:{person}", request=f"r-{turn}")
        if turn
        else entered(f"{person}-{turn}", person)
        for turn in range(each)
        for person in range(people)
    ]


def in_order(names: list[str]) -> bool:
    """Return whether each person's facts are there once and in the order in which they were written."""
    last: dict[str, int] = {}
    for name in names:
        person, turn = name.split("-")
        if int(turn) != last.get(person, -1) + 1:
            return False
        last[person] = int(turn)
    return True


@pytest.mark.slow
def test_killed_in_the_middle(place: Place, shop: Shop) -> None:
    """Killed again and again while it delivers, the relay loses nothing and doubles nothing, in order per subject."""
    facts = per_person(PEOPLE, 80)
    with served(place.environment) as (address, _):
        for number in range(KILLS):
            part = len(facts) // KILLS
            shop.write(*facts[number * part : (number + 1) * part if number < KILLS - 1 else len(facts)])
            before = shop.standing().delivered
            with relay_process(place, shop, "--to", address):
                eventually(lambda before=before: shop.standing().delivered > before)  # type: ignore[misc]  # mypy sees no type of a default
                time.sleep(0.02 * number)
        # As if the last one had died between the ledger's answer and its own note of it.
        shop.run("UPDATE pledger_outbox SET delivered_at = NULL WHERE id % 3 = 0")
        with relay_process(place, shop, "--to", address, "--once") as last:
            assert last.wait(timeout=PATIENCE) == 0
    names = stored_at(place)
    assert len(names) == len(facts)
    assert in_order(names)
    assert shop.standing().parked == 0


@pytest.mark.slow
def test_a_server_killed_and_started_again(place: Place, shop: Shop) -> None:
    """While the server is killed under the relay and away, rows wait; once it is back they go, in order."""
    facts = per_person(PEOPLE, 40)
    with served(place.environment) as (address, process):
        port = address.rsplit(":", 1)[1]
        with relay_process(place, shop, "--to", address) as relay:
            shop.write(*facts[:500])
            eventually(lambda: shop.standing().delivered > 0)
            shop.write(*facts[500:800])
            process.kill()
            process.communicate()
            shop.write(*facts[800:])
            time.sleep(1.0)
            found = shop.standing()
            assert (found.parked, found.waiting > 0, relay.poll()) == (0, True, None)
            with served(place.environment, "--port", port):
                eventually(lambda: shop.standing().waiting == 0)
            relay.send_signal(signal.SIGTERM)
            assert relay.wait(timeout=PATIENCE) == 0
    assert in_order(stored_at(place))
    assert len(stored_at(place)) == len(facts)


@pytest.mark.slow
def test_hours_of_downtime(place: Place, shop: Shop) -> None:
    """A relay catches up with hours of events; the test prints the rate."""
    shop.write(*per_person(WAITING // 10, 10))
    shop.run("UPDATE pledger_outbox SET written_at = written_at - interval '5 hours'")
    found = shop.standing()
    assert (found.waiting, found.waiting_since is not None) == (WAITING, True)
    with served(place.environment) as (address, _), relay_process(place, shop, "--to", address) as relay:
        began = time.perf_counter()
        eventually(lambda: shop.standing().waiting == 0, CATCH_UP_SECONDS)
        seconds = time.perf_counter() - began
        relay.send_signal(signal.SIGTERM)
        out, err = relay.communicate(timeout=PATIENCE)
    print(f"{WAITING} rows in {seconds:.1f} s: {WAITING / seconds:,.0f} a second, the relay's start included")  # noqa: T201 - for whoever runs it
    assert relay.returncode == 0
    assert "example.org" not in out + err
    assert "customer" not in out + err
    names = stored_at(place)
    assert len(names) == WAITING
    assert in_order(names)


@pytest.mark.slow
def test_two_relays_at_once(place: Place, shop: Shop) -> None:
    """Of two relays one works; killed, it is followed by the other, and each fact is there once."""
    facts = per_person(PEOPLE, 40)
    with (
        served(place.environment) as (address, _),
        relay_process(place, shop, "--to", address) as first,
        relay_process(place, shop, "--to", address),
    ):
        shop.write(*facts[:500])
        eventually(lambda: shop.standing().waiting == 0)
        first.kill()
        first.wait()
        shop.write(*facts[500:])
        eventually(lambda: shop.standing().waiting == 0)
    assert in_order(stored_at(place))
    assert len(stored_at(place)) == len(facts)


def destination(client: httpx.Client, header: dict[str, str]) -> Client:
    """Return a client of a running server for a relay."""
    return Client(str(client.base_url), header["Authorization"].removeprefix("Bearer "))


def test_poison_over_http(
    shop: Shop, installation: Installation, client: httpx.Client, key: Callable[..., dict[str, str]]
) -> None:
    """The server's answers park rows as the ledger's own do, what Python cannot read among them."""
    shop.write(entered("a"), {**entered("b"), "time": "marked"}, share("s", mode="enforce"), ["marked"])
    shop.run("INSERT INTO pledger_outbox (event) VALUES ('{\"data\": 1e9999}')")
    shop.write({**entered("c"), "source": "/other"}, entered("d"), {"id": "x" * 600_000}, {"id": "x" * 300_000})
    with destination(client, key(sources=("/shop",))) as ledger:
        relay_once(shop, HttpDestination(ledger))
    parked = {one.id: one.reason for one in shop.parked()}
    assert list(parked) == [2, 3, 4, 5, 6, 8, 9]
    codes = [reason.split(":")[0] for reason in parked.values()]
    assert Counter(codes) == {"malformed_fact": 5, "refused": 1, "outside_of_scope": 1}
    assert "registry" in parked[3]
    assert not any("marked" in reason or "xxx" in reason for reason in parked.values())
    assert stored(installation) == ["a", "s", "d"]
    assert shop.standing().waiting == 0


def test_what_spoils_a_batch(shop: Shop, picky: Picky, to_picky: HttpDestination) -> None:
    """A row for which a server refuses the whole batch is found by halving it, and parked alone; the others go."""
    picky.spoiling = {"5"}
    shop.write(*(entered(str(number), number) for number in range(16)))
    relay_once(shop, to_picky)
    assert [(one.id, one.reason) for one in shop.parked()] == [(6, "malformed_fact: the test has it so.")]
    assert picky.taken == [str(number) for number in range(16) if number != 5]
    assert [len(ids) for ids in picky.asked] == [16, 8, 4, 4, 2, 1, 1, 2, 8]


def test_an_outage_while_halving(
    shop: Shop, picky: Picky, to_picky: HttpDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered before the server was gone is noted, the rest waits; nothing is tried out of its order."""
    answer = picky.answer

    def answers(ids: list[str]) -> tuple[int, dict[str, Any]]:
        picky.whole = (503, "too_busy") if len(picky.asked) == 4 else None
        return answer(ids)

    monkeypatch.setattr(picky, "answer", answers)
    picky.spoiling = {"5"}
    shop.write(*(entered(str(number), number) for number in range(16)))
    with relaying(shop, to_picky) as turns:
        eventually(lambda: shop.standing().waiting == 0)
    assert picky.taken == [str(number) for number in range(16) if number != 5]
    assert [one.id for one in shop.parked()] == [6]
    assert [bool(turn.interrupted) for turn in turns] == [False, True, False]


def test_a_key_that_is_not_valid(
    shop: Shop, installation: Installation, client: httpx.Client, key: Callable[..., dict[str, str]]
) -> None:
    """What is wrong with the key is no row's fault: the relay ends with it, and the rows wait."""
    shop.write(entered("a"))
    with destination(client, {"Authorization": "Bearer plk_x"}) as nobody, pytest.raises(PledgerError, match="key"):
        relay_once(shop, HttpDestination(nobody))
    assert (shop.standing().waiting, shop.parked(), stored(installation)) == (1, [], [])
    with destination(client, key()) as ledger, relaying(shop, HttpDestination(ledger)):
        eventually(lambda: stored(installation) == ["a"])
