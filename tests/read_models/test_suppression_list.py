"""The suppression list: who is on it, and what changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from domain.policy.judge import Judge
from domain.vocabulary import Program
from projections import engine, subscription_history, suppression_list
from projections.at_least import NotYetWritten
from tests.controls import verified
from tests.read_models.conftest import CONTACT

if TYPE_CHECKING:
    from uuid import UUID

    from projections.as_of import AsOf
    from tests.read_models.conftest import History

ADA, BEA = "customer:1", "customer:2"
MAIL, POST = "email_marketing", "physical_mailings"
FIRST = datetime(2016, 4, 1, tzinfo=UTC)


def _judge(history: History) -> Judge:
    return Judge(history.installation.policy)


def _suppressed(history: History, stream: UUID, as_of: AsOf = None) -> dict[str, str]:
    """Return the fact behind each entry."""
    engine.catch_up(history.connection)
    entries = suppression_list.of(history.connection, _judge(history), [stream], as_of=as_of)
    return {name: history.name(entry.by) or "" for name, entry in entries.items()}


def _changes(history: History, after: int = 0, as_of: AsOf = None) -> list[tuple[str, str | None, str]]:
    engine.catch_up(history.connection)
    page = suppression_list.changes(history.connection, _judge(history), after=after, as_of=as_of)
    return [(change.state, change.suppressed, history.name(change.by) or "") for change in page.changes]


def test_an_opt_out_stands_from_then_on(history: History) -> None:
    """Who left is listed with the time, the way and the fact; opting out again changes none of them."""
    out, again = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.fact("opt_out", ADA, 3, program=MAIL, via="unsubscribe_link"),
    )
    stream = history.stream(out)
    engine.catch_up(history.connection)
    entry = suppression_list.Suppression(
        stream, (stream,), MAIL, datetime(2016, 4, 2, tzinfo=UTC), "portal", out.position
    )
    assert suppression_list.of(history.connection, _judge(history), [stream]) == {MAIL: entry}
    assert suppression_list.of(history.connection, _judge(history), [stream], as_of=again.position) == {MAIL: entry}
    assert _suppressed(history, stream, FIRST) == {}


def test_an_unlawful_enrollment_lifts_nobody(history: History) -> None:
    """After an import the subscription shows what happened, and the list who is still on it."""
    out, *_ = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.fact("enrollment", ADA, 3, program=MAIL, cause="import"),
        history.collection("order", ADA, 4, "O-1"),
        history.fact("enrollment", ADA, 5, program=MAIL, cause="purchase"),
    )
    assert _suppressed(history, history.stream(out)) == {MAIL: out.fact}
    assert subscription_history.current(history.connection, [history.stream(out)])[MAIL].state == "enrolled"
    assert _changes(history) == [("listed", MAIL, out.fact)]


def test_who_asks_again_is_off_the_list(history: History) -> None:
    """A contest entry after the opt-out lifts it; an opt-out after that is another one."""
    out, entry, again = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.collection("contest_entry", ADA, 3, "C-1"),
        history.fact("opt_out", ADA, 4, program=MAIL, via="portal"),
    )
    stream = history.stream(out)
    assert _suppressed(history, stream, datetime(2016, 4, 3, tzinfo=UTC)) == {}
    assert _suppressed(history, stream) == {MAIL: again.fact}
    assert _changes(history) == [
        ("listed", MAIL, out.fact),
        ("lifted", MAIL, entry.fact),
        ("listed", MAIL, again.fact),
    ]


def test_an_opt_out_that_arrives_late_stands_against_what_was_asked_before_it(history: History) -> None:
    """An entry from before the opt-out lifts nothing, in any order of arrival."""
    entry, out = history.tell(
        history.collection("contest_entry", ADA, 2, "C-1"), history.fact("opt_out", ADA, 3, program=MAIL, via="portal")
    )
    assert _suppressed(history, history.stream(entry)) == {MAIL: out.fact}
    late, before = history.tell(
        history.fact("opt_out", BEA, 3, program=MAIL, via="portal"), history.collection("contest_entry", BEA, 2, "C-2")
    )
    assert _suppressed(history, history.stream(before)) == {MAIL: late.fact}


def test_each_program_is_suppressed_for_itself(history: History) -> None:
    """A catalog request opens physical mailings again, and says nothing of e-mail."""
    by_mail, *_ = history.tell(
        history.fact("opt_out", ADA, 1, program=MAIL, via="portal"),
        history.fact("opt_out", ADA, 1, program=POST, via="customer_service"),
        history.collection("catalog_request", ADA, 2, "K-1"),
    )
    assert _suppressed(history, history.stream(by_mail)) == {MAIL: by_mail.fact}
    counts = suppression_list.counts(history.connection, _judge(history))
    assert counts == {MAIL: 1, POST: 0, "under_13": 0}
    assert suppression_list.counts(history.connection, _judge(history), as_of=FIRST) == {
        MAIL: 1,
        POST: 1,
        "under_13": 0,
    }


def test_an_age_is_never_lifted(history: History) -> None:
    """A child stays listed, whatever they ask for."""
    age, _ = history.tell(
        history.fact("age_learned", ADA, 1, under=13), history.collection("contest_entry", ADA, 2, "C-1")
    )
    assert _suppressed(history, history.stream(age)) == {"under_13": age.fact}
    assert _changes(history) == [("listed", "under_13", age.fact)]


def test_what_outlived_an_erasure_returns_with_who_comes_back(history: History) -> None:
    """The erased stream leaves the list; the stream of the same name that comes after it is on it."""
    out, erasure, back = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.fact("erasure", ADA, 3, reason="asked"),
        history.collection("order", ADA, 4, "O-1"),
    )
    assert _suppressed(history, history.stream(out)) == {}
    assert _suppressed(history, history.stream(back)) == {MAIL: back.fact}
    engine.catch_up(history.connection)
    (entry,) = suppression_list.page(history.connection, _judge(history)).entries
    assert (entry.because_of, entry.since) == ("suppression_list", datetime(2016, 4, 2, tzinfo=UTC))
    assert _changes(history) == [("erased", None, f"#{erasure.position}"), ("listed", MAIL, back.fact)]


def test_an_objection_is_listed_until_it_is_annulled(history: History) -> None:
    """It stands beside what else is owed, is none of a program's, and nothing that is asked for lifts it."""
    out, objection, *_ = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.fact("objection", ADA, 3, purpose=MAIL),
        history.collection("contest_entry", ADA, 4, "C-1"),
        history.fact("opt_out_offer", ADA, 5, purpose=MAIL),
    )
    assert _suppressed(history, history.stream(out)) == {f"objection:{MAIL}": objection.fact}
    engine.catch_up(history.connection)
    (entry,) = suppression_list.page(history.connection, _judge(history)).entries
    assert (entry.because_of, entry.by) == ("objection", objection.position)
    assert suppression_list.page(history.connection, _judge(history), Program(MAIL)).entries == ()
    counts = suppression_list.counts(history.connection, _judge(history))
    assert (counts[MAIL], counts[f"objection:{MAIL}"]) == (0, 1)
    source, _, name = objection.fact.partition(" ")
    history.tell(history.fact("entry_correction", ADA, 6, entry={"source": source, "id": name}, reason="a bot"))
    assert _suppressed(history, history.stream(out)) == {}


def test_linked_streams_are_suppressed_alike(history: History) -> None:
    """From the link on, both streams of a person are listed, and both give the same answer."""
    out, other, link = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.collection("order", BEA, 1, "O-1"),
        history.fact("record_read", ADA, 3, reader="helpdesk", purpose="answer_message", also=[verified(BEA)]),
    )
    streams = {history.stream(out), history.stream(other)}
    engine.catch_up(history.connection)
    (entry,) = suppression_list.page(history.connection, _judge(history)).entries
    assert (entry.person, set(entry.streams)) == (min(streams), streams)
    assert all(_suppressed(history, stream) == {MAIL: out.fact} for stream in streams)
    page = suppression_list.changes(history.connection, _judge(history), after=out.position)
    assert [(change.state, change.stream) for change in page.changes if change.position < link.position] == [
        ("listed", history.stream(other))
    ]
    assert suppression_list.counts(history.connection, _judge(history))[MAIL] == 1


def test_a_lift_rests_on_what_was_known_to_be_the_persons(history: History) -> None:
    """As of a time before two records were one person's, what was asked on one lifts nothing on the other."""
    out, *_, enrolled, _ = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.collection("contest_entry", BEA, 3, "C-1"),
        history.fact("record_read", ADA, 9, reader="helpdesk", purpose="answer_message", also=[verified(BEA)]),
        history.fact("enrollment", ADA, 4, program=MAIL, cause="contest_entry"),
        history.fact("opt_out", BEA, 1, program=MAIL, via="portal"),
    )
    engine.catch_up(history.connection)
    before = datetime(2016, 4, 8, tzinfo=UTC)
    page = suppression_list.page(history.connection, _judge(history), as_of=before)
    assert [entry.by for entry in page.entries if entry.person == history.stream(out)] == [out.position]
    assert _suppressed(history, history.stream(out), before) == {MAIL: out.fact}
    assert _suppressed(history, history.stream(out)) == {}
    assert ("lifted", MAIL, enrolled.fact) not in _changes(history, as_of=before)


def test_pages_go_on_where_the_last_one_ended(history: History) -> None:
    """The list by persons and the changes by position, each in pages of any size, leave nothing out."""
    outs = history.tell(
        *(history.fact("opt_out", f"customer:{number}", 1, program=MAIL, via="portal") for number in range(7))
    )
    engine.catch_up(history.connection)
    judge = _judge(history)
    first = suppression_list.page(history.connection, judge, limit=4)
    rest = suppression_list.page(history.connection, judge, after=first.last, limit=4)
    assert {entry.by for entry in (*first.entries, *rest.entries)} == {out.position for out in outs}
    assert (len(first.entries), rest.last) == (4, None)
    found: list[int | None] = []
    after, is_all = 0, False
    while not is_all:
        page = suppression_list.changes(history.connection, judge, after=after, limit=3)
        assert page.position > after
        found += [change.by for change in page.changes]
        after, is_all = page.position, page.is_all
    assert found == [out.position for out in outs]
    assert after == outs[-1].position
    nothing = suppression_list.SuppressionChanges((), after, is_all=True)
    assert suppression_list.changes(history.connection, judge, after=after) == nothing


@pytest.mark.parametrize("window", [1, 2, 1000])
def test_changes_stop_where_the_slowest_read_model_has_read_to(history: History, window: int) -> None:
    """A change comes once all that decides it is known: a lift waits for the collection that it relies on."""
    out, entry = history.tell(
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"), history.collection("contest_entry", ADA, 3, "C-1")
    )
    own = [one for one in engine.PROJECTIONS if one.name in {"people", "suppression_list"}]
    engine.catch_up(history.connection, own, window=window)
    engine.prepare(history.connection)
    assert suppression_list.changes(
        history.connection, _judge(history), after=0
    ) == suppression_list.SuppressionChanges((), 0, is_all=True)
    assert _changes(history) == [("listed", MAIL, out.fact), ("lifted", MAIL, entry.fact)]
    assert _changes(history, as_of=out.position) == [("listed", MAIL, out.fact)]


def test_changes_after_what_nobody_wrote(history: History) -> None:
    """A reader that is further than the log gets an error, since it would miss changes."""
    (out,) = history.tell(history.fact("opt_out", ADA, 1, program=MAIL, via="portal"))
    assert _changes(history, out.position) == []
    with pytest.raises(NotYetWritten):
        _changes(history, out.position + 1)


def test_a_request_told_late_for_the_second_time_lets_an_opt_out_stand_again(history: History) -> None:
    """Told under the same reference from before the opt-out, the request that lifted it was an old one."""
    (_, out) = history.tell(
        history.collection("contest_entry", ADA, 9, "C-1"),
        history.fact("opt_out", ADA, 8, program=MAIL, via="portal"),
    )
    stream = history.stream(out)
    assert _suppressed(history, stream) == {}
    history.tell(history.collection("contest_entry", ADA, 6, "C-1", values={"user.name": "A"}))
    assert _suppressed(history, stream) == {MAIL: history.name(out.position)}
    assert _changes(history, after=out.position) == [("listed", MAIL, history.name(out.position))]


def test_a_request_without_the_address_lifts_nothing_told_of_it(history: History) -> None:
    """Whoever has the address left the catalog; a catalog request that does not give it changes nothing."""
    got, out, asked = history.tell(
        history.collection("inbound_message", ADA, 1, "M-1"),
        history.fact("opt_out", "email:ada@marker.test", 2, program=POST, via="portal"),
        history.collection("catalog_request", ADA, 3, "R-1", values={**CONTACT, "user.contact.email": "b@marker.test"}),
    )
    stream = history.stream(got)
    assert _suppressed(history, stream) == {POST: history.name(out.position)}
    assert _changes(history, after=out.position) == []
    assert asked.position == out.position + asked.events
