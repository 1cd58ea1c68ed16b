"""The workloads: the same facts in every run, shared by no two labels, and the lived one as full of life as it says."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import parse_fact
from tests.benchmarks.decided import decided
from tests.benchmarks.workloads import WORKLOADS

if TYPE_CHECKING:
    from tests.benchmarks.workload import Workload

COUNT = 3_000


def told(workload: Workload, label: str, count: int = COUNT) -> list[dict[str, Any]]:
    """Return the label's facts as documents."""
    return [json.loads(fact) for fact in workload.facts(label, count)]


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_a_label_gives_the_same_valid_facts_each_time(workload: Workload) -> None:
    """As many facts as were asked for, each valid by the wire contract and under a name of its own."""
    facts = told(workload, "a")
    assert facts == told(workload, "a")
    assert len({parse_fact(fact).name for fact in facts}) == COUNT


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_two_labels_share_nothing(workload: Workload) -> None:
    """No customer, browser, id, reference or request of one writer is another's."""

    def names(label: str) -> set[str]:
        facts = told(workload, label)
        own = {str(fact["data"].get(field)) for fact in facts for field in ("reference", "request", "message_id")}
        own |= {name for fact in facts for name in (fact["id"], fact.get("subject", ""), *fact["data"].get("also", ()))}
        return own - {"None", ""}

    assert not names("a") & names("b")


def test_the_lived_workload_has_what_a_shop_meets() -> None:
    """Each kind of fact of a customer's life is there, breaches are rare, and a few facts come late."""
    facts = told(WORKLOADS["lived"], "a", 20_000)
    words = Counter(fact["type"].split(".")[1] for fact in facts)
    rare = {"erasure", "entry_correction", "objection", "correction", "access_request", "request_denied", "record_read"}
    assert words.keys() >= rare | {"opt_out", "order_cancelled", "cookie_set", "recipient_notified", "erasure_request"}
    assert any("subject" not in fact for fact in facts)
    assert any("also" in fact["data"] for fact in facts)
    assert any(fact["data"].get("act") == "gift" for fact in facts)
    latest, late = "", 0
    for fact in facts:
        late += fact["time"] < latest
        latest = max(latest, fact["time"])
    assert late > 100


def test_the_lived_workload_breaks_few_promises() -> None:
    """Breaches are a part in a thousand or so, and the uniform workload has none."""

    def broken(name: str) -> int:
        events = [event for fact in decided(WORKLOADS[name], "a", COUNT) for event in fact]
        return sum("findings" in event.fields for event in events)

    assert broken("uniform") == 0
    assert 0 < broken("lived") < COUNT / 100


def test_nothing_is_told_of_the_erased() -> None:
    """After an erasure the shop has nothing more to say about that person."""
    erased: set[str] = set()
    for fact in told(WORKLOADS["lived"], "a", 20_000):
        assert fact.get("subject") not in erased
        if fact["type"] == "pledger.erasure.v1":
            erased.add(fact["subject"])
    assert erased
