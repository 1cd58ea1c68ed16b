"""The documentation runs: README's facts and commands, the help, every error code's home."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from adapters.cli.main import app
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
FOLDERS = (".github", "domain", "projections", "adapters", "tests")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _errors(of: type[PledgerError] = PledgerError) -> Iterator[type[PledgerError]]:
    for cls in of.__subclasses__():
        yield cls
        yield from _errors(cls)


def test_the_readme_walk_through_works(database_url: str, tmp_path: Path) -> None:
    """README's commands, run on the facts in README, print what README shows of them."""
    for name, facts in re.findall(r"<!-- (\w+\.jsonl) -->\n```json\n(.*?)```", README, re.DOTALL):
        (tmp_path / name).write_text(facts, encoding="utf-8")
    env = {"PLEDGER_HOME": str(tmp_path / "home"), "PLEDGER_DATABASE_URL": database_url, "COLUMNS": "100"}
    printed: dict[str, str] = {}
    for line in re.findall(r"^\.venv/bin/pledger (.*)$", README, re.MULTILINE):
        command, _, comment = line.partition("#")
        words = [str(tmp_path / word) if word.endswith(".jsonl") else word for word in shlex.split(command)]
        result = CliRunner().invoke(app, words, env=env)
        assert result.exit_code == ("exit code 1" in comment), (line, result.output)
        printed[" ".join(shlex.split(command))] = result.stdout
    assert "opted_out" in printed["subscriptions customer:17850"]
    assert "Ada Quill" in printed["report customer:17850"]
    shown = re.findall(r"^\$ pledger ([^\n]*)\n(.*?)(?=^\$ |^```)", README, re.DOTALL | re.MULTILINE)
    assert len(shown) == 3
    for command, screen in shown:
        lines = {_steady(line) for line in printed[command].splitlines()}
        assert {_steady(line) for line in screen.splitlines() if line.strip()} <= lines, command


def _steady(line: str) -> str:
    """Return a line without what differs between two runs: a rate, an id of the ledger's, trailing blanks."""
    return re.sub(r"[\d,]+ facts/s|id:[0-9a-f-]{36}", "…", line).strip()


def test_every_command_is_in_a_group_of_the_help() -> None:
    """`pledger --help` shows every command, each under a heading that says what it is for."""
    help_text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    alone = [(one.rich_help_panel, one.callback.__name__) for one in app.registered_commands if one.callback]
    groups = [(one.rich_help_panel, one.name or "") for one in app.registered_groups]
    for panel, name in (*alone, *groups):
        assert panel, name
        assert name.replace("_", "-") in help_text, name


def test_error_codes_are_unique_and_speak_for_themselves() -> None:
    """Every error has a code of its own in snake_case, and a docstring."""
    errors = list(_errors())
    codes = [error.code for error in errors]
    assert len(errors) > 15
    assert len(set(codes)) == len(codes)
    for error in errors:
        assert re.fullmatch(r"[a-z][a-z_]+[a-z]", error.code)
        assert error.__doc__


PAGES = [*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link in a page names a file that is there."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


ADDED_BY_RECIPES = {
    "adapters/cli/timeline.py",
    "adapters/imports/mappings/newsdesk-unsubscribed.toml",
    "adapters/policies/example-2026-01-01.toml",
    "domain/rules/quiet_days.py",
    "projections/objections.py",
    "tests/http/test_webhooks.py",
    "tests/read_models/test_objections.py",
    "tests/rules/test_quiet_days.py",
}
"""Files that a recipe has its reader make; `tests/test_recipes.py` follows it."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    """Every file that a page names is in the repository, unless a recipe makes it."""
    there = [str(path.relative_to(ROOT)) for folder in (*FOLDERS, "docker") for path in (ROOT / folder).rglob("*.*")]
    there += [path.name for path in ROOT.iterdir()]
    named = set(re.findall(r"`([\w./-]+\.(?:py|sql|toml|yaml|md|html|css))`", page.read_text(encoding="utf-8")))
    missing = {name for name in named - ADDED_BY_RECIPES if not any(f"/{path}".endswith(f"/{name}") for path in there)}
    assert not missing


def test_the_table_of_adapters_has_every_folder_and_module() -> None:
    """Each folder and module of adapters has its row, and each row is of one that is there."""
    text = (ROOT / "adapters" / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    rows = set(re.findall(r"^\| \[?`([\w./]+)`", text, re.MULTILINE))
    children = [path for path in (ROOT / "adapters").iterdir() if not path.name.startswith("__")]
    modules = {f"{path.name}/" for path in children if path.is_dir()} | {
        path.name for path in children if path.is_file()
    }
    assert rows == (modules | {"postgres/embedded/"}) - {"README.md"}
