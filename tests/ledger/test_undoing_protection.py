"""Annulling what protects a person, in a ledger: who may, in every process, and what audits list as of a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.bootstrap import opened
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.parting import OfficerOnly
from domain.records.customer import LAST
from tests.controls import contest_entry, fact, opt_out
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

ENTRY = {"entry": {"source": "/shop", "id": "out"}, "reason": "a bot"}
OUT = opt_out(2, fact_id="out")
ANNUL = fact("entry_correction", 3, ENTRY, fact_id="annul")
HISTORY = [contest_entry(1), OUT, ANNUL]


def test_every_process_knows_what_protects(installation: Installation, other: Installation) -> None:
    """Whoever remembers the person from before the opt-out refuses it as well; nothing is stored of a refusal."""
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
        assert later.ledger.append(OUT).events == (2 if officer else 1)
        assert [one["what"] for one in undone(later)] == (["opt_out"] if officer else [])


def undone(installation: Installation) -> list[dict[str, str]]:
    """Return what the audit of the ledger lists as undone."""
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    return list(document["undone"])


def test_a_ledger_and_a_trace_agree(installation: Installation) -> None:
    """On what was undone; the key file puts in the names, and without it neither they nor the reason are known."""
    installation.ledger.append_many(HISTORY)
    trace = Trace([Line(number, one) for number, one in enumerate(HISTORY, 1)])
    expected = audit_trace(trace, first_policy(), Question(LAST.at))["undone"]
    keys = ("event", "what", "entry", "at")
    assert [[one[key] for key in keys] for one in undone(installation)] == [
        [one[key] for key in keys] for one in expected
    ]
    assert expected[0]["entry"] == "/shop out"
