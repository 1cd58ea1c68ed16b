"""What comes from outside is shown as it is, and a screen that goes away is no error."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.sample import COLLECTED, ORDERED, SHARED
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

ID, SOURCE, RECIPIENT, CUSTOMER = "a[/red]", "/shop[bold]", "postman", "customer:[link]1[/x]"
SHARE: dict[str, Any] = {
    **SHARED,
    "id": ID,
    "source": SOURCE,
    "subject": CUSTOMER,
    "data": {**SHARED["data"], "recipient": RECIPIENT},
}
FACTS = lines({**ORDERED, "source": SOURCE, "subject": CUSTOMER}, SHARE, {**SHARE, "id": "b[/]", "specversion": "2"})


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("columns", ["80", "200"])
def test_brackets_are_shown_by_every_command_that_reads(pledger: Callable[..., Ran], columns: str) -> None:
    """Sources, ids and names with brackets and colons come out as they went in."""
    appended = pledger("append", "-", stdin=FACTS, COLUMNS=columns)
    assert appended.code == 1  # One is malformed.
    assert f"{SOURCE} {ID}" in appended.out
    assert f"line 3 {SOURCE} b[/] (malformed_fact)" in appended.out
    sharing = pledger("sharing", CUSTOMER, COLUMNS=columns).out
    for text in (CUSTOMER, SOURCE, ID, RECIPIENT):
        assert text in sharing, text
    assert CUSTOMER in pledger("subscriptions", CUSTOMER, COLUMNS=columns).out
    report = pledger("report", CUSTOMER, COLUMNS=columns).out
    assert CUSTOMER in report
    assert RECIPIENT in report
    assert pledger("status", COLUMNS=columns).code == 0


@pytest.mark.usefixtures("begun")
def test_brackets_in_an_import_are_shown(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Numbers, names and the file's own name may hold brackets."""
    path = tmp_path / "o[red].csv"
    path.write_text(
        "invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp\n"
        "1[/x],2011-01-01T09:00:00,7,UK,1,1,1\nA2[/x],2011-01-01T09:00:00,7,UK,1,1,1\n"
        "3[/x],2099-01-01T09:00:00,7,UK,1,1,1\n"
    )
    ran = pledger("import", "orders", str(path), "--carrier", RECIPIENT)
    assert f"Registered on the Company stream: {RECIPIENT}" in ran.out
    assert "Skipped: A2[/x]." in ran.out
    assert "line 4: /import/orders 3[/x]-collect" in ran.out
    assert "[/y]" in pledger("import", "orders", str(path), "--timezone", "[/y]").err


def test_brackets_in_paths_and_settings_are_shown(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A home, a policy, a file and a report with brackets in their names are named as they are."""
    home = str(tmp_path / "h[/red]")
    assert home in pledger("init", PLEDGER_HOME=home).out
    assert home in pledger("doctor", PLEDGER_HOME=home).out
    path = str(tmp_path / "r[b].txt")
    assert pledger("append", "-", stdin=lines(COLLECTED), PLEDGER_HOME=home).code == 0
    assert path in pledger("report", "customer:1", "--output", path, PLEDGER_HOME=home).out
    assert path + "/x was not" in pledger("report", "customer:1", "--output", path + "/x", PLEDGER_HOME=home).err
    for command in (("append", "f[/b]"), ("import", "orders", "f[/b]"), ("init", "--policy", "f[/b]")):
        assert "f[/b]" in pledger(*command, PLEDGER_HOME=home).err, command
    assert "^[a-z][a-z0-9_]{0,40}$" in pledger("status", PLEDGER_LEDGER="[/red]").err
    assert "migrate" not in pledger("migrate", PLEDGER_HOME=home).out
    assert "[/b]" in pledger("sharing", "customer:1", "[/b]").err


@pytest.mark.slow
def test_brackets_in_the_home_of_the_demonstration_are_shown(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """The demonstration names its home as it is."""
    home = str(tmp_path / "h[/red]")
    assert home in pledger("demo", PLEDGER_HOME=home).out


@pytest.mark.usefixtures("begun")
def test_what_would_steer_the_terminal_is_shown_by_its_number(pledger: Callable[..., Ran]) -> None:
    """An id cannot clear the screen, colour it, or begin a line of its own."""
    shares = lines(ORDERED, {**SHARED, "id": "x\x1b[2J\ny"})
    ran = pledger("append", "-", stdin=shares)
    assert "x\\x1b[2J\\ny" in ran.out
    assert "\x1b" not in ran.out + pledger("sharing", "customer:1").out


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("arguments", [("status",), ("report", CUSTOMER), ("report", CUSTOMER, "--format", "json")])
def test_a_reader_who_leaves_ends_a_command_quietly(
    pledger: Callable[..., Ran], environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    """A closed pipe, as with head, leaves no trace on standard error."""
    assert pledger("append", "-", stdin=FACTS).code == 1
    read, write = os.pipe()
    os.close(read)
    ran = _run(environment, arguments, write)
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.usefixtures("begun")
def test_a_full_disk_is_reported(environment: dict[str, str]) -> None:
    """What the operating system refuses ends a command in three sentences."""
    ran = _run(environment, ("status",), os.open("/dev/full", os.O_WRONLY))
    assert ran.returncode == 1
    assert "system_refused" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_start_leaves_the_server_out() -> None:
    """The commands start without FastAPI, which takes a third of that time; only `serve` needs it."""
    program = (
        "import sys, adapters.cli.main; print(sys.modules.keys() & {'adapters.http.serving', 'fastapi', 'uvicorn'})"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def _run(environment: dict[str, str], arguments: tuple[str, ...], out: int) -> subprocess.CompletedProcess[str]:
    program = "from adapters.cli.main import app; app()"
    try:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=os.environ | environment,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(out)
