"""`pledger send`: a file of facts to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.api_keys.roles import Role
from tests.cli.conftest import environment, pledger
from tests.cli.test_documents import check
from tests.client.test_clients import app, client, key, server, service
from tests.controls import CUSTOMER, cloud_event, lines, verified
from tests.http.conftest import entry, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran
    from tests.client.test_clients import Address

__all__ = ["app", "client", "environment", "key", "pledger", "server", "service"]


def test_a_file(server: Address, key: Callable[..., dict[str, str]], pledger: Callable[..., Ran]) -> None:
    """Good lines are stored, bad ones told by number, breaches named; the same file again changes nothing."""
    address, secret = server
    odd = {"values": {"user.contact.email": "marked-value"}, "also": [verified("customer:9")]}
    order, sold = entry("a", act="order", **odd), share("s", reference="a")
    text = lines(order, {**order, "id": "b", "time": "noon"}, sold) + "[1]\nmarked-value\n"
    first = pledger("send", "-", "--to", address, "--format", "json", stdin=text, PLEDGER_API_KEY=secret)
    assert first.code == 1
    report = first.json
    assert (report["sent"], report["appended"], report["repeated"]) == (3, 2, 0)
    assert [(one["line"], one["code"]) for one in report["rejected"]] == [
        (2, "malformed_fact"),
        (4, "malformed_fact"),
        (5, "malformed_fact"),
    ]
    assert report["findings"] == [{"line": 3, "fact": "/shop s", "promises": report["findings"][0]["promises"]}]
    assert report["unread"] == [{"line": 1, "fact": "/shop a", "categories": ["user.contact.email"]}]
    assert report["not_linked"] == [{"line": 1, "fact": "/shop a", "because": ["not_vouched"]}]
    ended = cloud_event("name_ended", "ended", "2016-01-01T00:00:00Z", CUSTOMER, name=CUSTOMER)
    officer = key(Role.OFFICER)["Authorization"].removeprefix("Bearer ")
    by_officer = pledger("send", "-", "--to", address, "--format", "json", stdin=lines(ended), PLEDGER_API_KEY=officer)
    check("send", {**report, "later": by_officer.json["later"]})
    again = pledger("send", "-", "--to", address, stdin=lines(order, sold), PLEDGER_API_KEY=secret)
    assert (again.code, again.out) == (0, "0 facts were appended, 2 were there already.\n")
    assert "marked" not in first.out + first.err


def test_what_is_wrong(server: Address, pledger: Callable[..., Ran]) -> None:
    """Without a key, with a wrong one, and without a file nothing is sent."""
    address, _ = server
    assert "no_key" in pledger("send", "-", "--to", address, stdin="{}").err
    wrong = pledger("send", "-", "--to", address, stdin="{}", PLEDGER_API_KEY="plk_x")
    assert (wrong.code, "server_problem" in wrong.err) == (1, True)
    assert "file_unreadable" in pledger("send", "/nowhere", "--to", address, PLEDGER_API_KEY="k").err
