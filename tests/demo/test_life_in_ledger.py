"""The demo's life in a real ledger: found is what was planted, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.cli.demo import CUSTOMERS, DAYS
from adapters.contract import parse_fact
from adapters.demo import PLANTED, shop_life
from adapters.ledger import Receipt

if TYPE_CHECKING:
    from adapters.bootstrap import Installation


@pytest.mark.parametrize("in_order_of_time", [False, True], ids=["as delivered", "in order of time"])
def test_the_findings_are_the_planted_breaches(installation: Installation, *, in_order_of_time: bool) -> None:
    """However the facts come, exactly the planted ones break exactly the promises that `PLANTED` says."""
    facts = [parse_fact(fact) for fact in shop_life()]
    if in_order_of_time:
        facts.sort(key=lambda fact: fact.time)
    found = set()
    for answer in installation.ledger.append_many(facts):
        assert isinstance(answer, Receipt)
        found |= {(finding.promise, answer.fact) for finding in answer.findings}
    assert found == {(promise, breach.fact) for breach in PLANTED for promise in (breach.promise, *breach.with_it)}


@pytest.mark.slow
def test_a_whole_year_of_the_size_that_is_shown_breaks_only_what_was_planted(installation: Installation) -> None:
    """Two thousand customers, as `pledger demo` has them: what is found is what was planted."""
    answers = installation.ledger.append_many([parse_fact(fact) for fact in shop_life(CUSTOMERS, DAYS)])
    found = {
        (finding.promise, answer.fact)
        for answer in answers
        if isinstance(answer, Receipt)
        for finding in answer.findings
    }
    assert all(isinstance(answer, Receipt) for answer in answers)
    assert found == {(promise, breach.fact) for breach in PLANTED for promise in (breach.promise, *breach.with_it)}
