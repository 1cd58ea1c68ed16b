"""The mapping `orders`, its report, and the real orders counted by other means."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import parse_fact
from adapters.imports.catalog import MAPPINGS
from adapters.imports.file_import import FileImport
from adapters.imports.orders import OrdersReport, orders_mapping
from adapters.imports.times import UnknownTimeZone
from domain.moments import end_of
from tests.controls import cloud_event
from tests.imports.samples import converted, facts

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.imports.converter import Conversion

REAL = Path(__file__).parents[3] / "shared" / "data" / "online-retail-invoices.csv"
MAPPING = (MAPPINGS / "orders.toml").read_text(encoding="utf-8")
NO_NOTICE = {("P03", "notice_not_live"): 1}
"""The import registers the collection point; that its notice stood there is nowhere on record."""
HEADER = "invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp\n"
GOOD = "536365,2010-12-01T08:26:00,17850,United Kingdom,7,40,139.12\n"
FILE = f"""{HEADER}1,2011-01-01T09:00:00,17850,United Kingdom,7,40,139.12
2,2011-01-02T09:00:00,,United Kingdom,7,40,139.12
C3,2011-01-03T09:00:00,17850,United Kingdom,1,-1,-27.50
A4,2011-01-04T09:00:00,,United Kingdom,1,1,11062.06
5,some day,17850,United Kingdom,7,40,x
6,2099-01-01T09:00:00,13047,United Kingdom,7,40,139.12
"""


def rows(folder: Path, *lines: str) -> list[Conversion]:
    """Convert the rows of an orders file."""
    return converted(folder, MAPPING, HEADER + "\n".join(lines))


def run(installation: Installation, path: Path, **given: str) -> OrdersReport:
    """Register what the shares need, and import."""
    work = FileImport(installation, path, orders_mapping(**given))
    work.register(work.survey())
    return work.run(OrdersReport())


def by_topic(installation: Installation) -> dict[str, int]:
    """Count the events of the ledger by their topic, without the version."""
    with installation.connect() as connection:
        found = connection.execute("SELECT split_part(topic, '.', 1), count(*) FROM events GROUP BY 1").fetchall()
    return dict(found)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Write a file with one row of each sort."""
    path = tmp_path / "orders.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_purchase_is_collected_used_and_shared_for_its_order(tmp_path: Path) -> None:
    """One row makes four facts, all at its time and about its customer."""
    made = facts(rows(tmp_path, GOOD.replace("2010-12", "2011-07")))
    assert [fact["id"] for fact in made] == [
        f"536365-{end}" for end in ("collect", "use", "share-carrier", "share-payment")
    ]
    assert {(fact["time"], *fact["subject"], fact["source"], fact["data"]["reference"]) for fact in made} == {
        ("2011-07-01T07:26:00Z", "customer", "17850", "/import/orders", "536365")
    }
    collected, used, shipped, paid = (fact["data"] for fact in made)
    categories = {"user.name", "user.contact.address", "user.contact.email", "user.payment"}
    assert (collected["act"], collected["values"], collected["held_in"]) == ("order", dict.fromkeys(categories), "shop")
    assert (collected["collection_point"], collected["notice"]) == ("checkout", "2016-03-14")
    assert (used["purpose"], set(used["categories"])) == ("complete_order", categories)
    assert (shipped["recipient"], shipped["purpose"]) == ("carrier", "deliver_order")
    assert set(shipped["categories"]) == {"user.name", "user.contact.address"}
    assert (paid["recipient"], paid["purpose"]) == ("payment-processor", "take_payment")
    assert set(paid["categories"]) == {"user.name", "user.payment"}


def test_a_guest_is_named_by_the_order(tmp_path: Path) -> None:
    """Without a customer id, the subject is the order."""
    made = facts(rows(tmp_path, "536365,2010-12-01 08:26, ,UK,7,40,139.12"))
    assert {tuple(fact["subject"]) for fact in made} == {("order", "536365")}


def test_a_cancellation_is_one_fact_under_its_own_number(tmp_path: Path) -> None:
    """A row whose number begins with a capital C says only that this order was cancelled; A is skipped."""
    cancelled, skipped, *others = rows(
        tmp_path,
        "C536379,2010-12-01T09:41:00,14527,UK,1,-1,-27.50",
        "A1,2010-12-01T09:41:00,,UK,1,1,1",
        "c1,2010-12-01T09:41:00,,UK,1,1,1",
        "a1,2010-12-01T09:41:00,,UK,1,1,1",
    )
    (fact,) = facts([cancelled])
    assert (fact["id"], fact["type"], fact["data"]) == (
        "C536379-cancel",
        "pledger.order_cancelled.v1",
        {"reference": "C536379"},
    )
    assert (skipped.facts, skipped.reasons) == ((), ())
    assert [len(one.facts) for one in others] == [4, 4]


BAD = {
    "1,2010-12-01T08:26:00,1,UK,7,40": ["column_count"],
    "1,2010-12-01T08:26:00,1,UK,7,40,1.5,more": ["column_count"],
    HEADER.strip(): ["time_unreadable", "not_a_number", "not_a_number", "not_a_number"],
    ",2010-12-01T08:26:00,1,UK,7,40,1.5": ["value_missing"],
    "1,yesterday,1,UK,7,40,1.5": ["time_unreadable"],
    "1,2010-12-01,1,UK,7,40,1.5": ["time_unreadable"],
    "1,2010-02-30T08:00:00,1,UK,7,40,1.5": ["time_unreadable"],
    "1,2010-12-01T08:26:00Z,1,UK,7,40,1.5": ["time_unreadable"],
    "1,0001-01-01T00:00:00,1,UK,-7,4.5,1e3": ["not_a_number", "not_a_number", "not_a_number"],
}


@pytest.mark.parametrize(("row", "codes"), BAD.items(), ids=range(len(BAD)))
def test_a_bad_row_is_reported_with_every_problem_and_stops_nothing(tmp_path: Path, row: str, codes: list[str]) -> None:
    """A bad row between two good ones is rejected under its line, and both good ones are taken."""
    before, bad, after = rows(tmp_path, GOOD.strip(), row, GOOD.replace("536365", "7"))
    assert ([reason.code for reason in bad.reasons], bad.rows[0].line) == (codes, 3)
    assert [len(before.facts), len(after.facts)] == [4, 4]


def test_an_unknown_time_zone_is_refused() -> None:
    """Only the IANA list has time zones."""
    for name in ("Atlantis/Capital", "../etc/passwd", "Europe", ""):
        with pytest.raises(UnknownTimeZone):
            orders_mapping(name)


def test_registrations_are_as_old_as_the_earliest_purchase(installation: Installation, tmp_path: Path) -> None:
    """Carrier, payment processor and collection point are there for the first share; cancellations need none."""
    path = tmp_path / "orders.csv"
    lines = ("C1,2010-01-01T00:00,1,UK,1,-1,-1", "3,2011-07-02T00:00,1,UK,1,1,1", "2,2011-07-01T00:00,1,UK,1,1,1", "x")
    path.write_text(HEADER + "\n".join(lines))
    work = FileImport(installation, path, orders_mapping(carrier="postie_pat-and.sohne"))
    survey = work.survey()
    assert (survey.rows, survey.earliest) == (4, datetime(2011, 6, 30, 23, tzinfo=UTC))
    assert work.register(survey) == ["postie_pat-and.sohne", "payment-processor", "checkout"]
    assert work.register(survey) == []


def test_each_row_is_counted(installation: Installation, orders: Path) -> None:
    """Purchases, guests, cancellations, skips, bad rows and facts that were not stored are counted."""
    report = run(installation, orders)
    assert (report.rows, report.purchases, report.guests, report.cancellations) == (6, 3, 1, 1)
    assert report.skipped == ["A4"]
    expected = ["invoiced_at is not a time in the form that the mapping names", "total_gbp is not a decimal number"]
    assert report.rejected == [{"line": 6, "problems": expected}]
    assert (report.facts, report.appended, report.repeated) == (13, 9, 0)
    assert [(fact["line"], fact["code"]) for fact in report.refused] == [(7, "time_in_future")] * 4
    assert report.findings == NO_NOTICE
    events = by_topic(installation)
    assert (events["DataCollected"], events["DataUsed"], events["DataShared"]) == (2, 2, 4)
    assert (events["OrderCancelled"], events["CustomerEnrolled"]) == (1, 2)
    json.dumps(report.as_dict())
    again = run(installation, orders)
    assert (again.appended, again.repeated) == (0, 9)
    assert by_topic(installation) == events


def test_shares_without_registered_recipients_are_found(installation: Installation, orders: Path) -> None:
    """Without registrations the report counts the findings by promise and code."""
    report = FileImport(installation, orders, orders_mapping()).run(OrdersReport())
    assert report.findings == {("P03", "point_not_registered"): 2, ("P05", "recipient_not_registered"): 4}
    assert report.as_dict()["findings"] == [
        {"promise": "P03", "code": "point_not_registered", "facts": 2},
        {"promise": "P05", "code": "recipient_not_registered", "facts": 4},
    ]


def test_the_same_number_with_other_content_is_refused(installation: Installation, orders: Path) -> None:
    """A row that changed since the first import is an error, and the ledger keeps what it has."""
    run(installation, orders)
    report = run(installation, orders, timezone="America/New_York")
    assert {fact["code"] for fact in report.refused if fact["line"] < 7} == {"fact_conflict"}


@pytest.mark.parametrize("held", [{"roles": ["carrier"]}, {"roles": ["carrier", "payment"], "group": "parcels"}])
def test_a_registration_that_lacks_something_is_added_to(
    installation: Installation, orders: Path, held: dict[str, object]
) -> None:
    """A recipient with a role or a category too few keeps what it has, and gets what the shares need."""
    name, postal = "user.name", "user.contact.address"
    data: dict[str, Any] = {"recipient": "dhl", "categories": [name, postal, "user.contact.phone_number"], **held}
    own = cloud_event("recipient_registered", "own", "2010-01-01T00:00:00Z", None, **data)
    installation.ledger.append(parse_fact(own | {"source": "/compliance"}))
    work = FileImport(installation, orders, orders_mapping(carrier="dhl", payment_processor="dhl"))
    assert work.register(work.survey()) == ["dhl", "checkout"]
    now = installation.ledger.company().recipient("dhl", end_of(datetime(2011, 1, 1, 9, tzinfo=UTC)))
    assert now is not None
    assert set(now.roles) == {"carrier", "payment"}
    assert set(now.categories) == {name, postal, "user.contact.phone_number", "user.payment"}
    assert now.group == held.get("group")
    assert work.register(work.survey()) == []
    assert work.run(OrdersReport()).findings == NO_NOTICE


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real orders are not beside this repository (../shared/data)")
def test_the_real_orders_give_the_counts_that_plain_text_gives(tmp_path: Path) -> None:
    """Lines cut at commas, without our reader, count the same facts, guests, customers and skips."""
    text = REAL.read_text(encoding="utf-8")
    cut: list[list[str]] = [line.split(",") for line in text.splitlines()[1:]]
    firsts = Counter(cells[0][0] for cells in cut)
    bought = [cells for cells in cut if cells[0][0] not in "CA"]
    made: list[dict[str, Any]] = facts(converted(tmp_path, MAPPING, text))
    assert Counter(fact["type"] for fact in made) == {
        "pledger.collection.v1": len(bought),
        "pledger.use.v1": len(bought),
        "pledger.share.v1": 2 * len(bought),
        "pledger.order_cancelled.v1": firsts["C"],
    }
    subjects = {tuple(fact["subject"]) for fact in made if fact["type"] == "pledger.collection.v1"}
    assert len([kind for kind, _ in subjects if kind == "order"]) == len([cells for cells in bought if not cells[2]])
    assert {name for kind, name in subjects if kind == "customer"} == {cells[2] for cells in bought if cells[2]}
    assert len({fact["id"] for fact in made}) == len(made)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real orders are not beside this repository (../shared/data)")
def test_the_real_orders_are_in(installation: Installation) -> None:
    """The ledger holds what lines cut at commas say, finds only that no notice stood, and repeats nothing."""
    cut = [line.split(",") for line in REAL.read_text(encoding="utf-8").splitlines()[1:]]
    bought = [cells for cells in cut if cells[0][0] not in "CA"]
    guests = [cells for cells in bought if not cells[2]]
    cancelled = [cells for cells in cut if cells[0][0] == "C"]
    report = run(installation, REAL)
    assert (report.rows, report.purchases, report.guests) == (len(cut), len(bought), len(guests))
    assert (report.cancellations, report.skipped) == (len(cancelled), [c[0] for c in cut if c[0][0] == "A"])
    assert (report.rejected, report.refused) == ([], [])
    # The import registers the collection point; that its notice stood there is nowhere on record. An hour it had.
    times = [datetime.fromisoformat(cells[1]) for cells in bought]
    late = [time for time in times if time >= times[0] + timedelta(hours=1)]
    assert report.findings == {("P03", "notice_not_live"): len(late)}
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
