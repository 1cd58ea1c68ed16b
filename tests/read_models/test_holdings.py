"""Holdings: what is held, from which collection, and what took its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.ledger import stream_reader
from projections import engine, holding_history
from projections.access_report import access_report
from projections.held_by import held_by
from tests.controls import verified

if TYPE_CHECKING:
    from uuid import UUID

    from projections.as_of import AsOf
    from tests.read_models.conftest import History

ADA = "customer:1"
MAIL, NAME = "user.contact.email", "user.name"
ONE, OTHER = {MAIL: "one@marker.test"}, {MAIL: "other@marker.test"}
RIGHT = {"category": MAIL, "value": "right@marker.test"}


def _states(history: History, stream: UUID, as_of: AsOf = None) -> list[tuple[str, str, str]]:
    """Return the state of each e-mail address held, what it came with, and what took its place."""
    engine.catch_up(history.connection)
    held = holding_history.of(history.connection, [stream], as_of=as_of).listed
    return [
        (one.state, history.name(one.position) or "", history.name(one.superseded and one.superseded.by) or "")
        for one in held
        if one.category == MAIL
    ]


def test_a_collection_is_held_by_category_with_where_it_came_from(history: History) -> None:
    """Each category of a collection is a holding, current, with the act, the giver and what holds the rest."""
    values = {NAME: "Ada Marker", "user.payment": None}
    (receipt,) = history.tell(history.collection("order", ADA, 1, "O-1", values=values, held_in="vault"))
    engine.catch_up(history.connection)
    held = holding_history.of(history.connection, [history.stream(receipt)])
    assert held.erased is None
    assert [(one.category, one.what, one.act, one.given_by, one.state) for one in held.listed] == [
        (NAME, "collection", "order", "person", "current"),
        ("user.payment", "collection", "order", "person", "current"),
    ]
    assert {(history.name(one.position), one.position, one.at) for one in held.listed} == {
        (receipt.fact, held.listed[0].position, datetime(2016, 4, 1, tzinfo=UTC))
    }


def test_a_later_collection_takes_the_place_of_an_earlier_one(history: History) -> None:
    """Of two collections of one category the later one stands, in any order of arrival."""
    late, early = history.tell(
        history.collection("order", ADA, 5, "O-2", values=OTHER), history.collection("order", ADA, 1, "O-1", values=ONE)
    )
    stream = history.stream(late)
    assert _states(history, stream) == [("superseded", early.fact, late.fact), ("current", late.fact, "")]
    assert _states(history, stream, datetime(2016, 4, 2, tzinfo=UTC)) == [("current", early.fact, "")]
    assert _states(history, stream, late.position) == [("current", late.fact, "")]


def test_what_a_gifts_buyer_told_stays_apart(history: History) -> None:
    """A gift's address and the person's own both stand; a correction takes the place of both."""
    gift, own, corrected = history.tell(
        history.collection("gift", ADA, 1, "G-1", values=ONE, source="customer:2"),
        history.collection("order", ADA, 2, "O-1", values=OTHER),
        history.fact("correction", ADA, 3, request="q-1", **RIGHT),
    )
    stream = history.stream(own)
    before = datetime(2016, 4, 2, tzinfo=UTC)
    assert _states(history, stream, before) == [("current", gift.fact, ""), ("current", own.fact, "")]
    assert _states(history, stream) == [
        ("superseded", gift.fact, corrected.fact),
        ("superseded", own.fact, corrected.fact),
        ("current", corrected.fact, ""),
    ]


def test_a_wrong_entry_holds_nothing_and_takes_no_place(history: History) -> None:
    """What is declared a wrong entry gives way to what it had replaced; the answer names who said so."""
    one, other = history.tell(
        history.collection("order", ADA, 1, "O-1", values=ONE), history.collection("order", ADA, 2, "O-2", values=OTHER)
    )
    source, fact_id = other.fact.split(" ")
    (wrong,) = history.tell(
        history.fact("entry_correction", ADA, 3, entry={"source": source, "id": fact_id}, reason="not hers")
    )
    stream = history.stream(one)
    assert _states(history, stream) == [("current", one.fact, ""), ("superseded", other.fact, wrong.fact)]
    assert _states(history, stream, datetime(2016, 4, 2, tzinfo=UTC))[0] == ("superseded", one.fact, other.fact)


def test_a_childs_categories_are_withheld(history: History) -> None:
    """Of a known child the category is on record and its value is not."""
    age, order = history.tell(
        history.fact("age_learned", ADA, 1, under=13), history.collection("order", ADA, 2, "O-1", values=ONE)
    )
    assert _states(history, history.stream(age)) == [("withheld", order.fact, "")]
    assert holding_history.counts(history.connection)[MAIL] == holding_history.CategoryCount(0, 0, 1, 0, 0)


def test_an_erased_person_is_said_to_be_erased(history: History) -> None:
    """The answer about an erased stream is the erasure, not an empty list as of somebody who gave nothing."""
    order, other = history.tell(
        history.collection("order", ADA, 1, "O-1"),
        history.fact("opt_out_offer", "customer:2", 1, purpose="deliver_ads"),
    )
    erased, nobody = history.stream(order), history.stream(other)
    (erasure,) = history.tell(history.fact("erasure", ADA, 4, reason="asked"))
    engine.catch_up(history.connection)
    when = holding_history.PersonErased(erasure.position, datetime(2016, 4, 4, tzinfo=UTC))
    assert holding_history.of(history.connection, [erased]) == holding_history.PersonHoldings((), when)
    assert holding_history.of(history.connection, [erased], as_of=order.position) == holding_history.PersonHoldings(
        (), when
    )
    assert holding_history.of(history.connection, [nobody]) == holding_history.PersonHoldings((), None)
    assert holding_history.counts(history.connection) == {}


def test_counts_are_of_persons_and_collections(history: History) -> None:
    """Two records of one person count once, from the link on; what was replaced counts as superseded."""
    history.tell(
        history.collection("order", ADA, 1, "O-1", values=ONE),
        history.collection("contest_entry", "email:a@marker.test", 2, "C-1", values=OTHER),
        history.collection("order", "customer:3", 2, "O-3", values=ONE),
    )
    (link,) = history.tell(
        history.fact("opt_out_offer", ADA, 4, purpose="deliver_ads", also=[verified("email:a@marker.test")])
    )
    engine.catch_up(history.connection)
    before = link.position - link.events
    assert holding_history.counts(history.connection, as_of=before) == {
        MAIL: holding_history.CategoryCount(3, 3, 0, 0, 0)
    }
    assert holding_history.counts(history.connection) == {MAIL: holding_history.CategoryCount(2, 2, 0, 1, 0)}


def test_the_access_report_says_the_same(history: History) -> None:
    """Where no value comes twice, what is current and what took its place are those of the access report."""
    receipts = history.tell(
        history.collection("gift", ADA, 1, "G-1", values=ONE, source="customer:2"),
        history.collection("order", ADA, 2, "O-1", values=OTHER | {NAME: "Ada"}),
        history.fact("correction", ADA, 3, request="q-1", **(RIGHT | {"category": "user.contact"})),
        history.collection("order", ADA, 4, "O-2", values={MAIL: "last@marker.test"}),
    )
    engine.catch_up(history.connection)
    streams = [history.stream(receipts[0])]
    events = stream_reader.opened_events(history.connection, history.installation.keyring, streams)
    report = access_report(events, person=streams[0], policy=history.installation.policy)
    givers = {"you": "person", "the buyer of a gift": "buyer"}
    assert [
        (
            one.category,
            history.name(one.position),
            one.given_by,
            one.superseded and (one.superseded.how, history.name(one.superseded.by)),
        )
        for one in holding_history.of(history.connection, streams).listed
    ] == [
        (value.category, value.collected[0], givers[value.source], value.superseded and value.superseded[:2])
        for value in report.data
    ]


def test_a_deleted_category_is_held_no_more(history: History) -> None:
    """It is listed as deleted, the one that it had replaced stays replaced, and nobody is counted for it."""
    order, again, gone = history.tell(
        history.collection("order", ADA, 1, "O-1", values={**ONE, "user.payment": None}),
        history.collection("order", ADA, 2, "O-2", values=OTHER),
        history.fact("data_deleted", ADA, 3, categories=[MAIL, "user.payment"], reason="asked"),
    )
    stream = history.stream(gone)
    assert _states(history, stream) == [("deleted", order.fact, again.fact), ("deleted", again.fact, "")]
    assert _states(history, stream, again.position) == [
        ("superseded", order.fact, again.fact),
        ("current", again.fact, ""),
    ]
    held = holding_history.of(history.connection, [stream]).listed
    assert [one.state for one in held if one.category == "user.payment"] == ["current"], "another system has it"
    assert holding_history.counts(history.connection)[MAIL] == holding_history.CategoryCount(0, 0, 0, 0, 2)
    assert {one.deleted and history.name(one.deleted.by) for one in held if one.category == MAIL} == {gone.fact}
    noon = datetime(2016, 4, 2, 12, tzinfo=UTC)
    assert [one.categories for one in held_by(history.connection, [MAIL], noon)] == [(MAIL,)]
    assert held_by(history.connection, [MAIL], datetime(2016, 4, 4, tzinfo=UTC)) == []


def test_what_waited_for_its_collection_is_not_held(history: History) -> None:
    """A deletion that waited takes what the collection brings, whose place in the log it names by counting back."""
    cited = {"act": "order", "reference": "O-9"}
    waiting, order = history.tell(
        history.fact("data_anonymised", ADA, 3, categories=[MAIL], reason="asked", relying_on=cited),
        history.collection("order", ADA, 1, "O-9", values=ONE),
    )
    assert _states(history, history.stream(waiting)) == [("anonymised", order.fact, "")]
