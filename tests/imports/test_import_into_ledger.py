"""The import into a real ledger: what is in it afterwards, what a second run does, and what is told of bad rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.imports.options import ImportOptions
from adapters.imports.order_rows import BadRow
from adapters.imports.orders import ImportReport, import_orders, register, survey
from adapters.imports.registrations import registrations
from domain.events import Moment
from domain.events.base import UNPLACED
from domain.facts import parse_fact
from tests.controls import fact

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

REAL = Path(__file__).parents[3] / "shared" / "data" / "online-retail-invoices.csv"
OPTIONS = ImportOptions(notice="2016-03-14")
FILE = """invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp
1,2011-01-01T09:00:00,17850,United Kingdom,7,40,139.12
2,2011-01-02T09:00:00,,United Kingdom,7,40,139.12
C3,2011-01-03T09:00:00,17850,United Kingdom,1,-1,-27.50
A4,2011-01-04T09:00:00,,United Kingdom,1,1,11062.06
5,some day,17850,United Kingdom,7,40,x
6,2099-01-01T09:00:00,13047,United Kingdom,7,40,139.12
"""


def run(
    installation: Installation, path: Path, options: ImportOptions = OPTIONS, batch_size: int = 500
) -> ImportReport:
    """Register what the shares need, and import."""
    found = survey(path, options)
    assert found.earliest
    installation.ledger.append_many([parse_fact(entry.fact) for entry in registrations(options, found.earliest)])
    return import_orders(installation.ledger, path, options, batch_size=batch_size)


def by_topic(installation: Installation) -> dict[str, int]:
    """Count the events of the ledger by their topic, without the version."""
    with installation.connect() as connection:
        rows = connection.execute("SELECT split_part(topic, '.', 1), count(*) FROM events GROUP BY 1").fetchall()
    return dict(rows)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Write a file with one row of each sort."""
    path = tmp_path / "orders.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.mark.parametrize("batch_size", [1, 3, 500])
def test_each_row_is_told_of(installation: Installation, orders: Path, batch_size: int) -> None:
    """Purchases, guests, cancellations, skips, bad rows and refused facts are counted, however they are batched."""
    report = run(installation, orders, batch_size=batch_size)
    assert (report.rows, report.purchases, report.guests, report.cancellations) == (6, 3, 1, 1)
    assert report.skipped == ["A4"]
    expected = "invoiced_at is not a local time such as 2010-12-01T08:26:00", "total_gbp is not a decimal number"
    assert report.rejected == [BadRow(6, expected)]
    assert (report.facts, report.appended, report.repeated, len(report.refused)) == (13, 9, 0, 4)
    assert {(fact.line, fact.code) for fact in report.refused} == {(7, "time_in_future")}
    assert not report.findings
    events = by_topic(installation)
    assert (events["DataCollected"], events["DataUsed"], events["DataShared"]) == (2, 2, 4)
    assert (events["OrderCancelled"], events["CustomerEnrolled"]) == (1, 2)
    json.dumps(report.as_dict())


def test_a_second_run_changes_nothing(installation: Installation, orders: Path) -> None:
    """Every fact of the second run is answered with the first result."""
    run(installation, orders)
    before = by_topic(installation)
    report = run(installation, orders)
    assert (report.appended, report.repeated) == (0, 9)
    assert by_topic(installation) == before


def test_shares_without_registered_recipients_are_found(installation: Installation, orders: Path) -> None:
    """The import does not register by itself, and the report counts the findings by promise and code."""
    report = import_orders(installation.ledger, orders, OPTIONS)
    assert report.findings == {("P05", "recipient_not_registered"): 4}
    assert report.as_dict()["findings"] == [{"promise": "P05", "code": "recipient_not_registered", "facts": 4}]


def test_the_same_number_with_other_content_is_refused(installation: Installation, orders: Path) -> None:
    """A row that changed since the first import is an error, and the ledger keeps what it has."""
    run(installation, orders)
    other = replace(OPTIONS, timezone="America/New_York")
    report = import_orders(installation.ledger, orders, other)
    assert {fact.code for fact in report.refused if fact.line < 7} == {"fact_conflict"}


def test_progress_is_told_in_rows(installation: Installation, orders: Path) -> None:
    """Each batch tells the rows done and the rows in all; the last one says that all are done."""
    told: list[tuple[int, int]] = []
    import_orders(installation.ledger, orders, OPTIONS, lambda done, total: told.append((done, total)), batch_size=4)
    assert told == sorted(told)
    assert told[-1] == (6, 6)


@pytest.mark.parametrize("held", [{"roles": ["carrier"]}, {"roles": ["carrier", "payment"], "group": "parcels"}])
def test_a_registration_that_lacks_something_is_added_to(
    installation: Installation, orders: Path, held: dict[str, object]
) -> None:
    """Who is registered with a role or a category too few keeps what is there, and gets what the shares need."""
    options = replace(OPTIONS, carrier="DHL", payment_processor="DHL")
    name, postal = "user.name", "user.contact.address"
    data = {"recipient": "DHL", "categories": [name, postal, "user.contact.phone_number"], **held}
    own = fact("recipient_registered", "2010-01-01T00:00:00Z", data, fact_id="own", source="/compliance")
    installation.ledger.append(own)
    assert register(installation.ledger, orders, options) == ["DHL", "checkout"]
    now = installation.ledger.company().recipient("DHL", Moment(datetime(2011, 1, 1, 9, tzinfo=UTC), UNPLACED))
    assert now is not None
    assert set(now.roles) == {"carrier", "payment"}
    assert set(now.categories) == {name, postal, "user.contact.phone_number", "user.payment"}
    assert now.group == held.get("group")
    assert register(installation.ledger, orders, options) == []
    assert not import_orders(installation.ledger, orders, options).findings


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real orders are not beside this repository (../shared/data)")
def test_the_real_orders_are_in(installation: Installation) -> None:
    """The ledger holds what lines cut at commas say, breaks no promise, and a second run changes nothing."""
    cut = [line.split(",") for line in REAL.read_text(encoding="utf-8").splitlines()[1:]]
    bought = [cells for cells in cut if cells[0][0] not in "CA"]
    guests = [cells for cells in bought if not cells[2]]
    cancelled = [cells for cells in cut if cells[0][0] == "C"]
    report = run(installation, REAL)
    assert (report.rows, report.purchases, report.guests) == (len(cut), len(bought), len(guests))
    assert (report.cancellations, report.skipped) == (len(cancelled), [c[0] for c in cut if c[0][0] == "A"])
    assert (report.rejected, report.refused, report.findings) == ([], [], {})
    assert report.appended == report.facts == 4 * len(bought) + len(cancelled)
    events = by_topic(installation)
    assert (events["DataCollected"], events["DataUsed"], events["DataShared"]) == (
        len(bought),
        len(bought),
        2 * len(bought),
    )
    assert events["OrderCancelled"] == len(cancelled)
    assert events["CustomerEnrolled"] == len(guests) + len({cells[2] for cells in bought if cells[2]})
    again = run(installation, REAL)
    assert (again.appended, again.repeated, again.refused) == (0, report.facts, [])
    assert by_topic(installation) == events
