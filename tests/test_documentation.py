"""The documentation runs: README's facts and commands, every command's name, every error code's home."""

from __future__ import annotations

import re
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
    """The facts in README are appended by README's commands, and what it says of them is so."""
    facts = re.search(r"<!-- facts.jsonl -->\n```json\n(.*?)```", README, re.DOTALL)
    assert facts is not None
    (tmp_path / "facts.jsonl").write_text(facts[1], encoding="utf-8")
    env = {"PLEDGER_HOME": str(tmp_path / "home"), "PLEDGER_DATABASE_URL": database_url, "COLUMNS": "200"}
    shown = {}
    for line in re.findall(r"^\.venv/bin/pledger (.*)$", README, re.MULTILINE):
        words = line.split("#")[0].replace("facts.jsonl", str(tmp_path / "facts.jsonl")).split()
        result = CliRunner().invoke(app, words, env=env)
        assert result.exit_code == 0, (line, result.output)
        shown[words[0]] = result.stdout
    assert list(shown) == ["init", "append", "subscriptions", "sharing", "report", "status"]
    assert "P11, P17, P18" in shown["append"]
    assert "opted_out" in shown["subscriptions"]
    assert "Ada Quill" in shown["report"]


def test_every_command_is_in_the_readme() -> None:
    """A command that nobody can read about is missing a line in the table."""
    names = [command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback]
    for command in (*names, "import orders"):
        assert f"`pledger {command}" in README, command


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
