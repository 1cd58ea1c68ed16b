"""The command line on a fresh database: `pledger("status", "--format", "json")` runs one command."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from adapters.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any document
        """Read standard output, all of it, as one JSON document."""
        return json.loads(self.out)


@pytest.fixture(scope="session", autouse=True)
def _make_commands_once() -> Iterator[None]:
    """Make the tree of commands once, not for every command that a test runs: it took half of these tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Return the settings of an installation in a fresh database, without a ledger."""
    return {"PLEDGER_HOME": str(tmp_path / "home"), "PLEDGER_DATABASE_URL": database_url, "COLUMNS": "200"}


@pytest.fixture
def begun(made_ledger: tuple[str, Path], environment: dict[str, str]) -> None:
    """Put a ledger there, as `pledger init` would: a copy of one, since that takes no time."""
    shutil.copytree(made_ledger[1], environment["PLEDGER_HOME"])


@pytest.fixture
def pledger(environment: dict[str, str]) -> Callable[..., Ran]:
    """Run commands in that installation."""

    def run(*args: str, stdin: str | bytes | None = None, **more: str) -> Ran:
        result = CliRunner().invoke(app, list(args), input=stdin, env=environment | more)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
