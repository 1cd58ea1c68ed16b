"""Each recipe of a README works as it stands: followed in a copy of the repository, it ends in green tests.

A recipe is a section. The words before a block end in a path: of a new file, of a file at whose end the block goes, or
of a file with the line after which it goes. Blocks of `sh` are run. Mypy is left out: on a copy it starts from nothing,
and takes half a minute of CPU for each recipe.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from tests.test_architecture import ROOT, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK: Final = re.compile(
    r"(?P<words>(?:^[^\n]+\n)+)\n*^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
PLACE: Final = re.compile(
    r"(?P<end>at\s+the\s+end\s+of\s+)?`(?P<path>[^`\s]+)`(?:,\s+after\s+the\s+line\s+(?P<ticks>`+)(?P<line>.+?)(?P=ticks))?:\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Recipe:
    """A section of a README, how many files of the repository it touches, and some of what its commands show.

    `after` names the section of the same page that comes first; its commands are not run again.
    """

    page: str
    section: str
    files: int
    shows: str
    after: str = ""


RECIPES: Final = (
    Recipe("domain/README.md", "To add an event", 3, "ParcelReturned (carrier slow_mail)"),
    Recipe("domain/README.md", "To add a promise", 1, "opt_out_honoured"),
    Recipe("adapters/http/README.md", "To add an endpoint", 3, "passed"),
    Recipe("adapters/README.md", "To add a command", 3, "timeline"),
    Recipe("adapters/imports/README.md", "To add a mapping", 2, "opt_out"),
    Recipe("projections/README.md", "To add a read model", 4, "objections"),
    Recipe("domain/README.md", "To add a rule kind", 3, "opt_out_honoured, quiet_days", after="To add a promise"),
)


@dataclass(frozen=True)
class Copy:
    """A copy of the repository, in which recipes are followed, with the environment in which its commands run."""

    root: Path
    environment: dict[str, str]

    def follow(self, page: str, section: str, *, is_run: bool = True) -> tuple[set[Path], str]:
        """Do what a section says; return the files that it touched, and what its commands showed, if they are run."""
        text = section_of(page, section)
        blocks = list(BLOCK.finditer(text))
        assert len(blocks) * 2 == text.count("\n```"), f"{section}: a block has no words in front of it"
        touched, shown = set(), ""
        for block in blocks:
            if block["language"] != "sh":
                touched.add(self._write(block["words"], block["text"]))
            elif is_run:
                shown += self.run(block["text"])
        return touched, shown

    def run(self, commands: str) -> str:
        """Run some commands, each of which must succeed, and return what they show."""
        done = subprocess.run(
            ["sh", "-ec", commands],  # noqa: S607 - sh is found by PATH
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _write(self, words: str, text: str) -> Path:
        place = PLACE.search(words)
        assert place is not None, f"these words name no place for the block behind them: {words}"
        path = self.root / place["path"]
        if place["end"]:
            gap = "\n\n" if path.suffix == ".py" else "\n"
            text = path.read_text(encoding="utf-8") + gap + text
        elif place["line"]:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            found = [number for number, line in enumerate(lines, 1) if line.strip() == place["line"]]
            assert len(found) == 1, f"{place['path']} has the line {place['line']} {len(found)} times"
            text = "".join((*lines[: found[0]], text, *lines[found[0] :]))
        else:
            assert not path.exists(), f"{place['path']} is there already"
        path.write_text(text, encoding="utf-8")
        return path


def section_of(page: str, section: str) -> str:
    """Return the text of a section of a page, without its heading. A heading inside a block is part of the block."""
    _, heading, rest = (ROOT / page).read_text(encoding="utf-8").partition(f"\n## {section}\n")
    assert heading, f"{page} has no section {section}"
    return re.match(r"(?:^```.*?^```$|(?!^## ).)*", rest, re.MULTILINE | re.DOTALL)[0]  # type: ignore[index]


@pytest.fixture
def copy(tmp_path: Path, postgres_server: str, database_url: str) -> Iterator[Copy]:
    """Return a copy of the repository, with an empty database for its commands."""
    root = tmp_path / "copy"
    for path in tracked():
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    (root / ".venv").symlink_to(sys.prefix)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PLEDGER_"))}
    yield Copy(
        root,
        own
        | {
            "PYTHONPATH": str(root),  # The modules of the copy come before the installed ones.
            "PLEDGER_HOME": str(tmp_path / "home"),
            "PLEDGER_DATABASE_URL": database_url,
            "PLEDGER_TEST_DATABASE_URL": postgres_server,
            "COLUMNS": "200",
        },
    )
    shutil.rmtree(root)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.section.lower().replace(" ", "_"))
def test_a_recipe_ends_green(copy: Copy, recipe: Recipe) -> None:
    """It touches as few files as the table says, keeps the style, and its commands show what was added."""
    if recipe.after:
        copy.follow(recipe.page, recipe.after, is_run=False)
    touched, shown = copy.follow(recipe.page, recipe.section)
    changed = {str(path.relative_to(copy.root)) for path in touched if path.parent != copy.root}
    assert len(changed) == recipe.files, changed
    assert recipe.shows in shown
    modules = " ".join(sorted(name for name in changed if name.endswith(".py")))
    if modules:
        copy.run(f".venv/bin/ruff check {modules}\n.venv/bin/ruff format --check {modules}")
