"""An address that a person has by a link alone: a ledger holds it as theirs, and audits as a trace does."""

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
from domain.vocabulary import EMAIL, NAME
from tests.controls import contest_entry, fact, link, message, order, unlink
from tests.dumps import dump
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

GUEST, MAILBOX = "guest:g", "email:qzx7@marker.test"
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
KNOWN: Final[list[Fact]] = [
    order(1, values={NAME: "Ada"}, fact_id="one"),
    contest_entry(1.5, subject=GUEST, reference="F-1", fact_id="guest", values={EMAIL: "qzx7@marker.test"}),
    link(2, MAILBOX, fact_id="join"),
]
OUT: Final = fact("opt_out", 3, PORTAL, fact_id="out")
ERASED: Final = fact("erasure", 5, {"reason": "asked"}, fact_id="erase")
PARTED: Final = unlink(4, MAILBOX, fact_id="part")
MAILS: Final = [
    message(40, subject=GUEST, fact_id="mail"),
    message(41, subject=MAILBOX, fact_id="mail to the box"),
    message(42, fact_id="mail one"),
]
HISTORIES: Final = {
    "out": [*KNOWN, OUT, *MAILS],
    "parted": [*KNOWN, OUT, PARTED, *MAILS],
    "parted first": [*KNOWN, PARTED, OUT.model_copy(update={"time": PARTED.time.replace(hour=23)}), *MAILS],
    "erased": [*KNOWN, OUT, ERASED, *MAILS],
    "out at the box": [*KNOWN, fact("opt_out", 3, PORTAL, subject=MAILBOX, fact_id="out"), *MAILS],
}


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


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_ledger_says_what_a_trace_says(
    installation: Installation, other: Installation, history: str, *, at_once: bool
) -> None:
    """Whether the facts come in one batch, or one by one from two processes."""
    facts = HISTORIES[history]
    if at_once:
        answers = installation.ledger.append_many(facts)
    else:
        answers = [(installation, other)[number % 2].ledger.append(one) for number, one in enumerate(facts)]
    assert all(isinstance(one, Receipt) for one in answers)
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    expected = said(audit_trace(trace, first_policy(), Question(LAST.at)))
    assert said(document) == expected
    is_reached = history in {"out", "parted", "erased"}
    assert any(codes == ["out_by_number"] for _, codes in expected["harmonised", "P17", "indeterminate"]) == is_reached


def test_an_erasure_names_who_else_has_it_and_forgets_it(installation: Installation) -> None:
    """The request stays open until the guest is settled; nothing of the address is left once they are gone."""
    installation.ledger.append_many([*KNOWN, OUT])
    guest = stream_of(installation, "guest")
    (answer,) = installation.ledger.append_many([ERASED])
    assert isinstance(answer, Receipt)
    assert answer.reach.elsewhere == (guest,)
    installation.ledger.append(fact("erasure", 6, {"reason": "asked"}, subject=GUEST, fact_id="gone"))
    assert "qzx7" not in dump(installation.database.url).lower()
    with installation.connect() as connection:
        (count,) = connection.execute("SELECT count(*) FROM contact_points").fetchone() or (1,)
    assert count == 0
