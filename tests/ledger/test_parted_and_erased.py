"""What is told late of when two were one person, one of whom was erased since: in a real ledger as in a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.ledger.receipt import Receipt
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from domain.vocabulary import EMAIL
from tests.controls import cancellation, contest_entry, fact, link, message, objection, opt_out, order, unlink
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO = "customer:1", "customer:2"
BEFORE: Final = (
    contest_entry(1, fact_id="one"),
    order(1.1, "O-2", subject=TWO, fact_id="two", values={EMAIL: "two@example.com"}),
    link(2, TWO, fact_id="join"),
)
ALONE: Final = fact("erasure", 6, {"reason": "asked", "only": True}, fact_id="erase", subject=ONE)
WHOLE: Final = fact("erasure", 6, {"reason": "asked"}, fact_id="erase", subject=ONE)
GONE: Final = fact("erasure", 7, {"reason": "asked"}, fact_id="gone", subject=TWO)
APART: Final = unlink(5, TWO, fact_id="part")
WAYS: Final = {
    "alone": (ALONE,),
    "apart": (APART, WHOLE),
    "alone, then the other": (ALONE, GONE),
    "apart, then the other": (APART, WHOLE, GONE),
}
LATE: Final = {
    "out": lambda who: opt_out(4, subject=who, fact_id="late"),
    "portal": lambda who: fact(
        "opt_out", 4, {"program": "email_marketing", "via": "portal"}, subject=who, fact_id="late"
    ),
    "object": lambda who: objection(4, subject=who, fact_id="late"),
    "age": lambda who: fact("age_learned", 4, {"under": 13}, subject=who, fact_id="late"),
    "cancel": lambda who: cancellation(4, "O-2", subject=who, fact_id="late"),
}
AFTER: Final = (
    order(20, "O-9", fact_id="back", values={EMAIL: "new@example.com"}),
    order(20.1, "O-10", subject=TWO, fact_id="back two", values={EMAIL: "newer@example.com"}),
    message(30, fact_id="mail"),
    message(31, subject=TWO, fact_id="mail two"),
    message(32, subject="email:ada@example.com", fact_id="mail ada"),
    message(33, subject="email:two@example.com", fact_id="mail of two"),
    fact("opt_out_offer", 34, {"purpose": "posters"}, fact_id="offer"),
    fact("use", 60, {"purpose": "posters", "categories": [EMAIL]}, fact_id="use"),
)


def said(document: dict[str, Any]) -> dict[tuple[str, str, str], Any]:
    """Return what an audit says of the shop's facts."""
    kinds = ("violations", "open", "excused", "indeterminate")
    return {
        (reading, promise, kind): sorted((one["at"], one["codes"]) for one in verdict.get(kind, ()))
        for reading, of_reading in document["readings"].items()
        for promise, verdict in of_reading.items()
        for kind in kinds
        if promise not in {"P01", "P02", "P34"}
    }


@pytest.mark.parametrize("who", [ONE, TWO])
@pytest.mark.parametrize("what", LATE)
@pytest.mark.parametrize("way", WAYS)
def test_a_ledger_says_what_a_trace_says(
    installation: Installation, other: Installation, way: str, what: str, who: str
) -> None:
    """Whether the facts come in one batch or one by one, from two processes."""
    facts = [*BEFORE, *WAYS[way], LATE[what](who), *AFTER]
    if who == ONE:
        answers = installation.ledger.append_many(facts)
    else:
        answers = [(installation, other)[number % 2].ledger.append(one) for number, one in enumerate(facts)]
    assert all(isinstance(one, Receipt) for one in answers)
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    expected = said(audit_trace(trace, first_policy(), Question(LAST.at)))
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    assert said(document) == expected
    if what in {"out", "portal"}:
        broken = {at for at, codes in expected["harmonised", "P17", "violations"] if "mailed_after_opt_out" in codes}
        mails = [one for one in AFTER if one.id in {"mail", "mail two"}]
        assert {f"{one.time:%Y-%m-%dT%H:%M:%SZ}" for one in mails} <= broken


def test_another_process_hears_of_it(installation: Installation, other: Installation) -> None:
    """Whoever had read what the erased name is owed before that was told reads it again."""
    installation.ledger.append_many([*BEFORE, ALONE])
    asked: Fact = message(40, fact_id="ask")
    other.ledger.append(message(10, subject=TWO, fact_id="warm"))
    installation.ledger.append(LATE["portal"](TWO))
    other.ledger.append(AFTER[0])
    assert not other.ledger.ask(asked).allowed
    assert not installation.ledger.ask(asked).allowed
