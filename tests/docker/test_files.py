"""The files for containers, as far as a test without an engine can check them; `make containers` does the rest."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from adapters.cli.main import app

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


@pytest.mark.parametrize("service", ["migrate", "serve", "worker"])
def test_a_service_is_confined(service: str) -> None:
    """Each of our services runs an existing command, on a read-only root file system, without capabilities."""
    found = COMPOSE["services"][service]
    assert found["command"][0] in COMMANDS
    assert (found["read_only"], found["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in found["security_opt"]
    assert "privileged" not in found
    assert found["environment"]["PLEDGER_PHONE_REGION"] == "${PLEDGER_PHONE_REGION:-}"
    is_owner = "pledger_owner" in found["environment"]["PLEDGER_DATABASE_URL"]
    assert is_owner is (service == "migrate")
    assert all(one.endswith(":ro") for one in found["volumes"]) is (service != "migrate")


def test_nothing_listens_to_the_world() -> None:
    """Only one port is published, on this machine unless it is opened; no file holds a password."""
    published = {name: one["ports"] for name, one in COMPOSE["services"].items() if "ports" in one}
    assert published == {"serve": ["${PLEDGER_PORT:-127.0.0.1:8080}:8080"]}
    passwords = re.findall(r"PASSWORD: (.+)$", (DOCKER / "compose.yaml").read_text(), re.MULTILINE)
    assert passwords
    assert all(one.startswith("${") and ":?" in one for one in passwords)


def test_the_image_is_the_locked_one() -> None:
    """Packages come from the lock, with hashes; the user is not root, and the interpreter is one that we support."""
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON}"] * 2
    (version,) = re.findall(r"^ARG PYTHON=python:3\.(\d+)-slim-\w+$", DOCKERFILE, re.MULTILINE)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert int(version) >= int(wanted.rpartition(".")[2])
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_journey_says_what_it_needs() -> None:
    """Without an engine the journey ends at once, with exit code 1 and a sentence."""
    ran = subprocess.run(
        [str(DOCKER / "journey.py")],
        env={"PATH": "/usr/bin:/bin", "DOCKER_HOST": "unix:///nowhere.sock"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ran.returncode, ran.stderr) == (1, "No Docker engine answers, and the journey needs one.\n")
