"""What a browser's stream and the company's get is judged when it is appended, and refused where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.events.company import AggregateReleased, IncidentRecorded, ReleaseRefused
from domain.events.visitor import AnalyticsForwarded, CookieSet, IdentifierLinked, VisitorActRefused
from domain.vocabulary import EMAIL
from tests.controls import RECIPIENTS, fact, recipient
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

VISITOR = "visitor:b1"


def cookie(on: float, purpose: str = "track_visits", *categories: str, visitor: str = VISITOR, **data: Any) -> Fact:  # noqa: ANN401
    """Return a cookie that was set."""
    data = {"cookie": "c", "purpose": purpose, "categories": list(categories), **data}
    return fact("cookie_set", on, data, subject=visitor, word=visitor)


def refusal(on: float, visitor: str = VISITOR) -> Fact:
    """Return a browser's refusal of cookies."""
    return fact("cookies_refused", on, {}, subject=visitor, word=f"{visitor} refuses")


def forwarding(on: float, to: str, *categories: str, **data: Any) -> Fact:  # noqa: ANN401
    """Return data sent on to an analytics service by the browser."""
    data = {"recipient": to, "categories": list(categories), "server_side": False, **data}
    return fact("analytics_forwarded", on, data, subject=VISITOR)


def release(on: float, *counts: int, **data: Any) -> Fact:  # noqa: ANN401
    """Return a table of counts, by a number."""
    cells = [{"where": {"area": str(number)}, "count": count} for number, count in enumerate(counts)]
    return fact(
        "aggregate_released", on, {"release": f"r{on:g}", "dimensions": ["area"], "cells": cells, **data}, subject=None
    )


def incident(on: float, reads: int, **data: Any) -> Fact:  # noqa: ANN401
    """Return an incident in which so many records were read."""
    return fact("incident", on, {"incident": "i", "unauthorised_reads": reads, **data}, subject=None)


def test_a_cookie_after_a_refusal() -> None:
    """A cookie set in a browser that had refused is stored with its finding, which cites the refusal."""
    shop = Shop().given(refusal(1))
    outcome = shop.when(cookie(2)).then(CookieSet).assert_breaks("P31")
    (found,) = outcome.findings
    assert found.events == (f"/shop {VISITOR} refuses-1",)
    shop.when(cookie(0.5)).then(CookieSet).assert_breaks()
    shop.when(cookie(2, visitor="visitor:b2")).then(CookieSet).assert_breaks()


def test_an_enforced_cookie() -> None:
    """Enforced, a cookie after a refusal, of another purpose, or that says who somebody is, is refused."""
    shop = Shop().given(refusal(1, "visitor:b2"))
    shop.when(cookie(2, mode="enforce")).then(CookieSet).assert_breaks()
    refused = shop.when(cookie(2, mode="enforce", visitor="visitor:b2")).then(VisitorActRefused).assert_breaks("P31")
    assert refused.the(VisitorActRefused).refused == "cookie"
    shop.when(cookie(3, "keep_books", mode="enforce")).then(VisitorActRefused).assert_breaks("P30")
    unknown = shop.when(cookie(4, "paint_the_sea", mode="enforce")).then(VisitorActRefused)
    unknown.assert_breaks("P30", "registry")
    shop.when(cookie(5, "track_visits", EMAIL, mode="enforce")).then(VisitorActRefused).assert_breaks("P28")


def test_a_refused_act_takes_one_place() -> None:
    """After a refusal the browser's next event has the next version, and the refusal counts for nothing."""
    shop = Shop()
    before = shop.store.place
    shop.given(refusal(1))
    refused = shop.when(cookie(2, mode="enforce")).the(VisitorActRefused)
    stored = shop.when(cookie(3)).the(CookieSet)
    assert (refused.originator_version, stored.originator_version) == (2, 3)
    assert (refused.position, stored.position) == (before + 2, before + 3)


def test_a_link() -> None:
    """A link of a browser's identifier is found wrong; asked for first, it is not made."""
    shop = Shop()
    linked = fact("identifier_linked", 1, {"to": "customer:17850"}, subject=VISITOR)
    shop.when(linked).then(IdentifierLinked).assert_breaks("P29")
    asked = fact("identifier_linked", 2, {"to": "customer:17850", "mode": "enforce"}, subject=VISITOR)
    refused = shop.when(asked).then(VisitorActRefused).assert_breaks("P29")
    assert "17850" not in refused.the(VisitorActRefused).model_dump_json()


def test_analytics() -> None:
    """Data beyond what is allowed is not forwarded, nor is anything to an unregistered recipient."""
    shop = Shop().given(recipient(0, "counter", "analytics", ["user.behavior"]))
    shop.when(forwarding(1, "counter", "user.behavior", mode="enforce")).then(AnalyticsForwarded).assert_breaks()
    shop.when(forwarding(2, "counter", EMAIL)).then(AnalyticsForwarded).assert_breaks("P32")
    refused = shop.when(forwarding(3, "counter", EMAIL, mode="enforce")).then(VisitorActRefused).assert_breaks("P32")
    assert refused.the(VisitorActRefused).recipient == "counter"
    shop.when(forwarding(4, "nobody", "user.behavior", mode="enforce")).then(VisitorActRefused).assert_breaks(
        "registry"
    )


def test_a_release() -> None:
    """A table with a small cell, or from which one follows with an earlier one, is not released when enforced."""
    shop = Shop().given(*RECIPIENTS)
    shop.when(release(1, 9)).then(AggregateReleased).assert_breaks("P13")
    shop.when(release(2, 9, mode="enforce")).then(ReleaseRefused).assert_breaks("P13")
    shop.when(release(3, 20, 30, recipient="advertiser", mode="enforce")).then(AggregateReleased).assert_breaks()
    refused = (
        shop.when(release(4, 20, 33, recipient="advertiser", mode="enforce")).then(ReleaseRefused).assert_breaks("P13")
    )
    assert refused.findings[0].events == ("/shop aggregate_released-3",)
    shop.when(release(5, 20, 33, recipient="carrier", mode="enforce")).then(AggregateReleased).assert_breaks()
    shop.when(release(6, 99, recipient="nobody", mode="enforce")).then(ReleaseRefused).assert_breaks("registry")


def test_an_incident_is_never_refused() -> None:
    """An incident has happened: it is recorded with what it breaks, in every mode."""
    Shop().when(incident(1, 5, mode="enforce")).then(IncidentRecorded).assert_breaks("P21")
    Shop().when(incident(1, 0, mode="enforce")).then(IncidentRecorded).assert_breaks()
