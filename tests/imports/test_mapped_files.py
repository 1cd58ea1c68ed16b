"""Files under a mapping as a whole: JSON Lines, and what is refused of a file before any of its rows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from adapters.imports.catalog import parse_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.reader import ColumnsNotFound, RowsFileUnreadable
from tests.imports.samples import ADA, LEFT, ORDERS, codes, converted, facts

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.bootstrap import Installation


def test_json_lines_are_rows_too(tmp_path: Path) -> None:
    """Numbers count as written, nested objects by a dotted key, and a line that is no object keeps no other out."""
    mapping = 'format = "jsonl"\nrequired = ["email"]\n' + LEFT.replace('"mail"', '"who.mail"')
    lines = [
        '{"who": {"mail": "ada@example.org"}, "at": "2016-05-01T10:00:00Z", "more": [1, {"a": null}]}',
        '{"who.mail": "bob@example.org", "at": "2016-05-01"}',
        '{"who": {"mail": null}, "at": 20160501}',
        '{"who": {"mail": ["x"]}, "at": "2016-05-01"}',
        '{"at": "2016-05-01", "who": {"mail": "\\ud800@x"}}',
        '[{"at": 1}]',
        "NaN",
        '{"at": NaN}',
        "{",
        '"' + "[" * 9000,
        "[" * 90_000,
        "",
    ]
    found = converted(tmp_path, mapping, "\ufeff" + "\r\n".join(lines))
    assert [one["subject"][1] for one in facts(found)] == ["ada@example.org", "bob@example.org"]
    assert [code for _, code in codes(found)] == [
        "nobody",
        "not_text",
        "not_text",
        "not_json",
        "not_json",
        "not_json",
        "not_json",
        "not_json",
        "not_json",
    ]


def test_the_columns_that_are_lacking_are_told_beside_those_that_are_there(tmp_path: Path) -> None:
    """The error lists headers, but nothing that looks like personal data; for an empty file it lists none."""
    with pytest.raises(ColumnsNotFound) as caught:
        converted(tmp_path, ORDERS, "number,Mail,at,town,town,x@y.org,0123456\n")
    assert caught.value.why == (
        "its first line lacks mail, street; its first line names more than once town; "
        "it names number, Mail, at, town, town."
    )
    with pytest.raises(ColumnsNotFound) as caught:
        converted(tmp_path, ORDERS, ADA)
    assert "Quay" not in str(caught.value)
    assert facts(
        converted(tmp_path, 'optional = ["town", "street"]\n' + ORDERS, "number,mail,at\n" + ADA.rsplit(",", 2)[0])
    )


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xff\xfen\x00", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_text_is_told_as_what_it_is(tmp_path: Path, content: bytes) -> None:
    """A workbook, a compressed file and UTF-16 are no CSV, and the error says how to save them."""
    with pytest.raises(RowsFileUnreadable, match="CSV or JSON Lines"):
        converted(tmp_path, ORDERS, content)


@pytest.mark.parametrize("content", ["", "\n\n", '"', "sep=;", "\x00"])
def test_a_file_without_a_first_line_is_reported(tmp_path: Path, content: str) -> None:
    """An empty file, blank lines, a lone quote: no columns, and no traceback."""
    with pytest.raises(ColumnsNotFound):
        converted(tmp_path, ORDERS, content)


def test_a_folder_and_a_pipe_are_no_files(installation: Installation, tmp_path: Path) -> None:
    """The file is read twice, which the error says."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(RowsFileUnreadable, match="read twice"):
            FileImport(installation, path, parse_mapping(ORDERS)).survey()
