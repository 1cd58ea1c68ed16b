"""`python tests/benchmarks/run.py` prints the table of measurements; `--help` names the options."""

from __future__ import annotations

import sys
from pathlib import Path

# Started by its path, Python looks for modules in this folder; ours name each other from the repository's root.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.benchmarks.command import main  # noqa: E402 – found through the line above.

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
