"""The page in a real browser, where this machine has one: it asks for nothing, fits a narrow screen, and prints."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.reports.test_html_page import HOSTILE
from tests.reports.test_html_report import page_of
from tests.reports.whole_customer import FIRST, PLACE, whole_customer
from tests.serving import Loopback
from tests.unsubscribe.browser import browser_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.reports.conftest import Desk


SECONDS_MAX: Final = 90
PROBE: Final = """<!DOCTYPE html><title>probe</title>
<iframe id="page" src="/report.html" width="360" height="800" style="border: 0"></iframe><pre id="seen"></pre>
<script>
addEventListener("load", () => {
  const page = document.getElementById("page").contentDocument, root = page.documentElement;
  const past = [...page.querySelectorAll("td, th[scope=row], dd, li, p, h1, h2, h3, .given, .badge")]
    .filter(one => one.getBoundingClientRect().right > 361).map(one => one.textContent.slice(0, 60));
  const styled = getComputedStyle(page.querySelector("h1")).fontSize, overflow = root.scrollWidth - root.clientWidth;
  document.getElementById("seen").textContent = JSON.stringify(
    {overflow, past, styled, scripts: page.scripts.length, hacked: window.hacked || 0});
});
</script>
"""
"""A page around the page, since the page itself lets no script run: it measures it in a frame of 360 pixels."""

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    """Return the command line of a browser, with a profile of its own."""
    return browser_command(tmp_path / "profile")


@contextmanager
def _served(files: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Serve some pages on this machine; gives the address, and the list of paths that are asked for."""
    asked: list[str] = []

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = files.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((body or "").encode())

    with Loopback(Pages) as server:
        yield server.url, asked


def _customer(desk: Desk) -> None:
    whole_customer(desk)
    typed = (*HOSTILE, "\u202eoverride", "Z" + "\u0301" * 500, '<svg onload="parent.hacked=1"><img src=/stolen.png>')
    for number, value in enumerate(typed):
        short = value[:200] or "-"
        order: dict[str, Any] = {"act": "order", "reference": short, "values": {"user.name": value}, **PLACE}
        desk.tell("collection", f"h-{number}", "2016-05-10T00:00:00Z", **order)
        given: dict[str, Any] = {"purpose": "w" * 64, "categories": ["user.name"], "reference": short}
        desk.tell("share", f"g-{number}", "2016-05-11T00:00:00Z", recipient="m" * 64, **given)


def test_it_asks_for_nothing_and_fits_a_narrow_screen(desk: Desk, browser: list[str]) -> None:
    """At 360 pixels nothing reaches past the edge, no script of a value runs, and the page is all that is fetched."""
    _customer(desk)
    with _served({"/probe": PROBE, "/report.html": page_of(desk, desk.report(FIRST)).html}) as (address, asked):
        ran = subprocess.run(
            [*browser, "--window-size=1000,900", "--dump-dom", f"{address}/probe"],
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=True,
        )
    seen = re.search(r'<pre id="seen">(.*?)</pre>', ran.stdout)
    assert seen is not None
    expected = {"overflow": 0, "past": [], "styled": "25.6px", "scripts": 0, "hacked": 0}
    assert json.loads(unescape(seen[1])) == expected
    # The probe is no part of what is tested, and a browser may ask for its icon.
    assert [path for path in asked if path != "/favicon.ico"] == ["/probe", "/report.html"]


def test_it_prints(desk: Desk, browser: list[str], tmp_path: Path) -> None:
    """The browser makes a PDF of several pages of it."""
    _customer(desk)
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(page_of(desk, desk.report(FIRST)).html, encoding="utf-8")
    subprocess.run(
        [*browser, "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()],
        capture_output=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    assert paper.read_bytes().startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) > 5
