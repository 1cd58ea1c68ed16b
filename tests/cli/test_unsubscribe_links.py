"""`pledger unsubscribe-links`: the fields and the footer link of one message, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.sample import COLLECTED
from tests.cli.test_documents import check
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

OPTIONS = ("--program", "email_marketing", "--base-url", "https://shop.example")


@pytest.mark.usefixtures("begun")
def test_the_links_of_a_message(pledger: Callable[..., Ran]) -> None:
    """As a table each field stands on one line, ready to be taken over; as JSON they are what the page lists."""
    assert pledger("append", "-", stdin=lines(COLLECTED)).code == 0
    ran = pledger("unsubscribe-links", "customer:1", *OPTIONS, "--message-id", "m-1", COLUMNS="80")
    assert ran.code == 0
    shown = ran.out.splitlines()
    (url,) = [line for line in shown if line.startswith("https://shop.example/u/")]
    assert f"List-Unsubscribe: <{url}>" in shown
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in shown
    document = pledger("unsubscribe-links", "customer:1", *OPTIONS, "--to", "ada@example.com", "--format", "json").json
    check("unsubscribe-links", document)
    assert document["headers"]["List-Unsubscribe"] == f"<{document['footer_url']}>"


@pytest.mark.usefixtures("begun")
def test_what_is_refused(pledger: Callable[..., Ran]) -> None:
    """An unknown customer, no address of a message, an address that is not HTTPS, an unknown program: errors."""
    assert pledger("append", "-", stdin=lines(COLLECTED)).code == 0
    nowhere = pledger("unsubscribe-links", "customer:1", *OPTIONS, "--to", "marked@")
    assert (nowhere.code, "address_not_usable" in nowhere.err, "marked" in nowhere.err) == (1, True, False)
    unknown = pledger("unsubscribe-links", "email:marked@example.org", *OPTIONS)
    assert (unknown.code, "unknown_customer" in unknown.err, "marked" in unknown.err) == (1, True, False)
    http = (*OPTIONS[:3], "http://shop.example")
    wrong = pledger("unsubscribe-links", "customer:1", *http, "--format", "json")
    assert (wrong.code, wrong.out, "base_url_not_usable" in wrong.err) == (1, "", True)
    assert pledger("unsubscribe-links", "customer:1", "--program", "x", *OPTIONS[2:]).code == 2
