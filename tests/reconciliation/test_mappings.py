"""Mapping files: the examples are read, and what is wrong with one is told whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import adapters.reconciliation
from adapters.imports.mapping_file import MappingInvalid, MappingUnreadable
from adapters.imports.reader import ColumnsNotFound, RowsFileUnreadable
from adapters.reconciliation.mapping import FileKind, read_mapping
from adapters.reconciliation.parsed_rows import parse_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.reconciliation.mapping import ReconciliationMapping
    from adapters.reconciliation.parsed_rows import ParsedFile

EXAMPLES = Path(adapters.reconciliation.__file__).parent / "mappings"
SEND_LOG = 'columns = {email = "to", time = "at"}\n'


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[..., ReconciliationMapping]:
    """Read a mapping that says this."""

    def read(text: str | bytes, kind: FileKind = FileKind.SEND_LOG) -> ReconciliationMapping:
        path = tmp_path / "mapping.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_mapping(path, kind)[1]

    return read


@pytest.fixture
def rows(mapping: Callable[..., ReconciliationMapping], tmp_path: Path) -> Callable[..., ParsedFile]:
    """Read rows by a mapping."""

    def read(text: str, by: str = SEND_LOG) -> ParsedFile:
        path = tmp_path / "rows.csv"
        path.write_bytes(text.encode(errors="surrogateescape"))
        return parse_file(path, mapping(by))

    return read


@pytest.mark.parametrize("kind", FileKind)
def test_the_examples_read_their_own_rows(kind: FileKind, tmp_path: Path) -> None:
    """Each example opens with rows that it can read."""
    path = EXAMPLES / f"{kind}.toml"
    _, example = read_mapping(path, kind)
    shown = [line[2:] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")][1:3]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(shown[-2:]))
    read = parse_file(file, example)
    assert (len(read.rows), read.rejected) == (1, [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["line 1: columns: is missing"]),
        ("columns = {}", ["line 1: columns.time: is missing"]),
        ("nonsense", ["line 1: this is not TOML: Expected '=' after a key in a key/value pair (at end of document)"]),
        ('kind = "carrier"\n' + SEND_LOG, ["line 1: kind: is not send-log, which was asked for"]),
        (SEND_LOG + "more = 1", ["line 2: more: is not a key of a mapping"]),
        ('columns = {time = "at"}', ["line 1: columns: name neither a person nor a message"]),
        (
            'columns = {email = "to", time = "at", reference = "r"}\nconstants = {recipient = "x"}',
            [
                "line 1: columns.reference: is of no use for a send-log file",
                "line 2: constants.recipient: is of no use for a send-log file",
            ],
        ),
        (
            'columns = {email = "to", time = "at", program = "p"}\nconstants = {program = "email_marketing"}',
            ["line 1: columns.program: is a constant as well"],
        ),
        (
            SEND_LOG + 'time = {zone = "Nowhere/Land", format = "%H", tolerance_seconds = -1}',
            [
                "line 2: time.format.0: is neither unix nor a format such as %d/%m/%Y %H:%M, with year, month and day",
                "line 2: time.tolerance_seconds: input should be greater than or equal to 0",
                "line 2: time.zone: is not in the IANA list of time zones",
            ],
        ),
        (
            SEND_LOG + 'constants = {channel = "pigeon"}',
            ["line 2: constants.channel: input should be 'email' or 'post'"],
        ),
        (SEND_LOG + 'delimiter = "::"', ["line 2: delimiter: input should be 'auto', ',', ';', '\\t' or '|'"]),
        (b"#" * 300_000, ["line 1: it has more than 262,144 bytes"]),
    ],
)
def test_what_is_wrong_with_a_mapping(
    mapping: Callable[..., ReconciliationMapping], text: str | bytes, problems: list[str]
) -> None:
    """All of it at once, each by its key."""
    with pytest.raises(MappingInvalid) as raised:
        mapping(text)
    assert [str(problem) for problem in raised.value.problems] == problems


def test_a_carriers_mapping_needs_order_and_recipient(mapping: Callable[..., ReconciliationMapping]) -> None:
    """Without them nothing could be compared."""
    with pytest.raises(MappingInvalid) as raised:
        mapping(SEND_LOG, FileKind.CARRIER)
    assert [str(problem) for problem in raised.value.problems] == [
        "line 1: columns.recipient: is missing, and so is constants.recipient",
        "line 1: columns.reference: is missing",
    ]


def test_files_that_cannot_be_read(mapping: Callable[..., ReconciliationMapping], tmp_path: Path) -> None:
    """A mapping or a file that is not there, or is not text."""
    with pytest.raises(MappingUnreadable):
        read_mapping(tmp_path / "nothing.toml", FileKind.CARRIER)
    with pytest.raises(MappingUnreadable):
        mapping(b"\xff")
    with pytest.raises(RowsFileUnreadable):
        parse_file(tmp_path / "nothing.csv", mapping(SEND_LOG))
    with pytest.raises(RowsFileUnreadable):
        parse_file(tmp_path, mapping(SEND_LOG))


@pytest.mark.parametrize(
    "first", ["", "marked@example.org,2016-04-02T00:00:00Z", "to,at,at", "to;at", '"to,at', "\ufefftoo,at"]
)
def test_a_file_without_its_columns(rows: Callable[..., ParsedFile], first: str) -> None:
    """The error names what is missing and shows nothing of what is there instead."""
    with pytest.raises(ColumnsNotFound) as raised:
        rows(first + "\n")
    assert "marked" not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("", {"2016-06-01": "2016-06-01T00:00", "2016-06-01T08:00:00+02:00": "2016-06-01T06:00"}),
        (
            'time = {zone = "Europe/London"}',
            {"2016-06-01 08:00": "2016-06-01T07:00", "2016-01-01T08:00Z": "2016-01-01T08:00"},
        ),
        ('time = {zone = "Europe/London", format = "%d/%m/%Y %H:%M"}', {"01/06/2016 08:00": "2016-06-01T07:00"}),
        ('time = {format = "%d %b %Y %H:%M %z"}', {"01 Jun 2016 08:00 -0500": "2016-06-01T13:00"}),
        ('time = {format = "unix"}', {"1464768000": "2016-06-01T08:00"}),
    ],
)
def test_times_as_they_are_written(rows: Callable[..., ParsedFile], written: str, time: dict[str, str]) -> None:
    """ISO 8601, a form of one's own, or seconds; without an offset in the mapping's zone."""
    text = "to,at\n" + "".join(f"a@example.org,{one}\n" for one in time)
    read = rows(text, SEND_LOG + written)
    assert [row.at.isoformat()[:16] for row in read.rows] == list(time.values())
    assert [
        bad.line for bad in rows("to,at\na@example.org,1e400\nb@example.org,0000-00-00\n", SEND_LOG + written).rejected
    ] == [2, 3]


def test_an_open_quote_costs_its_own_line(rows: Callable[..., ParsedFile]) -> None:
    """What follows is read again; a quote that is closed some lines on is one row, under its first line."""
    good = "a@example.org,2016-04-02\n"
    read = rows("to,at\n" + good + '"b@example.org,2016-04-02\n' + good * 80 + good)
    assert ([bad.line for bad in read.rejected], len(read.rows)) == ([3], 82)
    over_lines = rows('to,at,note\na@example.org,2016-04-02,"one\ntwo ""three""\n"\n' + "b@example.org,2016-04-02,\n")
    assert ([row.line for row in over_lines.rows], over_lines.rejected) == ([2, 5], [])
    for other in ('c"@example.org,2016-04-02\n', 'c@example.org",2016-04-02\n', 'c@example.org,2016-04-02,"\n'):
        read = rows("to,at\n" + '"b@example.org,2016-04-02\n' + good * 3 + other + good)
        assert [bad.line for bad in read.rejected][:1] == [2], other
        assert [row.line for row in read.rows if row.line != 6] == [3, 4, 5, 7], other
    unclosed = rows("to,at\n" + '"x\n' * 200 + good)
    assert (len(unclosed.rejected), len(unclosed.rows)) == (200, 1)


def test_other_delimiters_endings_and_columns(rows: Callable[..., ParsedFile]) -> None:
    """A byte order mark, other line ends, further columns and white space are all the same."""
    text = "\ufeff name ; at ; to \r\nx;2016-04-02; A@Example.org \r\n\r\n"
    read = rows(text, SEND_LOG + 'delimiter = ";"')
    assert [(row.line, str(row.names[0])) for row in read.rows] == [(2, "email:a@example.org")]


def test_a_row_of_empty_cells_is_rejected(rows: Callable[..., ParsedFile]) -> None:
    """It is not a blank line, so it is counted and reported."""
    read = rows("to,at\n,\n\na@example.org,2016-04-02\n")
    assert [(bad.line, bad.problems) for bad in read.rejected] == [(2, ("time: is missing",))]


@pytest.mark.parametrize("null", ["NULL", "\\N", "0", "n/a", "\u200b", "guest"])
def test_what_stands_for_no_number_names_nobody(rows: Callable[..., ParsedFile], null: str) -> None:
    """The rule of imports: such a word is no name, no message and no time, and the next name is tried."""
    by = 'columns = {customer = "no", email = "to", message_id = "id", time = "at"}\n'
    read = rows(f"no,to,id,at\n{null},a@b.org,{null},2016-05-01\n{null},,{null},2016-05-01\n7,,1,{null}\n", by)
    (row,) = read.rows
    assert ([name.kind for name in row.names], row.message_id) == (["email"], None)
    assert [one.problems for one in read.rejected] == [("names no person",), ("time: is missing",)]
