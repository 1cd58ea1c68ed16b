"""`pledger policy check` and `pledger policy diff`, from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import DEFAULT_POLICY, POLICIES
from tests.cli.audit_sample import HISTORY
from tests.cli.test_documents import check
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

FIRST = str(DEFAULT_POLICY)
NEWSLETTER = str(next(POLICIES.glob("newsletter-*.toml")))


@pytest.fixture
def lenient(tmp_path: Path) -> str:
    """Write the first policy with a grace of a month after an opt-out."""
    path = tmp_path / "lenient.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    assert "opt_out_grace_seconds = 0" in text
    path.write_text(text.replace("opt_out_grace_seconds = 0", "opt_out_grace_seconds = 2678400", 1), encoding="utf-8")
    return str(path)


def test_a_good_file(pledger: Callable[..., Ran]) -> None:
    """A summary, what the text leaves open, and each contradiction with an example, without a ledger."""
    ran = pledger("policy", "check", FIRST, "--format", "json")
    document = ran.json
    assert (ran.code, document["is_valid"], document["promises"]) == (0, True, 34)
    check("policy check", {**document, "problems": [{"line": 1, "where": "", "what": ""}]})
    found = {(one["permits"], one["forbids"]): one for one in document["contradictions"]}
    assert found["P16", "P04"]["readings"]["strict"][0]["act"] == "order"
    assert pledger("policy", "check", FIRST, "--format", "json").out == ran.out
    screen = pledger("policy", "check", FIRST).out
    assert "8 contradictions: one promise permits what another forbids." in screen
    assert "such as enrolling in email marketing, after order" in screen
    assert "No promise forbids what another one permits" in pledger("policy", "check", NEWSLETTER).out


def test_a_bad_file(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Every problem is listed with its line, and the exit code is 1."""
    path = tmp_path / "bad.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    path.write_text(text.replace('kind = "opt_out_permanent"', 'kind = "opt_out_for_ever"').replace('"P03"', '"P02"'))
    ran = pledger("policy", "check", str(path), "--format", "json")
    assert (ran.code, ran.json["is_valid"]) == (1, False)
    found = {one["line"]: one["what"] for one in ran.json["problems"]}
    lines_of = text.splitlines()
    assert next(number for number, line in enumerate(lines_of, 1) if 'kind = "opt_out_permanent"' in line) in found
    assert len(found) >= 2
    shown = pledger("policy", "check", str(path))
    assert (shown.code, shown.err.count(f"{path}:")) == (1, len(ran.json["problems"]))
    assert "policy_unreadable" in pledger("policy", "check", str(tmp_path / "none.toml")).err


def test_two_files(pledger: Callable[..., Ran], lenient: str) -> None:
    """Differences in data are listed; a file does not differ from itself."""
    document = pledger("policy", "diff", FIRST, lenient, "--format", "json").json
    assert [(one["where"], one["before"], one["after"]) for one in document["changes"]] == [
        ("parameters.opt_out_grace_seconds", 0, 2_678_400)
    ]
    assert document["history"] is None
    assert "As data they are the same." in pledger("policy", "diff", FIRST, FIRST).out
    assert "roles" in pledger("policy", "diff", FIRST, NEWSLETTER).out


@pytest.mark.parametrize("on_ledger", [True, False], ids=["a ledger", "a trace"])
def test_on_a_history(pledger: Callable[..., Ran], lenient: str, tmp_path: Path, *, on_ledger: bool) -> None:
    """The mails within the grace are what changes its verdict, from broken to kept, and nothing else."""
    trace = tmp_path / "trace.jsonl"
    trace.write_text(lines(*HISTORY))
    if on_ledger:
        assert pledger("init").code == 0
        assert pledger("append", str(trace)).code == 0
    where = ["--on-history"] if on_ledger else ["--trace", str(trace)]
    ran = pledger("policy", "diff", FIRST, lenient, *where, "--format", "json")
    document: dict[str, Any] = ran.json
    check("policy diff", document)
    told = document["history"]["readings"]["harmonised"]
    changed = {one["event"]: (one["before"], one["after"]) for one in told["facts"]}
    assert changed["/shop queued"] == (["P11", "P17", "P18"], [])
    assert all(set(after) < set(before) for before, after in changed.values())
    assert {one["promise"] for one in told["promises"]} <= {"P11", "P17", "P18"}
    screen = pledger("policy", "diff", FIRST, lenient, *where).out
    assert "/shop queued" in screen
    assert json.loads(pledger("policy", "diff", FIRST, FIRST, *where, "--format", "json").out)["history"]["readings"][
        "strict"
    ] == {"promises": [], "facts": []}
