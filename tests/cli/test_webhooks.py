"""`pledger webhooks`: made, tried out, listed, mended and removed; and what serve sends and doctor says."""

from __future__ import annotations

import re
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import opened
from adapters.ledger import utc_now
from adapters.settings import load_settings
from adapters.workers.webhooks import deliver
from tests.cli.sample import COLLECTED, opt_out
from tests.cli.test_documents import check
from tests.controls import lines
from tests.serving import PATIENCE, eventually, served
from tests.webhooks.conftest import Receiver, is_genuine, receiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.bootstrap import Installation
    from tests.cli.conftest import Ran

__all__ = ["receiver"]
JSON = ("--format", "json")


@pytest.fixture
def added(begun: None, pledger: Callable[..., Ran], receiver: Receiver) -> dict[str, Any]:
    """Make a ledger with a webhook, and give what is shown of that."""
    ran = pledger("webhooks", "add", receiver.url, "--for", "opt_out, erasure", "--allow-private", *JSON)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json
    return found


def work(environment: dict[str, str], until: Callable[[Installation], object]) -> None:
    """Let a worker run until something holds."""
    named = {name.removeprefix("PLEDGER_").lower(): value for name, value in environment.items() if "PLEDGER_" in name}
    stop = Event()
    with opened(load_settings(**named)) as installation:
        thread = Thread(target=deliver, args=(installation, stop))
        thread.start()
        try:
            eventually(lambda: until(installation))
        finally:
            stop.set()
            thread.join()


def test_made_and_tried_out(pledger: Callable[..., Ran], added: dict[str, Any], receiver: Receiver) -> None:
    """The secret is shown once, and signs what is sent to try the receiver out; a refusal ends with exit code 1."""
    check("webhooks add", added)
    assert (added["for"], added["url"], added["state"]) == (["opt_out", "erasure"], receiver.url, "well")
    ran = pledger("webhooks", "test", added["name"], *JSON)
    check("webhooks test", ran.json)
    assert (ran.code, ran.json["is_delivered"], receiver.got[0].id) == (0, True, ran.json["id"])
    assert is_genuine(receiver.got[0], added["secret"])
    assert receiver.got[0].event["type"] == "pledger.webhook_tested.v1"
    receiver.answers = lambda _: 404
    ran = pledger("webhooks", "test", added["name"])
    assert (ran.code, "it answered 404" in ran.out) == (1, True)
    shown = pledger("webhooks", "list").out + pledger("webhooks", "list", *JSON).out
    assert added["secret"] not in shown
    plain = pledger("webhooks", "add", receiver.url, "--allow-private")
    assert re.search(r"^whsec_\S{44}$", plain.out, re.MULTILINE)


def test_a_secret_in_the_database_signs_nothing(added: dict[str, Any], environment: dict[str, str]) -> None:
    """What is stored is the secret as the key file wraps it."""
    named = {name.removeprefix("PLEDGER_").lower(): value for name, value in environment.items() if "PLEDGER_" in name}
    with opened(load_settings(**named)) as installation, installation.connect() as connection:
        ((wrapped, row),) = connection.execute("SELECT wrapped, s::text FROM webhook_secrets AS s").fetchall()
        secret = installation.keyring.holder.unwrap(wrapped, f"webhook {added['name']} 1".encode())
    assert secret.hex() not in row
    assert len(secret) == 32


def test_stuck_and_mended(
    pledger: Callable[..., Ran], added: dict[str, Any], receiver: Receiver, environment: dict[str, str]
) -> None:
    """What does not arrive is listed with why; doctor says what to do; retry has it sent again."""
    name = added["name"]
    receiver.answers = lambda _: 410
    assert pledger("doctor").code == 0
    assert pledger("append", "-", stdin=lines(COLLECTED, opt_out("o-1"))).code == 0

    def is_disabled(installation: Installation) -> object:
        with installation.connect() as connection:
            return connection.execute("SELECT FROM webhooks WHERE disabled_at IS NOT NULL").fetchone() is not None

    work(environment, is_disabled)
    listed = pledger("webhooks", "list", *JSON).json
    check("webhooks list", {"webhooks": []})
    (found,) = listed["webhooks"]
    assert {**added, **found} == {**found, "secret": added["secret"]}
    assert (found["state"], found["waiting"]) == ("disabled", 1)
    waiting = pledger("webhooks", "waiting", name, *JSON)
    check("webhooks waiting", waiting.json)
    (one,) = waiting.json["deliveries"]
    assert (one["kind"], one["attempts"], one["failed_by"]) == ("opt_out", 1, "it answered 410")
    for ran in (pledger("webhooks", "list"), pledger("webhooks", "waiting", name), pledger("doctor")):
        assert f"pledger webhooks retry {name}" in ran.out
    assert pledger("doctor").code == 1
    for command in ("list", "waiting"):
        words = ("webhooks", command) if command == "list" else ("webhooks", command, name)
        assert all(len(line) <= 80 for line in pledger(*words, COLUMNS="80").out.splitlines() if "Do:" not in line)
    retried = pledger("webhooks", "retry", name, *JSON)
    check("webhooks retry", retried.json)
    assert retried.json == {"name": name, "due": 1}
    receiver.answers = lambda _: 200
    work(environment, lambda _: len(receiver.got) == 2)
    assert receiver.got[0].id == receiver.got[1].id
    assert pledger("doctor").code == 0


def test_nobody_sends(pledger: Callable[..., Ran], added: dict[str, Any], environment: dict[str, str]) -> None:
    """Messages that wait for long without a sender are reported as unattended, with what to do."""
    assert pledger("append", "-", stdin=lines(COLLECTED, opt_out("o-1"))).code == 0
    (found,) = pledger("webhooks", "list", *JSON).json["webhooks"]
    assert (found["state"], found["waiting"]) == ("well", 1)
    named = {name.removeprefix("PLEDGER_").lower(): value for name, value in environment.items() if "PLEDGER_" in name}
    with opened(load_settings(**named)) as installation, installation.database.connect_as_owner() as owner:
        owner.execute("UPDATE pledger.webhooks SET created_at = created_at - interval '11 minutes'")
        owner.execute("ALTER TABLE pledger.events DISABLE TRIGGER USER")
        owner.execute("UPDATE pledger.events SET recorded_at = recorded_at - interval '11 minutes'")
        owner.execute("ALTER TABLE pledger.events ENABLE ALWAYS TRIGGER events_stay")
    (found,) = pledger("webhooks", "list", *JSON).json["webhooks"]
    assert (found["name"], found["state"]) == (added["name"], "unattended")
    ran = pledger("doctor")
    assert (ran.code, "no sender runs; pledger serve" in ran.out) == (1, True)


def test_rotated_and_removed(pledger: Callable[..., Ran], added: dict[str, Any], receiver: Receiver) -> None:
    """A new secret signs beside the old one; a removed webhook is gone, with its secrets."""
    name = added["name"]
    rotated = pledger("webhooks", "rotate", name, "--hours", "1", *JSON)
    check("webhooks rotate", rotated.json)
    assert pledger("webhooks", "test", name).code == 0
    assert all(is_genuine(receiver.got[0], secret) for secret in (added["secret"], rotated.json["secret"]))
    assert rotated.json["secret"] != added["secret"]
    assert pledger("webhooks", "rotate", name, "--hours", "0").code == 0
    assert pledger("webhooks", "list", *JSON).json["webhooks"][0]["secrets"] == 1
    removed = pledger("webhooks", "remove", name, *JSON)
    check("webhooks remove", removed.json)
    assert pledger("webhooks", "list", *JSON).json == {"webhooks": []}
    for command in ("remove", "retry", "rotate", "test", "waiting"):
        ran = pledger("webhooks", command, name)
        assert (ran.code, "no_such_webhook" in ran.err) == (1, True), command


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("https://shop.example/", "--for", "opt_out,share"), "unknown_webhook_kind"),
        (("https://shop.example/", "--for", ""), "unknown_webhook_kind"),
        (("http://shop.example/",), "webhook_refused"),
        (("http://127.0.0.1:1/",), "webhook_refused"),
        (("http://127.0.0.1:1/", "--allow-private", "--since", "99"), "position_ahead"),
    ],
)
def test_what_is_wrong(pledger: Callable[..., Ran], words: tuple[str, ...], code: str) -> None:
    """A bad address, kind or position is an error, and no webhook is made."""
    ran = pledger("webhooks", "add", *words)
    assert (ran.code, code in ran.err) == (1, True), ran.err
    assert pledger("webhooks", "list", *JSON).json == {"webhooks": []}


def test_serve_sends_and_counts(
    pledger: Callable[..., Ran],
    added: dict[str, Any],
    receiver: Receiver,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    """While the server runs, what is appended over it goes out; its metrics count that, and its log names nobody."""
    settings = load_settings(home=tmp_path / "home", database_url=environment["PLEDGER_DATABASE_URL"])
    with opened(settings) as installation, installation.connect() as connection:
        service, _ = keys.create(connection, "till", Role.SERVICE, Scope(), now=utc_now())
        operator, _ = keys.create(connection, "ops", Role.OPERATOR, Scope(), now=utc_now())
    with served(environment) as (address, process), httpx.Client(base_url=address, timeout=PATIENCE) as http:
        facts = [COLLECTED, opt_out("o-1")]
        told = http.post("/v1/events", json=facts, headers={"Authorization": f"Bearer {service}"})
        assert [one["status"] for one in told.json()["answers"]] == [201, 201]
        eventually(lambda: receiver.got)
        assert is_genuine(receiver.got[0], added["secret"])
        bearer = {"Authorization": f"Bearer {operator}"}
        wanted = f'pledger_webhook_waiting_events{{state="well",webhook="{added["name"]}"}} 0.0'
        eventually(lambda: wanted in http.get("/metrics", headers=bearer).text)
        assert 'pledger_webhook_attempts_total{outcome="delivered"} 1.0' in http.get("/metrics", headers=bearer).text
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    assert receiver.url not in err
    assert pledger("webhooks", "list", *JSON).json["webhooks"][0]["delivered"] == 1
