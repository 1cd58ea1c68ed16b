"""One record of a person is erased alone (`only`): in every process, read model, report and audit, as in a trace."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.bootstrap import opened
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report
from adapters.queries.lists import rights_requests
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.receipt_notes import beside
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.errors import UnknownCustomer
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.vocabulary import EMAIL, NAME
from projections import people, request_history, subscription_history, suppression_list
from projections.request_history import STATES, Deadlines
from tests.controls import (
    access_request,
    cancellation,
    contest_entry,
    correction,
    day,
    fact,
    link,
    message,
    objection,
    opt_out,
    order,
    report_issued,
    use,
    verification,
)
from tests.dumps import dump
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO = "customer:1", "customer:2"
FIRST: list[Fact] = [
    contest_entry(1, fact_id="one", values={EMAIL: "one@marker.test", NAME: "Ada One"}),
    order(1.5, "O-1", fact_id="bought", values={NAME: "Ada One", EMAIL: "one@marker.test"}),
    order(2, "O-Qzx7", subject=TWO, fact_id="two", values={EMAIL: "two-Qzx7@marker.test", NAME: "Bea Qzx7"}),
    link(2.5, TWO, fact_id="link"),
    message(3, fact_id="mail"),
    message(3.05, subject="email:one@marker.test", fact_id="mail at"),
    access_request(3.1),
    verification(3.2),
    report_issued(3.3, subject=TWO),
    access_request(3.4, "R-2", subject=TWO, fact_id="two asks"),
    correction(3.5, "R-3", EMAIL, subject=TWO),
    cancellation(3.6, subject=TWO),
    objection(3.8, subject=TWO),
    opt_out(4, subject=TWO, fact_id="out"),
]
ALONE = [one for one in FIRST if one.id != "mail at"]
"""The same without the mailbox, which a report leaves out."""
ERASED = fact("erasure", 5, {"reason": "asked", "only": True}, subject=TWO, fact_id="erase")
AFTER: list[Fact] = [
    message(6, fact_id="mail one"),
    use(6, "posters", [EMAIL]),
    message(4.5, subject=TWO, fact_id="mail late"),
    contest_entry(7, reference="C-7", fact_id="asked anew", values={EMAIL: "new@marker.test"}),
    message(8, fact_id="mail again"),
]
HISTORY = [*FIRST, ERASED, *AFTER]


def told(installation: Installation, facts: Sequence[Fact]) -> list[Receipt]:
    """Append facts in one batch, and return their receipts."""
    return [one for one in installation.ledger.append_many(facts) if isinstance(one, Receipt)]


def audited(installation: Installation) -> dict[str, Any]:
    """Return the audit of the ledger."""
    with installation.connect() as connection:
        return ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))


def said(document: dict[str, Any], *, named: bool = False) -> dict[tuple[str, str], Any]:
    """Return what an audit says of each promise but those about the company's policy."""
    kinds = ("violations", "open", "excused", "indeterminate", "attested")
    return {
        (reading, promise): (
            verdict["status"],
            verdict["exercised"],
            [
                sorted(
                    (one["event"] if named else "", one["at"], tuple(sorted(one["codes"])))
                    for one in verdict.get(kind, ())
                )
                for kind in kinds
            ],
        )
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
        if promise not in {"P01", "P02", "P34"}
    }


def of_trace(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the audit of a trace of facts."""
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    return audit_trace(trace, first_policy(), Question(LAST.at))


@pytest.mark.parametrize("seed", range(3))
def test_a_ledger_and_a_trace_agree(installation: Installation, seed: int) -> None:
    """Whether the facts come at once, one by one, or in pieces."""
    cuts = sorted(random.Random(seed).sample(range(1, len(HISTORY)), 4)) if seed else []  # noqa: S311 - a test's choice
    for start, end in zip([0, *cuts], [*cuts, len(HISTORY)], strict=True):
        assert len(told(installation, HISTORY[start:end])) == end - start
    assert said(audited(installation)) == said(of_trace(HISTORY))


def test_what_was_done_before_is_judged_as_it_was(installation: Installation) -> None:
    """Only the access request that nobody answered on the erased record is decided by the erasure."""
    told(installation, [*FIRST, fact("record_read", 90, {"reader": "r", "purpose": "p"}, fact_id="last")])
    before = said(audited(installation))
    told(installation, [ERASED])
    after = said(audited(installation))
    changed = {promise for (_, promise), verdict in before.items() if after[_, promise] != verdict}
    assert changed == {"P25"}
    assert after["harmonised", "P25"][0] == "broken"
    assert [codes for _, _, codes in after["harmonised", "P25"][2][0]] == [("erased_unanswered",)]


def test_the_receipt_names_what_is_left(installation: Installation) -> None:
    """The person's other records are among those that keep the request open; of one record nothing is left."""
    told(installation, FIRST)
    one, two = stream_of(installation, "one"), stream_of(installation, "two")
    (receipt,) = told(installation, [ERASED])
    assert (receipt.reach.erased, receipt.reach.left, receipt.reach.elsewhere) == ((two,), (one,), (one,))
    shown = beside(receipt, names_streams=True)
    assert (shown["left"], shown["stays_open"]) == ([f"id:{one}"], True)
    assert f"id:{one}" in " ".join(shown["notes"])
    assert "left" not in beside(receipt, names_streams=False)
    (rest,) = told(installation, [ERASED.model_copy(update={"subject": FIRST[0].subject, "id": "rest"})])
    assert (rest.reach.erased, rest.reach.left) == ((one,), ())


def test_every_process_knows_it(installation: Installation, other: Installation) -> None:
    """One that remembers the two as one person judges anew; so does one that starts afterwards."""
    told(installation, FIRST)
    told(other, [message(4.1, fact_id="seen")])
    told(installation, [ERASED])
    for process in (other, installation):
        assert not process.ledger.ask(message(6)).allowed
        with pytest.raises(UnknownCustomer), process.connect() as connection:
            customer_report(process, connection, TWO)
    with opened(installation.settings) as again:
        (answer,) = told(again, [contest_entry(7, reference="C-7", values={EMAIL: "new@marker.test"}, online=False)])
        assert not answer.findings
        assert again.ledger.ask(message(8)).allowed


def test_read_models_show_what_is_left(installation: Installation) -> None:
    """Who is one person, what they are enrolled in and owed; as the record says."""
    told(installation, FIRST)
    one, two = stream_of(installation, "one"), stream_of(installation, "two")
    told(installation, [ERASED])
    judge = Judge(installation.policy)
    with installation.connect() as connection:
        bring_up_to_date(connection)
        assert people.streams_of(connection, one) == (one,)
        assert people.streams_of(connection, two) == (two,)
        current = subscription_history.current(connection, [one])
        assert [change.state for change in current.values()] == ["opted_out"]
        listed = {entry.suppressed: entry.since for entry in suppression_list.listed(connection, judge, None)}
    assert listed == {"email_marketing": day(4), "objection:posters": day(3.8)}


@pytest.mark.parametrize("as_of", [day(4.5), None])
def test_the_report_of_a_time_before_the_erasure(installation: Installation, as_of: datetime | None) -> None:
    """What was answered on the record that was erased later was answered by then, as the list of requests says."""
    told(installation, [*ALONE, ERASED])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        report = customer_report(installation, connection, ONE, as_of)
        listed = request_history.listed(connection, Deadlines(day(9)), states=STATES, as_of=as_of)
    assert [(one.request, one.state) for one in report.requests if one.at] == [("R-1", "answered")]
    person = report.streams[0]
    answered = [one.answered_at for one in listed if one.person == person and one.kind == "access"]
    assert answered == [one.answered_at for one in report.requests if one.at] == [day(3.3)]


def test_requests_in_lists_and_the_report(installation: Installation) -> None:
    """The one that was answered on the erased record is answered; the one that was asked there is unanswered."""
    told(installation, [*ALONE, ERASED])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        document = rights_requests(installation, connection, Deadlines(day(9)), STATES, ReadPoint(None, None, 0))
        report = customer_report(installation, connection, ONE)
    listed = [
        (one["kind"], one["request"], one["state"], one["answer"], one["identity"]) for one in document["requests"]
    ]
    assert ("access", "R-1", "answered", "report", "verified") in listed
    assert [state for kind, _, state, *_ in listed if kind == "access"].count("unanswered") == 1
    assert [(one.request, one.state) for one in report.requests] == [("R-1", "answered")]
    (entry,) = [one for one in report.links if one.until is not None]
    assert entry.by_erasure
    assert "erased" in " ".join(as_text(report).split())
    assert "Qzx7" not in as_html(report, policy=installation.policy, made_at=day(9))


def test_a_request_to_be_forgotten_stays_open(installation: Installation) -> None:
    """Until the person's other record is erased too; a request that both have is one."""
    asked = [
        fact("erasure_request", 3.9, {"request": "R-9"}, subject=name, fact_id=f"forget {name}") for name in (TWO, ONE)
    ]
    for requests in (asked[:1], asked[1:]):
        told(installation, [*ALONE, *requests])
    told(installation, [ERASED])

    def open_ones() -> list[str]:
        with installation.connect() as connection:
            bring_up_to_date(connection)
            document = rights_requests(installation, connection, Deadlines(day(9)), ["open"], ReadPoint(None, None, 0))
        return [one["kind"] for one in document["requests"]]

    assert open_ones() == ["erasure"]
    whole = fact("erasure", 6, {"reason": "asked", "request": "R-9"}, subject=ONE, fact_id="rest")
    told(installation, [whole])
    assert open_ones() == []
    facts = [*ALONE, *asked, ERASED, whole]
    assert said(audited(installation)) == said(of_trace(facts))


def test_nothing_of_the_erased_record_is_left(installation: Installation) -> None:
    """Its values, references and addresses are in no dump; the other record's keys still open its own."""
    told(installation, [*FIRST, ERASED])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        (count,) = connection.execute("SELECT count(*) FROM stream_keys").fetchone() or (0,)
        report = customer_report(installation, connection, ONE)
    assert "Qzx7" not in dump(installation.database.url)
    assert {value.value for value in report.data} >= {"Ada One", "one@marker.test"}
    assert (
        count == len({stream_of(installation, "one"), installation.ledger.company().stream}) + 1
    )  # And the mailbox's.


def test_an_address_of_both_is_no_tombstone(installation: Installation) -> None:
    """A guest who has it later is nobody who was erased; an address that only the erased record had is gone."""
    both = [
        contest_entry(1, fact_id="one"),
        contest_entry(2, subject=TWO, fact_id="two"),
        contest_entry(2.1, subject=TWO, fact_id="own", reference="C-3", values={EMAIL: "two@marker.test"}),
        link(2.5, TWO),
        opt_out(3, subject=TWO),
        ERASED,
        contest_entry(2.2, subject="guest:F-1", fact_id="shared", reference="F-1"),
        contest_entry(2.3, subject="guest:F-2", fact_id="gone", reference="F-2", values={EMAIL: "two@marker.test"}),
    ]
    told(installation, both)
    assert stream_of(installation, "shared") != stream_of(installation, "one")
    with pytest.raises(KeyError):
        stream_of(installation, "gone")
    assert said(audited(installation)) == said(of_trace(both))
