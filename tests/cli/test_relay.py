"""`pledger relay`: run once and until it is stopped, how an outbox stands, what is parked, and what is wrong."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.cli.test_documents import check
from tests.outbox.conftest import SQL, entered, shop
from tests.outbox.test_processes import relay_process, stored_at
from tests.serving import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran
    from tests.outbox.conftest import Shop
    from tests.places import Place

__all__ = ["shop"]
JSON = ("--format", "json")
BAD = {**entered("bad"), "time": "marked-value"}


@pytest.mark.usefixtures("begun")
def test_once_and_how_it_stands(pledger: Callable[..., Ran], shop: Shop) -> None:
    """One run delivers what waits and says how many do not get through; status, parked and retry go on from there."""
    shop.write(entered("a"), BAD, entered("b"))
    where = {"PLEDGER_OUTBOX_URL": shop.relay_url}
    waiting = pledger("relay", "status", *JSON, **where)
    check("relay status", waiting.json)
    assert (waiting.json["waiting"], waiting.json["is_at_work"]) == (3, False)
    assert "pledger relay delivers" in pledger("relay", "status", **where).out
    ran = pledger("relay", "--once", **where)
    assert (ran.code, "row 2 is parked: malformed_fact: time" in ran.out) == (1, True), ran.out + ran.err
    assert "2 delivered" in ran.out
    assert "0 wait, 1 are parked." in ran.out
    assert pledger("relay", "--once", **where).code == 1
    parked = pledger("relay", "parked", *JSON, **where)
    check("relay parked", parked.json)
    assert [one["id"] for one in parked.json["parked"]] == [2]
    shown = pledger("relay", "parked", "--limit", "1", COLUMNS="80", **where)
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert "pledger relay retry ID" in shown.out
    assert "marked" not in ran.out + ran.err + shown.out + parked.out
    retried = pledger("relay", "retry", "2", *JSON, **where)
    check("relay retry", retried.json)
    assert retried.json == {"waiting": 1}
    assert "pledger relay parked" in pledger("relay", "retry", "2", **where).err
    turns = pledger("relay", "--once", *JSON, **where)
    (turn,) = [json.loads(line) for line in turns.out.splitlines()]
    check("relay", turn)
    assert [one["id"] for one in turn["parked"]] == [2]
    assert pledger("relay", "retry", "all", **where).code == 0
    shop.run("UPDATE pledger_outbox SET written_at = written_at - interval '30 minutes'")
    assert "  30 min " in pledger("relay", "status", **where).out
    shop.run("UPDATE pledger_outbox SET written_at = written_at - interval '5 hours'")
    assert "  5 h " in pledger("relay", "status", **where).out
    shop.run("DELETE FROM pledger_outbox WHERE id = 2")
    assert pledger("relay", "--once", **where).code == 0
    status = pledger("relay", "--outbox", shop.relay_url, "status", COLUMNS="80")
    assert (status.code, "Do:" in status.out) == (0, False)


@pytest.mark.usefixtures("begun")
def test_what_matches_nobody_and_what_was_not_linked(pledger: Callable[..., Ran], shop: Shop) -> None:
    """A turn counts both, on the screen and as JSON."""
    where = {"PLEDGER_OUTBOX_URL": shop.relay_url}
    odd = entered("odd")
    odd["data"] |= {"values": {"user.contact.email": "ada at example"}}
    named = entered("named")
    named["data"] |= {"also": [{"name": "customer:2", "verified": "login"}]}
    shop.write(odd, named, entered("plain"))
    (turn,) = [json.loads(line) for line in pledger("relay", "--once", *JSON, **where).out.splitlines()]
    assert (turn["delivered"], turn["unread"], turn["not_linked"]) == (3, 1, 1)
    shop.write({**odd, "id": "odd 2"}, {**named, "id": "named 2"})
    shown = " ".join(pledger("relay", "--once", **where).out.split())
    assert "2 delivered; 2 hold a value that matches nobody, or name somebody who was not linked" in shown


@pytest.mark.slow
def test_until_it_is_stopped(place: Place, shop: Shop) -> None:
    """A relay that runs tells of what it does, stands by while another one is at work, and ends well on SIGTERM."""
    shop.write(*(entered(str(number), number) for number in range(30)), BAD)
    with relay_process(place, shop) as first:
        eventually(lambda: shop.standing().waiting == 0)
        with relay_process(place, shop, *JSON) as second:
            assert second.stdout is not None
            assert json.loads(second.stdout.readline())["stands_by"]
            first.send_signal(signal.SIGTERM)
            out, err = first.communicate(timeout=PATIENCE)
            assert (first.returncode, "30 delivered" in out, "row 31 is parked" in out) == (0, True, True)
            shop.write(entered("last"))
            assert json.loads(second.stdout.readline())["delivered"] == 1
            second.send_signal(signal.SIGINT)
            assert second.wait(timeout=PATIENCE) == 0
    assert "marked" not in out + err
    assert len(stored_at(place)) == 31


@pytest.mark.slow
def test_an_outage_is_told_once(place: Place, shop: Shop) -> None:
    """Without a server the relay waits, and says so once however long that lasts; run once, it ends with it."""
    shop.write(entered("a"))
    with relay_process(place, shop, "--to", "http://127.0.0.1:9") as relay:
        assert relay.stdout is not None
        line = relay.stdout.readline()
        assert "Rows were not delivered." in line
        assert "127.0.0.1" not in line
        relay.send_signal(signal.SIGTERM)
        out, err = relay.communicate(timeout=PATIENCE)
    assert (relay.returncode, out, err) == (0, "", "")
    assert shop.standing().waiting == 1


def test_the_sql_makes_the_table(pledger: Callable[..., Ran], database_url: str) -> None:
    """What relay sql prints is the file, and makes an outbox."""
    ran = pledger("relay", "sql")
    assert ran.out == SQL.decode()
    with psycopg.connect(database_url) as connection:
        connection.execute(ran.out.encode())
    assert pledger("relay", "status", "--outbox", database_url, *JSON).json["waiting"] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("relay",), "no_outbox_url"),
        (("relay", "status"), "no_outbox_url"),
        (("relay", "--outbox", "x", "--to", "marked"), "no_server_url"),
        (("relay", "--outbox", "x", "--to", "http://h"), "no_key"),
        (("relay", "--outbox", "marked", "status"), "outbox_refused"),
        (("relay", "status", "--outbox", "marked"), "outbox_refused"),
        (("relay", "--outbox", "postgresql://127.0.0.1:9/marked", "status"), "outbox_unreachable"),
        (("relay", "--outbox", "x", "--once"), "no_ledger"),
        (("relay", "--outbox", "x", "retry", "marked"), "no_row_id"),
        (("relay", "--outbox", "x", "retry", "9" * 30), "no_row_id"),
    ],
)
def test_what_is_wrong(pledger: Callable[..., Ran], words: tuple[str, ...], code: str) -> None:
    """Missing and impossible arguments give an error in three sentences, which does not quote them."""
    ran = pledger(*words)
    assert (ran.code, f"({code})" in ran.err) == (1, True), ran.err
    assert "marked" not in ran.err


def test_a_database_without_an_outbox(pledger: Callable[..., Ran], database_url: str) -> None:
    """Where the table is missing, the error says how it is made."""
    ran = pledger("relay", "status", "--outbox", database_url)
    assert (ran.code, "no_outbox" in ran.err, "pledger relay sql" in ran.err) == (1, True, True)
