"""`pledger report --format html`: to a file or to standard output, and for no other command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.sample import COLLECTED, ORDERED, SHARED, opt_out
from tests.controls import lines
from tests.reports.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


@pytest.fixture(autouse=True)
def _ledger(begun: None, pledger: Callable[..., Ran]) -> None:
    assert pledger("append", "-", stdin=lines(COLLECTED, ORDERED, SHARED, opt_out("o-1"))).code == 0


def test_the_page_goes_to_a_file_that_only_its_owner_reads(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """The file is private, and the command says where it is."""
    path = tmp_path / "report.html"
    ran = pledger("report", "customer:1", "--format", "html", "--output", str(path))
    assert (ran.code, str(path) in ran.out) == (0, True)
    assert path.stat().st_mode & 0o777 == 0o600
    page = Page(path.read_text(encoding="utf-8"))
    assert "Asked for as customer:1" in page.text
    assert "marked-value@example.org" in page.text
    assert "P05" in page.text


def test_the_page_goes_to_standard_output_and_nothing_else_does(pledger: Callable[..., Ran]) -> None:
    """Without a file the page is all that is printed."""
    ran = pledger("report", "customer:1", "--format", "html")
    assert ran.out.startswith("<!DOCTYPE html>")
    assert ran.out.endswith("</html>")
    assert ran.err == ""
    assert "nobody-known" in Page(ran.out).text


def test_the_page_shows_as_of(pledger: Callable[..., Ran]) -> None:
    """What came later is not on it."""
    ran = pledger("report", "customer:1", "--format", "html", "--as-of", "2016-04-30T00:00:00Z")
    page = Page(ran.out)
    assert "what had happened by 30 Apr 2016, 00:00 UTC" in page.text
    assert "opted out" not in page.section("subscriptions").text


@pytest.mark.slow
def test_a_screen_without_utf_8_gets_a_page_that_reads_the_same(
    pledger: Callable[..., Ran], environment: dict[str, str]
) -> None:
    """Where standard output has another encoding, the page is ASCII, since it says of itself that it is UTF-8."""
    named = {**ORDERED, "id": "c-3", "data": {**ORDERED["data"], "values": {"user.name": "Zoë – 名"}}}
    assert pledger("append", "-", stdin=lines(named)).code == 0
    pages = []
    for encoding in ("latin-1", "utf-8"):
        ran = subprocess.run(
            [Path(sys.executable).parent / "pledger", "report", "customer:1", "--format", "html"],
            env=os.environ | environment | {"PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        )
        pages.append(Page(ran.stdout.decode("utf-8")).section("held").text)
    assert "Zoë – 名" in pages[0]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("command", [("status",), ("subscriptions", "customer:1"), ("sharing", "customer:1")])
def test_no_other_command_makes_a_page(pledger: Callable[..., Ran], command: tuple[str, ...]) -> None:
    """The format html is refused where there is no page, as any unknown word is."""
    assert pledger(*command, "--format", "html").code == 2


def test_an_error_is_told_in_words(pledger: Callable[..., Ran]) -> None:
    """An unknown customer gives an error in three sentences on standard error; only --format json gives JSON."""
    ran = pledger("report", "customer:2", "--format", "html")
    assert (ran.code, ran.out) == (1, "")
    assert "There is no such customer" in ran.err
    assert not ran.err.startswith("{")
    assert pledger("report", "customer:2", "--format", "json").err.startswith('{"error"')
