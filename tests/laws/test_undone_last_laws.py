"""A correction that is told last changes no verdict on what was told before it, whatever time it says."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.controls import RECIPIENTS, day, fact
from tests.laws.anew import ASKING, DAYS, OF_ADDRESSES, OF_RIGHTS, facts_of
from tests.laws.as_told import audited, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.facts import Fact

AS_OF: Final = 400
HISTORIES: Final = 40
LEAST: Final = 10
_ACTS: Final = ("mail", "mail_at", "use", "share", "enroll")
_SAID: Final = ("violations", "indeterminate", "excused")


@pytest.mark.parametrize("kinds", [ASKING, OF_ADDRESSES, OF_RIGHTS], ids=["asking", "addresses", "rights"])
def test_a_correction_told_last_changes_nothing_told_before(kinds: Sequence[str]) -> None:
    """Of any fact, dated before or behind it; what was sent and used until then is judged as it was."""
    coverage: Counter[str] = Counter()
    for seed in range(HISTORIES):
        facts = facts_of(seed, kinds)
        chosen = random.Random(seed)  # noqa: S311 - any history will do
        entry = chosen.choice([one for one in facts if _sort(one) not in _ACTS] or facts)
        data = {"entry": {"source": entry.source, "id": entry.id}, "reason": "a mix-up"}
        on = chosen.randint(1, DAYS)
        last = fact("entry_correction", on, data, subject=str(entry.subject), fact_id="last")
        acts = {f"{one.source} {one.id}" for one in facts if _sort(one) in _ACTS and one is not entry}
        before, after = (said(several, acts) for several in (facts, [*facts, last]))
        assert before == after, [f"{one.time:%d %H} {one.id} {one.subject}" for one in [*facts, last]]
        coverage["before its entry"] += last.time < entry.time
        coverage["before an act"] += any(last.time < one.time for one in facts if _sort(one) in _ACTS)
        coverage["something was said"] += bool(before)
    print(dict(coverage))  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("before its entry", "before an act", "something was said")) >= LEAST


def said(facts: Sequence[Fact], acts: set[str]) -> set[tuple[Any, ...]]:
    """Return what an audit finds wrong with these acts, or cannot decide of them."""
    document = audited(told([*RECIPIENTS, *facts], in_time=False), day(AS_OF))
    return {
        (reading, promise, kind, one["event"], *one["codes"])
        for reading, found in document["readings"].items()
        for promise, verdict in found.items()
        for kind in _SAID
        for one in verdict.get(kind, ())
        if one["event"] in acts
    }


def _sort(one: Fact) -> str:
    return one.id.rpartition("-")[0]
