"""Imports of files into a real ledger: nothing twice, nothing half, what was rejected is mended, dry runs foresee."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from adapters.imports.catalog import parse_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.file_report import FileReport

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.bootstrap import Installation

ORDERS = """kind = "orders"
source = "/import/shop"
[columns]
reference = "number"
email = "mail"
time = "at"
[values]
"user.name" = "name"
"user.contact.email" = "mail"
[constants]
collection_point = "checkout"
carrier = "van"
"""
LEFT = """kind = "opt_outs"
format = "jsonl"
source = "/import/left"
[columns]
email = "mail"
time = "at"
[constants]
program = "email_marketing"
via = "customer_service"
"""
GOOD = "number,mail,at,name\n1,ada@example.org,2016-05-01,Ada\n2,bob@example.org,2016-05-02,Bob\n"
BAD = GOOD + '3,cy@example.org,never,=Cy\n4,di@example.org,2099-01-01,Di\n5,x\n6,"di@example.org,2016-05-03,Di\n'


def run(  # noqa: PLR0913 - each thing that may differ
    installation: Installation,
    folder: Path,
    content: str | bytes,
    mapping: str = ORDERS,
    *,
    is_dry: bool = False,
    rejected: io.BytesIO | None = None,
) -> FileReport:
    """Import a file, all three steps."""
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    work = FileImport(installation, path, parse_mapping(mapping))
    registered = work.register(work.survey(), is_dry=is_dry)
    report = work.run(FileReport(is_dry=is_dry), rejected=rejected)
    report.registered = registered
    assert report.rows == report.taken + report.skipped + report.rejected
    return report


def events(installation: Installation) -> int:
    """Count the events of the ledger."""
    with installation.connect() as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM events").fetchall()
    return int(count)


def test_a_second_import_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    """Every fact is there already; what the shares need was registered once, and the notice is nowhere on record."""
    first = run(installation, tmp_path, GOOD)
    assert (first.taken, first.appended, first.registered, dict(first.findings)) == (
        *(2, 4, ["van", "checkout"]),
        {("P03", "notice_not_live"): 1},
    )
    assert dict(first.kinds) == {"collection": 2, "share": 2}
    before = events(installation)
    again = run(installation, tmp_path, GOOD)
    assert (again.appended, again.repeated, again.registered) == (0, 4, [])
    assert events(installation) == before


def test_an_import_that_was_cut_short_is_completed(installation: Installation, tmp_path: Path) -> None:
    """A part of the file stands for what was done when it was killed."""
    rows = "".join(f"{place},p{place}@example.org,2016-05-01,P\n" for place in range(1, 701))
    header = GOOD.splitlines(keepends=True)[0]
    run(installation, tmp_path, header + "".join(rows.splitlines(keepends=True)[:300]))
    report = run(installation, tmp_path, header + rows)
    assert (report.appended, report.repeated) == (800, 600)


def test_a_dry_run_says_what_the_import_then_does(installation: Installation, tmp_path: Path) -> None:
    """Nothing is appended, not even registrations; repeats and conflicts with the log and in the file are seen."""
    run(installation, tmp_path, GOOD)
    before = events(installation)
    eve = "7,eve@example.org,2015-05-01,Eve\n"
    more = f"{GOOD.replace('Bob', 'Rob')}{eve}8,a@b,2016-05-01,A\n{eve}"
    more += BAD.splitlines(keepends=True)[3] + eve.replace("05-01", "05-02")
    foreseen = run(installation, tmp_path, more, is_dry=True)
    assert events(installation) == before
    done = run(installation, tmp_path, more)
    for name in (
        "rows",
        "taken",
        "rejected",
        "facts",
        "appended",
        "repeated",
        "kinds",
        "reasons",
        "examples",
        "registered",
    ):
        assert getattr(foreseen, name) == getattr(done, name), name
    assert {code: rows for code, (rows, _) in done.reasons.items()} == {"fact_conflict": 2, "time_unreadable": 1}
    assert done.registered == ["van", "checkout"]  # Since this file begins a year earlier.


def test_rejected_rows_are_mended_and_imported(installation: Installation, tmp_path: Path) -> None:
    """They keep the file's form, go with their reason and line, and a formula in them is marked as text."""
    rejected = io.BytesIO()
    report = run(installation, tmp_path, "\ufeff" + BAD.replace(",", ";"), rejected=rejected)
    assert (report.rejected, report.appended) == (4, 4)
    text = rejected.getvalue().decode()
    lines = text.splitlines()
    assert lines[0] == "\ufeffreject_code;reject_reason;reject_line;number;mail;at;name"
    assert [line.split(";")[0] for line in lines[1:]] == [
        "time_unreadable",
        "time_in_future",
        "column_count",
        "not_csv",
    ]
    assert lines[4].split(";", 3)[2:] == ["7", ';;;;"6;""di@example.org;2016-05-03;Di"']
    assert lines[1].split(";", 2)[2] == "4;3;cy@example.org;never;'=Cy"
    again = io.BytesIO()
    assert run(installation, tmp_path, text, rejected=again).rejected == 4  # Not mended: rejected again, and no more.
    assert again.getvalue().decode().splitlines()[0] == lines[0]
    mended = text.replace("never", "2016-05-03").replace("2099", "2016")
    report = run(installation, tmp_path, mended)
    assert (report.rejected, report.appended) == (2, 4)
    direct = run(installation, tmp_path, BAD.replace("never", "2016-05-03"), is_dry=True)
    assert "fact_conflict" not in direct.reasons  # The mended row is the row as it should have been, formula and all.


def test_rejected_lines_of_json_are_lines_of_json(installation: Installation, tmp_path: Path) -> None:
    """What is an object keeps its keys; what is none stands under a key of its own."""
    content = b'{"mail": "a@b.org", "at": "x", "n": 12345678901234567890}\n{"mail"\n{"mail": "a\xff@b.org"}\n'
    rejected = io.BytesIO()
    run(installation, tmp_path, content, LEFT, rejected=rejected)
    text = rejected.getvalue()
    assert b'"reject_line": "1", "mail": "a@b.org", "at": "x", "n": 12345678901234567890}' in text
    assert b'"reject_raw": "{\\"mail\\""}' in text
    again = io.BytesIO()
    assert run(installation, tmp_path, text, LEFT, rejected=again).rejected == 3
    report = run(installation, tmp_path, text.replace(b'"x"', b'"2016-05-01"'), LEFT)
    assert (report.appended, report.rejected) == (1, 2)


def test_a_constant_time_is_bounded_by_the_ledger(installation: Installation, tmp_path: Path) -> None:
    """A mapping may name any time; a ledger takes none from before its own bound, and says so row by row."""
    dated = f"{ORDERS}[time]\nconstant = 1980-01-01T00:00:00Z\n"
    report = run(installation, tmp_path, "number,mail,at,name\n1,ada@example.org,,Ada\n", dated)
    assert (report.appended, {code: count for code, (count, _) in report.reasons.items()}) == (0, {"malformed_fact": 1})
    later = dated.replace("1980", "2016")
    assert run(installation, tmp_path, "number,mail,at,name\n1,ada@example.org,,Ada\n", later).appended == 2


def test_a_row_whose_fact_conflicts_is_rejected(installation: Installation, tmp_path: Path) -> None:
    """An order that says something else than before is told, and what is there stays."""
    run(installation, tmp_path, GOOD)
    report = run(installation, tmp_path, GOOD.replace("Ada", "Ida"))
    assert [(line, code) for line, code, _ in report.examples] == [(2, "fact_conflict")]
    assert "Ida" not in str(report.as_dict())


def test_nothing_personal_is_in_the_clear(installation: Installation, tmp_path: Path) -> None:
    """No name of a fact and no coded field holds an address, not even where it stands in the wrong column."""
    run(installation, tmp_path, '{"mail": "secret@example.org", "at": "2016-04-01"}', LEFT)
    report = run(installation, tmp_path, GOOD + "secret@example.org,secret@example.org,2016-05-01,secret\n")
    assert list(report.reasons) == ["number_unusable"]
    with installation.connect() as connection:
        stored = str(connection.execute("SELECT data, actor FROM events").fetchall())
        stored += str(connection.execute("SELECT source, policy FROM events").fetchall())
    assert "/import/left" in stored
    assert "secret" not in stored


def test_rejected_lines_keep_their_encoding(installation: Installation, tmp_path: Path) -> None:
    """What is written for a mapping of another encoding is read under the same mapping."""
    mapping = 'encoding = "windows-1252"\nnames = ["email"]\n' + LEFT
    content = '{"mail": "jürgen@example.org", "at": "never"}\n'.encode("cp1252")
    rejected = io.BytesIO()
    run(installation, tmp_path, content, mapping, rejected=rejected)
    assert "jürgen" in rejected.getvalue().decode("cp1252")
    assert run(installation, tmp_path, rejected.getvalue().replace(b"never", b"2016-05-01"), mapping).appended == 1


def test_who_left_before_is_not_enrolled_by_a_later_order(installation: Installation, tmp_path: Path) -> None:
    """Opt-outs first: then the orders of those who left enroll nobody, and those of the others do."""
    run(installation, tmp_path, '{"mail": "ADA@example.org", "at": "2016-04-01"}', LEFT)
    run(installation, tmp_path, GOOD)
    with installation.connect() as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM events WHERE topic LIKE 'CustomerEnrolled%'").fetchall()
    assert count == 1
