"""Writing a report to a file.

Promise: the file is its owner's alone from the first byte, and whole or not there at all; one that was there before is
replaced. Refused: a folder, a device or a pipe, which replacing would destroy.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from pathlib import Path


class FileNotWritten(PledgerError):
    """A file cannot be written where it was asked for."""

    code = "file_not_written"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads. Raises `FileNotWritten`."""
    try:
        _replace(path.resolve(), text)
    except (OSError, RuntimeError) as error:
        # RuntimeError is how a loop of symbolic links is told.
        why = error.strerror if isinstance(error, OSError) else "it is a symbolic link that leads to itself"
        raise FileNotWritten(
            f"{path} was not written.",
            f"{why or 'the operating system refused'}.",
            "Name a file in a folder where this user may write.",
        ) from error


def _replace(path: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(0, "It is there and is not a file")
    # Beside the file, because a rename is whole within one file system only.
    draft = path.with_name(f".pledger-{os.urandom(8).hex()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
