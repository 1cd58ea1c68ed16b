"""What was known at a position: each command refuses one that the log does not have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.sample import COLLECTED, ORDERED, opt_out
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

COMMANDS = (
    ("subscriptions", "customer:1"),
    ("sharing", "customer:1"),
    ("report", "customer:1"),
    ("holdings",),
    ("holdings", "customer:1"),
    ("requests",),
    ("suppressions",),
    ("suppressions", "--since", "0"),
    ("activity",),
    ("activity", "--by", "promise"),
    ("activity", "--by", "day"),
    ("statistics",),
    ("company",),
    ("audit",),
)


@pytest.fixture(autouse=True)
def _ledger(begun: None, pledger: Callable[..., Ran]) -> None:
    assert pledger("append", "-", stdin=lines(COLLECTED, ORDERED, opt_out("o-1"))).code == 0


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_position_beyond_the_log_is_refused(pledger: Callable[..., Ran], command: tuple[str, ...]) -> None:
    """The last position is answered; the next one, and the greatest that can be, are refused, naming the last one."""
    last = pledger("status", "--format", "json").json["events"]
    assert pledger(*command, "--as-of", str(last)).code == 0
    for beyond in (str(last + 1), str(2**63 - 1)):
        ran = pledger(*command, "--as-of", beyond, "--format", "json")
        assert (ran.code, ran.out) == (1, "")
        error = json.loads(ran.err)["error"]
        assert (error["code"], error["why"]) == ("not_yet_written", f"its last position is {last}.")
