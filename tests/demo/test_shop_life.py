"""The demo's life: the same every time, valid by the wire contract, innocent but for what was planted."""

from __future__ import annotations

import json
import random
from typing import Any, Final

import pytest

from adapters.contract import parse_fact
from adapters.demo import PLANTED, SHOWN, shop_life

LIFE: Final = list(shop_life())


def named(fact: dict[str, Any]) -> str:
    """Return a fact's source and id."""
    return f"{fact['source']} {fact['id']}"


def test_two_runs_give_the_same_bytes() -> None:
    """The life does not depend on anything but its arguments, not even on the state of the common generator."""
    random.seed(1)
    assert json.dumps(LIFE) == json.dumps(list(shop_life()))
    assert json.dumps(LIFE) != json.dumps(list(shop_life(seed=2017)))


def test_the_life_has_the_size_of_a_demo() -> None:
    """Some hundreds of customers leave some thousands of facts."""
    assert 6_000 <= len(LIFE) <= 10_000


def test_every_fact_is_valid_and_has_its_own_name() -> None:
    """Each fact passes the wire contract, and no two share a source and id."""
    facts = [parse_fact(fact) for fact in LIFE]
    assert len({fact.name for fact in facts}) == len(facts)


def test_every_fact_but_the_relayed_comes_in_order_of_time() -> None:
    """A few percent are late, and by no more than three days."""
    latest, late = "", 0
    for fact in LIFE:
        late += fact["time"] < latest
        latest = max(latest, fact["time"])
    assert 0.01 < late / len(LIFE) < 0.06


def test_company_facts_come_first() -> None:
    """Recipients, collection points and notices are there before anybody's data is."""
    first = next(place for place, fact in enumerate(LIFE) if "subject" in fact)
    assert {fact["type"] for fact in LIFE[first:] if "subject" not in fact} == {"pledger.aggregate_released.v1"}
    assert {fact["type"].split(".")[1] for fact in LIFE[:first]} == {
        "collection_point_registered",
        "notice_posted",
        "recipient_registered",
        "security_attested",
        "site_reviewed",
    }


@pytest.mark.parametrize("size", [(0, 60, 1), (40, 90, 7), (300, 120, 2016)])
def test_the_planted_breaches_are_there_whatever_the_size(size: tuple[int, int, int]) -> None:
    """`PLANTED` names exactly the facts whose ids begin with breach-, each once."""
    planted = [named(fact) for fact in shop_life(*size) if fact["id"].startswith("breach-")]
    assert sorted(planted) == sorted(breach.fact for breach in PLANTED)


def test_the_planted_breaches_are_of_many_promises() -> None:
    """What was given is misused, left programs are overridden, a browser's refusal and a small group are ignored."""
    broken = {breach.promise for breach in PLANTED}
    assert broken == {"P04", "P05", "P06", "P07", "P11", "P13", "P17", "P18", "P20", "P31"}


def test_a_life_too_short_for_its_stories_is_refused() -> None:
    """The planted stories need their time."""
    with pytest.raises(ValueError, match="too short"):
        shop_life(days=20)


def test_every_address_is_invented() -> None:
    """All e-mail addresses are under the domains kept free for examples."""
    words = json.dumps(LIFE).replace('"', " ").replace(":", " ").split()
    domains = {word.rsplit("@", 1)[1] for word in words if "@" in word}
    assert domains == {"example.com", "example.org", "mail.example.com"}


def test_newsletters_go_to_nobody_who_left() -> None:
    """Read by time, no marketing e-mail but the planted ones follows an opt-out that no request has lifted."""
    left: set[str] = set()
    sent = 0
    for fact in sorted(LIFE, key=lambda fact: fact["time"]):
        data, subject = fact["data"], fact.get("subject", "")
        match fact["type"].split(".")[1], data.get("program"):
            case "opt_out", "email_marketing":
                left.add(subject)
            case "collection", _ if data["act"] in {"contest_entry", "promotional_request"} or "updates" in data.get(
                "requests", ()
            ):
                left.discard(subject)
            case "message", "email_marketing" if not fact["id"].startswith("breach-"):
                sent += 1
                assert subject not in left
                assert data["unsubscribe_link"]
    assert sent > 500


def test_some_newsletters_are_told_only_after_the_opt_out_that_followed_them() -> None:
    """The late relay's hardest case is there: innocent by time, guilty by the order in which facts came."""
    left: dict[str, str] = {}
    told_after = 0
    for fact in LIFE:
        if fact["type"] == "pledger.opt_out.v1":
            left[fact["subject"]] = fact["time"]
        elif fact["data"].get("program") == "email_marketing":
            told_after += fact["time"] < left.get(fact["subject"], "")
    assert told_after > 3


def test_the_shown_customer_has_a_story() -> None:
    """The record to show has each kind of entry that the demo explains."""
    about = [fact for fact in LIFE if fact.get("subject") == SHOWN]
    acts = [fact["data"]["act"] for fact in about if fact["type"] == "pledger.collection.v1"]
    assert acts == ["contest_entry", "order", "order", "promotional_request", "order", "catalog_request"]
    kinds = {fact["type"].split(".")[1] for fact in about}
    assert kinds >= {"opt_out", "share", "correction", "access_report_issued", "message"}
    gifts = [fact for fact in LIFE if fact["data"].get("source") == SHOWN]
    assert len(gifts) == 1
    assert gifts[0]["subject"] != SHOWN
