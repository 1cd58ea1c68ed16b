"""pledger import orders, on a small file of every kind of row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

ORDERS = """invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp
500001,2010-12-01T08:26:00,17850,United Kingdom,7,40,139.12
500002,2010-12-01T09:00:00,17850,United Kingdom,1,1,1.00
500003,2010-12-02T09:00:00,,United Kingdom,1,1,1.00
C500004,2010-12-03T09:00:00,17850,United Kingdom,1,-1,-1.00
A500005,2010-12-04T09:00:00,,United Kingdom,1,1,1.00
500006,not a time,1,United Kingdom,1,1,1.00
"""


@pytest.mark.usefixtures("begun")
def test_orders_are_imported_once_and_counted(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Counts of each kind of row; a second run changes nothing; named recipients are registered once."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    first = pledger("import", "orders", str(path), "--carrier", "northway", "--format", "json")
    report = first.json
    assert first.code == 1  # One row is bad.
    assert (report["rows"], report["purchases"], report["guests"], report["cancellations"]) == (6, 3, 1, 1)
    assert (report["skipped"], [row["line"] for row in report["rejected"]]) == (["A500005"], [7])
    assert report["registered"] == ["northway", "payment-processor", "checkout"]
    assert (report["facts"], report["appended"]) == (13, 13)
    # The import registers the collection point; that its notice stood there is nowhere on record.
    assert report["findings"] == [{"promise": "P03", "code": "notice_not_live", "facts": 1}]
    assert report["look"] == ["pledger audit --promise P03", "pledger status"]
    again = pledger("import", "orders", str(path), "--carrier", "northway", "--format", "json").json
    assert (again["appended"], again["repeated"], again["registered"]) == (0, 13, [])
    status = pledger("status", "--format", "json").json
    assert status["by_type"] == {
        "CollectionPointRegistered": 1,
        "CustomerEnrolled": 2,
        "DataCollected": 3,
        "DataShared": 6,
        "DataUsed": 3,
        "OrderCancelled": 1,
        "PolicyPublished": 1,
        "RecipientRegistered": 2,
    }
    assert status["subscriptions"]["email_marketing"] == {"enrolled": 2, "opted_out": 0}


@pytest.mark.usefixtures("begun")
def test_one_company_may_ship_and_take_the_payment(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Its name is registered once, with both roles, and no share to it breaks a promise."""
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(ORDERS.splitlines()[:3]) + "\n")
    both = ("--carrier", "dhl", "--payment-processor", "dhl")
    report = pledger("import", "orders", str(path), *both, "--format", "json").json
    assert (sorted(report["registered"]), report["promises"], report["findings"]) == (["checkout", "dhl"], [], [])
    assert report["look"] == []
    again = pledger("import", "orders", str(path), *both, "--format", "json")
    assert (again.code, again.json["registered"], again.json["repeated"]) == (0, [], 8)


@pytest.mark.usefixtures("begun")
def test_a_fact_that_was_not_stored_makes_the_exit_code_1(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A row whose facts lie in the future is good, but its facts are not stored; each is listed by name."""
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(ORDERS.splitlines()[:2]) + "\n9,2099-01-01T09:00:00,1,UK,1,1,1.00\n")
    ran = pledger("import", "orders", str(path), "--format", "json")
    assert (ran.code, ran.json["rejected"], len(ran.json["refused"])) == (1, [], 4)
    assert ran.json["refused"][0]["fact"] == "/import/orders 9-collect"


@pytest.mark.parametrize("option", ["--carrier", "--payment-processor", "--collection-point", "--notice"])
@pytest.mark.parametrize("value", ["", "x" * 256, "\udcff"])
def test_an_option_that_is_no_name_is_reported(pledger: Callable[..., Ran], option: str, value: str) -> None:
    """The error names the option, and nothing is opened or imported."""
    ran = pledger("import", "orders", "nowhere.csv", option, value)
    assert (ran.code, "bad_option" in ran.err, option in ran.err) == (1, True, True)


@pytest.mark.usefixtures("begun")
def test_the_longest_name_is_registered(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A name of 64 characters is a recipient like any other."""
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(ORDERS.splitlines()[:2]) + "\n")
    ran = pledger("import", "orders", str(path), "--carrier", "x" * 64, "--format", "json")
    assert (ran.code, ran.json["findings"]) == (0, [])


def test_the_help_says_which_letters_count(pledger: Callable[..., Ran]) -> None:
    """Small letters mark nothing, and the help says so."""
    words = " ".join(pledger("import", "orders", "--help").out.split())
    assert "capital C" in words
    assert "capital A" in words
