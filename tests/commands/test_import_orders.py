"""pledger import orders, on a small file of every kind of row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Ran

ORDERS = """invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp
500001,2010-12-01T08:26:00,17850,United Kingdom,7,40,139.12
500002,2010-12-01T09:00:00,17850,United Kingdom,1,1,1.00
500003,2010-12-02T09:00:00,,United Kingdom,1,1,1.00
C500004,2010-12-03T09:00:00,17850,United Kingdom,1,-1,-1.00
A500005,2010-12-04T09:00:00,,United Kingdom,1,1,1.00
500006,not a time,1,United Kingdom,1,1,1.00
"""


def test_orders_are_imported_once_and_counted(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Counts of each kind of row; a second run changes nothing; named recipients are registered once."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    assert pledger("init").code == 0
    first = pledger("import", "orders", str(path), "--carrier", "northway", "--format", "json")
    report = first.json
    assert first.code == 1  # One row is bad.
    assert (report["rows"], report["purchases"], report["guests"], report["cancellations"]) == (6, 3, 1, 1)
    assert (report["skipped"], [row["line"] for row in report["rejected"]]) == (["A500005"], [7])
    assert report["registered"] == ["northway", "payment-processor", "checkout"]
    assert (report["facts"], report["appended"], report["findings"]) == (13, 13, {})
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
