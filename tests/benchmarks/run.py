"""`python tests/benchmarks/run.py` prints the table of measurements; `--help` names the options."""

from __future__ import annotations

import sys
from pathlib import Path

# Started by its path, Python looks for modules in this folder; ours name each other from the repository's root.
sys.path[0] = str(Path(__file__).resolve().parents[2])

if __name__ == "__main__":
    # Not at the top: the processes started later read this file too, and each needs the modules of its own side only.
    from tests.benchmarks.command import main

    sys.exit(main(sys.argv[1:]))
