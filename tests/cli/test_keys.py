"""`pledger keys`: made, listed and revoked; shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_documents import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


@pytest.mark.usefixtures("begun")
def test_the_life_of_a_key(pledger: Callable[..., Ran]) -> None:
    """A key is shown when it is made and never again; revoking it a second time changes nothing."""
    scoped = ("--source", "/shop", "--source", "/till", "--purpose", "run_contest", "--days", "30")
    made = pledger("keys", "create", "till 4", "--role", "service", *scoped, "--format", "json").json
    assert made["scope"] == {
        "sources": ["/shop", "/till"],
        "collection_points": None,
        "purposes": ["run_contest"],
        "recipients": None,
        "sealed_values": False,
        "vouch": False,
    }
    listed = pledger("keys", "list", "--format", "json").json["keys"]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    shown = pledger("keys", "list").out
    assert made["key"] not in shown
    assert "sources: /shop, /till" in shown
    check("keys create", made)
    check("keys list", {"keys": []})
    for _ in range(2):
        revoked = pledger("keys", "revoke", made["name"], "--format", "json")
        assert (revoked.code, revoked.json) == (0, {"revoked": made["name"]})
        check("keys revoke", revoked.json)
    (after,) = pledger("keys", "list", "--format", "json").json["keys"]
    assert after["revoked_at"]
    assert "revoked" in pledger("keys", "list").out


@pytest.mark.usefixtures("begun")
def test_what_is_wrong(pledger: Callable[..., Ran]) -> None:
    """An unknown role and an unknown key are errors."""
    assert pledger("keys", "create", "x", "--role", "king").code == 2
    ran = pledger("keys", "create", "x", "--role", "service", "--sealed-values")
    assert (ran.code, "grant_not_for_role" in ran.err) == (1, True)
    assert pledger("keys", "create", "x", "--role", "auditor", "--sealed-values").code == 0
    assert "sealed values, too" in pledger("keys", "list").out
    ran = pledger("keys", "create", "x", "--role", "officer", "--vouch")
    assert (ran.code, "grant_not_for_role" in ran.err) == (1, True)
    made = pledger("keys", "create", "login", "--role", "service", "--vouch", "--format", "json")
    assert made.json["scope"]["vouch"]
    assert "may vouch" in pledger("keys", "list").out
    ran = pledger("keys", "revoke", "00000000")
    assert (ran.code, "no_such_key" in ran.err) == (1, True)
    assert (
        "all that the role may" in pledger("keys", "create", "x", "--role", "admin").out + pledger("keys", "list").out
    )
