"""Odd files: each is imported, or its rows or the file are refused with reasons, and none ends in a traceback.

What the tests hold of every one: a refused file is a `PledgerError` with three sentences; a rejected row has a line, a
code and a sentence that repeats none of its cells; and what was rejected can be written, read and rejected again.
"""

from __future__ import annotations

import io
import itertools
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.imports.catalog import parse_mapping
from adapters.imports.converter import Conversion, Converter
from adapters.imports.interpreter import Interpreter
from adapters.imports.reader import open_table
from adapters.imports.rejected_rows import RejectedRows
from domain.errors import PledgerError

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = """kind = "orders"
source = "/import/shop"
[columns]
reference = "number"
customer = "who"
email = "mail"
time = "at"
cancelled_at = "off"
[values]
"user.contact.email" = "mail"
[constants]
collection_point = "checkout"
"""
HEADER = b"number,who,mail,at,off\n"
GOOD = b"1,17,ada@example.org,2016-05-01,\n"
MARK = "zz-marked"

CELLS = [
    b"", b" ", b'""', b"\x00", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b[2J", b"\x7f", b'"', b"'",
    b'"a\nb"', b'"a""b"', b'"open', b'clo"se', b"=1+1", b"'=1+1", b"-1", b"+1", b"@x", b"\t", b"x" * 300, b"x" * 70_000,
    b"y" * 300_000, b"2016-05-01", b"0000-00-00", b"9999-12-31T23:59:59-12:00", b"0001-01-01", b"2016-02-30",
    b"2016-13-01", b"-1", b"1e999", b"99999999999999999999", b"NaN", b"null", b"{}", b"[1]", b"<b>", b"${x}", b"%s%n",
    b"a@b", b"@", b"customer:1", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\xa0", b"\r", b'a"b"c',
]  # fmt: skip
PLACES = (0, 1, 2, 3, 4)
FILES = {
    "empty": b"", "a mark alone": b"\xef\xbb\xbf", "a blank line": b"\n", "NULs": b"\x00" * 100, "a quote": b'"',
    "quotes": b'"' * 99, "no header": GOOD, "header alone": HEADER, "header without its end": HEADER.rstrip(),
    "header twice": HEADER * 2, "CR alone": HEADER.replace(b"\n", b"\r") + GOOD, "CR CR LF": HEADER + b"\r\r\n" + GOOD,
    "a cut last row": HEADER + GOOD[:20], "too few": HEADER + b"1,2\n", "too many": HEADER + GOOD.strip() + b",,,\n",
    "an open quote": HEADER + b'1,"17,x\n' + GOOD * 60, "a long header": b"x," * 100_000 + HEADER + GOOD,
    "a long line": HEADER + b"z" * 600_000 + b"\n" + GOOD, "two marks": b"\xef\xbb\xbf" * 2 + HEADER + GOOD,
    "semicolons in some": HEADER + GOOD.replace(b",", b";"), "a table of HTML": b"<table><tr><td>number</td></tr>",
    "JSON": b'[{"number": 1}]', "sep alone": b"sep=,", "sep twice": b"sep=,\nsep=,\n" + HEADER,
    "an order without end": HEADER + GOOD * 2_500, "rows of commas": HEADER + b",,,,\n" * 50 + GOOD,
    "reject columns": b"reject_code,reject_reason,reject_line," + HEADER + b"a,b,c," + GOOD,
    "some reject columns": b"reject_code," + HEADER + b"a," + GOOD, "form feed": HEADER + b"\x0c" + GOOD,
}  # fmt: skip
ROWS = {
    f"{place} {number} {cell[:12]!r}": HEADER + b",".join([*(b"1,17,a@b,2016-05-01,".split(b",")[:place]), cell,
    *(b"1,17,a@b,2016-05-01,".split(b",")[place + 1 :])]) + b"\n" + GOOD.replace(b"1,", b"2,", 1)
    for place, (number, cell) in itertools.product(PLACES, enumerate(CELLS))
}  # fmt: skip


def assert_read_or_refused(folder: Path, content: bytes, mapping: str = ORDERS) -> list[Conversion]:
    """Take a file; check what holds of every rejected row; read the rejected ones again."""
    read = parse_mapping(mapping)
    interpreter = Interpreter(read, notice="1", at=None, digest=str)
    path = folder / "rows"
    path.write_bytes(content)
    written = io.BytesIO()
    with open_table(path, read) as table:
        found = [one.parsed() for one in Converter(interpreter).convert(table.rows)]
        rejects = RejectedRows(written, table.format)
        for one in found:
            for reason in one.reasons:
                assert re.fullmatch(r"[a-z][a-z_]+", reason.code)
                assert reason.text.endswith(".")
                assert MARK not in reason.text
            if one.reasons:
                rejects.add(one.rows, one.reasons[0])
    path.write_bytes(written.getvalue())
    with open_table(path, read) as table:
        again = [one.parsed() for one in Converter(interpreter).convert(table.rows)]
    assert not [fact for one in again for fact in one.facts]
    assert sum(len(one.rows) for one in again) == sum(len(one.rows) for one in found if one.reasons)
    return found


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in ROWS.items()])
def test_an_odd_cell_spoils_its_own_row_at_most(tmp_path: Path, content: bytes) -> None:
    """The row after an odd cell is imported."""
    found = assert_read_or_refused(tmp_path, content)
    assert any(fact.id == "2-collect" for one in found for fact in one.facts)


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in FILES.items()])
def test_an_odd_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """Three sentences where the file is refused."""
    error: PledgerError | None = None
    try:
        assert_read_or_refused(tmp_path, content)
    except PledgerError as raised:
        error = raised
    assert error is None or all((error.what, error.why, error.hint))


_PIECES = st.sampled_from([*CELLS[:24], b",", b"\n", b"\r\n", b";", HEADER, GOOD, b"{", b'"mail":', b"}", b"1"])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_PIECES, max_size=30), st.booleans(), st.sampled_from(["utf-8", "windows-1252", "iso-8859-1"]))
def test_no_bytes_are_beyond_it(tmp_path: Path, pieces: list[bytes], is_json: bool, encoding: str) -> None:  # noqa: FBT001 - drawn
    """Any bytes, after a good header, are rows or reasons."""
    mapping = f'encoding = "{encoding}"\nformat = "{"jsonl" if is_json else "csv"}"\n{ORDERS}'
    assert_read_or_refused(tmp_path, (b"" if is_json else HEADER) + b"".join(pieces), mapping)


@pytest.mark.parametrize("field", ["number", "who", "mail", "at", "off"])
def test_no_reason_repeats_a_cell(tmp_path: Path, field: str) -> None:
    """A marked value in any column, where it is wrong or too long, is in no reason."""
    row = {"number": "1", "who": "17", "mail": "a@b", "at": "2016-05-01", "off": ""}
    for value in (MARK, MARK * 60, f"{MARK}\x00", f"@{MARK * 70}"):
        content = HEADER + ",".join((row | {field: value}).values()).encode() + b"\n"
        assert_read_or_refused(tmp_path, content)
