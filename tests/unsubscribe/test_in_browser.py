"""The pages in a real browser, where this machine has one: they work by keyboard, fit, and are told well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.controls import contest_entry
from tests.serving import app_served
from tests.unsubscribe.browser import Browser, browser_command, steered
from tests.unsubscribe.conftest import EMAIL, POST
from tests.unsubscribe.router_app import app_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unsubscribe.conftest import Mailing

TAB, ENTER = 9, 13
PAST_THE_EDGE: Final = """
[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth).length
+ document.documentElement.scrollWidth - innerWidth
"""
HEADING: Final = "document.querySelector('h1').textContent"

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Run a browser, with a profile of its own."""
    with steered(browser_command(tmp_path / "profile")) as it:
        yield it


def test_a_person_leaves(mailing: Mailing, browser: Browser) -> None:
    """By keyboard alone: open the link, Tab to the button, Enter; then on to the other program, and back nowhere."""
    mailing.given(contest_entry(1))
    with app_served(app_of(mailing.unsubscriber)) as address:
        browser.goes(f"{address}/u/{mailing.token()}")
        assert browser.gives(HEADING) == "Stop our marketing emails?"
        assert {("button", "Unsubscribe me"), ("heading", "Stop our marketing emails?")} <= browser.roles()
        assert mailing.opt_outs() == []
        browser.presses("Tab", TAB)
        assert browser.gives("document.activeElement.tagName") == "BUTTON"
        assert browser.gives("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        browser.presses("Enter", ENTER)
        browser.waits("document.readyState === 'complete' && document.title === 'You are unsubscribed'")
        assert [program for _, program in mailing.opt_outs()] == [EMAIL]
        assert {role for role, _ in browser.roles()} >= {"main", "heading", "list", "link"}
        browser.clicks("a")
        browser.waits("document.readyState === 'complete' && document.title === 'Stop our advertising by post?'")
        browser.clicks("button")
        browser.waits("document.readyState === 'complete' && document.title === 'You are unsubscribed'")
        assert [program for _, program in mailing.opt_outs()] == [EMAIL, POST]
        assert browser.gives("document.cookie") == ""


@pytest.mark.parametrize("width", [280, 360, 1_000])
def test_it_fits(mailing: Mailing, browser: Browser, width: int) -> None:
    """At any width nothing reaches past the edge, the style is let in, and a button is large enough for a finger."""
    mailing.given(contest_entry(1))
    with app_served(app_of(mailing.unsubscriber)) as address:
        for path in (mailing.token(), "cut"):
            browser.goes(f"{address}/u/{path}", width)
            assert browser.gives(PAST_THE_EDGE) == 0
            assert browser.gives("getComputedStyle(document.querySelector('h1')).fontSize") == "28px"
        browser.goes(f"{address}/u/{mailing.token()}", width)
        assert browser.gives("document.querySelector('button').getBoundingClientRect().height") >= 44
        browser.clicks("button")
        browser.waits("document.readyState === 'complete' && document.title === 'You are unsubscribed'")
        assert browser.gives(PAST_THE_EDGE) == 0
