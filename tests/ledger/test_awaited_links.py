"""An unlink that is told before its link: a ledger and a trace agree, and reports and read models show two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.audits.traces import Trace, audit_trace
from adapters.queries.customers import customer_report
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from domain.vocabulary import EMAIL, NAME
from projections import people
from tests.controls import contest_entry, day, link, message, opt_out, order, unlink
from tests.ledger.test_unlinked_people import audited, said
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO = "customer:1", "customer:2"
HISTORY: list[Fact] = [
    order(1, "O-2", subject=TWO, fact_id="two", values={NAME: "Bea Two"}),
    unlink(7, TWO, fact_id="unlink", verified="document"),
    message(8, subject=TWO, fact_id="between"),
    contest_entry(1, fact_id="one", values={EMAIL: "one@marker.test"}),
    link(2, TWO, fact_id="link"),
    message(3, subject=TWO, fact_id="joined"),
    message(9, subject=TWO, fact_id="parted"),
    opt_out(10, fact_id="out"),
    message(11, fact_id="to one"),
]


@pytest.mark.parametrize("sizes", [1, 2, 3, len(HISTORY)])
def test_a_ledger_and_a_trace_agree(installation: Installation, sizes: int) -> None:
    """One by one or in batches, what only the link permitted is undecided, and nothing later in time is kept by it."""
    for first in range(0, len(HISTORY), sizes):
        installation.ledger.append_many(HISTORY[first : first + sizes])
    lines = [Line(number, one) for number, one in enumerate(HISTORY, 1)]
    expected = said(audit_trace(Trace(lines), first_policy(), Question(LAST.at)))
    assert said(audited(installation)) == expected
    assert expected["undone"] == [("/shop unlink", "document", [])]
    found = expected["verdicts"]
    assert [event for event, *_ in found["harmonised", "P11", "indeterminate"]] == ["/shop joined"]
    assert {event for event, *_ in found["harmonised", "P11", "violations"]} >= {"/shop between", "/shop parted"}


def test_read_models_and_reports_show_two(installation: Installation) -> None:
    """They are one person from the link up to the time of the unlink, and the report names the unlink."""
    installation.ledger.append_many(HISTORY)
    one, two = (stream_of(installation, name) for name in ("one", "two"))
    with installation.connect() as connection:
        bring_up_to_date(connection)
        assert people.streams_of(connection, one) == (one,)
        assert people.streams_of(connection, one, as_of=day(4)) == tuple(sorted((one, two)))
        (made,) = customer_report(installation, connection, ONE).links
    assert (made.at, made.until, made.undone_by) == (day(2), day(7), "/shop unlink")
