"""pledger import file, mappings and check: what is shown, what is written, exit codes, a killed import."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from adapters.imports.catalog import read_mapping
from tests.controls import cloud_event, lines
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

MAPPING = """title = "A shop's orders"
kind = "orders"
source = "/import/shop"
[columns]
reference = "number"
email = "mail"
time = "at"
[values]
"user.contact.email" = "mail"
[constants]
collection_point = "checkout"
"""
ROWS = "number,mail,at\n1,secret-ada@example.org,2016-05-01\n2,secret-bob@example.org,some secret day\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Write a file of two rows, of which one is bad, and its mapping; give their paths."""
    rows, mapping = tmp_path / "rows.csv", tmp_path / "mapping.toml"
    rows.write_text(ROWS)
    mapping.write_text(MAPPING)
    return str(rows), str(mapping)


@pytest.mark.usefixtures("begun")
def test_a_file_is_looked_through_imported_and_mended(
    pledger: Callable[..., Ran], files: tuple[str, str], tmp_path: Path
) -> None:
    """Dry, for real, again, and what was rejected: the screen tells what to do next, and nothing personal."""
    rows, mapping = files
    rejected = tmp_path / "rejected.csv"
    words = ("import", "file", rows, "--mapping", mapping, "--rejected", str(rejected))
    dry = pledger(*words, "--dry-run", COLUMNS="80")
    assert (dry.code, "would be appended" in dry.out, "line 3 (time_unreadable)" in dry.out) == (1, True, True)
    assert pledger("status", "--format", "json").json["events"] == 1  # The policy alone.
    first = pledger(*words)
    assert (first.code, "1 appended" in first.out, "Correct them there" in first.out) == (1, True, True)
    assert "secret" not in dry.out + dry.err + first.out + first.err
    assert max(map(len, dry.out.replace(str(rejected), "FILE").splitlines())) <= 100
    assert stat.S_IMODE(rejected.stat().st_mode) == 0o600
    again = pledger(*words, "--format", "json").json
    assert (again["appended"], again["repeated"], again["rejected"], again["rejected_file"]) == (0, 1, 1, str(rejected))
    mended = tmp_path / "mended.csv"
    mended.write_text(rejected.read_text().replace("some secret day", "2016-05-02"))
    last = pledger("import", "file", str(mended), "--mapping", mapping)
    assert (last.code, "1 appended" in last.out) == (0, True)
    assert pledger("subscriptions", "order:2").code == 0
    assert "unknown_customer" in pledger("subscriptions", "email:secret-bob@example.org").err  # It leads to nobody.


@pytest.mark.usefixtures("begun")
@pytest.mark.slow
def test_an_import_that_is_killed_is_completed_by_doing_it_again(
    pledger: Callable[..., Ran], files: tuple[str, str], environment: dict[str, str]
) -> None:
    """However far it had come when it was killed, in the end each order is in the log exactly once."""
    rows, mapping = files
    count = 3_000
    Path(rows).write_text(
        "number,mail,at\n" + "".join(f"{n},p{n}@example.org,2016-05-01\n" for n in range(1, count + 1))
    )
    command = [sys.executable, "-c", "from adapters.cli.main import app; app()", "import", "file", rows]
    command += ["--mapping", mapping]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    with psycopg.connect(environment["PLEDGER_DATABASE_URL"], autocommit=True) as connection:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            ((events,),) = connection.execute("SELECT size FROM pledger.head").fetchall()
            if events > 500:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.005)
    assert process.wait(timeout=PATIENCE) == -signal.SIGKILL
    report = pledger("import", "file", rows, "--mapping", mapping, "--format", "json").json
    assert 0 < report["repeated"] < count
    assert (report["appended"] + report["repeated"], report["rejected"]) == (count, 0)
    assert pledger("status", "--format", "json").json["by_type"]["DataCollected"] == count


@pytest.mark.usefixtures("begun")
def test_a_file_of_rejected_rows_that_cannot_be_written_is_reported(
    pledger: Callable[..., Ran], files: tuple[str, str], tmp_path: Path
) -> None:
    """A folder, a place that is not there, and the file itself, which it would replace; nothing is appended."""
    rows, mapping = files
    words = ("import", "file", rows, "--mapping", mapping, "--rejected")
    for place in (tmp_path, tmp_path / "no" / "x"):
        assert "file_not_written" in pledger(*words, str(place)).err
    assert "bad_option" in pledger(*words, rows).err
    os.link(rows, tmp_path / "another-name")
    assert "bad_option" in pledger(*words, str(tmp_path / "another-name")).err
    assert pledger("status", "--format", "json").json["events"] == 1  # The policy alone.


@pytest.mark.usefixtures("begun")
def test_rows_without_a_time_need_one(pledger: Callable[..., Ran], files: tuple[str, str]) -> None:
    """A mapping that names no column of it needs --at, which is a time and no position."""
    rows, mapping = files
    Path(mapping).write_text(MAPPING.replace('time = "at"', ""))
    words = ("import", "file", rows, "--mapping", mapping)
    assert "--at" in pledger(*words).err
    assert "bad_option" in pledger(*words, "--at", "7").err
    assert pledger(*words, "--at", "yesterday").code == 1
    ran = pledger(*words, "--at", "2016-06-01T00:00:00Z", "--notice", "2016-03-14")
    assert (ran.code, "2 appended" in ran.out) == (0, True)
    assert pledger(*words, "--at", "2016-06-01T00:00:00Z", "--notice", "").code == 1


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xff\xfea", b"a,b\n1,2\n", b'"', b"\x00"])
def test_a_file_that_cannot_be_imported_is_reported(
    pledger: Callable[..., Ran], files: tuple[str, str], content: bytes
) -> None:
    """One error on standard error, as JSON where that was asked for, and no file of rejected rows is made."""
    rows, mapping = files
    Path(rows).write_bytes(content)
    rejected = Path(rows).with_name("rejected")
    words = ("import", "file", rows, "--mapping", mapping, "--rejected", str(rejected), "--format", "json")
    ran = pledger(*words)
    assert (ran.code, ran.out, rejected.exists()) == (1, "", False)
    assert json.loads(ran.err)["error"]["code"] in {"columns_not_found", "rows_file_unreadable"}


def test_the_mappings_are_listed_and_looked_over(pledger: Callable[..., Ran], files: tuple[str, str]) -> None:
    """Names and titles; of one what it reads, and every problem of a bad one with its line."""
    listed = pledger("import", "mappings")
    assert ("shopify-orders" in listed.out, "mailchimp-unsubscribed" in listed.out) == (True, True)
    names = [one["name"] for one in pledger("import", "mappings", "--format", "json").json["mappings"]]
    for name in names:
        assert pledger("import", "check", name, "--format", "json").json["is_valid"]
    _, mapping = files
    good = pledger("import", "check", mapping)
    assert (good.code, "can be used" in good.out, "user.contact.email" in good.out) == (0, True, True)
    Path(mapping).write_text(MAPPING.replace("orders", "odors").replace("mail =", "male ="))
    bad = pledger("import", "check", mapping)
    assert bad.code == 1
    assert f"{mapping}:2: kind:" in bad.err
    assert f"{mapping}:6: columns.emale:" in bad.err
    assert "no such mapping" in pledger("import", "check", "shopify").err


@pytest.mark.usefixtures("begun")
def test_accepts_marketing_is_no_request(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Who opted out stays out, the summary says why, and no verdict changes."""
    data = {
        "act": "contest_entry",
        "values": {"user.contact.email": "eve@example.org"},
        "also": ["email:eve@example.org"],
    }
    entered = cloud_event("collection", "a", "2016-04-02T10:00:00Z", "customer:9001", **data)
    out = cloud_event("opt_out", "b", "2016-05-01T08:00:00Z", "email:eve@example.org", program="email_marketing")
    rows = tmp_path / "customers.csv"
    rows.write_text(
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1\n"
        "'9001,Eve,Stone,eve@example.org,yes,1 Quay Lane\n'9002,Ida,Stone,ida@example.org,no,\n"
    )
    assert pledger("append", "-", stdin=lines(entered, out)).code == 0
    audit = ("audit", "--as-of", "2016-07-01T00:00:00Z", "--format", "json")
    before = pledger(*audit).json["readings"]
    words = ("import", "file", str(rows), "--mapping", "shopify-customers", "--at", "2016-06-01T00:00:00Z")
    for more in (("--dry-run",), (), ()):
        ran = pledger(*words, *more)
        assert (ran.code, "a state, and no request" in ran.out, "undoes no opt-out" in ran.out) == (0, True, True)
    # The address leads to the stream on which it left; the customer is owed the same, because they have it.
    owed = pledger("suppressions", "--program", "email_marketing", "--format", "json").json["entries"]
    assert sorted(one["because_of"] for one in owed) == ["contact_point", "customer_service"]
    assert pledger(*audit).json["readings"] == before
    assert before["harmonised"]["P18"]["status"] != "broken"
    assert "unknown_customer" in pledger("subscriptions", "customer:9002").err


@pytest.mark.usefixtures("begun")
def test_a_summary_says_what_is_not_known(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Cells that stand for nothing, rows without a number, and whom the orders enrolled; nothing personal."""
    rows = tmp_path / "orders.csv"
    columns = read_mapping("woocommerce-order-suite").wanted()
    written = [",".join(columns)]
    for number, null in enumerate(("\\N", "\\N", "NULL", "NULL"), 1):
        cells = {"order_number": f"Y{number}", "customer_id": null, "billing_email": f"secret{number}@example.net"}
        cells |= {"order_date": "2016-03-20 10:00:00", "status": "completed", "billing_address_1": f"{number} Lane"}
        written.append(",".join(cells.get(column, "") for column in columns))
    rows.write_text("\n".join(written))
    words = ("import", "file", str(rows), "--mapping", "woocommerce-order-suite")
    shown = pledger(*words).out
    assert "Cells read as nothing" in shown
    assert "Told under a reference of their own, for want of a person's number: 4 rows, first line 2." in shown
    assert re.search(r"email_marketing +purchase +4", shown)
    assert "secret" not in shown
    report = pledger(*words, "--format", "json").json
    assert (report["appended"], report["repeated"], report["enrolled"]) == (0, 4, [])
    assert report["nulls"] == [{"column": "customer_id", "cells": 4, "first_line": 2}]
    for number in range(1, 5):
        told = json.dumps(pledger("report", f"order:Y{number}", "--format", "json").json)
        assert [other for other in range(1, 5) if f"secret{other}@" in told or f"{other} Lane" in told] == [number]
