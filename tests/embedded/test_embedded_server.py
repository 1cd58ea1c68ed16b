"""The embedded PostgreSQL, started for real: alone, by several processes at once, and after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from adapters.postgres.embedded.server import (
    EmbeddedNotPermitted,
    EmbeddedServer,
    EmbeddedStartFailed,
    EmbeddedVersionMismatch,
)
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
USER = """
import sys, pathlib, psycopg
from adapters.postgres.embedded.server import EmbeddedServer
with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:
    with psycopg.connect(server.url()) as connection:
        print(connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a home folder with a short path, closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="pl-", dir="/tmp"))
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def start_user(home: Path) -> subprocess.Popen[str]:
    """Start another process that uses the server until it is sent a line."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def answer_of(process: subprocess.Popen[str]) -> str:
    """Wait until a process has reached the server; give the time at which the server started."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def is_running(home: Path) -> bool:
    """Say whether a server has the folder open."""
    return (home / "postgres18" / "postmaster.pid").exists()


def wait_for_the_end_of(processes: list[psutil.Process]) -> None:
    """Wait until processes do nothing more; where nobody collects the dead, what is left of them stays listed."""
    deadline = time.monotonic() + 10
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < deadline
                time.sleep(0.01)


def show(server: EmbeddedServer, setting: str) -> str:
    """Read a setting from the running server."""
    with psycopg.connect(server.url()) as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def test_it_is_durable_and_keeps_to_its_socket(home: Path) -> None:
    """What is committed is on disk, no network is listened on, and nobody else opens the socket."""
    with EmbeddedServer(home) as server:
        assert show(server, "fsync") == "on"
        assert show(server, "synchronous_commit") == "on"
        assert show(server, "shared_buffers") == "256MB"
        assert show(server, "max_wal_size") == "4GB"
        assert show(server, "jit") == "off"
        assert show(server, "listen_addresses") == ""
        assert show(server, "timezone") == "UTC"
        with psycopg.connect(server.url()) as connection:
            row = connection.execute("SELECT datcollate FROM pg_database WHERE datname = 'template1'").fetchone()
        assert row == ("C",)
        assert stat.S_IMODE((server.data / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert not is_running(home)


def test_what_was_written_is_there_after_a_restart(home: Path) -> None:
    """Data outlives the server, and so does a setting that somebody changed in our file."""
    with EmbeddedServer(home) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        settings = server.data / "pledger.conf"
        settings.write_text(settings.read_text().replace("jit = off", "jit = on"))
    with EmbeddedServer(home) as server:
        assert show(server, "jit") == "on"
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert "abnormal" not in (home / "postgres18" / "log").read_text()


def test_two_blocks_in_one_process_share_it(home: Path) -> None:
    """The server runs until the last block is left, and there is no address outside of one."""
    one, two = EmbeddedServer(home), EmbeddedServer(home)
    with one:
        with two:
            assert one.url() == two.url()
        assert show(one, "jit") == "off"
    assert not is_running(home)
    with pytest.raises(EmbeddedStartFailed):
        one.url()


def test_an_address_holds_any_name(home: Path) -> None:
    """User and database names are written so that the driver reads them back."""
    with EmbeddedServer(home) as server:
        read = psycopg.conninfo.conninfo_to_dict(server.url("a@b", "c/d"))
    assert (read["user"], read["dbname"], read["host"]) == ("a@b", "c/d", str(home / "postgres18"))


def test_a_path_too_long_for_a_socket_still_works(home: Path) -> None:
    """The socket then stands in another folder, which is closed to everybody else as well."""
    for _ in range(2):
        with EmbeddedServer(home / ("a" * 100)) as server:
            folder = Path(str(psycopg.conninfo.conninfo_to_dict(server.url())["host"]))
            assert show(server, "fsync") == "on"
            assert folder != server.data
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    shutil.rmtree(folder)


def test_four_processes_start_one_server(home: Path) -> None:
    """Processes that start at once on a new folder share one server, and the last to leave stops it."""
    users = [start_user(home) for _ in range(4)]
    assert len({answer_of(user) for user in users}) == 1
    for left, user in enumerate(users):
        assert is_running(home), f"it stopped with {4 - left} users"
        user.communicate("\n", timeout=PATIENCE)
        assert user.returncode == 0
    assert not is_running(home)


def test_a_process_may_leave_and_come_back(home: Path) -> None:
    """One who leaves while another stays is counted again on coming back."""
    user = start_user(home)
    started = answer_of(user)
    with EmbeddedServer(home):
        pass
    with EmbeddedServer(home) as server:
        user.communicate("\n", timeout=PATIENCE)
        with psycopg.connect(server.url()) as connection:
            row = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
        assert row == (started,)
    assert not is_running(home)


def test_a_killed_process_does_not_keep_it_running(home: Path) -> None:
    """A process that was killed is not waited for: the next one takes the server over, and stops it."""
    user = start_user(home)
    answer_of(user)
    user.kill()
    user.communicate(timeout=PATIENCE)
    assert is_running(home)
    with EmbeddedServer(home):
        pass
    assert not is_running(home)


def test_it_recovers_after_a_crash(home: Path) -> None:
    """A server that was killed starts again, even where its process number now belongs to somebody else."""
    with EmbeddedServer(home) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        locks = [server.data / "postmaster.pid", server.data / ".s.PGSQL.5432.lock"]
        killed = locks[0].read_text().split()[0]
        processes = [psutil.Process(int(killed))]
        processes += processes[0].children()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        wait_for_the_end_of(processes)
    for lock in locks:
        lock.write_text(lock.read_text().replace(killed, str(os.getpid()), 1))
    with EmbeddedServer(home) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_folder_of_another_version_is_refused(home: Path) -> None:
    """A folder made by another major version is named with both versions, and not touched."""
    data = home / "postgres18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedVersionMismatch, match="PostgreSQL 16") as caught, EmbeddedServer(home):
        pass
    assert "PLEDGER_POSTGRES_VERSION=16" in caught.value.hint
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_postgresql_16_runs_beside_18(home: Path) -> None:
    """Each major version has its own folder in one home."""
    with EmbeddedServer(home, 16) as server:
        assert show(server, "server_version").startswith("16.")
        assert server.data == home / "postgres16"


def test_a_start_that_fails_says_where_to_look(home: Path) -> None:
    """A setting that PostgreSQL refuses is an error of ours that names its log."""
    with EmbeddedServer(home) as server:
        settings = server.data / "pledger.conf"
    settings.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(EmbeddedStartFailed) as caught, EmbeddedServer(home):
        pass
    assert str(server.data / "log") in caught.value.why
    assert "PLEDGER_HOME" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(home: Path) -> None:
    """Root does not take over the data of the user who made it, which would lock that user out."""
    data = home / "postgres18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    os.chown(data, 12345, 12345)
    with pytest.raises(EmbeddedNotPermitted, match="user 12345"), EmbeddedServer(home):
        pass
    assert data.stat().st_uid == 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user no other user is involved")
def test_as_root_the_parent_folders_can_be_passed_and_not_read(home: Path) -> None:
    """Root's server runs as another user, who may pass through the parents; their content stays closed."""
    with EmbeddedServer(home):
        assert stat.S_IMODE(home.parent.stat().st_mode) == 0o711
    assert "abnormal" not in (home / "postgres18" / "log").read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_reported(home: Path) -> None:
    """Where the user may not write, the error names the folder and the hint."""
    home.mkdir()
    home.chmod(0o500)
    with pytest.raises(EmbeddedNotPermitted, match="postgres18"), EmbeddedServer(home):
        pass
