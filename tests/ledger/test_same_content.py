"""What makes two facts the same: what they say, and not how somebody wrote it down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from adapters.contract import parse_fact
from tests.controls import cloud_event

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say


def _ways_to_write(raw: dict[str, Any]) -> list[Fact]:
    """Return one fact as several services would serialise it."""

    def turned(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(list(value))}
        return value

    spelled_out = {**raw, "data": {**raw["data"], "also": [], "mode": "record", "correlation": None}}
    zoned = {**raw, "time": "2016-04-02T12:15:00.000+02:00"}
    texts = [json.dumps(raw), json.dumps(turned(raw), indent=2), json.dumps(raw, ensure_ascii=False)]
    return [*map(parse_fact, (*texts, json.dumps(spelled_out), json.dumps(zoned))), parse_fact(raw)]


def test_one_fact_however_it_was_written(installation: Installation) -> None:
    """Order of keys, white space, escapes, fields at their default and another time zone make no other fact."""
    values = {"user.name": "Ada Löve", "user.contact.email": "ada@example.org", "user.contact.address.street": None}
    data = {"act": "order", "reference": "Bestellung ü", "values": values}
    raw = cloud_event("collection", "a", "2016-04-02T10:15:00Z", "customer:ä1", **data)
    first, *again = (installation.ledger.append(fact) for fact in _ways_to_write(raw))
    assert not first.repeated
    assert all(receipt.repeated and receipt.position == first.position for receipt in again)


def test_one_table_of_counts_however_it_was_written(installation: Installation) -> None:
    """The same holds for what stands deeper down."""
    raw = cloud_event("aggregate_released", release="r", dimensions=["region", "age"])
    raw["data"]["cells"] = [{"where": {"region": "north", "age": "30-39"}, "count": 12}]
    raw_again = json.loads(json.dumps(raw))
    raw_again["data"]["cells"][0]["where"] = {"age": "30-39", "region": "north"}
    first = installation.ledger.append(parse_fact(raw))
    assert installation.ledger.append(parse_fact(raw_again)).position == first.position


def test_what_a_browser_was_linked_to_is_no_part_of_the_content(say: Say) -> None:
    """The content holds no digest of it either, since anyone who can make digests could try customers' names."""
    to_one, to_another = (
        say.fact("a", "identifier_linked", "visitor:b1", "2016-04-02T10:15:00Z", to=name)
        for name in ("customer:1", "customer:2")
    )
    assert to_one.content() == to_another.content()
