"""What a reconciliation found stands in the audit, beside the promises that it is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_reconcile import log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["log"]


@pytest.fixture
def filed(log: Callable[..., Ran], tmp_path: Path) -> Path:
    """Write what a send log showed to a file."""
    path = tmp_path / "found.json"
    ran = log("--output", str(path))
    assert ran.code == 0
    assert f"pledger audit --reconciled {path}".split()[-1].rsplit("/", 1)[-1] in ran.out
    return path


def test_it_stands_beside_the_promise(filed: Path, pledger: Callable[..., Ran]) -> None:
    """A mail that was not recorded is listed under each promise that it would have broken; no verdict changes."""
    bare = pledger("audit", "--format", "json").json
    told = pledger("audit", "--reconciled", str(filed), "--format", "json").json
    assert bare["reconciliations"] == []
    (held,) = told["reconciliations"]
    assert held == json.loads(filed.read_text())
    p17 = told["readings"]["harmonised"]["P17"]
    (one,) = p17["outside"]
    assert (one["reconciliation"], one["line"], one["digest"]) == ("send-log", 3, held["digest"])
    assert "The person had left the program." in one["why"]
    assert "outside" not in told["readings"]["harmonised"]["P22"]
    assert "outside" not in told["readings"]["strict"]["P17"]
    assert {name: one["status"] for name, one in told["readings"]["harmonised"].items()} == {
        name: one["status"] for name, one in bare["readings"]["harmonised"].items()
    }
    assert told["digest"] != bare["digest"]


def test_what_no_file_confirms(filed: Path, pledger: Callable[..., Ran]) -> None:
    """A recorded mail that the log lacks is listed under each promise for which it is evidence."""
    told = pledger("audit", "--reconciled", str(filed), "--format", "json").json
    assert told["readings"]["harmonised"]["P17"]["unconfirmed"] == ["/shop m-9"]
    assert told["readings"]["permissive"]["P17"]["unconfirmed"] == ["/shop m-9"]
    assert "unconfirmed" not in told["readings"]["harmonised"]["P22"]


def test_people_read_it(filed: Path, pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """The terminal and the page tell of it, with the lines."""
    screen = " ".join(pledger("audit", "--reconciled", str(filed)).out.split())
    assert "found outside: what is not on record would have broken it (send-log, line 3," in screen
    assert "HELD AGAINST OTHER SYSTEMS 1 file" in screen
    assert "line 3: not on record, and would have broken P" in screen
    page = tmp_path / "audit.html"
    assert pledger("audit", "--reconciled", str(filed), "--format", "html", "--output", str(page)).code == 0
    assert "What other systems show" in page.read_text()
    assert "no file confirms" in page.read_text()
    assert "What other systems show" not in pledger("audit", "--format", "html").out


def test_a_period(filed: Path, pledger: Callable[..., Ran]) -> None:
    """Only what lies in the audit's period, and before its time, is listed."""
    early = pledger("audit", "--reconciled", str(filed), "--to", "2016-05-01T00:00:00Z", "--format", "json").json
    assert [one["kind"] for one in early["reconciliations"][0]["discrepancies"]] == ["time_differs", "not_confirmed"]
    assert "outside" not in early["readings"]["harmonised"]["P17"]
    as_of = pledger("audit", "--reconciled", str(filed), "--as-of", "2016-04-01T00:00:00Z", "--format", "json").json
    assert as_of["reconciliations"][0]["discrepancies"] == []


def test_what_cannot_be_used(filed: Path, pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A file that was changed, belongs to another ledger or policy, or has another format is refused and not quoted."""
    document: dict[str, Any] = json.loads(filed.read_text())
    changed = tmp_path / "changed.json"
    for other, why in (
        (json.dumps({**document, "rows": 99}), "somebody changed it"),
        (json.dumps({**document, "discrepancies": [{"kind": "marked"}]}), "is wrong"),
        (json.dumps([1, 2]), "is wrong"),
        ("marked", "is not JSON"),
    ):
        changed.write_text(other)
        ran = pledger("audit", "--reconciled", str(changed))
        assert (ran.code, ran.out, "reconciliation_unusable" in ran.err) == (1, "", True)
        assert why in " ".join(ran.err.split())
        assert "marked" not in ran.err
    assert "reconciliation_unusable" in pledger("audit", "--reconciled", str(tmp_path / "none.json")).err
    for words in (("--trace", "-"), ("--customer", "customer:1")):
        assert "options_disagree" in pledger("audit", "--reconciled", str(filed), *words).err
