"""A ledger and a trace accept and reject the same facts, with the same error, whatever the history."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.audits.traces import Trace
from domain.errors import PledgerError
from domain.ledger import STREAMS_MAX
from tests.controls import collection, fact, opt_out, verified
from tests.laws.histories import facts_of, steps
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.laws.histories import Step

NOBODY = "id:6f1ad0a4-5b0a-4c86-9d0c-0f3f3a0f5b11"
ODD = (
    opt_out(1.5, subject=NOBODY, fact_id="nobody-of-this-id"),
    opt_out(2.5, subject="id:not-a-uuid", fact_id="no-id"),
    fact(
        "record_read",
        3.5,
        {"reader": "r", "purpose": "p", "also": [verified(NOBODY)]},
        subject="customer:1",
        fact_id="joined",
    ),
    opt_out(365 * 300, fact_id="in-the-future"),
    opt_out(4.5, fact_id="twice"),
    opt_out(5.5, fact_id="twice"),
)


def rejected_by_ledger(installation: Installation, facts: Iterable[Fact]) -> dict[str, str]:
    """Return the name of each fact that the ledger rejects, with the reason."""
    told = sorted(facts, key=lambda one: one.time)
    answers = installation.ledger.append_many(told)
    return {one.name: answer.why for one, answer in zip(told, answers, strict=True) if isinstance(answer, PledgerError)}


def rejected_by_trace(facts: Iterable[Fact]) -> dict[str, str]:
    """Return the name of each fact that a trace rejects, with the reason."""
    told = sorted(facts, key=lambda one: one.time)
    trace = Trace()
    for number, one in enumerate(told):
        trace.add(number, one)
    trace.replayed(first_policy())
    return {told[number].name: problems[0].what for number, problems in trace.rejected.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps(), st.sets(st.sampled_from(range(len(ODD)))))
def test_generated_histories(installation: Installation, taken: list[Step], odd: set[int]) -> None:
    """Histories with what is wrong in various ways among them: unknown ids, the future, an id that is taken."""
    crowd = str(uuid4())  # One ledger serves all histories, so each is of other people.
    facts = [*facts_of(taken, crowd), *(_of_crowd(ODD[number], crowd) for number in sorted(odd))]
    expected = rejected_by_trace(facts)
    assert expected.keys() == rejected_by_ledger(installation, facts).keys()


def _of_crowd(one: Fact, crowd: str) -> Fact:
    return one.model_copy(update={"source": f"/{crowd}"})


def test_sixty_customers_joined_one_by_one_and_an_unknown_id(installation: Installation) -> None:
    """Of 120 facts both reject the joins beyond what one person can have, for the same reason, and the unknown id."""
    many = 60
    collected = [collection("order", n, subject=f"customer:{n}", fact_id=f"c{n}") for n in range(many)]
    joins = [
        fact(
            "record_read",
            many + n,
            {"reader": "r", "purpose": "p", "also": [verified(f"customer:{n + 1}")]},
            subject="customer:0",
            fact_id=f"j{n}",
        )
        for n in range(many - 1)
    ]
    facts = [*collected, *joins, opt_out(2 * many, subject=NOBODY, fact_id="nobody")]
    rejected = rejected_by_ledger(installation, facts)
    assert len(facts) == 2 * many
    assert len(rejected) == many - STREAMS_MAX + 1
    assert rejected == rejected_by_trace(facts)
