"""The benchmark runs from end to end, on work too small to say anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_every_line_is_produced() -> None:
    """Each line of the table comes out, with both rates and a ratio."""
    run = Path(__file__).with_name("run.py")
    arguments = ["--rounds", "1", "--size", "0.01", "--format", "json"]
    ended = subprocess.run([sys.executable, str(run), *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert [line["line"] for line in told["lines"]] == ["threads", "processes", "batches", "copy"]
    assert all(line["ours"] > 0 and line["theirs"] > 0 and line["ratio"] > 0 for line in told["lines"])
    assert told["machine"]["fsync"] == "on"
