"""pledger demo: every planted breach is found, and a second run works too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.demo.breaches import PLANTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Ran


def test_the_demo_finds_what_was_planted_and_nothing_else(pledger: Callable[..., Ran]) -> None:
    """The findings of the whole ledger are those of the planted facts."""
    for _ in range(2):
        document = pledger("demo", "--format", "json").json
        assert len(document["planted"]) == len(PLANTED)
        for planted, breach in zip(document["planted"], PLANTED, strict=True):
            assert {one["promise"] for one in planted["found"]} == {breach.promise, *breach.with_it}
    counted = pledger("status", "--format", "json", PLEDGER_LEDGER="demo").json["findings"]
    found = [one["promise"] for planted in document["planted"] for one in planted["found"]]
    assert sum(counted.values()) == len({(p["fact"], o["promise"]) for p in document["planted"] for o in p["found"]})
    assert set(counted) == set(found)


def test_the_demo_ends_by_saying_what_to_try_next(pledger: Callable[..., Ran]) -> None:
    """A newcomer is left with commands to type."""
    ran = pledger("demo")
    assert ran.code == 0
    assert "What to try next" in ran.out
    assert "ACCESS REPORT" in ran.out
