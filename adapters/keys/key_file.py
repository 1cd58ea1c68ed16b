"""The key encryption key in a local file: the holder for one machine.

The file is complete or absent, is on disk before anything is wrapped with it, and can be read by its owner only. The
key never leaves this module. A file that others can read or replace is refused, and a key is never overwritten: without
its key file every sealed personal value is lost.

Formats: the file is two lines of text, and a wrapped key is bytes, both with their version in front.

    pledger key file 1
    64 hexadecimal digits, the 32 bytes of the key

    01 ‖ nonce (12) ‖ AES-256-GCM(data key, AAD = "pledger wrap 1" ‖ context) ‖ tag (16)
"""

from __future__ import annotations

import hmac
import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES
from domain.errors import PledgerError

if TYPE_CHECKING:
    from pathlib import Path

_HEADER: Final = b"pledger key file 1\n"
_CONTENT: Final = re.compile(re.escape(_HEADER) + rb"([0-9a-f]{64})\n?")
_LONGEST_FILE_BYTES: Final = 4096
_WRAP_FORMAT: Final = b"\x01"
_WRAP_CONTEXT: Final = b"pledger wrap 1"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class KeyFileMissing(PledgerError):
    """There is no key file at the path in the settings."""

    code = "key_file_missing"


class KeyFileExposed(PledgerError):
    """Others than its owner can read or replace the key file."""

    code = "key_file_exposed"


class KeyFileMalformed(PledgerError):
    """The key file does not hold a key in the format of this version."""

    code = "key_file_malformed"


class KeyFileExists(PledgerError):
    """A new key cannot be written, because there is a key file already."""

    code = "key_file_exists"


class WrongKey(PledgerError):
    """A wrapped key was not wrapped by this key, or not for this context."""

    code = "wrong_key"


class KeyFile:
    """A `KeyHolder` on a local file; made by `create` or `open`."""

    __slots__ = ("_kek", "key_id")

    key_id: str

    def __init__(self, kek: bytes) -> None:
        self._kek = kek
        self.key_id = hmac.digest(kek, b"pledger key id", "sha256").hex()[:16]

    def __repr__(self) -> str:
        return f"KeyFile(key_id={self.key_id!r})"

    @classmethod
    def create(cls, path: Path) -> Self:
        """Create a random key in a new file, and its folder if that is missing; both are on disk on return.

        Raise `KeyFileExists`, or `KeyFileExposed` for a folder in which others can replace files.
        """
        folder = path.parent
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)
        mode = folder.stat().st_mode
        if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
            raise KeyFileExposed(
                f"No key was written into {folder}.",
                "others may write to that folder, so they could replace the key.",
                f"chmod 700 {folder}",
            )
        kek = os.urandom(KEY_BYTES)
        # Written to a draft and linked into place: nobody reads half a key, and link() fails if the file exists.
        draft = folder / f".{path.name}.{os.urandom(4).hex()}"
        try:
            _write_new(draft, _HEADER + kek.hex().encode() + b"\n")
            os.link(draft, path)
        except FileExistsError:
            raise KeyFileExists(
                f"No key was written: {path} exists.",
                "overwriting a key would make everything that is sealed under it unreadable for ever.",
                "Use that key, or name another file in PLEDGER_KEY_FILE.",
            ) from None
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(folder)
        return cls(kek)

    @classmethod
    def open(cls, path: Path, key_id: str | None = None) -> Self:
        """Read the key. If `key_id` is given, the key must have that name.

        Raise `KeyFileMissing`, `KeyFileExposed`, `KeyFileMalformed` or `WrongKey`.
        """
        found = _CONTENT.fullmatch(_read_private(path))
        if found is None:
            raise KeyFileMalformed(
                f"The key file {path} cannot be used.",
                "it is not a line 'pledger key file 1' and a line of 64 hexadecimal digits.",
                "Restore the file from its backup.",
            )
        holder = cls(bytes.fromhex(found[1].decode()))
        if key_id is not None and not hmac.compare_digest(holder.key_id, key_id):
            raise WrongKey(
                f"The key file {path} holds another key.",
                f"this ledger was sealed under key {key_id}, and the file holds {holder.key_id}.",
                "Name the right file in PLEDGER_KEY_FILE, or restore it from its backup.",
            )
        return holder

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt a data key for `context`; 29 bytes longer than the key."""
        nonce = os.urandom(NONCE_BYTES)
        return _WRAP_FORMAT + nonce + AESGCM(self._kek).encrypt(nonce, key, _WRAP_CONTEXT + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key. Raise `WrongKey` for another key, another context, or changed bytes."""
        body = 1 + NONCE_BYTES
        if wrapped[:1] == _WRAP_FORMAT and len(wrapped) >= body + TAG_BYTES:
            with suppress(InvalidTag):
                return AESGCM(self._kek).decrypt(wrapped[1:body], wrapped[body:], _WRAP_CONTEXT + context)
        raise WrongKey(
            "A data key cannot be unwrapped.",
            f"it was not wrapped by key {self.key_id}, or not for this place, or its bytes were changed.",
            "Name the right file in PLEDGER_KEY_FILE; if it is the right one, restore the row from a backup.",
        )


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that did not exist, for the owner only, and put it on disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put a folder's list of names on disk; without it a new file may be gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_private(path: Path) -> bytes:
    """Read a file that only this user (or root) can read; the open file is checked, so it cannot be swapped."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise KeyFileMissing(
            f"There is no key file at {path}.",
            "personal values are sealed under a key that is kept outside the database.",
            "Restore the file from its backup, or name it in PLEDGER_KEY_FILE. A new ledger creates a new one.",
        ) from None
    except PermissionError:
        raise KeyFileExposed(
            f"The key file {path} may not be read.",
            "it belongs to another user.",
            "Run as the user who owns the key, or give the file to the user who runs Pledger.",
        ) from None
    # Checked by its descriptor, not by its path. A folder cannot become a file object, so that is checked first.
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise KeyFileMalformed(
            f"The key file {path} cannot be used.",
            "it is not a file.",
            "Name the file itself in PLEDGER_KEY_FILE.",
        )
    with os.fdopen(descriptor, "rb") as file:
        if status.st_uid not in {os.geteuid(), 0}:
            raise KeyFileExposed(
                f"The key file {path} is not used.",
                f"it belongs to user {status.st_uid}, who can read it.",
                f"chown {os.geteuid()} {path}",
            )
        if status.st_mode & _OTHERS:
            raise KeyFileExposed(
                f"The key file {path} is not used.",
                f"its mode is {stat.S_IMODE(status.st_mode):04o}, so others have access to it.",
                f"chmod 600 {path}",
            )
        return file.read(_LONGEST_FILE_BYTES)
