"""The rows of an orders file: what is a row, what is wrong with it, and on which line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from adapters.imports.order_rows import (
    BadRow,
    OrderRow,
    OrdersFileMalformed,
    OrdersFileUnreadable,
    UnknownTimeZone,
    in_utc,
    read_rows,
    zone_of,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b"invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp\n"
GOOD = b"536365,2010-12-01T08:26:00,17850,United Kingdom,7,40,139.12\n"
LONDON = zone_of("Europe/London")


def rows_of(folder: Path, content: bytes) -> list[OrderRow | BadRow]:
    """Write `content` to a file and read its rows."""
    path = folder / "orders.csv"
    path.write_bytes(content)
    return list(read_rows(path, LONDON))


BAD: dict[bytes, tuple[str, ...]] = {
    b"1,2010-12-01T08:26:00,1,UK,7,40": ("has 6 columns, and the first line names 7",),
    b"1,2010-12-01T08:26:00,1,UK,7,40,1.5,more": ("has 8 columns, and the first line names 7",),
    HEADER.strip(): ("repeats the names of the columns",),
    b",2010-12-01T08:26:00,1,UK,7,40,1.5": ("invoice_no is empty",),
    b"1,yesterday,1,UK,7,40,1.5": ("invoiced_at is not a local time such as 2010-12-01T08:26:00",),
    b"1,2010-12-01,1,UK,7,40,1.5": ("invoiced_at is not a local time such as 2010-12-01T08:26:00",),
    b"1,2010-02-30T08:00:00,1,UK,7,40,1.5": ("invoiced_at is not a local time such as 2010-12-01T08:26:00",),
    b"1,2010-12-01T08:26:00Z,1,UK,7,40,1.5": ("invoiced_at has a time zone, and this column is local time",),
    b"1,2010-12-01T08:26:00,1,UK,-7,4.5,1e3": (
        "lines is not a whole number, 0 or more",
        "units is not a whole number",
        "total_gbp is not a decimal number",
    ),
    b"1,2010-12-01T08:26:00,1,\xff,7,40,1.5": ("is not UTF-8",),
    b"1,2010-12-01T08:26:00,\x00,UK,7,40,1.5": ("holds a NUL character, which the database cannot store",),
    b',never,1,UK,"",40,': (
        "invoice_no is empty",
        "invoiced_at is not a local time such as 2010-12-01T08:26:00",
        "lines is not a whole number, 0 or more",
        "total_gbp is not a decimal number",
    ),
}


@pytest.mark.parametrize(("row", "problems"), BAD.items(), ids=[" ".join(problems)[:40] for problems in BAD.values()])
def test_a_bad_row_is_reported_with_every_problem_and_stops_nothing(
    tmp_path: Path, row: bytes, problems: tuple[str, ...]
) -> None:
    """A bad row between two good ones comes out under its line, and both good ones come out too."""
    before, bad, after = rows_of(tmp_path, HEADER + GOOD + row + b"\n" + GOOD)
    assert bad == BadRow(3, problems)
    assert isinstance(before, OrderRow)
    assert isinstance(after, OrderRow)
    assert after.line == 4


def test_text_after_a_closing_quote_spoils_its_row_only(tmp_path: Path) -> None:
    """A row that is no CSV is reported, and reading goes on with the next line."""
    bad, after = rows_of(tmp_path, HEADER + b'"1"2,x,x,x,x,x,x\n' + GOOD)
    assert isinstance(bad, BadRow)
    assert bad.problems[0].startswith("is not CSV")
    assert isinstance(after, OrderRow)


@pytest.mark.parametrize("after", [b"", b'7,2010-12-01T08:26:00,1,"United Kingdom",7,40,1.5\n', b'1,"x",y\n', b'"'])
def test_a_quote_left_open_swallows_no_other_row(tmp_path: Path, after: bytes) -> None:
    """The row with the open quote is bad alone, wherever the next quote stands."""
    rows = rows_of(tmp_path, HEADER + b'1,2010-12-01T08:26:00,1,"United Kingdom,7,40,1.5\n' + 2 * GOOD + after)
    assert [(row.line, type(row)) for row in rows[:3]] == [(2, BadRow), (3, OrderRow), (4, OrderRow)]
    assert len(rows) == 3 + bool(after)


def test_lines_are_physical_ones(tmp_path: Path) -> None:
    """A quoted line break, a blank line and CRLF count as lines of the file."""
    quoted = b'1,2010-12-01T08:26:00,1,"United\r\nKingdom",7,40,1.5\r\n'
    rows = rows_of(tmp_path, HEADER + quoted + b"\r\n" + GOOD + b"oops\n")
    assert [row.line for row in rows] == [2, 5, 6]


@pytest.mark.parametrize(
    ("number", "kind"), [("536365", "purchase"), ("C536379", "cancellation"), ("A563185", "adjustment")]
)
def test_the_first_letter_of_the_number_says_what_a_row_is(tmp_path: Path, number: str, kind: str) -> None:
    """C cancels, A adjusts a debt, and every other number is a purchase."""
    (row,) = rows_of(tmp_path, HEADER + GOOD.replace(b"536365", number.encode()))
    assert row == OrderRow(2, kind, number, datetime(2010, 12, 1, 8, 26, tzinfo=UTC), "17850")  # type: ignore[arg-type]


def test_a_byte_order_mark_other_columns_and_another_order_of_them_are_fine(tmp_path: Path) -> None:
    """The columns are found by name, after a BOM too."""
    content = b"\xef\xbb\xbftotal_gbp,note,units,lines,country,customer_id,invoiced_at,invoice_no\n"
    (row,) = rows_of(tmp_path, content + b"1.50,x,1,1,UK,,2011-07-01 12:00,7")
    assert row == OrderRow(2, "purchase", "7", datetime(2011, 7, 1, 11, tzinfo=UTC), "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n" + GOOD, "its first line is blank"),
        (b"invoice_no,invoiced_at,country,lines,units,total\n", "customer_id is missing; total_gbp is missing"),
        (HEADER.strip() + b",lines\n", "lines stands there 2 times"),
        (GOOD, "invoice_no is missing"),
        (HEADER.decode().encode("utf-16"), "invoice_no is missing"),
    ],
)
def test_a_file_without_its_columns_is_refused_as_a_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    """The error says what happened, why, and what to do."""
    with pytest.raises(OrdersFileMalformed, match=reason) as caught:
        rows_of(tmp_path, content)
    assert caught.value.what
    assert caught.value.why
    assert caught.value.hint


def test_a_file_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    """A missing file and a folder are errors of ours, with the path."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(OrdersFileUnreadable, match=str(path)):
            list(read_rows(path, LONDON))


@pytest.mark.parametrize("name", ["Atlantis/Capital", "../etc/passwd", "Europe", ""])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    """Only the IANA list has time zones."""
    with pytest.raises(UnknownTimeZone):
        zone_of(name)


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2011-01-10T09:00:00", "Europe/London", "2011-01-10T09:00:00"),
        ("2011-07-10T09:00:00", "Europe/London", "2011-07-10T08:00:00"),
        ("2011-07-10T09:00:00", "America/New_York", "2011-07-10T13:00:00"),
        ("2011-03-27T01:30:00", "Europe/London", "2011-03-27T01:30:00"),  # This reading never happened: 02:30 by then.
        ("2011-10-30T01:30:00", "Europe/London", "2011-10-30T00:30:00"),  # It happened twice: the first time is taken.
    ],
)
def test_a_local_time_has_one_utc_time(local: str, zone: str, utc: str) -> None:
    """Winter, summer, the gap and the fold each give one answer, always the same."""
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert in_utc(datetime.fromisoformat(local), zone_of(zone)) == expected


def test_a_time_outside_the_calendar_in_utc_is_a_bad_row(tmp_path: Path) -> None:
    """The first hours of year 1 in a zone east of Greenwich are before the calendar."""
    path = tmp_path / "orders.csv"
    path.write_bytes(HEADER + b"1,0001-01-01T00:00:00,1,UK,7,40,1.5\n")
    (row,) = read_rows(path, zone_of("Asia/Tokyo"))
    assert row == BadRow(2, ("invoiced_at is outside the years 1 to 9999 in UTC",))
