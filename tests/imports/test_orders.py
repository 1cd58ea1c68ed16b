"""The facts of orders, and the counts of the real file by other means."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapters.imports.options import ImportOptions
from adapters.imports.order_rows import OrderRow, read_rows, zone_of
from adapters.imports.orders import OrderFacts, survey
from adapters.imports.registrations import registrations
from domain.facts import parse_fact

REAL = Path(__file__).parents[3] / "shared" / "data" / "online-retail-invoices.csv"
OPTIONS = ImportOptions(notice="2016-03-14", carrier='Postie "Pat" & söhne', payment_processor="paywell")
HEADER = "invoice_no,invoiced_at,customer_id,country,lines,units,total_gbp\n"


def facts_of(path: Path) -> list[dict[str, Any]]:
    """Return the facts of every good row as dicts, each of them valid by the wire contract."""
    facts = OrderFacts(OPTIONS)
    made: list[bytes] = []
    for row in read_rows(path, zone_of(OPTIONS.timezone)):
        if isinstance(row, OrderRow) and row.kind != "adjustment":
            made += facts.of(row)
    for fact in made:
        parse_fact(fact)
    return [json.loads(fact) for fact in made]


def written(folder: Path, *rows: str) -> Path:
    """Write an orders file."""
    path = folder / "orders.csv"
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    return path


def test_a_purchase_is_collected_used_and_shared_for_its_order(tmp_path: Path) -> None:
    """One row makes four facts, all at its time and about its customer."""
    facts = facts_of(written(tmp_path, "536365,2011-07-01T08:26:00,17850,United Kingdom,7,40,139.12"))
    assert [fact["id"] for fact in facts] == [
        f"536365-{end}" for end in ("collect", "use", "share-carrier", "share-payment")
    ]
    assert {(fact["time"], fact["subject"], fact["source"], fact["data"]["reference"]) for fact in facts} == {
        ("2011-07-01T07:26:00Z", "customer:17850", "/import/orders", "536365")
    }
    collected, used, shipped, paid = (fact["data"] for fact in facts)
    nothing = dict.fromkeys(("user.name", "user.contact.address", "user.contact.email", "user.payment"))
    assert (collected["act"], collected["values"], collected["held_in"]) == ("order", nothing, "shop")
    assert (collected["collection_point"], collected["notice"]) == ("checkout", "2016-03-14")
    assert (used["purpose"], used["categories"]) == ("complete_order", list(nothing))
    assert (shipped["recipient"], shipped["purpose"]) == (OPTIONS.carrier, "deliver_order")
    assert shipped["categories"] == ["user.name", "user.contact.address"]
    assert (paid["recipient"], paid["purpose"], paid["categories"]) == (
        "paywell",
        "take_payment",
        ["user.name", "user.payment"],
    )


def test_a_guest_is_named_by_the_order(tmp_path: Path) -> None:
    """Without a customer id, the subject is the order."""
    facts = facts_of(written(tmp_path, "536365,2010-12-01T08:26:00, ,UK,7,40,139.12"))
    assert {fact["subject"] for fact in facts} == {"order:536365"}


def test_a_cancellation_is_one_fact_under_its_own_number(tmp_path: Path) -> None:
    """A row whose number begins with C says only that this order was cancelled."""
    (fact,) = facts_of(written(tmp_path, "C536379,2010-12-01T09:41:00,14527,UK,1,-1,-27.50"))
    assert (fact["id"], fact["type"], fact["data"]) == (
        "C536379-cancel",
        "pledger.order_cancelled.v1",
        {"reference": "C536379"},
    )


def test_registrations_are_as_old_as_the_earliest_purchase(tmp_path: Path) -> None:
    """Carrier, payment processor and collection point are there for the first share; cancellations need none."""
    path = written(
        tmp_path,
        "C1,2010-01-01T00:00:00,1,UK,1,-1,-1",
        "3,2011-07-02T00:00:00,1,UK,1,1,1",
        "2,2011-07-01T00:00:00,1,UK,1,1,1",
        "bad",
    )
    found = survey(path, OPTIONS)
    assert found.rows == 4
    assert found.earliest
    made = registrations(OPTIONS, found.earliest)
    assert [(entry.name, entry.roles) for entry in made] == [
        (OPTIONS.carrier, ("carrier",)),
        ("paywell", ("payment",)),
        ("checkout", ()),
    ]
    assert {entry.fact["time"] for entry in made} == {"2011-06-30T23:00:00Z"}
    assert len({parse_fact(entry.fact).name for entry in made}) == 3


@pytest.mark.skipif(not REAL.exists(), reason="the real orders are not beside this repository (../shared/data)")
def test_the_real_orders_give_the_counts_that_plain_text_gives() -> None:
    """Lines cut at commas, without our reader, count the same facts, guests, customers and skips."""
    cut = [line.split(",") for line in REAL.read_text(encoding="utf-8").splitlines()[1:]]
    firsts = Counter(cells[0][0] for cells in cut)
    bought = [cells for cells in cut if cells[0][0] not in "CA"]
    facts = facts_of(REAL)
    assert len(cut) == survey(REAL, OPTIONS).rows
    assert Counter(fact["type"] for fact in facts) == {
        "pledger.collection.v1": len(bought),
        "pledger.use.v1": len(bought),
        "pledger.share.v1": 2 * len(bought),
        "pledger.order_cancelled.v1": firsts["C"],
    }
    subjects = {fact["subject"] for fact in facts if fact["type"] == "pledger.collection.v1"}
    assert len([name for name in subjects if name.startswith("order:")]) == len(
        [cells for cells in bought if not cells[2]]
    )
    assert {name for name in subjects if name.startswith("customer:")} == {f"customer:{c[2]}" for c in bought if c[2]}
    assert len({fact["id"] for fact in facts}) == len(facts)
