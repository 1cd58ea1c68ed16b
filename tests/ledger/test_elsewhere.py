"""Other records with a person's addresses: in every process, request list, report and audit, as in a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.bootstrap import opened
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report
from adapters.queries.links import reject
from adapters.queries.lists import rights_requests
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from projections import request_history
from tests.controls import access_request, contest_entry, day, fact, link, report_issued, verification, verified
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.ledger.receipt import Receipt
    from domain.facts import Fact

ONE, GUEST = "customer:1", "guest:F-1"
MINE = contest_entry(1, fact_id="mine")
THEIRS = contest_entry(1.5, subject=GUEST, fact_id="theirs")
ASKED = fact("erasure_request", 2, {"request": "R-1"}, fact_id="forget")
ERASED = fact("erasure", 5, {"reason": "asked", "request": "R-1"}, fact_id="erase")
LEFT = fact("erasure", 5, {"reason": "left"}, fact_id="erase")
DENIED = fact("request_denied", 3, {"request": "R-1", "reason": "no"}, fact_id="deny")
REPORTED = (MINE, THEIRS, access_request(2), verification(2.5), report_issued(3))
APART = fact("link_rejected", 4, {"with": ONE, "reason": "another person"}, subject=GUEST, fact_id="apart")
TERMS = request_history.Deadlines(day(10))


def told(installation: Installation, *facts: Fact) -> Receipt:
    """Append facts one by one, and return the last receipt."""
    return [installation.ledger.append(one) for one in facts][-1]


def requested(installation: Installation, *, states: Any = request_history.STATES) -> list[tuple[str, str, int]]:  # noqa: ANN401
    """Return the kind and state of each request, and how many records its answer left out."""
    with installation.connect() as connection:
        bring_up_to_date(connection)
        found = request_history.listed(connection, TERMS, states=states)
        counted = request_history.counts(connection, TERMS)
    for one in found:
        assert counted[one.kind][one.state] > 0
    return [(one.kind, one.state, len(one.elsewhere)) for one in found]


def verdict(installation: Installation, facts: tuple[Fact, ...]) -> tuple[str, list[list[str]]]:
    """Return what the audit of the ledger says of P25, which is what that of a trace with the same facts says."""
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    said = [
        one["readings"]["harmonised"]["P25"]
        for one in (document, audit_trace(trace, first_policy(), Question(LAST.at)))
    ]
    stated = [[*one["violations"], *one.get("open", ())] for one in said]
    found = [(one["status"], [each["codes"] for each in kinds]) for one, kinds in zip(said, stated, strict=True)]
    assert found[0] == found[1]
    return found[0]


def test_an_erasure_stays_open_until_the_other_is_anothers(installation: Installation) -> None:
    """The list of requests shows the erased person's request, with the record that is left; then it is gone."""
    reach = told(installation, MINE, THEIRS, ASKED, ERASED).reach
    (other,) = reach.elsewhere
    assert other == stream_of(installation, "theirs")
    assert requested(installation) == [("erasure", "open", 1)]
    with installation.connect() as connection:
        reject(installation, connection, (f"id:{other}", f"id:{reach.erased[0]}"), "another person", "officer")
    assert requested(installation) == []


def test_a_request_that_was_denied_is_not_left_out(installation: Installation) -> None:
    """The erasure had nobody's request to answer, so none is open for the other record."""
    told(installation, MINE, THEIRS, ASKED, DENIED)
    assert told(installation, LEFT).reach.elsewhere
    assert requested(installation) == []


def test_the_request_that_an_erasure_names(installation: Installation) -> None:
    """It stays open for the other record although it had been denied, also where the erasure brings a link."""
    by_link = {"reason": "asked", "request": "R-1", "also": [verified("customer:2")]}
    told(installation, MINE, THEIRS, ASKED, DENIED, fact("erasure", 5, by_link, fact_id="erase"))
    assert requested(installation) == [("erasure", "open", 1)]


def test_what_is_left_unanswered_is_shown(installation: Installation) -> None:
    """As a state of its own, with the erasure that left it so, by position."""
    asked = told(installation, MINE, access_request(2))
    erased = told(installation, LEFT)
    assert requested(installation) == [("access", "unanswered", 0)]
    with installation.connect() as connection:
        document = rights_requests(installation, connection, TERMS, ["unanswered"], ReadPoint(None, None, 0))
    (one,) = document["requests"]
    assert (one["answer"], one["erased_at"]) == (None, "2016-04-06T00:00:00Z")
    assert (one["asked_by"], one["erased_by"]) == (f"#{asked.position}", f"#{erased.position}")
    assert document["counts"]["access"]["unanswered"] == 1


@pytest.mark.parametrize("name", [ONE, "id"])
def test_a_restart_forgets_nothing(installation: Installation, name: str) -> None:
    """A process that starts afterwards settles it by the erased person's name, or by the id of their record."""
    reach = told(installation, MINE, THEIRS, ASKED, ERASED).reach
    with opened(installation.settings) as again:
        assert requested(again) == [("erasure", "open", 1)]
        named = f"id:{reach.erased[0]}" if name == "id" else name
        data = {"with": named, "reason": "another person"}
        again.ledger.append(fact("link_rejected", 6, data, subject=GUEST, fact_id="apart"))
        assert requested(again) == []


def test_the_other_record_is_erased_too(installation: Installation, other: Installation) -> None:
    """In whichever process; nothing is left open then."""
    told(installation, MINE, THEIRS, ASKED, ERASED)
    told(other, fact("erasure", 6, {"reason": "hers as well"}, subject=GUEST, fact_id="erase too"))
    assert requested(installation) == requested(other) == []


def test_a_record_that_another_process_makes_meanwhile(installation: Installation, other: Installation) -> None:
    """The one who remembers the person from before sees it: an erasure is decided on all that was told before it."""
    told(installation, MINE, ASKED)
    told(other, THEIRS)
    assert told(installation, ERASED).reach.elsewhere == (stream_of(other, "theirs"),)


def test_an_erasure_that_nobody_asked_for_leaves_no_request(installation: Installation) -> None:
    """The answer still names the other record."""
    assert told(installation, MINE, THEIRS, fact("erasure", 5, {"reason": "left"}, fact_id="erase")).reach.elsewhere
    assert requested(installation) == []


def test_a_report_is_open_in_lists_audits_and_reports(installation: Installation) -> None:
    """Until the other record is another's; a ledger and a trace agree before and after."""
    receipt = told(installation, *REPORTED)
    assert receipt.reach.elsewhere == (stream_of(installation, "theirs"),)
    assert requested(installation) == [("access", "open", 1)]
    assert verdict(installation, REPORTED) == ("open", [["left_out"]])
    with installation.connect() as connection:
        assert [one.state for one in customer_report(installation, connection, ONE).requests] == ["open"]
    told(installation, APART)
    assert requested(installation) == [("access", "answered", 0)]
    assert verdict(installation, (*REPORTED, APART)) == ("kept", [])
    with installation.connect() as connection:
        assert [one.state for one in customer_report(installation, connection, ONE).requests] == ["answered"]


def test_a_report_that_includes_it_answers(installation: Installation) -> None:
    """Once the two are linked, a new report holds both records."""
    facts = (*REPORTED, link(4, GUEST), report_issued(4.5))
    assert told(installation, *facts).reach.elsewhere == ()
    assert requested(installation) == [("access", "answered", 0)]
    assert verdict(installation, facts) == ("kept", [])


def test_a_repeated_report_answers_as_the_first_time(installation: Installation) -> None:
    """The same fact again says what it left out."""
    first = told(installation, *REPORTED)
    again = told(installation, REPORTED[-1])
    assert (again.repeated, again.reach.elsewhere) == (True, first.reach.elsewhere)


def test_before_a_report_it_can_be_asked(installation: Installation) -> None:
    """The same records are named, and nothing is stored."""
    told(installation, MINE, THEIRS)
    subject = installation.contract.name(ONE)
    assert installation.ledger.elsewhere(subject) == (stream_of(installation, "theirs"),)
    told(installation, APART)
    assert installation.ledger.elsewhere(subject) == ()


THEIRS_GONE = fact("erasure", 4, {"reason": "left"}, subject=GUEST, fact_id="erase theirs")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((*REPORTED, LEFT), ("broken", [["erased_unanswered"]])),
        ((MINE, access_request(2), LEFT), ("broken", [["erased_unanswered"]])),
        ((*REPORTED, APART, LEFT), ("kept", [])),
        ((*REPORTED, THEIRS_GONE, LEFT), ("kept", [])),
        ((*REPORTED, LEFT, THEIRS_GONE), ("broken", [["erased_unanswered"]])),
        ((*REPORTED, ASKED, LEFT), ("kept", [])),
    ],
)
def test_an_access_request_that_is_open_at_an_erasure(
    installation: Installation, facts: tuple[Fact, ...], expected: tuple[str, list[list[str]]]
) -> None:
    """It is broken where nobody had asked for the erasure, whose answer says so; a fresh process knows what settled."""
    told(installation, *facts[: facts.index(LEFT)])
    with opened(installation.settings) as again:
        found = again.ledger.append(LEFT).findings
    for one in facts[facts.index(LEFT) + 1 :]:
        told(installation, one)
    assert [[one.code] for one in found if one.promise == "P25"] == expected[1]
    assert verdict(installation, facts) == expected
