"""In whichever order facts are told, a ledger comes to what a trace of the same lines comes to.

Corrections of every kind of fact are among them, told before or behind their entries, and late facts of others who have
the same address. Verdicts, what shows them, and who is in a program and who is out of it, are compared.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from adapters.contract import parse_name
from domain.facts.data import EntryCorrectionData
from tests.controls import RECIPIENTS, day
from tests.laws.anew import ASKING, CORRECTIONS, NAMES, OF_ADDRESSES, OF_RIGHTS, PARTING, facts_of
from tests.laws.as_told import audited, now, said, shown, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.facts import Fact

AS_OF: Final = 400
HISTORIES: Final = 120
LEAST: Final = 20


KINDS: Final = {
    "asking": ASKING,
    "asking, corrected": (*ASKING, *CORRECTIONS),
    "addresses, corrected": (*OF_ADDRESSES, *CORRECTIONS),
    "rights, corrected": (*OF_RIGHTS, *CORRECTIONS),
    "asking, parted": (*ASKING, *PARTING),
    "asking, corrected, parted": (*ASKING, *CORRECTIONS, *PARTING),
    "addresses, parted": (*OF_ADDRESSES, *PARTING),
    "rights, parted": (*OF_RIGHTS, *PARTING),
}
FEW: Final = 8


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(FEW))
def test_a_few_histories_told_in_any_order(kinds: Sequence[str], seed: int) -> None:
    """The first histories of each kind, which every run of the tests tells; the slow law tells many."""
    _assert_alike(facts_of(seed, kinds))


@pytest.mark.slow
@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_a_ledger_told_in_any_order_comes_to_what_a_trace_does(kinds: Sequence[str]) -> None:
    """Each history is told as it comes, and in the order of time."""
    coverage: Counter[str] = Counter()
    for seed in range(HISTORIES):
        facts = facts_of(seed, kinds)
        coverage["shown"] += _assert_alike(facts)
        coverage.update(_sorts(facts))
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[kind] for kind in {*kinds} - {"registration"}) >= LEAST
    assert min(coverage["told late"], coverage["shown"]) >= LEAST
    assert "wrong" not in kinds or coverage["corrected before it was told"] >= LEAST / 2


def _assert_alike(facts: Sequence[Fact]) -> bool:
    """Hold a ledger that is told the facts so to a trace of them; return whether what they show was, too."""
    ledger, trace = (told([*RECIPIENTS, *facts], in_time=in_time) for in_time in (False, True))
    assert said(audited(ledger, day(AS_OF))) == said(audited(trace, day(AS_OF))), _names(facts)
    if not _is_shown_alike(facts):
        return False
    people = [parse_name(name) for name in NAMES]
    assert now(shown(ledger, people)) == now(shown(trace, people)), _names(facts)
    return True


def _is_shown_alike(facts: Sequence[Fact]) -> bool:
    """Return whether what is shown now goes by time alone.

    What a sent enrollment relied on when it was told stays shown, and an annulment for an address goes by telling.
    """
    corrected = {fact.data.entry.id for fact in facts if isinstance(fact.data, EntryCorrectionData)}
    sorts = {fact.id.rpartition("-")[0] for fact in facts if fact.id in corrected}
    is_enrolled = any(fact.id.startswith("enroll-") for fact in facts)
    return not (corrected and is_enrolled) and "out_at" not in sorts


def _sorts(facts: Sequence[Fact]) -> Counter[str]:
    """Return how many facts of each sort there are."""
    sorts = Counter(fact.id.rpartition("-")[0] for fact in facts)
    sorts["told late"] += any(one.time > other.time for one, other in pairwise(facts))
    known: set[str] = set()
    for fact in facts:
        if isinstance(fact.data, EntryCorrectionData):
            sorts["corrected before it was told"] += fact.data.entry.id not in known
        known.add(fact.id)
    return sorts


def _names(facts: Sequence[Fact]) -> list[str]:
    return [f"{fact.time:%d %H} {fact.id} {fact.subject}" for fact in facts]
