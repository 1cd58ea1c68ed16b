"""What excuses an act and was recorded only after it is listed as late, under the promise that it excuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.vocabulary import ADDRESS
from tests.controls import (
    OTHER,
    RECIPIENTS,
    contest_entry,
    link,
    message,
    offer,
    order,
    point,
    posted,
    published,
    share,
    use,
)
from tests.laws.audit import audit

if TYPE_CHECKING:
    from domain.facts import Fact

PUBLISHED, POINT, POSTED = published(0), point(0), posted(0, "web")
OF_OTHER = order(1, subject=OTHER)
LINKED = link(2, OTHER, fact_id="link")
SHARED = share(3, "carrier", [ADDRESS])
CASES: dict[str, tuple[str, list[Fact], Fact, Fact]] = {
    "notice": ("P03", [PUBLISHED, POINT], order(3), POSTED),
    "point": ("P03", [PUBLISHED, POSTED], order(3), POINT),
    "publication": ("P01", [POINT, POSTED], order(3), PUBLISHED),
    "link": ("P05", [*RECIPIENTS, OF_OTHER, order(1, "O-9", values={"user.name": "Ada"})], SHARED, LINKED),
    "collection": ("P11", [], message(3), contest_entry(1)),
    "offer": ("P14", [order(1)], use(60, "print_posters", [ADDRESS]), offer(2, "print_posters")),
}
"""By what excuses: the promise, what is told before, the act, and what excuses it."""


@pytest.mark.parametrize("case", CASES)
def test_it_is_listed(case: str) -> None:
    """Told behind the act, what excuses it keeps the promise and is listed; told before, nothing is late."""
    promise, before, act, evidence = CASES[case]
    late = audit(*before, act, evidence, as_of=100).verdict(promise)
    in_time = audit(*before, evidence, act, as_of=100).verdict(promise)
    assert act.name not in [one["event"] for one in late["violations"]]
    (listed,) = [one for one in late["late_evidence"] if one["event"] == act.name]
    assert listed["evidence"] == [evidence.name]
    assert "late_evidence" not in in_time
    assert in_time["status"] == late["status"]


def test_a_notice_is_late_for_its_own_promise_alone() -> None:
    """What excuses under P03 is no evidence under another promise."""
    verdicts = audit(PUBLISHED, POINT, order(3), POSTED).document["readings"]["harmonised"]
    assert {promise for promise, verdict in verdicts.items() if "late_evidence" in verdict} == {"P03"}
