"""The waiting period before an erasure, in a ledger: processes, read models, reports, and audits as of a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.bootstrap import DEFAULT_POLICY, create, opened
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report
from adapters.queries.lists import rights_requests
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.queries.status import ledger_status
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from adapters.settings import load_settings
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from domain.waiting import ErasureWaits
from projections.request_history import STATES, Deadlines
from tests.controls import contest_entry, day, fact, message, use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from adapters.bootstrap import Installation

ASKED = fact("erasure_request", 2, {"request": "R-1"}, fact_id="forget")
WITHDRAWN = fact("request_withdrawn", 7, {"request": "R-1"}, fact_id="back")
EARLY = fact("erasure", 4, {"reason": "asked", "request": "R-1"}, fact_id="early")
ERASED = fact("erasure", 9, {"reason": "asked", "request": "R-1"}, fact_id="erase")
END = "2016-04-10T00:00:00Z"


@pytest.fixture
def waiting(make_database: Callable[[], str], tmp_path: Path) -> Iterator[Installation]:
    """Open a ledger under the first policy, with a week between a request to be forgotten and the erasure."""
    policy = tmp_path / "waiting.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    policy.write_text(text.replace("[parameters]", "[parameters]\nerasure_waiting_days = 7"), encoding="utf-8")
    settings = load_settings(home=tmp_path / "home", database_url=make_database())
    create(settings, policy)
    with opened(settings) as it:
        yield it


def requested(installation: Installation) -> list[tuple[str, str | None, str | None]]:
    """Return the state of each request, its answer, and when its waiting period ends."""
    with installation.connect() as connection:
        bring_up_to_date(connection)
        document = rights_requests(installation, connection, Deadlines(day(5)), STATES, ReadPoint(None, None, 0))
    return [(one["state"], one["answer"], one["waits_until"]) for one in document["requests"]]


def audited(installation: Installation, facts: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """Return what an audit of the ledger lists as done too early, and the statuses; as one of a trace does.

    The ledger publishes its policy, which the first three promises and the last one are about, and the trace does not.
    """
    with installation.connect() as connection:
        of_ledger = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    of_trace = audit_trace(trace, installation.policy, Question(LAST.at))
    said = [
        (
            [(one["event"], one["request"], one["until"]) for one in document["done_while_waiting"]],
            {name: one["status"] for name, one in document["readings"]["harmonised"].items() if "P03" < name < "P34"},
        )
        for document in (of_ledger, of_trace)
    ]
    assert said[0] == said[1]
    return said[0]


def test_every_process_waits(waiting: Installation) -> None:
    """One that was told by another; a batch goes on behind the erasure that is not taken."""
    waiting.ledger.append_many([contest_entry(1), ASKED])
    with opened(waiting.settings) as other:
        early, mailed = other.ledger.append_many([EARLY, message(5)])
        assert isinstance(early, ErasureWaits)
        assert isinstance(mailed, Receipt)
        assert not other.ledger.ask(message(6)).allowed
    waiting.ledger.append(WITHDRAWN)
    assert waiting.ledger.ask(message(8)).allowed
    waiting.ledger.append(EARLY.model_copy(update={"time": day(8)}))


def test_what_is_shown(waiting: Installation) -> None:
    """The list of requests, the status and the report say when the period ends, until the request is taken back."""
    waiting.ledger.append_many([contest_entry(1), ASKED])
    assert requested(waiting) == [("open", None, END)]
    with waiting.connect() as connection:
        report = customer_report(waiting, connection, "customer:1")
        assert ledger_status(waiting, connection)["erasures"] == {"waiting_days": 7, "waiting": 0, "next_end": None}
    assert [one.waits_until for one in report.requests] == [day(9)]
    assert "erased from 2016-04-10" in " ".join(as_text(report).split())
    assert "you can take it back until" in as_html(report, policy=waiting.policy, made_at=day(3))
    waiting.ledger.append(WITHDRAWN)
    assert requested(waiting) == [("answered", "withdrawn", None)]
    with waiting.connect() as connection:
        report = customer_report(waiting, connection, "customer:1")
    assert [(one.state, one.waits_until) for one in report.requests] == [("withdrawn", None)]


def test_the_status_counts_who_waits_now(waiting: Installation) -> None:
    """A request of today is in its waiting period."""
    now = waiting.ledger.now()
    waiting.ledger.append(ASKED.model_copy(update={"time": now}))
    with waiting.connect() as connection:
        bring_up_to_date(connection)
        erasures = ledger_status(waiting, connection)["erasures"]
    assert (erasures["waiting"], erasures["next_end"] is not None) == (1, True)


def test_a_ledger_and_a_trace_agree(waiting: Installation) -> None:
    """On what was done too early, and on every verdict, before the erasure and after it."""
    told = [contest_entry(1), ASKED, EARLY, use(5, "keep_books"), message(6), use(6.5, "answer_rights_request")]
    waiting.ledger.append_many(told)
    expected = [("/shop use-5", "/shop forget", END), ("/shop message-6", "/shop forget", END)]
    assert audited(waiting, told)[0] == expected
    waiting.ledger.append(ERASED)
    with waiting.connect() as connection:
        document = ledgers.audit(audit_scope(waiting, connection, Question(LAST.at)))
    assert [one["until"] for one in document["done_while_waiting"]] == [END, END]
