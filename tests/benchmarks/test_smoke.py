"""The benchmark runs from end to end, on work too small to say anything."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.line import Line


def test_every_line_is_produced() -> None:
    """Each line of the table comes out on both workloads, and the work behind it came out right."""
    run = Path(__file__).with_name("run.py")
    arguments = ["--rounds", "1", "--size", "0.01", "--events", "100000", "--format", "json"]
    ended = subprocess.run([sys.executable, str(run), *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert [line["line"] for line in told["lines"]] == [
        *("threads", "processes", "batches", "copy", "http", "latency", "latency", "latency", "following"),
        *("rebuild", "by_hand", "catch_up", "catch_up", "audit", "report", "growth", "growth", "age", "age"),
    ]
    alone = {"following", "catch_up", "audit"}
    for line in told["lines"]:
        assert list(line["workloads"]) == ["uniform", "lived"]
        for measured in line["workloads"].values():
            assert measured["right"]
            assert measured["ours"] > 0
            assert line["line"] in alone or (measured["theirs"] > 0 and measured["ratio"] > 0)
    assert told["machine"]["fsync"] == "on"


@pytest.mark.parametrize(
    ("unit", "ours", "theirs", "target", "met"),
    [
        ("events/s", 30.0, 10.0, 2.5, True),
        ("events/s", 20.0, 10.0, 2.5, False),
        ("ms", 20.0, 10.0, 2.5, True),
        ("ms", 30.0, 10.0, 2.5, False),
        ("ms", 30.0, None, 250, True),
        ("ms", 300.0, None, 250, False),
        ("ms", 30.0, None, None, None),
    ],
)
def test_a_target_reads_right(
    unit: str, ours: float, theirs: float | None, target: float | None, *, met: bool | None
) -> None:
    """A rate has to reach its target, a time has to stay within it, and what came out wrong never meets one."""
    line = Line("line", "work", "against", unit, target, (ours,), () if theirs is None else (theirs,))
    assert line.is_met is met
    assert replace(line, is_right=False).is_met is False
