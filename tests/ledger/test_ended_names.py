"""A name that was given up leads to another person from then on: in every process, read model, report and audit."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report
from adapters.queries.links import possible_links
from adapters.queries.read_point import bring_up_to_date
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.parting import OfficerOnly
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.times import rfc3339
from domain.vocabulary import EMAIL, NAME
from projections import suppression_list
from tests.controls import age_learned, contest_entry, day, fact, link, message, name_ended, opt_out, order
from tests.ledger.test_unlinked_people import audited, said
from tests.reading import events_of, stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO, NINE = "customer:1", "customer:2", "customer:9"
MAILBOX = "email:nine@marker.test"
OLD = {EMAIL: "nine@marker.test", NAME: "Ada Nine"}
NEW = {EMAIL: "new@marker.test", NAME: "Bea Nine"}
FIRST: list[Fact] = [
    contest_entry(1, subject=NINE, fact_id="old", values=OLD),
    order(2, "O-2", subject=TWO, fact_id="two", values={EMAIL: "nine@marker.test"}),
    fact("opt_out", 3, {"program": "email_marketing", "via": "portal"}, subject=NINE, fact_id="out"),
    contest_entry(8, subject=NINE, fact_id="already", reference="C-8", values=OLD),
]
ENDED = name_ended(5, NINE, subject=NINE, fact_id="ended")
LEFT = name_ended(5.5, MAILBOX, subject=ONE, fact_id="left")
AFTER: list[Fact] = [
    order(6, "O-6", subject=NINE, fact_id="new", values=NEW),
    message(7, subject=NINE, fact_id="mail new"),
    message(7, subject=MAILBOX, fact_id="mail box"),
    order(4, "O-4", subject=NINE, fact_id="late", values=OLD),
    order(9, "O-9", subject=TWO, fact_id="named since", values={EMAIL: "nine@marker.test"}),
    message(20, subject=TWO, fact_id="mail two"),
]
HISTORY = [*FIRST, ENDED, LEFT, *AFTER]


def streams(installation: Installation, *facts: str) -> list[UUID]:
    """Return the streams that facts went to."""
    return [stream_of(installation, one) for one in facts]


def of_trace(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the audit of a trace of facts, a line each."""
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    return audit_trace(trace, first_policy(), Question(LAST.at))


@pytest.mark.parametrize("name", [NINE, MAILBOX])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_opt_out_is_shown_by_its_own_date(installation: Installation, name: str, *, at_once: bool) -> None:
    """Who has a number or an address next is met by it, whether they come in one batch with its end or later."""
    out = fact("opt_out", 3, {"program": "email_marketing", "via": "portal"}, subject=NINE, fact_id="out")
    back = order(6, "O-6", subject=name if name == NINE else TWO, fact_id="new", values=OLD)
    mailed = message(20, subject=str(back.subject), fact_id="mail new")
    facts = [FIRST[0], out, name_ended(5, name, subject=NINE, fact_id="ended"), back, mailed]
    if at_once:
        installation.ledger.append_many(facts)
    else:
        for one in facts:
            installation.ledger.append(one)
    with installation.connect() as connection:
        of_ledger = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    for document in (of_ledger, of_trace(facts)):
        (violation,) = document["readings"]["harmonised"]["P17"]["violations"]
        assert violation["particulars"]["opted_out_at"] == rfc3339(day(3))
        assert "told_later" not in violation["particulars"]


def test_a_ledger_and_a_trace_agree(installation: Installation) -> None:
    """Whether the facts come one by one or at once, the audit of the ledger says what that of the trace says."""
    for one in HISTORY[:5]:
        installation.ledger.append(one)
    installation.ledger.append_many(HISTORY[5:])
    expected = of_trace(HISTORY)
    found = audited(installation)
    assert said(found) == said(expected)
    for document in (found, expected):
        assert [(one["event"], one["what"], one["later"]) for one in document["undone"]] == [
            ("/shop ended", "name", ["/shop already"]),
            ("/shop left", "name", []),
        ]
    harmonised = expected["readings"]["harmonised"]
    assert "/shop mail new" in {one["event"] for one in harmonised["P11"]["violations"]}
    assert "/shop mail two" in {one["event"] for one in harmonised["P18"]["violations"]}


@pytest.mark.parametrize("seed", range(8))
def test_they_agree_in_any_order_of_telling(installation: Installation, seed: int) -> None:
    """An end goes by telling: the same was undone, the same is to be retold, and each fact is about the same person."""
    facts = [*HISTORY, name_ended(7.5, NINE, fact_id="again"), age_learned(4.5), link(3.5, NINE, subject=TWO)]
    random.Random(seed).shuffle(facts)  # noqa: S311 - any order will do
    installation.ledger.append_many(facts)
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    _, history = trace.replayed(first_policy())
    stream_in_trace = {
        event.fact_id: event.originator_id
        for events in history.of_people
        for event in sorted(events, key=lambda one: one.moment.position, reverse=True)
        if event.part == 0
    }
    stream_in_ledger = {one.id: stream_of(installation, one.id) for one in facts}
    same = [(one.id, other.id) for one in facts for other in facts]
    assert [stream_in_ledger[one] == stream_in_ledger[other] for one, other in same] == [
        stream_in_trace[one] == stream_in_trace[other] for one, other in same
    ]
    listed = [
        [(one["event"], one["what"], one["at"], set(one["later"])) for one in document["undone"]]
        for document in (audited(installation), of_trace(facts))
    ]
    assert listed[0] == listed[1]


@pytest.mark.parametrize("erases", [NINE, TWO])
def test_an_erasure_changes_no_verdict(installation: Installation, erases: str) -> None:
    """Neither that of who had the name, nor that of who has it."""
    installation.ledger.append_many(HISTORY)
    before = said(audited(installation))
    installation.ledger.append(fact("erasure", 30, {"reason": "asked"}, subject=erases))
    with installation.connect() as connection:
        coded = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))

    def count(verdicts: dict[Any, Any]) -> dict[Any, int]:
        return {key: len(found) for key, found in verdicts.items() if found}

    kinds = ("violations", "open", "excused", "indeterminate", "attested")
    after = {
        (reading, promise, kind): [
            one for one in verdict.get(kind, ()) if (one["event"] or "").startswith(("/shop", "#"))
        ]
        for reading, of_reading in coded["readings"].items()
        for promise, verdict in of_reading.items()
        for kind in kinds
    }
    assert count(after) == count(before["verdicts"])


def test_another_process_sees_the_end(installation: Installation, other: Installation) -> None:
    """The one who remembers where the name led asks anew, and both open one stream for the one who has it next."""
    for number, one in enumerate(FIRST):
        (installation, other)[number % 2].ledger.append(one)
    other.ledger.append(ENDED)
    installation.ledger.append(AFTER[0])
    other.ledger.append(order(6.5, "O-65", subject=NINE, fact_id="b", values=NEW))
    installation.ledger.append(order(4.5, "O-45", subject=NINE, fact_id="c", values=OLD))
    other.ledger.append(name_ended(6.75, NINE, fact_id="second end"))
    installation.ledger.append(order(6.7, "O-67", subject=NINE, fact_id="d", values=NEW))
    installation.ledger.append(order(7, "O-7", subject=NINE, fact_id="e"))
    old, new, b, c, d, e = streams(installation, "old", "new", "b", "c", "d", "e")
    assert (new, old, new) == (b, c, d)
    assert len({old, new, e}) == 3


def test_what_binds_an_address_no_more_is_seen_by_another_process(
    installation: Installation, other: Installation
) -> None:
    """It decides by the address as it stands, with no fact about the person in between."""
    bought = order(1, subject=ONE, fact_id="bought", values=OLD)
    for place in (installation, other):
        place.ledger.append(bought)
    other.ledger.append(name_ended(5, MAILBOX, subject=TWO))
    installation.ledger.append(opt_out(6, subject=MAILBOX))
    for place in (installation, other):
        assert place.ledger.ask(message(8, fact_id="ask")).allowed
        assert not place.ledger.ask(message(8, fact_id="ask", to=MAILBOX)).allowed


def test_one_batch_goes_on_behind_an_end(installation: Installation) -> None:
    """Each fact is answered, and decided on the records as they stand behind it."""
    answers = installation.ledger.append_many(HISTORY)
    assert all(isinstance(one, Receipt) for one in answers)
    found = {one.fact: {each.promise for each in one.findings} for one in answers if isinstance(one, Receipt)}
    assert "P11" in found["/shop mail new"] | found["/shop mail box"]
    old, late, already, new = streams(installation, "old", "late", "already", "new")
    assert old == late == already != new


def test_the_answer_lists_what_is_to_be_retold(installation: Installation) -> None:
    """By the positions of the facts."""
    installation.ledger.append_many(FIRST)
    receipt = installation.ledger.append(ENDED)
    already = next(
        one for one in events_of(installation, stream_of(installation, "already")) if one.fact_id == "already"
    )
    assert receipt.later == (already.fact_position,)


def test_only_an_officer(installation: Installation) -> None:
    """From anybody else the fact is refused and nothing is stored."""
    installation.ledger.append_many(FIRST)
    with pytest.raises(OfficerOnly):
        installation.ledger.append(ENDED, is_officer=False)
    with pytest.raises(OfficerOnly):
        installation.ledger.ask(ENDED, is_officer=False)
    assert not installation.ledger.append(ENDED).repeated


def test_the_suppression_list_shows_who_is_owed_peace(installation: Installation) -> None:
    """The last one, and the next one until they ask anew; an opt-out told of the address later is another's."""
    installation.ledger.append_many([*FIRST[:3], ENDED, LEFT, AFTER[0]])
    judge = Judge(installation.policy)
    old, new, two = streams(installation, "old", "new", "two")

    def listed(as_of: Any = None) -> set[UUID]:  # noqa: ANN401 - a position or a time
        with installation.connect() as connection:
            bring_up_to_date(connection)
            entries = suppression_list.listed(connection, judge, as_of=as_of)
            return {entry.person for entry in entries if entry.suppressed == "email_marketing"}

    assert listed() == {old, new}
    assert listed(day(4)) == {old}
    installation.ledger.append(opt_out(7, subject=MAILBOX, fact_id="box"))
    assert listed() == {old, new, stream_of(installation, "box")}
    installation.ledger.append(contest_entry(8, subject=NINE, fact_id="asked", values=NEW))
    assert new not in listed()
    assert two not in listed()


def test_nobody_is_proposed_for_an_address_that_was_given_up(installation: Installation) -> None:
    """Two people had it; who is named with it since is one."""
    installation.ledger.append_many(FIRST[:2])

    def shared() -> list[int]:
        with installation.connect() as connection:
            bring_up_to_date(connection)
            return [one["persons"] for one in possible_links(installation, connection, 100)["contact_points"]]

    assert shared() == [2]
    installation.ledger.append(LEFT)
    assert shared() == []
    installation.ledger.append(AFTER[4])
    assert shared() == []
    installation.ledger.append(order(9, "O-99", subject=ONE, fact_id="and one", values=OLD))
    assert shared() == [2]


def test_each_report_holds_its_own_alone(installation: Installation) -> None:
    """The last one's says that the name ended; the next one's holds nothing of theirs."""
    installation.ledger.append_many(HISTORY)
    old, new = streams(installation, "old", "new")
    with installation.connect() as connection:
        theirs, mine = (customer_report(installation, connection, f"id:{stream}") for stream in (old, new))
        by_name = customer_report(installation, connection, NINE)
    assert by_name.streams == mine.streams
    assert not any(word in json.dumps(mine.as_dict()) for word in ("Ada", "nine@"))
    assert not any(word in json.dumps(theirs.as_dict()) for word in ("Bea", "new@"))
    assert "name ended (name customer:9): 2016-04-06" in " ".join(as_text(theirs).split())
    assert "A name of yours was given up" in as_html(theirs, policy=installation.policy, made_at=day(20))


def test_the_table_of_names(installation: Installation) -> None:
    """A span for each person; after an erasure none of them leads back to the erased."""
    installation.ledger.append_many(HISTORY)

    def spans() -> list[tuple[UUID | None, bool]]:
        with installation.connect() as connection:
            return connection.execute(
                "SELECT stream_id, until = 'infinity' FROM names WHERE digest = %s ORDER BY until",
                [installation.keyring.name(HISTORY[0].subject)],  # type: ignore[arg-type]
            ).fetchall()

    old, new = streams(installation, "old", "new")
    assert spans() == [(old, False), (new, True)]
    installation.ledger.append(fact("erasure", 30, {"reason": "asked"}, subject=f"id:{old}"))
    assert spans() == [(None, False), (new, True)]
    late = installation.ledger.append(order(3, "O-3", subject=NINE, fact_id="late again", values=OLD))
    assert late.events == 2
    assert installation.ledger.append(order(8, "O-8", subject=NINE, fact_id="alive", values=NEW)).events >= 1
    assert stream_of(installation, "alive") == new
