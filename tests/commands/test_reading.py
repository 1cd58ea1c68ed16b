"""The reading commands, whose JSON is a contract."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands.sample import COLLECTED, lines, opt_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Ran

SHARE: dict[str, Any] = opt_out(
    "s-1",
    type="pledger.share.v1",
    time="2016-04-03T00:00:00Z",
    data={
        "recipient": "nobody-known",
        "purpose": "run_contest",
        "categories": ["user.contact.email"],
        "reference": "C-1",
    },
)


@pytest.fixture(autouse=True)
def _ledger(pledger: Callable[..., Ran]) -> None:
    assert pledger("init").code == 0
    second = opt_out("o-2", data={"program": "email_marketing", "via": "portal", "also": ["email:Ada@Example.org"]})
    assert pledger("append", "-", stdin=lines(COLLECTED, SHARE, opt_out("o-1"), second)).code == 0


def test_status_is_a_contract(pledger: Callable[..., Ran]) -> None:
    """The keys of status, and what they count."""
    status = pledger("status", "--format", "json").json
    assert set(status) == {
        *("ledger", "policy", "events", "streams", "by_type", "subscriptions", "findings", "projections"),
    }
    assert status["events"] == sum(status["by_type"].values()) == 6
    assert status["streams"] == {"customer": 1, "visitor": 0, "company": 1}
    assert status["by_type"] == {
        "CustomerEnrolled": 1,
        "CustomerOptedOut": 2,
        "DataCollected": 1,
        "DataShared": 1,
        "PolicyPublished": 1,
    }
    assert status["subscriptions"] == {
        "email_marketing": {"enrolled": 0, "opted_out": 1},
        "physical_mailings": {"enrolled": 0, "opted_out": 0},
    }
    assert status["projections"]["subscriptions"] == {"position": 6, "behind": 0}


def test_subscriptions_is_a_contract(pledger: Callable[..., Ran]) -> None:
    """State now, and every change with its cause; the same by any name of the person."""
    document = pledger("subscriptions", "customer:1", "--format", "json").json
    assert set(document) == {"customer", "as_of", "person", "now", "changes"}
    assert document["now"] == {"email_marketing": "opted_out"}
    assert [(change["state"], change["because_of"], change["fact"]) for change in document["changes"]] == [
        ("enrolled", "contest_entry", "/website c-1"),
        ("opted_out", "portal", "/website o-1"),
        ("opted_out", "portal", "/website o-2"),
    ]
    assert set(document["changes"][0]) == {
        *("position", "program", "state", "cause", "via", "because_of", "time", "fact", "broken"),
    }
    assert datetime.fromisoformat(document["changes"][0]["time"]) == datetime.fromisoformat("2016-04-02T10:15:00Z")
    by_mail = pledger("subscriptions", "email:ada@example.org", "--format", "json").json
    assert by_mail["changes"] == document["changes"]


def test_as_of_asks_what_was_known_or_what_had_happened(pledger: Callable[..., Ran]) -> None:
    """A position and a time both give the state before the opt-out."""
    for as_of in ("3", "2016-04-30T00:00:00Z"):
        document = pledger("subscriptions", "customer:1", "--as-of", as_of, "--format", "json").json
        assert document["now"] == {"email_marketing": "enrolled"}, as_of
    assert pledger("subscriptions", "customer:1", "--as-of", "yesterday").code == 1


def test_sharing_is_a_contract(pledger: Callable[..., Ran]) -> None:
    """To whom, for what, on which ground."""
    document = pledger("sharing", "customer:1", "--format", "json").json
    assert set(document) == {"customer", "as_of", "person", "shares"}
    (share,) = document["shares"]
    assert set(share) == {
        *("position", "time", "recipient", "kind", "purpose", "categories", "relies_on", "fact", "broken", "excused"),
    }
    assert (share["recipient"], share["kind"], share["relies_on"]) == (
        "nobody-known",
        "service_provider",
        ["/website c-1"],
    )


def test_report_shows_values_and_goes_to_a_file_that_only_its_owner_reads(
    pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """The access report holds the opened values; on disk it is private."""
    document = pledger("report", "customer:1", "--format", "json").json
    assert document["report"] == "access"
    assert "marked-value@example.org" in str(document["data"])
    path = tmp_path / "report.txt"
    assert pledger("report", "customer:1", "--output", str(path)).code == 0
    assert "marked-value@example.org" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["subscriptions", "sharing", "report"])
def test_an_unknown_customer_is_told_and_not_repeated(pledger: Callable[..., Ran], command: str) -> None:
    """The error names no name, since it could be an e-mail address."""
    for name in ("customer:2", "email:other@example.org", "id:zzz", "visitor:1", "nonsense"):
        ran = pledger(command, name)
        assert ran.code == 1
        assert "There is no such customer" in ran.err
        assert name not in ran.err


def test_tables_are_for_people(pledger: Callable[..., Ran]) -> None:
    """Each command has a readable form."""
    for command in (("status",), ("subscriptions", "customer:1"), ("sharing", "customer:1"), ("report", "customer:1")):
        ran = pledger(*command)
        assert ran.code == 0
        assert len(ran.out.splitlines()) > 2
