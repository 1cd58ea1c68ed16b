#!/usr/bin/env python3
"""A journey through the containers: built, brought up, used, killed, cut off from the database, and taken down.

It needs only Python 3.11, a Docker engine and Compose; `make containers` runs it. It takes about two minutes, and at
most ten. Each step prints what it found; the first unexpected result ends the journey with exit code 1. The containers
are always taken down.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER: Final = Path(__file__).parent
DEADLINE: Final = time.monotonic() + 600
MARK: Final = "marked-journey"
ADDRESS: Final = f"{MARK}@example.org"
FACTS: Final = 400
"""The number of facts that are sent while the server is killed."""


class Lost(Exception):
    """A step found something unexpected."""


class Compose:
    """One Compose project, with its own passwords and port."""

    def __init__(self) -> None:
        self.name = f"pledger-journey-{secrets.token_hex(4)}"
        self.port = _free_port()
        self.image = os.environ.get("PLEDGER_IMAGE") or self.name
        self._environment = {
            **os.environ,
            "PLEDGER_IMAGE": self.image,
            "PLEDGER_PORT": f"127.0.0.1:{self.port}",
            "PLEDGER_OWNER_PASSWORD": secrets.token_hex(12),
            "PLEDGER_APP_PASSWORD": secrets.token_hex(12),
        }
        has_plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
        self._compose = ["docker", "compose"] if has_plugin else ["docker-compose"]

    def __call__(self, *words: str, fails: bool = False) -> str:
        """Run a Compose command and return what it printed. Raises `Lost` on any other exit code than expected."""
        command = [*self._compose, "--project-name", self.name, "--file", str(FOLDER / "compose.yaml"), *words]
        return run(command, env=self._environment, fails=fails)

    def container(self, service: str) -> dict[str, Any]:
        """Return what the engine knows about a service's container."""
        (found,) = json.loads(run(["docker", "inspect", self("ps", "--quiet", service).split()[0]]))
        return dict(found)

    def pledger(self, *words: str) -> Any:
        """Run a command in the server's container and return its document."""
        return json.loads(self("exec", "-T", "serve", "pledger", *words, "--format", "json"))

    def ask(
        self, method: str, path: str, key: str = "", body: object = None, media: str = "application/json"
    ) -> tuple[int, str]:
        """Send a request to the server; return the status, 0 without an answer, and the body."""
        data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": media, **({"Authorization": f"Bearer {key}"} if key else {})}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=15) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""


def run(command: list[str], *, env: dict[str, str] | None = None, fails: bool = False) -> str:
    """Run a command to its end; return what it printed."""
    left = max(1.0, DEADLINE - time.monotonic())
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=left, check=False)
    if (done.returncode != 0) is not fails:
        raise Lost(f"{' '.join(command[:2])} … {' '.join(command[-3:])} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def expect(found: object, wanted: object, what: str) -> None:
    """Raise `Lost` unless the value found is the one wanted."""
    if found != wanted:
        raise Lost(f"{what}: {found!r}, and not {wanted!r}")


def wait_for(what: str, is_so: Callable[[], object], seconds: float = 90) -> None:
    """Wait until a condition holds."""
    until = min(time.monotonic() + seconds, DEADLINE)
    while not is_so():
        if time.monotonic() > until:
            raise Lost(f"{what} did not come about within {seconds:g} seconds")
        time.sleep(0.25)


def entry(name: str, customer: int = 1) -> dict[str, Any]:
    """Return a contest entry, which enrolls its customer."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/journey",
        "type": "pledger.collection.v1",
        "time": "2016-04-02T10:15:00Z",
        "subject": f"customer:{customer}",
        "data": {
            "act": "contest_entry",
            "reference": name,
            "collection_point": "site",
            "notice": "2016-03-14",
            "values": {"user.contact.email": ADDRESS},
        },
    }


def message() -> dict[str, Any]:
    """Return a marketing mail, for a decision."""
    data = {"program": "email_marketing", "channel": "email", "purpose": "direct_marketing", "message_id": "m-1"}
    kind = {"type": "pledger.message.v1", "time": "2016-06-02T10:15:00Z", "id": "m-1"}
    return {**entry("m-1"), **kind, "data": {**data, "unsubscribe_link": True}}


def brought_up(compose: Compose) -> None:
    """Build the image and bring everything up."""
    if not os.environ.get("PLEDGER_IMAGE"):
        build = ["docker", "build", "--quiet", "--network", "host", "--file", str(FOLDER / "Dockerfile")]
        run([*build, "--tag", compose.image, str(FOLDER.parent)])
    compose("up", "--detach", "--no-build")
    wait_for("the server", lambda: compose.ask("GET", "/ready")[0] == 200)


def used(compose: Compose) -> dict[str, str]:
    """Append, ask, unsubscribe by the link, read and measure; return a key of each role that was needed."""
    keys = {
        role: compose.pledger("keys", "create", "journey", "--role", role)["key"]
        for role in ("service", "auditor", "operator")
    }
    expect(compose.ask("POST", "/v1/events", keys["service"], entry("e-1"))[0], 201, "the status of an append")
    expect(compose.ask("POST", "/v1/events", "", entry("e-2"))[0], 401, "that without a key")
    asked = json.loads(compose.ask("POST", "/v1/decisions", keys["service"], message())[1])
    expect(asked["allowed"], True, "whether mail is allowed before the click")
    base = "https://shop.example"  # Where a proxy in front of the server would be reached.
    words = ("customer:1", "--program", "email_marketing", "--base-url", base)
    path = compose.pledger("unsubscribe-links", *words)["footer_url"].removeprefix(base)
    expect(compose.ask("GET", path)[0], 200, "the status of the link's page")
    still = json.loads(compose.ask("POST", "/v1/decisions", keys["service"], message())[1])
    expect(still["allowed"], True, "whether mail is allowed after the page was looked at")
    form = "application/x-www-form-urlencoded"
    expect(compose.ask("POST", path, "", "List-Unsubscribe=One-Click", form)[0], 200, "the status of the click")
    status, counts = compose.ask("GET", "/metrics", keys["operator"])
    expect((status, "pledger_log_events" in counts), (200, True), "the metrics")
    return keys


def caught_up(compose: Compose, auditor: str) -> None:
    """Check that the click is in a read model, which the worker updates."""

    def opted_out() -> bool:
        status, told = compose.ask("GET", "/v1/customers/customer:1/subscriptions", auditor)
        return status == 200 and json.loads(told)["now"].get("email_marketing") == "opted_out"

    wait_for("the click in the read model", opted_out)
    status, told = compose.ask("GET", "/v1/audit", auditor)
    expect((status, ADDRESS in told), (200, False), "the audit")


def killed(compose: Compose, keys: dict[str, str]) -> int:
    """Kill the server while facts are sent, and find each fact once; return how many attempts failed."""
    in_vain = 0

    def send() -> None:
        nonlocal in_vain
        for number in range(FACTS):
            while compose.ask("POST", "/v1/events", keys["service"], entry(f"k-{number}", 2))[0] not in {200, 201}:
                in_vain += 1
                time.sleep(0.1)
                if time.monotonic() > DEADLINE:
                    return

    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(3):
        time.sleep(0.7)
        compose("kill", "serve")
        compose("start", "serve")
        wait_for("the server after it was killed", lambda: compose.ask("GET", "/ready")[0] == 200)
    sender.join(max(0.0, DEADLINE - time.monotonic()))
    names, cursor = [], ""
    while cursor is not None:
        asked = f"/v1/customers/customer:2/timeline?limit=1000{f'&cursor={cursor}' if cursor else ''}"
        told = json.loads(compose.ask("GET", asked, keys["auditor"])[1])
        names += [one["fact"] for one in told["events"] if one["event"] == "DataCollected.v1"]
        cursor = told["next"]
    expect(sorted(names), sorted(f"/journey k-{number}" for number in range(FACTS)), "the facts in the log")
    return in_vain


def cut_off(compose: Compose, keys: dict[str, str]) -> None:
    """Stop the database, and start it again."""
    compose("stop", "database")
    status, told = compose.ask("POST", "/v1/events", keys["service"], entry("cut-1"))
    expect((status, json.loads(told)["status"]), (503, 503), "the status of an append without a database")
    expect(compose.ask("GET", "/health")[0], 200, "the status of /health without a database")
    expect(compose.ask("GET", "/ready")[0], 503, "that of /ready")
    compose("start", "database")
    wait_for("the server after the database", lambda: compose.ask("GET", "/ready")[0] == 200)
    sent = ("POST", "/v1/events", keys["service"], entry("cut-1"))
    wait_for("the fact", lambda: compose.ask(*sent)[0] in {200, 201})
    wait_for("the worker's health", lambda: compose.container("worker")["State"]["Health"]["Status"] == "healthy")


def confined(compose: Compose) -> None:
    """Check what containers and their database role may do: no root, no capability, no place to write, no table."""
    for service in ("serve", "worker"):
        found = compose.container(service)
        host = found["HostConfig"]
        rights = (found["Config"]["User"], host["ReadonlyRootfs"], host["CapDrop"], host["Privileged"])
        expect(rights, ("10001:10001", True, ["ALL"], False), f"the rights of {service}")
        expect(compose("exec", "-T", service, "id", "-u").strip(), "10001", f"the user of {service}")
        for place in ("/opt/pledger/x", "/var/lib/pledger/x", "/x"):
            compose("exec", "-T", service, "touch", place, fails=True)
    login = 'PGPASSWORD="$PLEDGER_APP_PASSWORD" psql -h 127.0.0.1 -U pledger_app -d pledger -c'
    for statement in ("UPDATE pledger.events SET actor = actor", "ALTER TABLE pledger.events DISABLE TRIGGER ALL"):
        compose("exec", "-T", "database", "sh", "-c", f"{login} '{statement}'", fails=True)
    compose("exec", "-T", "database", "sh", "-c", f"{login} 'SELECT 1'")
    checks = compose.pledger("doctor")["checks"]
    expect([one["what"] for one in checks if not one["is_well"]], [], "what the doctor finds ill")


def quiet(compose: Compose) -> None:
    """Check that no log holds what was sent."""
    logs = compose("logs", "--no-color", "serve", "worker", "migrate", "database")
    expect(MARK in logs, False, "whether a log holds a personal value")
    expect("up to date" in compose("run", "--rm", "migrate"), True, "whether migrating again finds nothing to do")


@contextmanager
def taken_down(compose: Compose) -> Iterator[None]:
    """Take everything down after the block, volumes included."""
    try:
        yield
    except Lost:
        print(compose("logs", "--no-color", "--tail", "30"), file=sys.stderr)
        raise
    finally:
        compose("down", "--volumes", "--remove-orphans", "--timeout", "30")
        if not os.environ.get("PLEDGER_IMAGE"):
            run(["docker", "image", "rm", "--force", compose.image])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def main() -> int:
    """Run the journey; return the exit code."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        print("No Docker engine answers, and the journey needs one.", file=sys.stderr)
        return 1
    compose, began = Compose(), time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    try:
        with taken_down(compose):
            brought_up(compose)
            size = int(json.loads(run(["docker", "image", "inspect", compose.image]))[0]["Size"])
            say(f"The image of {size / 1e6:.0f} MB is built; database, migration, server and worker are up.")
            keys = used(compose)
            say("Facts are appended, a question is answered, and a link unsubscribes by its click alone.")
            caught_up(compose, keys["auditor"])
            say("The worker has brought the read models up to date.")
            in_vain = killed(compose, keys)
            say(f"Killed three times over {FACTS} facts ({in_vain} sent in vain), the log has each of them once.")
            cut_off(compose, keys)
            say("Without the database facts are refused with 503; after it everything goes on by itself.")
            confined(compose)
            say("Containers run without root, capabilities or a place to write; their role cannot change an event.")
            quiet(compose)
            say("No log holds a personal value; migrating again changes nothing.")
    except (Lost, subprocess.TimeoutExpired) as lost:
        print(f"Lost: {lost}", file=sys.stderr)
        return 1
    say("Everything is taken down.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
