"""`python tests/mutants/run.py` changes the rules in small ways and sees whether the tests notice; see `--help`.

It works on a copy of the tree in a temporary folder, and removes it. A change that no test notices is a survivor. The
exit code is 1 if fewer than `SCORE_LEAST` of the changes are noticed, if survivors.toml does not explain a survivor, or
if an explanation there has no survivor.

mutmut makes the changes and runs the tests that reach each of them; which files and which tests, pyproject.toml says.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).resolve().parents[2]
EXPLAINED: Final = Path(__file__).with_name("survivors.toml")
SCORE_LEAST: Final = 0.90
_PROCESSES: Final = 2
_LONGEST_SECONDS: Final = 3_600
_SURVIVED: Final = 0
_MUTMUT: Final = (sys.executable, "-m", "mutmut")
_FRESH: Final = """
import pytest

from domain.policy import force


@pytest.fixture(autouse=True)
def _fresh():
    # What was worked out before a change must not answer for it.
    force._timeline.cache_clear()
"""
"""Is added to the copy's tests/conftest.py."""


class Mutant(NamedTuple):
    """One change: mutmut's name of it, the function that it is in, and what tests made of it."""

    name: str
    function: str
    survived: bool


class Survivor(NamedTuple):
    """A change that no test noticed, in a function: the lines that went and those that came, without their indent."""

    function: str
    change: str


def main(arguments: Sequence[str]) -> int:
    """Run, and give the exit code."""
    parser = argparse.ArgumentParser(prog="run.py", description="Change the rules, and see whether the tests notice.")
    parser.add_argument("--file", help="only changes in this module, such as domain.rules.attested")
    only: str | None = parser.parse_args(arguments).file
    with tempfile.TemporaryDirectory(prefix="pledger-mutants-") as folder:
        tree = Path(folder)
        _copy(tree)
        with (tree / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
            conftest.write(_FRESH)
        _mutmut(tree, "run", "--max-children", str(_PROCESSES), *([f"{only}*"] if only else []))
        mutants = [one for one in _results(tree) if only is None or one.name.startswith(only)]
        survivors = _survivors(tree, [one for one in mutants if one.survived])
    return _report(mutants, survivors, is_whole=only is None)


def _copy(to: Path) -> None:
    """Copy what git knows, and what it would."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)


def _mutmut(tree: Path, *words: str) -> str:
    ran = subprocess.run(
        [*_MUTMUT, *words], check=False, cwd=tree, capture_output=True, text=True, timeout=_LONGEST_SECONDS
    )
    if ran.returncode:
        last = re.split(r"[\r\n]+", (ran.stdout + ran.stderr).strip())[-20:]
        sys.exit("\n".join(["mutmut ended with an error:", *last]))
    return ran.stdout


def _results(tree: Path) -> list[Mutant]:
    found = []
    for path in sorted((tree / "mutants").rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found += [Mutant(name, _function(name), code == _SURVIVED) for name, code in codes.items() if code is not None]
    return found


def _function(name: str) -> str:
    """Return the function that a change is in, as people write it."""
    return name.rpartition("__mutmut_")[0].replace("ǁ", ".").replace(".x.", ".").replace(".x_", ".")


def _module(function: str) -> str:
    """Return the module of a function: all up to the first word that begins with a capital, or to the last but one."""
    words = function.split(".")
    cut = next((place for place, word in enumerate(words) if word.lstrip("_")[:1].isupper()), len(words) - 1)
    return ".".join(words[:cut])


def _survivors(tree: Path, mutants: Sequence[Mutant]) -> list[Survivor]:
    with ThreadPoolExecutor(_PROCESSES) as pool:
        shown = pool.map(lambda one: _mutmut(tree, "show", one.name), mutants)
        return [Survivor(one.function, _change(text)) for one, text in zip(mutants, shown, strict=True)]


def _change(shown: str) -> str:
    lines = [line for line in shown.splitlines() if line[:1] in {"-", "+"} and line[:3] not in {"---", "+++"}]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def _report(mutants: Sequence[Mutant], survivors: Sequence[Survivor], *, is_whole: bool) -> int:
    """Print the score of each module, and what has to be mended; give the exit code."""
    reasons = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["reason"]
    explained = {Survivor(one["function"], one["change"].strip()) for why in reasons for one in why["changes"]}
    made, lived = (Counter(_module(one.function) for one in some) for some in (mutants, survivors))
    lines = [f"{count - lived[where]:>5} of {count:>5} noticed  {where}" for where, count in sorted(made.items())]
    score = 1 - len(survivors) / max(1, len(mutants))
    lines.append(f"{score:.1%} of {len(mutants):,} changes were noticed; {len(survivors)} survived.")
    strange = sorted(set(survivors) - explained)
    stale = sorted(explained - set(survivors)) if is_whole else []
    lines += [f"\nNot explained: {one.function}\n{one.change}" for one in strange]
    lines += [f"\nExplained, and no survivor: {one.function}\n{one.change}" for one in stale]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(score < SCORE_LEAST or bool(strange) or bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
