"""An address that somebody left and somebody opened again, in a ledger: who may open it, for whom, and what audits say.

Each story is told to a ledger in one order, and audited there and as a trace of the same lines; both say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.audits import ledgers
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.records.customer import LAST
from tests.controls import contest_entry, fact, message, opt_out, order
from tests.laws.audit import audit

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

TWO, THREE, MAILBOX = "customer:2", "customer:3", "email:ada@example.com"
LEFT: Final = opt_out(3, subject=MAILBOX)
PROMISES: Final = ("P11", "P17", "P18")


def typed(on: float, subject: str = TWO) -> Fact:
    """Return an order with the address."""
    return order(on, f"O-{subject}", subject=subject, fact_id=f"typed-{subject}")


def asked(on: float, subject: str = TWO, reference: str = "again") -> Fact:
    """Return a request with the address."""
    return contest_entry(on, subject=subject, reference=reference, fact_id=f"asked-{subject}-{reference}")


MAIL: Final = message(8, subject=MAILBOX)
TO_THREE: Final = message(8, subject=THREE)
OWN: Final = fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}, subject=THREE, fact_id="own")
SAME_BEFORE: Final = contest_entry(2, subject=TWO, reference="again", fact_id="the-same-before")
STORIES: Final = {
    "the one who had it lifts it": ((typed(1), LEFT, asked(4), MAIL), "kept", "kept"),
    "another who had it is owed peace": (
        (typed(1), typed(1, THREE), LEFT, asked(4), MAIL),
        "indeterminate",
        "indeterminate",
    ),
    "another left themself before": (
        (typed(1), typed(1, THREE), OWN, LEFT, asked(4), MAIL),
        "indeterminate",
        "indeterminate",
    ),
    "another who had it is owed peace, and nobody is enrolled": (
        (typed(1, THREE), LEFT, MAIL),
        "indeterminate",
        "broken",
    ),
    "who typed it since lifts nothing": ((LEFT, typed(3.5), asked(4), MAIL), "indeterminate", "broken"),
    "who was named with it since lifts nothing": ((LEFT, asked(4), asked(5, TWO, "once more"), MAIL), None, "broken"),
    "it was told before the opt-out that it lifts": ((typed(1), asked(4), LEFT, MAIL), "kept", "kept"),
    "that they had it was told last": ((LEFT, asked(4), typed(1), MAIL), "kept", "kept"),
    "that they had it was told after the mail": ((LEFT, MAIL, asked(4), typed(1)), "kept", "kept"),
    "who came since is enrolled": ((typed(1), LEFT, asked(4), typed(5, THREE), TO_THREE), "kept", "kept"),
    "who came since is enrolled, the opt-out told late": (
        (typed(1), asked(4), typed(5, THREE), LEFT, TO_THREE),
        "kept",
        "kept",
    ),
    "it was asked before already, told late": (
        (typed(1), LEFT, asked(4), typed(5, THREE), SAME_BEFORE, TO_THREE),
        None,
        "broken",
    ),
}


def said_in_ledger(it: Installation) -> dict[str, Any]:
    """Return what the audit of a ledger says."""
    with it.connect() as connection:
        return ledgers.audit(audit_scope(it, connection, Question(LAST.at)), workers=1)


@pytest.mark.parametrize("story", STORIES)
def test_a_ledger_and_a_trace_agree(installation: Installation, story: str) -> None:
    """The verdicts are those of the wire contract, whatever the order of telling."""
    told, way_in, peace = STORIES[story]
    for one in told:
        installation.ledger.append(one)
    right = {"P11": way_in, "P17": peace, "P18": peace}
    of_ledger, of_trace = said_in_ledger(installation)["readings"]["harmonised"], audit(*told)
    for promise, status in right.items():
        assert of_ledger[promise]["status"] == of_trace.status(promise), promise
        assert status in {None, of_trace.status(promise)}, promise


def test_who_came_since_before_the_other_was_known_to_have_it(installation: Installation) -> None:
    """The address is open for them as well, from the time of the request on, and no mail there breaks an opt-out."""
    told = (LEFT, asked(4), typed(5, THREE), typed(1), TO_THREE)
    for one in told:
        installation.ledger.append(one)
    of_ledger, of_trace = said_in_ledger(installation)["readings"]["harmonised"], audit(*told)
    for promise in ("P17", "P18"):
        assert of_ledger[promise]["status"] == of_trace.status(promise) == "kept"


def test_what_is_seen_otherwise_than_at_append(installation: Installation) -> None:
    """The mail broke what was known when it was told; who had the address was told later, and the audit says so."""
    for one in (LEFT, MAIL, asked(9), asked(4, TWO, "then"), typed(1)):
        installation.ledger.append(one)
    document = said_in_ledger(installation)
    assert document["readings"]["harmonised"]["P17"]["status"] == "kept"
    seen = {one["event"]: (one["then"], one["now"]) for one in document["seen_otherwise_at_append"]}
    assert seen[MAIL.name] == (["P11", "P17", "P18"], [])
