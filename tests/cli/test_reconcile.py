"""`pledger reconcile`: a file of another system held against the ledger, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import adapters.reconciliation
from adapters.reconciliation.report import KINDS
from tests.cli.sample import COLLECTED, opt_out
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

EXAMPLES = Path(adapters.reconciliation.__file__).parent / "mappings"
ADDRESS = "marked-value@example.org"
KNOWN: dict[str, Any] = {**COLLECTED, "data": {**COLLECTED["data"], "also": [f"email:{ADDRESS}"]}}
LOG = f"""recipient,message_id,sent_at
{ADDRESS},m-1,2016-04-20T00:00:00Z
{ADDRESS},m-3,2016-06-01T00:00:00Z
marked-nobody@example.org,m-4,2016-06-01T00:00:00Z
{ADDRESS},m-2,2016-04-22T00:00:00Z
marked,m-5,2016-06-01T00:00:00Z
marked-late@example.org,m-6,marked-time
"""


def _message(number: int, day: int) -> dict[str, Any]:
    data = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": f"m-{number}"}
    return cloud_event("message", f"m-{number}", f"2016-04-{day}T00:00:00Z", **data)


@pytest.fixture
def log(begun: None, pledger: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Hold a send log against a ledger; what is personal in either stands in nothing that is printed."""
    facts = (KNOWN, _message(1, 20), _message(2, 21), _message(9, 23), opt_out("o-1"))
    assert pledger("append", "-", stdin=lines(*facts)).code == 0
    file = tmp_path / "log.csv"
    file.write_text(LOG)

    def reconcile(*words: str, mapping: Path = EXAMPLES / "send-log.toml", kind: str = "send-log") -> Ran:
        ran = pledger("reconcile", kind, str(file), "--mapping", str(mapping), *words)
        assert "marked" not in ran.out + ran.err
        return ran

    return reconcile


def test_everything_that_differs(log: Callable[..., Ran]) -> None:
    """Each discrepancy once, with what it would have broken; bad rows by line; exit code 0 whatever is found."""
    ran = log("--format", "json")
    document = ran.json
    assert ran.code == 0
    assert [(one["kind"], one["line"], one["fact"]) for one in document["discrepancies"]] == [
        ("time_differs", 5, "/shop m-2"),
        ("not_confirmed", None, "/shop m-9"),
        ("not_recorded", 3, None),
        ("unknown_person", 4, None),
    ]
    (unrecorded,) = [one for one in document["discrepancies"] if one["kind"] == "not_recorded"]
    assert {"P11", "P17", "P18"} <= set(unrecorded["would_break"])
    counted = {"not_recorded": 1, "not_confirmed": 1, "time_differs": 1, "unknown_person": 1}
    assert document["counts"] == dict.fromkeys(KINDS, 0) | counted
    assert [one["line"] for one in document["rejected"]] == [6, 7]
    assert (document["rows"], document["confirmed"], document["outside"]) == (6, 2, 0)
    assert log("--format", "json").out == ran.out


def test_the_screen(log: Callable[..., Ran]) -> None:
    """People read the same: counts, each discrepancy, and on standard error the rows that were left out."""
    ran = log()
    assert ran.code == 0
    for words in ("line 3", "would break P11", "/shop m-9", "recorded 86,400 seconds earlier", "unknown_person"):
        assert words in ran.out
    assert "line 6 was left out: email: is not an e-mail address: it has no @" in ran.err


def test_a_period(log: Callable[..., Ran]) -> None:
    """Only rows and messages in the period are listed."""
    found = log("--from", "2016-05-01T00:00:00Z", "--to", "2016-07-01T00:00:00Z", "--format", "json").json
    assert [one["line"] for one in found["discrepancies"]] == [3, 4]
    assert (found["outside"], found["period"]["from"]) == (2, "2016-05-01T00:00:00Z")
    swapped = log("--from", "2016-05-01T00:00:00Z", "--to", "2016-04-01T00:00:00Z")
    assert (swapped.code, "options_disagree" in swapped.err) == (1, True)
    assert log("--from", "12").code == 1


def test_what_cannot_be_read(log: Callable[..., Ran], pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A mapping or a file that does not fit ends the command with exit code 1, and shows nothing of the file."""
    assert "mapping_invalid" in log(kind="carrier").err
    assert "mapping_unreadable" in log(mapping=tmp_path / "none.toml").err
    other = tmp_path / "other.toml"
    other.write_text('columns = {email = "to", time = "sent_at"}')
    ran = log("--format", "json", mapping=other)
    assert (ran.code, ran.out, "columns_not_found" in ran.err) == (1, "", True)
    missing = pledger("reconcile", "send-log", str(tmp_path / "none.csv"), "--mapping", str(EXAMPLES / "send-log.toml"))
    assert (missing.code, "rows_file_unreadable" in missing.err) == (1, True)
    assert pledger("reconcile", "gossip", "x", "--mapping", str(other)).code == 2


def test_a_log_without_rows(log: Callable[..., Ran], tmp_path: Path) -> None:
    """Without rows and without a period nothing is compared; with a period everything in it is unconfirmed."""
    (tmp_path / "log.csv").write_text("recipient,message_id,sent_at\n")
    assert log("--format", "json").json["discrepancies"] == []
    found = log("--from", "2016-04-01T00:00:00Z", "--format", "json").json
    assert [one["fact"] for one in found["discrepancies"]] == ["/shop m-1", "/shop m-2", "/shop m-9"]
    assert found["period"] == {"from": "2016-04-01T00:00:00Z", "to": None}
    assert log().code == 0
