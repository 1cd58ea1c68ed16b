"""Without a time, an audit is as of the latest fact, with what followed from it; so is one as of that time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from domain.times import rfc3339
from domain.vocabulary import EMAIL
from tests.controls import contest_entry, fact, link, opt_out, order, unlink
from tests.scenario import first_policy

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.bootstrap import Installation
    from domain.facts import Fact

TWO = "customer:2"
OUT = opt_out(2, fact_id="out")
ANNULLED = fact(
    "entry_correction", 3, {"entry": {"source": "/shop", "id": "out"}, "reason": "mistyped"}, fact_id="wrong"
)
HISTORIES: dict[str, list[Fact]] = {
    "annulled": [contest_entry(1, fact_id="one"), OUT, ANNULLED],
    "parted": [
        contest_entry(1, fact_id="one"),
        order(1.1, "O-2", subject=TWO, fact_id="two", values={EMAIL: "two@example.com"}),
        link(1.5, TWO, fact_id="join"),
        OUT,
        ANNULLED,
        unlink(3, TWO, fact_id="part"),
    ],
}


SAID: Final = ("status", "exercised", "violations", "indeterminate", "open", "excused")
OF_COMPANY: Final = frozenset({"P01", "P02", "P34"})  # A ledger knows its policy's publication.


def judged(document: dict[str, Any]) -> Any:  # noqa: ANN401 - a document
    """Return as of when an audit is, and what it says of each promise; people are named otherwise in a trace."""
    verdicts = {
        (reading, promise): {
            **{key: verdict[key] for key in ("status", "exercised", "evidence")},
            **{
                key: [{name: said[name] for name in said if name != "subject"} for said in verdict.get(key, ())]
                for key in SAID[2:]
            },
        }
        for reading, of_reading in document["readings"].items()
        for promise, verdict in of_reading.items()
        if promise not in OF_COMPANY
    }
    return document["as_of"], verdicts


@pytest.mark.parametrize("history", HISTORIES)
def test_a_ledger_a_trace_and_that_time_agree(installation: Installation, history: str) -> None:
    """Also where an enrollment went on only an instant after the annulment of what had ended it."""
    facts = HISTORIES[history]
    installation.ledger.append_many(facts)
    last = facts[-1].time
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])

    def audited(as_of: datetime | None) -> dict[str, Any]:
        with installation.connect() as connection:
            return ledgers.audit(audit_scope(installation, connection, Question(LAST.at), as_of=as_of))

    found = [
        *(judged(audited(as_of)) for as_of in (None, last)),
        *(judged(audit_trace(trace, first_policy(), Question(LAST.at), as_of=as_of)) for as_of in (None, last)),
    ]
    own = times_of_events(installation)
    assert max(own) > last  # What followed from it is dated later.
    assert [as_of for as_of, _ in found] == [rfc3339(last)] * len(found)
    for _, verdicts in found[1:]:
        assert verdicts == found[0][1]


def times_of_events(installation: Installation) -> list[datetime]:
    """Return when the events of a ledger happened."""
    with installation.connect() as connection:
        return [at for (at,) in connection.execute("SELECT occurred_at FROM events")]
