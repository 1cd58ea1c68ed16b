"""The key file: made once, whole, and for its owner only; and what it refuses."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from adapters.keys.key_file import (
    KeyFile,
    KeyFileExists,
    KeyFileExposed,
    KeyFileMalformed,
    KeyFileMissing,
    WrongKey,
)

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.keys.holder import KeyHolder

KEK = bytes(range(0x20, 0x40))
DEK = bytes(range(32))
WRAPPED = bytes.fromhex(
    "01c0c1c2c3c4c5c6c7c8c9cacb6a923bf2876a4dec722c54b025d0cd03915d90c308b2407a61561abae9acb72b8b09a104b6d4e1201c95279d"
    "c2fc1680"
)


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    """Write a file with exactly this mode."""
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Return the file of the key of the vectors."""
    return write(tmp_path / "ledger.key", f"pledger key file 1\n{KEK.hex()}\n")


def test_a_key_file_is_a_key_holder(key_file: Path) -> None:
    """The ledger can use a key file wherever it asks for a key holder."""
    holder: KeyHolder = KeyFile.open(key_file)
    assert holder.unwrap(holder.wrap(DEK, b"stream"), b"stream") == DEK


def test_the_published_bytes_are_read(key_file: Path) -> None:
    """Key id and wrapped key are those computed apart from our code."""
    holder = KeyFile.open(key_file)
    assert holder.key_id == "77c0c5a1cc0611df"
    assert holder.unwrap(WRAPPED, b"context") == DEK


def test_a_wrapped_key_is_29_bytes_longer_and_never_the_same(key_file: Path) -> None:
    """Wrapping twice gives two results of the published shape."""
    holder = KeyFile.open(key_file)
    first, second = holder.wrap(DEK, b"c"), holder.wrap(DEK, b"c")
    assert first != second
    assert len(first) == len(second) == 32 + 29


def test_a_new_key_is_for_its_owner_only(tmp_path: Path) -> None:
    """The file has mode 0600 in a folder of mode 0700, nothing else is left there, and it opens again."""
    path = tmp_path / "home" / "keys" / "ledger.key"
    made = KeyFile.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert KeyFile.open(path, made.key_id).key_id == made.key_id


def test_a_key_is_never_overwritten(key_file: Path) -> None:
    """Making a key where one stands is refused and leaves the file as it was."""
    before = key_file.read_bytes()
    with pytest.raises(KeyFileExists):
        KeyFile.create(key_file)
    assert key_file.read_bytes() == before
    assert list(key_file.parent.iterdir()) == [key_file]


def test_of_many_who_make_a_key_at_once_one_wins(tmp_path: Path) -> None:
    """Of eight makers at once one makes the key, and seven get the error that it exists."""
    path = tmp_path / "keys" / "ledger.key"

    def make(_: int) -> str | None:
        try:
            return KeyFile.create(path).key_id
        except KeyFileExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [key_id for key_id in pool.map(make, range(8)) if key_id]
    assert made == [KeyFile.open(path).key_id]


def test_no_key_is_written_where_others_can_replace_it(tmp_path: Path) -> None:
    """A folder that others may write to is no place for a key."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(KeyFileExposed):
        KeyFile.create(folder / "ledger.key")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(key_file: Path, mode: int) -> None:
    """Any right of group or others on the file is refused, and the hint is the command to type."""
    key_file.chmod(mode)
    with pytest.raises(KeyFileExposed) as caught:
        KeyFile.open(key_file)
    assert caught.value.hint == f"chmod 600 {key_file}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(key_file: Path) -> None:
    """A file that belongs to another user can be read by that user."""
    os.chown(key_file, 12345, 12345)
    with pytest.raises(KeyFileExposed):
        KeyFile.open(key_file)


def test_a_missing_key_is_told_with_its_place(tmp_path: Path) -> None:
    """The error names the path, and the variable that changes it."""
    with pytest.raises(KeyFileMissing) as caught:
        KeyFile.open(tmp_path / "none" / "ledger.key")
    assert str(tmp_path) in str(caught.value)
    assert "PLEDGER_KEY_FILE" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEK.hex(),
        f"pledger key file 2\n{KEK.hex()}\n",
        f"pledger key file 1\n{KEK.hex()[:-2]}\n",
        f"pledger key file 1\n{KEK.hex()}\nmore\n",
        f"pledger key file 1\n{KEK.hex()}{' ' * 5000}",
        "pledger key file 1\n" + "xy" * 32 + "\n",
    ],
)
def test_another_text_is_not_a_key(tmp_path: Path, text: str) -> None:
    """Anything but the two lines is refused, and the error repeats none of it."""
    path = write(tmp_path / "ledger.key", text)
    with pytest.raises(KeyFileMalformed) as caught:
        KeyFile.open(path)
    assert KEK.hex()[:20] not in str(caught.value)


def test_a_folder_is_not_a_key(tmp_path: Path) -> None:
    """Naming the folder instead of the file has its own error."""
    with pytest.raises(KeyFileMalformed):
        KeyFile.open(tmp_path)


def test_the_wrong_key_file_is_noticed_at_once(key_file: Path) -> None:
    """A ledger says which key it was sealed under, and another one is refused before anything is unwrapped."""
    with pytest.raises(WrongKey) as caught:
        KeyFile.open(key_file, "0" * 16)
    assert "77c0c5a1cc0611df" in caught.value.why


@pytest.mark.parametrize(
    ("wrapped", "context"),
    [
        (WRAPPED, b"another context"),
        (WRAPPED[:-1] + b"\x00", b"context"),
        (b"\x02" + WRAPPED[1:], b"context"),
        (WRAPPED[:20], b"context"),
        (b"", b"context"),
    ],
)
def test_what_does_not_belong_together_is_not_unwrapped(key_file: Path, wrapped: bytes, context: bytes) -> None:
    """Another context, changed bytes, another format and cut bytes are all the wrong key."""
    with pytest.raises(WrongKey):
        KeyFile.open(key_file).unwrap(wrapped, context)


def test_another_key_unwraps_nothing(tmp_path: Path, key_file: Path) -> None:
    """A data key wrapped by one key file does not open with another."""
    wrapped = KeyFile.open(key_file).wrap(DEK, b"context")
    with pytest.raises(WrongKey):
        KeyFile.create(tmp_path / "keys" / "other.key").unwrap(wrapped, b"context")


def test_a_key_never_shows_itself(key_file: Path) -> None:
    """What is printed of a holder, in a log or a trace, is its public name."""
    assert repr(KeyFile.open(key_file)) == "KeyFile(key_id='77c0c5a1cc0611df')"
