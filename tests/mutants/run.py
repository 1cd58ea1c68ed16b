"""`python -m tests.mutants.run` changes the rules in small ways and sees whether the tests notice; see `--help`.

It works on a copy of the tree in the folder .mutants. A change that no test notices is a survivor. The exit code is 1
if fewer than `SCORE_LEAST` of a module's changes are noticed, if survivors.toml does not explain a survivor, or if an
explanation there has no survivor. README.md beside this says what was measured.

`tool.mutmut` of pyproject.toml lists the modules and the tests. `changes.py` makes the changes, `trials.py` tries them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.mutants.changes import ROOT, SETTINGS, Module, change, copy_tree
from tests.mutants.trials import SURVIVED, Trial, Trials, try_them

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXPLAINED: Final = Path(__file__).with_name("survivors.toml")
FOLDER: Final = ROOT / ".mutants"
SCORE_LEAST: Final = 0.90


class Survivor(NamedTuple):
    """A change that no test noticed: its function, the lines that went and those that came, without their indent."""

    function: str
    change: str


class Results:
    """What is known of a module's mutants, in a file that grows by a line for each. Another source has another file."""

    def __init__(self, module: Module) -> None:
        """Read what earlier runs found out."""
        self.module = module
        self._path = FOLDER / "results" / f"{module.name}.{module.digest[:12]}.jsonl"
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        self.outcomes: dict[str, str] = dict(json.loads(line) for line in lines)

    def add(self, mutant: str, outcome: str) -> None:
        """Keep what became of a mutant."""
        self.outcomes[mutant] = outcome
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([mutant, outcome]) + "\n")

    @property
    def survivors(self) -> list[Survivor]:
        """Return the changes that no test noticed, in order."""
        return [
            Survivor(one.function, one.change)
            for one in self.module.mutants
            if self.outcomes.get(one.name, "").startswith(SURVIVED)
        ]

    def score(self) -> float:
        """Return the part of the changes that some test noticed."""
        return 1 - len(self.survivors) / len(self.module.mutants)


def main(arguments: Sequence[str]) -> int:
    """Run, and give the exit code."""
    parser = argparse.ArgumentParser(prog="tests.mutants.run", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--file", action="append", help="only changes in this module, such as domain.rules.attested")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run found out; try what it did not")
    parser.add_argument("--again", action="store_true", help="as --resume, and try those that survived again")
    parser.add_argument("--seconds", type=float, default=30, help="of processor time for the tests of one change (30)")
    parser.add_argument("--jobs", type=int, default=2, help="how many changes are tried at once (2)")
    options = parser.parse_args(arguments)
    results = _prepare(is_fresh=not (options.resume or options.again or options.file))
    by_name = {one.module.name: one for one in results}
    chosen = [by_name[name] for name in options.file] if options.file else results
    for one in chosen:
        if options.file and not (options.resume or options.again):
            one.outcomes.clear()
        if options.again:
            one.outcomes = {name: what for name, what in one.outcomes.items() if not what.startswith(SURVIVED)}
    places = {mutant.place for one in results for mutant in one.module.mutants}
    ended = _try_all(chosen, places, options.seconds, options.jobs)
    return ended or _report(chosen, is_whole=not options.file)


def _prepare(*, is_fresh: bool) -> list[Results]:
    """Make the changed copy, and read what is known of each of its modules."""
    if is_fresh:
        shutil.rmtree(FOLDER / "results", ignore_errors=True)
    for name in ("made", "results"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    copy_tree(FOLDER / "tree")
    os.chdir(FOLDER / "tree")
    sys.path.insert(0, str(FOLDER / "tree"))
    return [Results(module) for module in change(FOLDER / "tree", FOLDER / "made")]


def _try_all(chosen: Sequence[Results], places: Iterable[str], seconds: float, jobs: int) -> int:
    """Try what is not known yet, and print the score of each module as soon as all of it has been tried."""
    owner = {mutant.name: one for one in chosen for mutant in one.module.mutants}
    trials = [
        Trial(mutant.name, mutant.name.partition("__mutmut_")[0], mutant.place)
        for one in chosen
        for mutant in one.module.mutants
        if mutant.name not in one.outcomes
    ]

    def found(trial: Trial, outcome: str) -> None:
        one = owner[trial.mutant]
        one.add(trial.mutant, outcome)
        if len(one.outcomes) == len(one.module.mutants):
            _print_score(one)

    plugin = Trials(FOLDER / "reach.json", places, trials, found, seconds, jobs)
    return try_them(SETTINGS["pytest_add_cli_args_test_selection"], plugin)


def _print_score(one: Results) -> None:
    total = len(one.module.mutants)
    noticed = total - len(one.survivors)
    sys.stderr.write(f"{noticed:>5} of {total:>5} noticed {one.score():>6.1%}  {one.module.name}\n")


def _report(chosen: Sequence[Results], *, is_whole: bool) -> int:
    """Print the score of each module, and what has to be mended; give the exit code."""
    reasons = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["reason"]
    explained = {Survivor(one["function"], one["change"].strip()) for why in reasons for one in why["changes"]}
    survivors = [survivor for one in chosen for survivor in one.survivors]
    total = sum(len(one.module.mutants) for one in chosen)
    for one in chosen:
        _print_score(one)
    strange = sorted(set(survivors) - explained)
    stale = sorted(explained - set(survivors)) if is_whole else []
    lines = [f"{1 - len(survivors) / total:.1%} of {total:,} changes were noticed; {len(survivors)} survived."]
    lines += [f"\nNot explained: {one.function}\n{one.change}" for one in strange]
    lines += [f"\nExplained, and no survivor: {one.function}\n{one.change}" for one in stale]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(one.score() < SCORE_LEAST for one in chosen) or bool(strange) or bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
