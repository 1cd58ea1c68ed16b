"""The reading commands, whose JSON is a contract."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.cli.private_file import FileNotWritten, write_private
from tests.cli.sample import COLLECTED, ORDERED, SHARED, opt_out
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

SHARE: dict[str, Any] = cloud_event(
    "share",
    "s-1",
    "2016-04-03T00:00:00Z",
    recipient="nobody-known",
    purpose="run_contest",
    categories=["user.contact.email"],
    reference="C-1",
)


@pytest.fixture(autouse=True)
def _ledger(begun: None, pledger: Callable[..., Ran]) -> None:
    second = opt_out("o-2", program="email_marketing", via="portal", also=["email:Ada@Example.org"])
    assert pledger("append", "-", stdin=lines(COLLECTED, SHARE, opt_out("o-1"), second)).code == 0


def test_status_is_a_contract(pledger: Callable[..., Ran]) -> None:
    """The keys of status, and what they count."""
    status = pledger("status", "--format", "json").json
    assert set(status) == {
        *("ledger", "policy", "events", "streams", "amiss", "by_type", "subscriptions", "findings", "projections"),
        *("erasures", "opt_out_bursts"),
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
    """State now, and every change with its cause; the same by the person's id. Their contact point names nobody."""
    document = pledger("subscriptions", "customer:1", "--format", "json").json
    assert set(document) == {"customer", "as_of", "person", "erased_at", "erased_by", "now", "owed", "changes"}
    assert document["now"] == {"email_marketing": "opted_out"}
    assert [(change["state"], change["because_of"], change["fact"]) for change in document["changes"]] == [
        ("enrolled", "contest_entry", "/shop c-1"),
        ("opted_out", "portal", "/shop o-1"),
        ("opted_out", "portal", "/shop o-2"),
    ]
    assert set(document["changes"][0]) == {
        *("position", "program", "state", "cause", "via", "because_of", "time", "fact", "broken"),
    }
    assert datetime.fromisoformat(document["changes"][0]["time"]) == datetime.fromisoformat("2016-04-02T10:15:00Z")
    by_id = pledger("subscriptions", f"id:{document['person']}", "--format", "json").json
    assert by_id["changes"] == document["changes"]
    assert "unknown_customer" in pledger("subscriptions", "email:ada@example.org").err


def test_as_of_asks_what_was_known_or_what_had_happened(pledger: Callable[..., Ran]) -> None:
    """A position and a time both give the state before the opt-out."""
    for as_of in ("3", "2016-04-30T00:00:00Z"):
        document = pledger("subscriptions", "customer:1", "--as-of", as_of, "--format", "json").json
        assert document["now"] == {"email_marketing": "enrolled"}, as_of


@pytest.mark.parametrize("command", ["subscriptions", "sharing", "report"])
@pytest.mark.parametrize(
    "as_of",
    ["yesterday", "", "²", "9" * 5000, str(2**63), "2016-04-30T00:00:00", "0001-01-01T00:00:00+01:00", "10000-01-01"],
)
def test_a_moment_that_cannot_be_is_reported(pledger: Callable[..., Ran], command: str, as_of: str) -> None:
    """The error is about --as-of, and says nothing of facts that were not stored."""
    ran = pledger(command, "customer:1", "--as-of", as_of)
    assert (ran.code, "bad_as_of" in ran.err) == (1, True)
    assert "stored" not in ran.err


def test_the_last_moment_can_be_asked_about(pledger: Callable[..., Ran]) -> None:
    """The end of the last year is a moment like others."""
    assert pledger("report", "customer:1", "--as-of", "9999-12-31T23:59:59-00:00").code == 0


def test_sharing_is_a_contract(pledger: Callable[..., Ran]) -> None:
    """To whom, for what, on which ground."""
    document = pledger("sharing", "customer:1", "--format", "json").json
    assert set(document) == {"customer", "as_of", "person", "erased_at", "erased_by", "shares"}
    (share,) = document["shares"]
    assert set(share) == {
        *("position", "time", "recipient", "kind", "purpose", "categories", "relies_on", "fact", "broken", "excused"),
    }
    assert (share["recipient"], share["kind"], share["relies_on"]) == (
        "nobody-known",
        "service_provider",
        ["/shop c-1"],
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


def test_a_report_takes_the_place_of_a_file_and_says_so_in_one_document(
    pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """A file that others could read is replaced by a private one; with JSON, standard output is one document."""
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o644)
    ran = pledger("report", "customer:1", "--output", str(path), "--format", "json")
    assert ran.json == {"output": str(path), "format": "json"}
    assert json.loads(path.read_text())["report"] == "access"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".pledger-*")) == []


def test_a_report_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where writing stops halfway nobody else could read it, and no half of it stays."""
    modes: list[int] = []

    def replace(draft: Path, _: Path) -> None:
        modes.append(draft.stat().st_mode & 0o777)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(FileNotWritten):
        write_private(tmp_path / "report.txt", "text")
    assert modes == [0o600]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("place", ["missing/report.txt", ".", "pipe", "x" * 300, "loop"])
def test_a_place_that_takes_no_file_is_reported(pledger: Callable[..., Ran], tmp_path: Path, place: str) -> None:
    """A missing folder, a folder, a pipe, a name that is too long and a circle of links end in three sentences."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        ran = pledger("report", "customer:1", "--output", str(tmp_path / place))
        assert (ran.code, "file_not_written" in ran.err) == (1, True)
        assert (tmp_path / "pipe").is_fifo()
    finally:
        os.close(reader)


@pytest.mark.parametrize("command", ["subscriptions", "sharing", "report"])
def test_an_unknown_customer_is_told_and_not_repeated(pledger: Callable[..., Ran], command: str) -> None:
    """The error names no name, since it could be an e-mail address."""
    for name in ("customer:2", "email:other@example.org", "id:zzz", "visitor:1", "nonsense", "customer:\udcff"):
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


def test_sharing_shows_the_ground_and_what_the_law_excused(pledger: Callable[..., Ran]) -> None:
    """The table names the collections that a share rests on, and a breach that was demanded by law as excused."""
    court = cloud_event(
        "recipient_registered",
        "r-1",
        "2016-04-01T00:00:00Z",
        recipient="court",
        roles=["authority"],
        categories=["user.contact.address"],
    )
    data = {**SHARED["data"], "recipient": "court", "kind": "legal_obligation", "purpose": "legal_obligation"}
    assert pledger("append", "-", stdin=lines(ORDERED, court, {**SHARED, "data": data})).code == 0
    for columns in ("80", "200"):
        shown = pledger("sharing", "customer:1", COLUMNS=columns).out
        assert "on the ground of" in shown, columns
        assert "/shop c-2" in shown, columns
        assert "excused: P05" in shown, columns


@pytest.mark.parametrize("columns", ["60", "80", "130", "200"])
def test_no_word_of_a_table_is_cut(pledger: Callable[..., Ran], columns: str) -> None:
    """On a narrow screen a table becomes records; each word stays whole, and no line is wider than the screen."""
    assert pledger("append", "-", stdin=lines(ORDERED, SHARED)).code == 0
    shown = pledger("sharing", "customer:1", COLUMNS=columns).out
    for word in ("nobody-known", "deliver_order", "user.contact.address", "service_provider", "P05"):
        assert word in shown.split(), word
    assert max(map(len, shown.splitlines())) <= int(columns)
