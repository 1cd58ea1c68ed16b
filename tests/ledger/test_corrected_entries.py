"""Corrected entries in a ledger: its audit and lists say what those of a trace say, in whichever order it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.audits import ledgers
from adapters.queries.audits import audit_scope
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.policy.judge import Judge
from projections import subscription_history, suppression_list
from tests.controls import RECIPIENTS, contest_entry, day, fact, message, opt_out
from tests.laws.anew import ASKING, CORRECTIONS, OF_ADDRESSES, OF_RIGHTS, facts_of
from tests.laws.audit import audit
from tests.ledger.test_read_anew import said
from tests.reading import stream_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.bootstrap import Installation
    from domain.facts import Fact

AS_OF = 400
MAILBOX = "email:ada@example.com"
WRONG = fact("entry_correction", 4, {"entry": {"source": "/shop", "id": "anew"}, "reason": "another's"})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kinds", [ASKING, OF_ADDRESSES, OF_RIGHTS], ids=["asking", "addresses", "rights"])
def test_a_ledger_and_a_trace_agree(installation: Installation, kinds: Sequence[str], seed: int) -> None:
    """Generated histories with corrections, each told as it comes."""
    told = facts_of(1_000 + seed, (*kinds, *CORRECTIONS), least=8, most=14)
    installation.ledger.append_many([*RECIPIENTS, *told])
    with installation.connect() as connection:
        scope = audit_scope(installation, connection, Question(day(AS_OF)))
        found = ledgers.audit(replace(scope, reveals=True), workers=1)
    right, now = said(audit(*RECIPIENTS, *told, as_of=AS_OF).document), said(found)
    for reading, verdicts in right["readings"].items():
        assert now["readings"][reading] == verdicts, [one.id for one in told]
    assert now == right


@pytest.mark.parametrize("out", [opt_out(2), opt_out(2, subject=MAILBOX)], ids=["person", "address"])
def test_what_a_wrong_entry_lifted_is_out_again(installation: Installation, other: Installation, out: Fact) -> None:
    """The lists say so, the subscription too, and so does another process that is asked."""
    told = [contest_entry(1, fact_id="first"), out, contest_entry(3, reference="anew", fact_id="anew")]
    installation.ledger.append_many(told)
    judge = Judge(installation.policy)
    for is_listed in (False, True):
        with installation.connect() as connection:
            bring_up_to_date(connection)
            streams = [stream_of(installation, "first")]
            assert bool(suppression_list.of(connection, judge, streams)) is is_listed
            shown = subscription_history.current(connection, streams)["email_marketing"].state
        # An opt-out that was told of an address stands beside the subscriptions of its holders.
        assert (shown == "enrolled") is (not is_listed or out.subject == told[1].subject != told[0].subject)
        if not is_listed:
            installation.ledger.append(WRONG)
    asked = other.ledger.ask(message(5, fact_id="ask"))
    assert "P17" in {one.promise for one in asked.findings}
    before = other.ledger.append(message(3.5, fact_id="before"))
    assert not before.findings
