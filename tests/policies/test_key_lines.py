"""The locator says on which line a key of a TOML text stands."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from domain.policy.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

    from domain.policy.lines import Path

HAND_WRITTEN = '''\
# [not] a = "table"
title = "a # b" # c = 1

[parameters]
"quoted key" = 1
'literal.key' = [ # ]
  "x ] , y", # an item ]
  { "in" = 1, b.c = """
two lines
key = "not a key" """ },
  2016-03-14 09:18:33Z,
]
a . "b\\u002e" . c = 1
a.d = 2

[[promise]]
id = 'P01'
statement = """
id = "P02" \\""" still
[[promise]]"""
[promise.parameters]
act = "order"

[[promise]]
text = \'\'\'it is '' quoted''\'\'\'
more = """ends with quotes"""""
  [promise.parameters.limits]
  low = -1e5
[[promise.exception]]
act = "gift"
[[promise.exception]]
act = "account"
[x.y.z]
[x]
last = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("parameters",), 4),
        (("parameters", "quoted key"), 5),
        (("parameters", "literal.key"), 6),
        (("parameters", "literal.key", 0), 7),
        (("parameters", "literal.key", 1), 8),
        (("parameters", "literal.key", 1, "in"), 8),
        (("parameters", "literal.key", 1, "b", "c"), 8),
        (("parameters", "literal.key", 2), 11),
        (("parameters", "a"), 13),
        (("parameters", "a", "b."), 13),
        (("parameters", "a", "b.", "c"), 13),
        (("parameters", "a", "d"), 14),
        (("promise",), 16),
        (("promise", 0), 16),
        (("promise", 0, "id"), 17),
        (("promise", 0, "statement"), 18),
        (("promise", 0, "parameters"), 21),
        (("promise", 0, "parameters", "act"), 22),
        (("promise", 1), 24),
        (("promise", 1, "text"), 25),
        (("promise", 1, "more"), 26),
        (("promise", 1, "parameters"), 27),
        (("promise", 1, "parameters", "limits", "low"), 28),
        (("promise", 1, "exception", 0, "act"), 30),
        (("promise", 1, "exception", 1, "act"), 32),
        (("x", "y"), 33),
        (("x", "y", "z"), 33),
        (("x",), 34),
        (("x", "last"), 35),
    ],
)
def test_a_key_written_by_hand_is_found(path: Path, line: int) -> None:
    """Each kind of key of the sample is found on its line."""
    assert Lines(HAND_WRITTEN).at(path) == line


def test_every_key_of_the_sample_is_located() -> None:
    """Nothing that the TOML library finds in the sample falls back to a parent."""
    assert set(_paths(tomllib.loads(HAND_WRITTEN))) <= set(Lines(HAND_WRITTEN)._offsets)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("absent",), 1),
        (("promise", 1, "absent", "deep"), 24),
        (("promise", 0, "parameters", "act", 3), 22),
        (("promise", 9), 16),
    ],
)
def test_a_path_that_is_not_written_has_its_parents_line(path: Path, line: int) -> None:
    """A missing key is reported where its table begins."""
    assert Lines(HAND_WRITTEN).at(path) == line


def test_windows_line_ends_count_once() -> None:
    """A carriage return before the line feed adds no line."""
    assert Lines(HAND_WRITTEN.replace("\n", "\r\n")).at(("x", "last")) == 35


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "a = []\nb = {}\nc = ''\n"])
def test_a_text_with_little_in_it_is_scanned(text: str) -> None:
    """Empty texts and empty values end the scan."""
    assert Lines(text).at(("c",)) == (3 if "c =" in text else 1)


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*path, index))


# Texts that look like something else, so that a scanner which is not careful goes astray.
WORDS = ["a", "é", "#", "=", "[[t]]", "{", "}", "]", ",", ".", " ", "k = 1", '\\"', "\\\\", "\\u0041", "\\t"]
LITERAL_WORDS = ["a", "#", "=", "[[t]]", "}", "]", ",", '"', '"""', "\\", " ", "k = 1"]
# Of these, each is followed by a letter, so that quotes do not add up to the three that close the text.
LONG_WORDS = [*WORDS, "\n", "\nk = 1\n", "\n[t]\n", "'", "'''", '"', '""', "\\\n  "]
LONG_LITERAL_WORDS = [*LITERAL_WORDS, "\n", "\nk = 1\n", "'", "''"]
PLAIN = [
    "1",
    "0x1F",
    "1_000",
    "-1.5e3",
    "true",
    "inf",
    "2016-03-14",
    "2016-03-14 09:18:33Z",
    "09:18:33",
]


class _Writer:
    """Writes a random TOML text, and notes on which line it wrote each key and item."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw, self.text, self.expected, self.count = draw, "", dict[tuple[str | int, ...], int](), 0

    def choose(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def few(self, most: int = 3) -> range:
        return range(self.draw(st.integers(0, most)))

    def note(self, path: Path, *, again: bool = True) -> None:
        line = self.text.count("\n") + 1
        if again or path not in self.expected:
            self.expected[path] = line

    def key(self) -> tuple[str, str]:
        """Return a key that was not used before, as written and as meant."""
        self.count += 1
        words = "".join(self.draw(st.lists(st.sampled_from(WORDS), max_size=3)))
        written = self.choose(f"k{self.count}", f'"{words}{self.count}"', f"'it [#= \"{self.count}'", f"{self.count}")
        return written, next(iter(tomllib.loads(f"{written} = 1")))

    def gap(self) -> None:
        self.text += self.choose("", " ", "\n", " # c ] } = \" '\n", "\n\n\t")

    def value(self, path: Path, depth: int = 0, *, on_one_line: bool = False) -> None:
        kinds = (
            ("plain", "basic", "literal")
            if depth > 2
            else ("plain", "basic", "literal", "list", "table", "long", "raw")
        )
        match self.choose(*kinds):
            case "plain":
                self.text += self.choose(*PLAIN)
            case "basic":
                self.text += '"' + "".join(self.draw(st.lists(st.sampled_from(WORDS), max_size=5))) + '"'
            case "literal":
                self.text += "'" + "".join(self.draw(st.lists(st.sampled_from(LITERAL_WORDS), max_size=5))) + "'"
            case "long":
                words = "".join(f"{word}e" for word in self.draw(st.lists(st.sampled_from(LONG_WORDS), max_size=5)))
                self.text += '"""' + words + self.choose("", '"', '""') + '"""'
            case "raw":
                words = "".join(
                    f"{word}e" for word in self.draw(st.lists(st.sampled_from(LONG_LITERAL_WORDS), max_size=5))
                )
                self.text += "'''" + words + self.choose("", "'", "''") + "'''"
            case "list":
                self.list(path, depth, on_one_line=on_one_line)
            case _:
                self.text += "{"
                for index in self.few():
                    self.text += ", " if index else self.choose("", " ")
                    self.pair(path, depth + 1, on_one_line=True)
                self.text += "}"

    def list(self, path: Path, depth: int, *, on_one_line: bool) -> None:
        self.text += "["
        for index in self.few():
            self.text += "," if index else ""
            if not on_one_line:
                self.gap()
            self.note((*path, index))
            self.value((*path, index), depth + 1, on_one_line=on_one_line)
            if not on_one_line:
                self.gap()
        self.text += "]"

    def pair(self, table: Path, depth: int = 0, *, on_one_line: bool = False) -> None:
        path = table
        for _ in self.few(2):
            written, meant = self.key()
            path = (*path, meant)
            self.note(path)
            self.text += written + self.choose(".", " . ")
        written, meant = self.key()
        path = (*path, meant)
        self.note(path)
        self.text += written + self.choose("=", " = ", "\t=")
        self.value(path, depth, on_one_line=on_one_line)

    def body(self, table: Path) -> None:
        for _ in self.few():
            self.pair(table)
            self.text += self.choose("\n", ' # [c] = "\n', "\n\n  ")

    def tables(self, written_parent: str, parent: Path, depth: int = 0) -> None:
        for _ in self.few(2):
            written, meant = self.key()
            header, path = f"{written_parent}{written}", (*parent, meant)
            if self.choose("table", "implied") == "implied":
                written, meant = self.key()
                self.note(path)
                header, path = f"{header} . {written}", (*path, meant)
            if self.choose("table", "tables") == "table":
                self.table(f"[{header}]", path)
                if depth < 2:
                    self.tables(f"{header}.", path, depth + 1)
                continue
            self.note(path)
            for index in range(self.draw(st.integers(1, 3))):
                self.table(f"[[{header}]]", (*path, index))
                if depth < 2:
                    self.tables(f"{header}.", (*path, index), depth + 1)

    def table(self, header: str, path: Path) -> None:
        self.note(path)
        self.text += header + self.choose("\n", " # c\n")
        self.body(path)


@st.composite
def _documents(draw: DrawFn) -> tuple[str, dict[Path, int]]:
    writer = _Writer(draw)
    writer.gap()
    writer.body(())
    writer.tables("", ())
    return writer.text, writer.expected


@given(_documents())
def test_every_key_of_any_text_is_found_on_its_line(document: tuple[str, dict[Path, int]]) -> None:
    """However a text is written, each key and item is located exactly where it was written."""
    text, expected = document
    lines = Lines(text)
    found = {path: lines.at(path) for path in lines._offsets}
    assert found == expected
    assert set(_paths(tomllib.loads(text))) == set(expected)
