"""The line of each key of a TOML text, so that an error can name it.

Every key and list item of a text that `tomllib` accepts has the line on which it is written, inside inline tables and
multi-line arrays too. A path that is not written has the line of its nearest written parent. The text is not checked
here: `tomllib` does that first.

A path is the keys and 0-based list indices that lead to a value: `("promise", 3, "parameters", "act")`. A table has the
line of its own header where it has one, else of the first key or header that implies it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from typing import Final

Path = tuple[str | int, ...]

# No possessive quantifiers: Python 3.11.2, which Debian 12 has, matches some of them wrong.
_SPACE: Final = re.compile(r"[ \t]*")
# Everything that may stand between two statements, or between two items of a list.
_GAP: Final = re.compile(r"(?:[\s,]|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
# A multi-line string may end with up to two quotes of its own, before the three that close it.
_TEXT: Final = re.compile(
    r'''"""(?:[^"\\]|\\[\s\S]|"(?!""))*""""{0,2}'''
    r"""|'''(?:[^']|'(?!''))*''''{0,2}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
)
# A number, a truth value or a date; a date may hold a space.
_PLAIN: Final = re.compile(r"[^,\]}\n#]*")


class Lines:
    """The lines of a TOML text's keys: `Lines(text).at(path)` is a line number, counted from 1.

    Raises RecursionError for values nested too deeply, as `tomllib` does.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._newlines = [found.start() for found in re.finditer("\n", text)]
        self._offsets: dict[Path, int] = {}
        self._list_lengths: dict[Path, int] = {}
        self._position = 0
        self._scan()

    def at(self, path: Path) -> int:
        """Return the line of `path`, or of its nearest parent that is written; the empty path is line 1."""
        while path and path not in self._offsets:
            path = path[:-1]
        return self._line_of(self._offsets[path]) if path else 1

    def _line_of(self, offset: int) -> int:
        """Return the line on which the character at `offset` stands."""
        return bisect_left(self._newlines, offset) + 1

    def _scan(self) -> None:
        table: Path = ()
        self._skip(_GAP)
        while self._position < len(self._text):
            if self._text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what `pattern` matches here, and return it; an empty text if it does not match."""
        found = pattern.match(self._text, self._position)
        if found is None:
            return ""
        self._position = found.end()
        return found[0]

    def _header(self) -> Path:
        start = self._position
        is_list = self._text.startswith("[[", start)
        self._position += 2 if is_list else 1
        *parents, last = self._dotted_key()
        self._position += 2 if is_list else 1
        path: Path = ()
        for key in parents:
            path = self._newest((*path, key))
            self._offsets.setdefault(path, start)
        path = (*path, last)
        if is_list:
            self._offsets.setdefault(path, start)
            self._list_lengths[path] = self._list_lengths.get(path, 0) + 1
            path = self._newest(path)
        self._offsets[path] = start
        return path

    def _newest(self, path: Path) -> Path:
        """Return the path of the last table of an array of tables, which is what its name in a header means."""
        length = self._list_lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _pair(self, table: Path) -> None:
        start = self._position
        *parents, last = self._dotted_key()
        self._position += 1  # the equals sign
        path = table
        for key in parents:
            path = (*path, key)
            self._offsets.setdefault(path, start)
        path = (*path, last)
        self._offsets[path] = start
        self._value(path)

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(_plain_key(self._skip(_KEY)))
            self._skip(_SPACE)
            if not self._text.startswith(".", self._position):
                return keys
            self._position += 1

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        match self._text[self._position]:
            case "[":
                self._items(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_TEXT)
            case _:
                self._skip(_PLAIN)

    def _items(self, path: Path) -> None:
        self._position += 1
        self._skip(_GAP)
        index = 0
        while self._text[self._position] != "]":
            self._offsets[(*path, index)] = self._position
            self._value((*path, index))
            self._skip(_GAP)
            index += 1
        self._position += 1

    def _inline_table(self, path: Path) -> None:
        self._position += 1
        self._skip(_GAP)
        while self._text[self._position] != "}":
            self._pair(path)
            self._skip(_GAP)
        self._position += 1


def _plain_key(written: str) -> str:
    """Remove the quotes of a key. The library that read the text reads its escapes too."""
    if written[:1] not in {'"', "'"}:
        return written
    key = tomllib.loads(f"key = {written}")["key"]
    return str(key)
