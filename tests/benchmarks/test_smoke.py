"""The benchmark runs from end to end, on work too small to say anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.benchmarks.line import Line
from tests.benchmarks.table import Report, as_text

ALONE: Final = {"following", "catch_up", "audit"}
"""The lines with nothing beside ours."""


def run(*arguments: str) -> dict[str, Any]:
    """Run the benchmark on very little work and return its document."""
    program = [sys.executable, str(Path(__file__).with_name("run.py")), "--rounds", "1", "--size", "0.01"]
    command = [*program, "--events", "100000", "--format", "json", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


@pytest.mark.slow
def test_every_line_is_produced() -> None:
    """Each line of the table comes out on the lived workload, and the work behind it came out right."""
    told = run("--workload", "lived")
    assert [line["line"] for line in told["lines"]] == [
        *("threads", "processes", "batches", "copy", "http", "latency", "latency", "latency", "following"),
        *("rebuild", "by_hand", "catch_up", "catch_up", "audit", "report", "growth", "growth", "age", "age"),
    ]
    assert_measured(told, ["lived"])


@pytest.mark.slow
def test_both_workloads_are_measured() -> None:
    """Without a choice, each line comes out on both workloads."""
    told = run("--only", "batches", "--only", "growth")
    assert [line["line"] for line in told["lines"]] == ["batches", "growth", "growth"]
    assert_measured(told, ["uniform", "lived"])


def assert_measured(told: dict[str, Any], workloads: list[str]) -> None:
    """Make sure that each line has the figures of each workload, and that its work came out right."""
    for line in told["lines"]:
        assert list(line["workloads"]) == workloads
        for measured in line["workloads"].values():
            assert measured["right"]
            assert measured["ours"] > 0
            assert line["line"] in ALONE or (measured["theirs"] > 0 and measured["ratio"] > 0)
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


def test_the_table_shows_each_workload_beside_its_target() -> None:
    """A row has a column for each workload, with the ratio, and one for the targets."""
    uniform = Line("batches", "work", "against", "events/s", 1.2, (30.0,), (10.0,))
    lived = replace(uniform, target=0.9, ours=(8.0,))
    told = as_text(Report({"cores": 2}, {"uniform": [uniform], "lived": [lived]}, rounds=1, size=1))
    assert re.search(r"uniform +lived +target uniform / lived", told)
    assert re.search(r"3.00× \(3.00–3.00\) +0.80× \(0.80–0.80\) +1.2× / 0.9×", told)
    assert re.search(r"30 : 10 events/s +8 : 10 events/s +met / not met", told)
