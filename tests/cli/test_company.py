"""`pledger company`: the company's own record, what of it is amiss, and what is about to lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_documents import check
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

UNTIL = "2016-07-01T00:00:00Z"
RECORD = (
    cloud_event("notice_posted", "home", -17, location="homepage", version="2016-03-14"),
    cloud_event("notice_posted", "opt-out", -17, location="analytics_opt_out", version="2016-03-14"),
    cloud_event("collection_point_registered", "web", 0, collection_point="web"),
    cloud_event("notice_posted", "web-notice", 0, location="web", version="2016-03-14"),
    cloud_event("collection_point_registered", "app", 0, collection_point="app"),
    cloud_event("collection_point_closed", "app-closed", 0, collection_point="app"),
    cloud_event("recipient_registered", "ads", 0, recipient="ads", roles=["advertiser"], categories=["user.name"]),
    cloud_event("recipient_registered", "courier", 0, recipient="courier", roles=["carrier"], categories=["user.name"]),
    cloud_event("recipient_ended", "courier-end", 30, recipient="courier"),
    cloud_event("purpose_registered", "posters", 0, purpose="posters", unrelated=True),
    *(cloud_event("security_attested", kind, 0, kind=kind, until=UNTIL) for kind in ("physical", "electronic")),
    cloud_event("security_attested", "managerial", 0, kind="managerial", until="2017-04-01T00:00:00Z"),
    cloud_event("site_reviewed", "review", 0, finding="nothing", until="2017-04-01T00:00:00Z"),
    cloud_event("incident", "leak", 4, incident="leak", unauthorised_reads=3, categories=["user.name"]),
    cloud_event("aggregate_released", "table", 5, release="table", dimensions=[], cells=[{"where": {}, "count": 50}]),
)


def _company(pledger: Callable[..., Ran], as_of: str, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = pledger("company", "--as-of", as_of, *options, "--format", "json").json
    return document


@pytest.mark.usefixtures("begun")
def test_the_register(pledger: Callable[..., Ran]) -> None:
    """Every notice, recipient, attestation, incident and release stands in it, with what is not as it should be."""
    assert pledger("append", "-", stdin=lines(*RECORD)).code == 0
    document = _company(pledger, "2016-06-15T00:00:00Z")
    check("company", {**document, "amiss": _company(pledger, "2016-07-02T00:00:00Z")["amiss"]})
    places = {one["location"]: one for one in document["places"]}
    assert {name: (one["is_open"], one["is_current"]) for name, one in places.items()} == {
        "analytics_opt_out": (None, True),
        "app": (False, False),
        "homepage": (None, True),
        "web": (True, True),
    }
    recipients = {one["name"]: one for one in document["recipients"]}
    assert recipients["ads"]["beyond"] == ["user.name"]
    assert (recipients["courier"]["beyond"], recipients["courier"]["ended"]) == ([], True)
    assert [one["incident"] for one in document["incidents"]] == ["leak"]
    assert [one["release"] for one in document["releases"]] == ["table"]
    assert document["purposes"] == [{"purpose": "posters", "unrelated": True}]


@pytest.mark.usefixtures("begun")
def test_what_lapses(pledger: Callable[..., Ran]) -> None:
    """Attestations are listed before and after they run out; as of earlier, nothing is amiss."""
    assert pledger("append", "-", stdin=lines(*RECORD)).code == 0
    before = _company(pledger, "2016-06-15T00:00:00Z")
    assert [(one["promise"], one["event"], one["at"]) for one in before["lapses"]] == [
        ("P21", "/shop physical", UNTIL),
        ("P21", "/shop electronic", UNTIL),
    ]
    assert "security_attested" in before["lapses"][0]["do"]
    assert _company(pledger, "2016-06-15T00:00:00Z", "--within", "3")["lapses"] == []
    after = _company(pledger, "2016-07-02T00:00:00Z")
    assert {one["event"] for one in after["amiss"]} == {"/shop electronic", "/shop physical"}
    assert after["lapses"] == []


@pytest.mark.usefixtures("begun")
def test_a_notice_that_is_missing(pledger: Callable[..., Ran]) -> None:
    """A point without its notice is amiss from its deadline on, until it is posted."""
    assert pledger("append", "-", stdin=lines(*RECORD[:3])).code == 0
    soon = _company(pledger, "2016-04-01T00:30:00Z")
    assert [(one["promise"], one["at"]) for one in soon["lapses"]] == [("P03", "2016-04-01T01:00:00Z")]
    late = _company(pledger, "2016-04-02T00:00:00Z")
    assert [(one["promise"], one["event"]) for one in late["amiss"]] == [("P03", "/shop web")]
    assert "notice_posted" in late["amiss"][0]["do"]


@pytest.mark.usefixtures("begun")
def test_the_screen(pledger: Callable[..., Ran]) -> None:
    """People read what is amiss first, with what to do; where nothing is, they read that."""
    assert pledger("append", "-", stdin=lines(*RECORD)).code == 0
    screen = pledger("company", "--as-of", "2016-07-02T00:00:00Z").out
    assert screen.index("Amiss now") < screen.index("Recipients")
    assert "beyond its roles" in screen
    assert "Nothing is amiss" in pledger("company", "--as-of", "2016-04-30T00:00:00Z").out
    assert "Lapses within 400 days" in pledger("company", "--as-of", "2016-06-01T00:00:00Z", "--within", "400").out
