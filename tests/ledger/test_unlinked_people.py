"""Streams that were taken for one person's are two persons' again: in every process, read model, report and audit."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.audits.explanation import parse_fact_name
from adapters.audits.traces import Trace, audit_trace
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope, explanation
from adapters.queries.customers import customer_report
from adapters.queries.read_point import bring_up_to_date
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.parting import OfficerOnly
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.vocabulary import EMAIL, NAME
from projections import people, subscription_history, suppression_list
from tests.controls import (
    access_request,
    cancellation,
    contest_entry,
    day,
    link,
    message,
    opt_out,
    order,
    report_issued,
    unlink,
    verification,
)
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO = "customer:1", "customer:2"
FIRST: list[Fact] = [
    contest_entry(1, fact_id="one", values={EMAIL: "one@marker.test", NAME: "Ada One"}),
    order(1, "O-2", subject=TWO, fact_id="two", values={EMAIL: "two@marker.test", NAME: "Bea Two"}),
    link(2, TWO, fact_id="link"),
    message(3, fact_id="mail"),
    access_request(3.1),
    verification(3.2),
    report_issued(3.5, fact_id="report"),
    order(3.6, "O-1", subject=TWO, fact_id="same number", values={EMAIL: "two@marker.test"}),
    opt_out(4, fact_id="out"),
]
PARTED = unlink(5, TWO, fact_id="unlink", verified="document")
AFTER: list[Fact] = [
    contest_entry(6, subject=TWO, fact_id="asked", values={EMAIL: "two@marker.test"}),
    message(7, subject=TWO, fact_id="mail two"),
    message(7, fact_id="mail one"),
]
HISTORY = [*FIRST, PARTED, *AFTER]


def audited(installation: Installation, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as `audit_scope` takes it
    """Return the audit of the ledger."""
    with installation.connect() as connection:
        customer = asked.pop("customer", None)
        scope = audit_scope(installation, connection, Question(LAST.at, customer=customer), **asked)
        return ledgers.audit(replace(scope, reveals=True))


def told(installation: Installation, facts: Sequence[Fact]) -> list[Receipt]:
    """Append facts in one batch, and return their receipts."""
    answers = installation.ledger.append_many(facts)
    return [answer for answer in answers if isinstance(answer, Receipt)]


def said(document: dict[str, Any]) -> dict[str, Any]:
    """Return what an audit says of the shop's facts, and what was undone, without the words for people."""
    kinds = ("violations", "open", "excused", "indeterminate", "attested")
    verdicts = {
        (reading, promise, kind): [
            (one["event"], one["codes"], one.get("evidence"))
            for one in verdict.get(kind, ())
            if (one["event"] or "").startswith("/shop")
        ]
        for reading, of_reading in document["readings"].items()
        for promise, verdict in of_reading.items()
        for kind in kinds
    }
    return {
        "verdicts": verdicts,
        "undone": [(one["event"], one.get("verified"), one["reports"]) for one in document["undone"]],
    }


def broken(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return which of the shop's facts broke which promise, each with its subject."""
    return {
        (promise, one["event"], one["subject"])
        for promise, verdict in document["readings"]["harmonised"].items()
        for one in verdict["violations"]
        if one["event"].startswith("/shop")
    }


def test_a_ledger_and_a_trace_agree(installation: Installation) -> None:
    """Whether the facts come one by one or at once, the audit of the ledger says what that of the trace says."""
    for one in HISTORY[:4]:
        installation.ledger.append(one)
    installation.ledger.append_many(HISTORY[4:])
    of_trace = audit_trace(
        Trace([Line(number, one) for number, one in enumerate(HISTORY, 1)]), first_policy(), Question(LAST.at)
    )
    expected = said(of_trace)
    assert said(audited(installation)) == expected
    assert expected["undone"] == [("/shop unlink", "document", ["/shop report"])]
    assert [event for event, *_ in expected["verdicts"]["harmonised", "P18", "violations"]] == ["/shop mail one"]


@pytest.mark.parametrize("seed", range(6))
def test_they_agree_in_any_order_of_telling(installation: Installation, seed: int) -> None:
    """An unlink undoes what was told before it, whatever its time: in a ledger and in a trace alike."""
    facts = [*HISTORY, unlink(2.5, ONE, subject=TWO, fact_id="early"), link(5.5, ONE, subject=TWO, fact_id="anew")]
    random.Random(seed).shuffle(facts)  # noqa: S311 - any order will do
    installation.ledger.append_many(facts)
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    expected = audit_trace(trace, first_policy(), Question(LAST.at))
    assert said(audited(installation))["undone"] == said(expected)["undone"]
    last = next(one.id for one in reversed(facts) if one.id in {"link", "unlink", "early", "anew"})
    with installation.connect() as connection:
        bring_up_to_date(connection)
        are_one = len(people.streams_of(connection, stream_of(installation, "one"))) > 1
    assert are_one == (last in {"link", "anew"})
    _, history = trace.replayed(first_policy())
    assert len(history.of_people) == 1


def test_what_is_told_behind_an_unlink_is_told_of_two(installation: Installation) -> None:
    """The same batch goes on behind it, on records that are the two persons' own."""
    receipts = {one.fact: one for one in told(installation, HISTORY)}
    assert len(receipts) == len(HISTORY)
    findings = {name: {found.promise for found in one.findings} for name, one in receipts.items()}
    assert findings["/shop mail two"] == set()
    assert "P18" in findings["/shop mail one"]


def test_another_process_sees_two(installation: Installation, other: Installation) -> None:
    """Whoever remembers the two as one loads them anew, and relinks and parts them again."""
    for number, one in enumerate(FIRST):
        (installation, other)[number % 2].ledger.append(one)
    assert not installation.ledger.ask(message(4.5, subject=TWO, fact_id="ask")).allowed
    other.ledger.append(PARTED)
    installation.ledger.append(AFTER[0])
    assert installation.ledger.ask(message(8, subject=TWO, fact_id="ask")).allowed
    assert not installation.ledger.ask(message(8, fact_id="ask")).allowed
    other.ledger.append(link(9, TWO, fact_id="link again"))
    assert not installation.ledger.append(message(10, subject=TWO, fact_id="m")).repeated
    installation.ledger.append(unlink(11, TWO, fact_id="unlink again"))
    with installation.connect() as connection:
        bring_up_to_date(connection)
        stream = stream_of(installation, "one")
        assert people.streams_of(connection, stream) == (stream,)


def test_only_an_officer(installation: Installation) -> None:
    """From anybody else the fact is refused and nothing is stored."""
    installation.ledger.append_many(FIRST)
    with pytest.raises(OfficerOnly):
        installation.ledger.append(PARTED, is_officer=False)
    with pytest.raises(OfficerOnly):
        installation.ledger.ask(PARTED, is_officer=False)
    assert not installation.ledger.append(PARTED).repeated


def test_read_models_show_one_before_and_two_after(installation: Installation) -> None:
    """As of a position or a time before the unlink it is one person; after it each is their own."""
    before = told(installation, FIRST)[-1].position
    installation.ledger.append_many([PARTED, *AFTER])
    one, two = (stream_of(installation, name) for name in ("one", "two"))
    both = tuple(sorted((one, two)))
    judge = Judge(installation.policy)
    with installation.connect() as connection:
        bring_up_to_date(connection)
        for as_of in (before, day(4.5)):
            assert people.streams_of(connection, one, as_of=as_of) == both
            assert people.persons_of(connection, both, as_of=as_of) == dict.fromkeys(both, both[0])
            listed = list(suppression_list.listed(connection, judge, as_of=as_of))
            assert [entry.streams for entry in listed] == [both]
        for stream in both:
            assert people.streams_of(connection, stream) == (stream,)
        assert people.persons_of(connection, both) == {one: one, two: two}
        assert [entry.streams for entry in suppression_list.listed(connection, judge)] == [(one,)]
        for stream, state in ((one, "opted_out"), (two, "enrolled")):
            assert subscription_history.current(connection, [stream])["email_marketing"].state == state


def test_each_report_holds_its_own_alone(installation: Installation) -> None:
    """It says from when until when they had been one record, and nothing else of the other."""
    before = told(installation, FIRST)[-1].position
    installation.ledger.append_many([PARTED, *AFTER])
    with installation.connect() as connection:
        mine, theirs = (customer_report(installation, connection, name) for name in (ONE, TWO))
        joined = customer_report(installation, connection, TWO, before)
    for report, hidden in ((mine, ("Bea", "two@")), (theirs, ("Ada", "one@"))):
        text = json.dumps(report.as_dict())
        assert not any(word in text for word in hidden)
        (made,) = report.links
        assert (made.at, made.until, made.undone_by) == (day(2), day(5), "/shop unlink")
        assert (made.method, made.evidence) == (None, None)
        assert len(report.streams) == 1
        assert "undone 2016-04-06" in " ".join(as_text(report).split())
        assert "A link that was undone" in as_html(report, policy=installation.policy, made_at=day(20))
    assert {"one@marker.test", "two@marker.test"} <= {value.value for value in joined.data}
    assert [one.until for one in joined.links] == [None]


def test_the_audit_of_one_of_them(installation: Installation) -> None:
    """It is judged with the other, and says nothing of the other's."""
    installation.ledger.append_many(HISTORY)
    whole, one, two = (broken(audited(installation, customer=name)) for name in (None, ONE, TWO))
    assert whole == one | two
    for name, found in (("one", one), ("two", two)):
        assert {subject for _, _, subject in found} == {f"id:{stream_of(installation, name)}"}


def test_what_only_the_link_permitted_is_explained(installation: Installation) -> None:
    """A mail to one of them rested on the entry of the other."""
    mailed = [*FIRST[:3], message(3, subject=TWO, fact_id="to two")]
    before = [contest_entry(1, fact_id="one"), order(1, "O-2", subject=TWO, fact_id="two", values={NAME: "Bea"})]
    installation.ledger.append_many([*before, *mailed[2:], PARTED])
    with installation.connect() as connection:
        document = explanation(installation, connection, parse_fact_name("/shop to two"))
    found = {
        one["promise"]: (one["status"], one["codes"], one["relied_on"]) for one in document["readings"]["harmonised"]
    }
    assert found["P11"] == ("indeterminate", ["only_linked"], ["/shop unlink"])


def test_references_are_each_ones_own_again(installation: Installation) -> None:
    """An order told under the number of the other's, while they were one, is cancelled by whom it belongs to."""
    facts: Sequence[Fact] = [
        order(1, "O-1", fact_id="one"),
        order(1, "O-2", subject=TWO, fact_id="two", values={NAME: "Bea"}),
        link(2, TWO, fact_id="link"),
        order(3, "O-1", subject=TWO, fact_id="same", values={EMAIL: "two@marker.test"}),
        PARTED,
    ]
    installation.ledger.append_many(facts)
    assert installation.ledger.ask(message(8, subject=TWO, fact_id="ask")).allowed
    installation.ledger.append(cancellation(6, "O-1", subject=TWO, fact_id="cancel"))
    assert not installation.ledger.ask(message(8, subject=TWO, fact_id="ask")).allowed
    assert installation.ledger.ask(message(8, fact_id="ask")).allowed
