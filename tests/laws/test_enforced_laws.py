"""Refusals are decided in the order in which facts are told: a trace refuses what a ledger refuses, line by line."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from adapters.contract import OWN
from domain.audit.replay import replay
from domain.audit.trace_order import Line
from domain.decide import refusal_in
from domain.errors import FactConflict, PledgerError
from domain.events import Refusal
from domain.records.customer import LAST
from tests.controls import RECIPIENTS, contest_entry, fact, message, opt_out, order, share, wrong_entry
from tests.laws.anew import ASKING, CORRECTIONS, OF_ADDRESSES, OF_RIGHTS, facts_of
from tests.laws.audit import audit
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.audit.history import History
    from domain.facts import Fact

HISTORIES = 240
LEAST = 20
"""How many histories of each sort there are."""


def of_trace(told: Sequence[Fact]) -> History:
    """Replay facts, a line each."""
    lines = [Line(number, one) for number, one in enumerate(told, 1)]
    return replay(lines, first_policy(), LAST.at, OWN.addresses)


def refused_in_trace(told: Sequence[Fact]) -> dict[str, set[tuple[str, str]]]:
    """Return the facts that a trace refuses, each with the promises and codes."""
    history = of_trace(told)
    every = (event for part in (*history.of_people, *history.of_visitors, history.of_company) for event in part)
    refusals = (event for event in every if isinstance(event, Refusal))
    return {event.fact: {(one.promise, one.code) for one in event.because} for event in refusals}


def refused_when_told(told: Sequence[Fact]) -> dict[str, set[tuple[str, str]]]:
    """Return the facts that a ledger refuses which is told of them one after the other."""
    shop, found = Shop(first_policy()), {}
    for one in told:
        try:
            events = shop.when(one).events
        except PledgerError:
            continue  # The correction of a correction is taken by neither.
        if (refused := refusal_in(events)) is not None:
            found[one.name] = {(because.promise, because.code) for because in refused.because}
    return found


def enforced(one: Fact) -> Fact:
    """Return a fact that is to be enforced."""
    return one.model_copy(update={"data": one.data.model_copy(update={"mode": "enforce"})})


@pytest.mark.slow
def test_a_trace_refuses_what_a_ledger_refuses() -> None:
    """Of generated histories in any order, with corrections, any lines enforced; no audit finds a breach of these."""
    coverage: Counter[str] = Counter()
    for seed in range(HISTORIES):
        chosen = random.Random(seed)  # noqa: S311 - any history will do
        kinds = (ASKING, OF_ADDRESSES, OF_RIGHTS)[seed % 3]
        some = facts_of(seed, (*kinds, *CORRECTIONS), least=5, most=12)
        told = [*RECIPIENTS, *(enforced(one) if chosen.random() < 0.5 else one for one in some)]
        right, now = refused_when_told(told), refused_in_trace(told)
        assert now == right, [(one.id, one.time, one.data.mode) for one in some]
        is_late = any(one.time > other.time for one, other in pairwise(some))
        coverage["refused late" if right and is_late else "refused" if right else "none"] += 1
        broken = audit(*told, as_of=400).document["readings"]["harmonised"]
        for verdict in broken.values():
            assert not {one["event"] for one in verdict["violations"]} & right.keys()
    print(dict(coverage))  # noqa: T201 - the coverage of a law
    assert min(coverage.values()) >= LEAST


def test_what_is_told_afterwards_changes_no_refusal() -> None:
    """Neither an opt-out of before that is told later refuses, nor does a request that is told later permit."""
    late_out = [contest_entry(1), enforced(message(5)), opt_out(2)]
    assert refused_in_trace(late_out) == {}
    assert audit(*late_out).breaches("P17") == ["/shop message-5"]
    late_asked = [order(1, values={"user.contact.address": "1 Row"}), enforced(message(5)), contest_entry(2)]
    assert set(refused_in_trace(late_asked)) == {"/shop message-5"}
    assert audit(*late_asked).breaches("P11") == []


def test_late_facts_about_the_company() -> None:
    """A recipient registered on a later line permits no share on an earlier one, nor does a correction refuse it."""
    registered = {"recipient": "posty", "roles": ["carrier"], "categories": ["user.contact.address"]}
    posty = fact("recipient_registered", 1, registered, fact_id="posty")
    asked = enforced(share(5, "posty", ["user.contact.address"]))
    assert set(refused_in_trace([order(1), asked, posty])) == {"/shop share-5"}
    assert refused_in_trace([order(1), posty, asked, wrong_entry(2, "posty")]) == {}
    assert set(refused_in_trace([order(1), posty, wrong_entry(2, "posty"), asked])) == {"/shop share-5"}


def test_conflicts_go_by_telling() -> None:
    """Of two facts under one id the one told first is taken, whatever their times; a repeat changes nothing."""
    first, other = order(5, "O-5", fact_id="same"), order(1, "O-1", fact_id="same")
    history = of_trace([first, other, first])
    assert [line.fact for line in history.accepted] == [first]
    ((number, error),) = history.rejected
    assert (number, type(error)) == (2, FactConflict)


def test_what_waits_to_be_erased_goes_by_telling() -> None:
    """An erasure that is rejected when it is told stays so, also where what ended the waiting is told later."""
    policy = first_policy()
    waiting = policy.model_copy(
        update={"parameters": policy.parameters.model_copy(update={"erasure_waiting_days": 14})}
    )
    told = [
        order(1),
        fact("erasure_request", 2, {"request": "r"}),
        fact("erasure", 5, {"request": "r", "reason": "asked"}),
        fact("request_withdrawn", 4, {"request": "r"}),
    ]
    history = replay([Line(n, one) for n, one in enumerate(told, 1)], waiting, LAST.at, OWN.addresses)
    assert [number for number, _ in history.rejected] == [3]
    assert all(isinstance(error, PledgerError) for _, error in history.rejected)
