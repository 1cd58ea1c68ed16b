"""Annulling what protects a person, in a ledger: who may, in every process, and what audits list as of a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.bootstrap import opened
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.parting import OfficerOnly
from domain.policy.judge import Judge
from domain.records.customer import LAST
from projections import engine, suppression_list
from tests.controls import contest_entry, fact, message, opt_out, order
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

ENTRY = {"entry": {"source": "/shop", "id": "out"}, "reason": "a bot"}
OUT = opt_out(2, fact_id="out")
ANNUL = fact("entry_correction", 3, ENTRY, fact_id="annul")
HISTORY = [contest_entry(1), OUT, ANNUL]


def test_every_process_knows_what_protects(installation: Installation, other: Installation) -> None:
    """The one who remembers the person from before the opt-out refuses it as well; nothing is stored of a refusal."""
    installation.ledger.append(HISTORY[0])
    other.ledger.append(OUT)
    for it in (installation, other):
        with pytest.raises(OfficerOnly):
            it.ledger.append(ANNUL, is_officer=False)
    assert not installation.ledger.append(ANNUL).repeated


@pytest.mark.parametrize("officer", [True, False])
def test_told_before_its_entry(installation: Installation, officer: bool) -> None:  # noqa: FBT001 - a parameter
    """A process that starts afterwards knows whose word awaits the entry."""
    installation.ledger.append(HISTORY[0])
    installation.ledger.append(ANNUL, is_officer=officer)
    with opened(installation.settings) as later:
        # The opt-out, and with the officer's word the annulment and the enrollment that goes on.
        assert later.ledger.append(OUT).events == (3 if officer else 1)
        assert [one["what"] for one in undone(later)] == (["opt_out"] if officer else [])


def undone(installation: Installation) -> list[dict[str, str]]:
    """Return what the audit of the ledger lists as undone."""
    with installation.connect() as connection:
        document = ledgers.audit(replace(audit_scope(installation, connection, Question(LAST.at)), reveals=True))
    return list(document["undone"])


def test_a_ledger_and_a_trace_agree(installation: Installation) -> None:
    """On what was undone, and why: with the key file a ledger knows that too."""
    installation.ledger.append_many(HISTORY)
    trace = Trace([Line(number, one) for number, one in enumerate(HISTORY, 1)])
    expected = audit_trace(trace, first_policy(), Question(LAST.at))["undone"]
    keys = ("event", "what", "entry", "at", "reason")
    assert [[one[key] for key in keys] for one in undone(installation)] == [
        [one[key] for key in keys] for one in expected
    ]
    assert expected[0]["entry"] == "/shop out"


ADDRESS = "email:ada@example.com"
WITH_OTHERS = [
    order(1),
    order(1, "O-2", subject="customer:2", fact_id="second"),
    opt_out(2, subject=ADDRESS, fact_id="out"),
    message(20, fact_id="early"),
    fact("entry_correction", 21, ENTRY, subject=ADDRESS, fact_id="annul"),
    message(22, fact_id="late"),
    message(22.5, subject=ADDRESS, fact_id="to-the-address"),
]


def suppressed(it: Installation) -> int:
    """Return how many persons are on the suppression list of e-mail marketing."""
    with it.connect() as connection:
        engine.catch_up(connection)
        return suppression_list.counts(connection, Judge(it.policy))["email_marketing"]


def changed(it: Installation) -> list[tuple[str, str | None]]:
    """Return the changes of the suppression list, in order."""
    with it.connect() as connection:
        engine.catch_up(connection)
        found = suppression_list.changes(connection, Judge(it.policy), after=0).changes
    return [(one.state, one.suppressed) for one in found]


def test_every_process_and_list_knows_of_an_annulment(installation: Installation, other: Installation) -> None:
    """It frees each holder of the address, in a process that knew the opt-out, and on the list and its changes."""
    for one in WITH_OTHERS[:3]:
        installation.ledger.append(one)
    told = other.ledger.append(WITH_OTHERS[3])
    assert {found.promise for found in told.findings} == {"P17", "P18"}
    assert suppressed(installation) == 3
    installation.ledger.append(WITH_OTHERS[4])
    assert not other.ledger.append(WITH_OTHERS[5]).findings
    assert suppressed(installation) == 0
    assert changed(installation) == [("listed", "email_marketing")] * 3 + [("lifted", "email_marketing")] * 3


@pytest.mark.parametrize("batches", ["one", "each"])
def test_an_audit_of_a_ledger_is_that_of_a_trace(installation: Installation, batches: str) -> None:
    """Also after an erasure of those whom the opt-out bound, and whether or not all was told in one batch."""
    gone = [fact("erasure", 30, {"reason": "asked"}, subject=f"customer:{number}") for number in (1, 2)]
    gone = [one.model_copy(update={"id": f"gone-{number}"}) for number, one in enumerate(gone)]
    facts = list(WITH_OTHERS)
    for more in ([], gone):
        facts += more
        if batches == "one":
            installation.ledger.append_many(more or facts)
        else:
            for one in more or facts:
                installation.ledger.append(one)
        trace = audit_trace(
            Trace([Line(number, one) for number, one in enumerate(facts, 1)]), first_policy(), Question(LAST.at)
        )
        with installation.connect() as connection:
            document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
        for promise in ("P11", "P17", "P18"):
            ours, theirs = (one["readings"]["harmonised"][promise] for one in (document, trace))
            assert (ours["status"], ours["exercised"]) == (theirs["status"], theirs["exercised"])
            assert [one["at"] for one in ours["violations"]] == [one["at"] for one in theirs["violations"]]
        assert document["readings"]["harmonised"]["P17"]["status"] == "broken"


def test_in_one_batch_that_comes_to_stand_later(installation: Installation, other: Installation) -> None:
    """What an annulment names of its own batch moves along, where another process has appended before it."""
    other.ledger.append(order(0, "O-9", subject="customer:9", fact_id="ninth"))
    installation.ledger.append(order(0, "O-8", subject="customer:8", fact_id="eighth"))
    other.ledger.append_many(WITH_OTHERS)
    with opened(installation.settings) as later:
        assert not later.ledger.append(message(25, fact_id="after")).findings
        with later.connect() as connection:
            named = connection.execute(
                "SELECT count(*) FROM contact_bindings AS annulment JOIN contact_bindings AS out "
                "ON out.digest = annulment.digest AND out.position = annulment.annuls AND out.is_out"
            ).fetchall()
        assert named == [(1,)]
