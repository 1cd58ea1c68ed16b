"""Write a report to a file that only its owner may read.

The file is its owner's alone from the first byte, and it appears whole or not at all; an earlier file of this name is
replaced. A folder, a device or a pipe is refused, because replacing would destroy it.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


class FileNotWritten(PledgerError):
    """A file cannot be written at the path given."""

    code = "file_not_written"


def write_private(path: Path, text: str) -> None:
    """Write a text to a file that only its owner may read. Raises `FileNotWritten`."""
    with open_private(path) as file:
        file.write(text.encode(errors="backslashreplace"))


@contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that only its owner may read, and that appears once the block ends without an error.

    Raises `FileNotWritten`, also for an `OSError` of the block.
    """
    try:
        place = path.resolve()
    except (OSError, RuntimeError) as error:
        # A loop of symbolic links raises RuntimeError.
        raise _not_written(path, "it is a symbolic link that leads to itself") from error
    try:
        with _replaced(place) as file:
            yield file
    except OSError as error:
        raise _not_written(path, error.strerror or "the operating system refused") from error


def _not_written(path: Path, why: str) -> FileNotWritten:
    return FileNotWritten(f"{path} was not written.", f"{why}.", "Name a file in a folder where this user may write.")


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(0, "It is there and is not a file")
    # Beside the file, because a rename is whole within one file system only.
    draft = path.with_name(f".pledger-{os.urandom(8).hex()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
