"""The sharing history, and which streams are one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from projections import engine, people, sharing_history
from tests.controls import recipient, verified

if TYPE_CHECKING:
    from tests.read_models.conftest import History

ADA = "customer:1"


def test_a_share_keeps_what_it_was_and_what_it_rested_on(history: History) -> None:
    """A share lists recipient, kind, purpose, categories, the collection relied on, and the promises it broke."""
    order, share = history.tell(
        history.collection("order", ADA, 1, "O-1"),
        history.fact("share", ADA, 2, recipient="ads", purpose="deliver_ads", categories=["user.name"], kind="sale"),
    )
    engine.catch_up(history.connection)
    (shared,) = sharing_history.of(history.connection, [history.stream(order)])
    assert (shared.recipient, shared.kind, shared.purpose, shared.categories) == (
        "ads",
        "sale",
        "deliver_ads",
        ("user.name",),
    )
    assert [history.name(one) for one in shared.relies_on] == [order.fact]
    assert (history.name(shared.position), shared.position, shared.at) == (
        share.fact,
        share.position,
        datetime(2016, 4, 2, tzinfo=UTC),
    )
    assert set(shared.broken) == {finding.promise for finding in share.findings}
    assert shared.broken
    assert shared.excused == ()


def test_a_share_that_the_law_demands_is_excused(history: History) -> None:
    """What goes to an authority by legal obligation breaks nothing, and says what it is excused from."""
    authority = recipient(0, "court", "authority", ["user"])
    order, *_ = history.tell(
        history.collection("order", ADA, 1, "O-1"),
        authority,
        history.fact(
            "share",
            ADA,
            2,
            recipient="court",
            purpose="legal_obligation",
            categories=["user.name"],
            kind="legal_obligation",
        ),
    )
    engine.catch_up(history.connection)
    (shared,) = sharing_history.of(history.connection, [history.stream(order)])
    assert shared.broken == ()
    assert shared.excused


def test_shares_are_those_of_all_linked_streams_as_of_the_moment(history: History) -> None:
    """The history of a person joined from two records has the shares of both, in order of world time."""
    given: dict[str, Any] = {"purpose": "deliver_order", "categories": ["user.name"]}
    one, other, link = history.tell(
        history.fact("share", ADA, 3, recipient="later", **given),
        history.fact("share", "customer:2", 2, recipient="sooner", **given),
        history.fact("opt_out_offer", ADA, 4, purpose="deliver_ads", also=[verified("customer:2")]),
    )
    engine.catch_up(history.connection)
    stream = history.stream(one)
    assert people.streams_of(history.connection, stream) == tuple(sorted([stream, history.stream(other)]))
    assert [share.recipient for share in sharing_history.of(history.connection, [stream])] == ["sooner", "later"]
    before = link.position - link.events
    assert [share.recipient for share in sharing_history.of(history.connection, [stream], as_of=before)] == ["later"]


def test_a_chain_of_links_is_one_person(history: History) -> None:
    """Three records that are joined two by two are one person, from each of them."""
    offers = [history.fact("opt_out_offer", f"customer:{number}", 1, purpose="deliver_ads") for number in (1, 2, 3)]
    receipts = history.tell(
        *offers,
        history.fact("opt_out_offer", "customer:2", 5, purpose="deliver_ads", also=[verified("customer:3")]),
        history.fact("opt_out_offer", "customer:1", 3, purpose="deliver_ads", also=[verified("customer:3")]),
    )
    engine.catch_up(history.connection)
    streams = tuple(sorted(history.stream(receipt) for receipt in receipts[:3]))
    assert all(people.streams_of(history.connection, stream) == streams for stream in streams)
