"""A request told again in another spelling, in a ledger: by codes, across linked streams, on the suppression list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.audits import ledgers
from adapters.queries.audits import audit_scope
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.policy.judge import Judge
from domain.records.customer import LAST
from projections import suppression_list
from tests.controls import contest_entry, link, message, opt_out
from tests.laws.audit import audit

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, GUEST = "customer:1", "guest:F-1"


def entered(on: float, reference: str, subject: str = ONE) -> Fact:
    """Return an entry into a contest."""
    return contest_entry(on, reference=reference, subject=subject, fact_id=f"entry-{on:g}")


def stories(again: str) -> dict[str, tuple[Fact, ...]]:
    """Return what is told, with the old request told again in another spelling."""
    mail, left = message(8), (opt_out(2), entered(3, again))
    return {
        "on one stream": (entered(1, "c-1"), opt_out(2), entered(3, again), mail),
        "told late": (opt_out(2), entered(3, again), entered(1, "c-1"), mail),
        "linked before": (entered(1, "c-1", GUEST), link(1.5, GUEST), opt_out(2), entered(3, again), mail),
        "linked since": (entered(1, "c-1", GUEST), opt_out(2), entered(3, again), link(4, GUEST), opt_out(5), mail),
        "beside another": (entered(1, "c-1"), entered(1.2, "x", GUEST), link(1.5, GUEST), *left, mail),
    }


@pytest.mark.parametrize("again", ["c-1", "C-1", " c-1 "])
@pytest.mark.parametrize("story", stories("c-1"))
def test_what_looks_the_same_lifts_nothing(installation: Installation, story: str, again: str) -> None:
    """The ledger, which knows references by their codes, says what a trace says; the person stays on the list."""
    told = stories(again)[story]
    for one in told:
        installation.ledger.append(one)
    with installation.connect() as connection:
        found = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)), workers=1)
        bring_up_to_date(connection)
        listed = [one.suppressed for one in suppression_list.listed(connection, Judge(installation.policy))]
    for promise in ("P11", "P17", "P18"):
        status = audit(*told).status(promise)
        assert found["readings"]["harmonised"][promise]["status"] == status
        assert status == "broken"
    assert listed == ["email_marketing"]


def test_a_new_request_lifts_it(installation: Installation) -> None:
    """Who asks under another reference is taken from the list."""
    told = (entered(1, "c-1"), opt_out(2), entered(3, "c-2"), message(8))
    for one in told:
        assert not [found for found in installation.ledger.append(one).findings if found.promise == "P18"]
    with installation.connect() as connection:
        bring_up_to_date(connection)
        assert not list(suppression_list.listed(connection, Judge(installation.policy)))
