"""The rule kinds about browsers and counts, as audits of traces put them to the test: kept, broken, and the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import RECIPIENTS, fact, order, share
from tests.laws.audit import audit

if TYPE_CHECKING:
    from domain.facts import Fact

BROWSER, OTHER_BROWSER = "visitor:a", "visitor:b"


def cookie(on: float, categories: tuple[str, ...] = (), purpose: str = "track_visits", subject: str = BROWSER) -> Fact:
    """Return a cookie that was set."""
    data = {"cookie": "c", "purpose": purpose, "categories": list(categories)}
    return fact("cookie_set", on, data, subject=subject)


def forwarded(on: float, category: str, *, by_server: bool = False) -> Fact:
    """Return analytics data that was sent on."""
    data = {"recipient": "analytics", "categories": [category], "server_side": by_server}
    return fact("analytics_forwarded", on, data, subject=BROWSER)


def released(on: float, cells: list[tuple[dict[str, str], int]], recipient: str | None = None) -> Fact:
    """Return a table of counts that was released."""
    rows = [{"where": where, "count": count} for where, count in cells]
    data: dict[str, Any] = {"release": f"r{on:g}", "dimensions": ["gender"], "cells": rows, "recipient": recipient}
    return fact("aggregate_released", on, data, subject=None)


@pytest.mark.parametrize(
    ("category", "status"),
    [
        ("user.name", "broken"),
        ("user.contact.email", "broken"),
        ("user.account.username", "broken"),
        ("user.unique_id", "broken"),
        ("user", "broken"),
        ("user.unique_id.pseudonymous", "kept"),
        ("user.device.cookie_id", "kept"),
        ("user.behavior", "kept"),
    ],
)
def test_what_a_cookie_holds(category: str, status: str) -> None:
    """What says who somebody is, or can hold it, breaks P28; a pseudonym and the cookie's own id do not."""
    assert audit(cookie(1, (category,))).status("P28") == status


def test_a_cookie_that_is_linked() -> None:
    """To link a browser to anything breaks P29; to set a cookie only puts it to the test."""
    linked = fact("identifier_linked", 2, {"to": "customer:1"}, subject=BROWSER)
    assert audit(cookie(1), linked).breaches("P29") == ["/shop identifier_linked-2"]
    kept = audit(cookie(1)).verdict("P29")
    assert (kept["status"], kept["exercised"]) == ("kept", 1)


@pytest.mark.parametrize(
    ("purpose", "status"),
    [
        *((purpose, "kept") for purpose in ("deliver_ads", "measure_activity", "track_visits", "track_performance")),
        *((purpose, "kept") for purpose in ("test_layouts", "improve_site")),
        ("direct_marketing", "broken"),
        ("print_posters", "broken"),
    ],
)
def test_what_a_cookie_is_for(purpose: str, status: str) -> None:
    """The list is closed; without a cookie the permission was not used."""
    assert audit(cookie(1, purpose=purpose)).status("P30") == status
    assert audit(order(1)).status("P30") == "not_exercised"


def test_a_cookie_after_a_refusal() -> None:
    """A browser that refused gets none from then on, also at that very time; another one may."""
    refused = fact("cookies_refused", 2, {}, subject=BROWSER)
    found = audit(cookie(1), refused, cookie(2), cookie(3, subject=OTHER_BROWSER))
    assert found.breaches("P31") == ["/shop cookie_set-2"]
    assert found.verdict("P31")["evidence"] == ["/shop cookies_refused-2"]
    assert audit(cookie(2), refused).breaches("P31") == ["/shop cookie_set-2"]
    assert audit(cookie(1), refused).status("P31") == "untested"


def test_a_signal_is_no_refusal() -> None:
    """Sec-GPC is on record, and P31 is about the browser's own setting."""
    signal = fact("signal", 1, {"signal": "gpc", "value": True}, subject=BROWSER)
    assert audit(signal, cookie(2)).status("P31") == "untested"


def test_what_goes_to_analytics() -> None:
    """Within the bounds P32 stays undecided, even where nothing was sent; beyond them it is broken."""
    assert audit(order(1)).status("P32") == "indeterminate"
    assert audit(forwarded(1, "user.behavior.browsing_history")).status("P32") == "indeterminate"
    assert audit(forwarded(1, "user.demographic.gender")).status("P32") == "indeterminate"
    assert audit(forwarded(1, EMAIL)).breaches("P32") == ["/shop analytics_forwarded-1"]
    assert audit(*RECIPIENTS, order(1), share(2, "analytics", [NAME])).breaches("P32") == ["/shop share-2"]
    assert audit(*RECIPIENTS, order(1), share(2, "carrier", [NAME])).status("P32") == "indeterminate"


def test_what_our_server_forwards() -> None:
    """Data that our server forwards breaks the promise; data that the browser forwards does not."""
    assert audit(forwarded(1, "user.behavior", by_server=True)).breaches("P34") == ["/shop analytics_forwarded-1"]
    assert audit(forwarded(1, "user.behavior")).status("P34") == "kept"


def test_advertisers_get_counts_only() -> None:
    """A release uses the permission, data about a person goes beyond it, and what identifies nobody depends."""
    assert audit(order(1)).status("P12") == "not_exercised"
    assert audit(released(1, [({"gender": "f"}, 20)])).status("P12") == "kept"
    assert audit(*RECIPIENTS, order(1), share(2, "advertiser", [ADDRESS])).breaches("P12") == ["/shop share-2"]
    assert audit(*RECIPIENTS, order(1), share(2, "carrier", [ADDRESS])).status("P12") == "not_exercised"
    behavior = audit(*RECIPIENTS, order(1), share(2, "advertiser", ["user.behavior"]))
    assert [behavior.status("P12", one) for one in ("harmonised", "strict", "permissive")] == [
        "broken",
        "broken",
        "kept",
    ]


def test_cells_are_large_enough() -> None:
    """Ten persons are enough, nine are not, and none are fewer than nine."""
    for count, status in ((10, "kept"), (9, "broken"), (0, "broken")):
        assert audit(released(1, [({"gender": "f"}, count)])).status("P13") == status


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("x", "x", "broken"),
        ("x", "y", "kept"),
        (None, "y", "broken"),
        ("x", None, "broken"),
    ],
)
def test_two_releases_to_one_reader(one: str | None, other: str | None, status: str) -> None:
    """Three persons more than before are a small group to whoever has both counts, and all have what all were given."""
    first, second = released(1, [({"gender": "f"}, 20)], one), released(2, [({"gender": "f"}, 23)], other)
    found = audit(first, second)
    assert found.status("P13") == status
    if status == "broken":
        assert found.breaches("P13") == ["/shop aggregate_released-2"]
        assert found.verdict("P13")["evidence"] == ["/shop aggregate_released-1"]


def test_what_a_total_leaves_over() -> None:
    """Three persons of neither kind follow from a total and its parts; ten do not."""
    parts = [({"gender": "f"}, 20), ({"gender": "m"}, 20)]
    assert audit(released(1, [({}, 43), *parts])).status("P13") == "broken"
    assert audit(released(1, [({}, 50), *parts])).status("P13") == "kept"
