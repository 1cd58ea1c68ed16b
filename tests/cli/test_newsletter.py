"""A ledger under the second policy, from `init --policy` to the audit: no command knows which company it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.vocabulary import EMAIL
from tests.controls import lines
from tests.newsletter import (
    COMPANY,
    PATH,
    READER,
    asked_to_be_forgotten,
    confirmation,
    forgotten,
    issue,
    left,
    newsletter,
    partners_announced,
    sent,
    shared,
    sign_up,
    verified,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.cli.conftest import Ran

AS_OF = "2021-08-01T00:00:00Z"
READ = (*COMPANY[1:], sign_up(1), issue(2), confirmation(3), issue(4), partners_announced(5), shared(34))
"""What `init` does not record by itself, and a reader to whom two promises are broken."""


def enforced(fact: dict[str, Any]) -> dict[str, Any]:
    """Return a fact that is asked for, and not told."""
    return {**fact, "id": f"may-{fact['id']}", "data": {**fact["data"], "mode": "enforce"}}


@pytest.fixture
def letter(pledger: Callable[..., Ran]) -> Callable[..., Any]:
    """Run commands on a ledger of the newsletter's, and give their document; facts are appended by calling it."""
    assert pledger("init", "--policy", str(PATH)).code == 0

    def run(*args: str, facts: Iterable[dict[str, Any]] = (), code: int = 0) -> Any:  # noqa: ANN401 - any document
        stdin = lines(*facts) if facts else None
        ran = pledger(*args, "--format", "json", stdin=stdin)
        assert ran.code == code, ran.err
        return ran.json

    return run


def broken(document: dict[str, Any], reading: str = "harmonised") -> dict[str, list[str]]:
    """Return the promises that an audit found broken, each with the facts that broke it."""
    return {
        promise: [one["event"] for one in verdict["violations"]]
        for promise, verdict in document["readings"][reading].items()
        if verdict["status"] == "broken"
    }


def test_a_ledger_is_created_under_the_policy(pledger: Callable[..., Ran]) -> None:
    """It is named by the policy's label, and its first event says since when the policy binds."""
    document = pledger("init", "--policy", str(PATH), "--format", "json").json
    assert (document["policy"], document["promises"]) == ("tidepaper.example/privacy 2021-05-03", 27)
    audit = pledger("audit", "--as-of", AS_OF, "--format", "json").json
    assert audit["policy_digest"] == newsletter().digest
    assert audit["policy_effective_from"] == "2021-05-10T00:00:00Z"
    assert pledger("doctor").code == 0


def test_facts_are_judged_by_it_as_they_are_appended(letter: Callable[..., Any]) -> None:
    """What breaks a promise is stored with its finding; the confirmation enrolled, and nothing else did."""
    found = letter("append", "-", facts=READ)
    assert [(one["fact"], one["promises"]) for one in found["findings"]] == [
        ("/letter issue-2", ["N06", "N07"]),
        ("/letter shared-partner-34", ["N11"]),
    ]
    subscriptions = letter("subscriptions", READER)
    assert subscriptions["now"] == {"email_marketing": "enrolled"}
    (change,) = subscriptions["changes"]
    assert (change["fact"], change["cause"]) == ("/letter confirm-3", "promotional_request")


def test_what_is_asked_for_first_is_refused_by_name(letter: Callable[..., Any]) -> None:
    """An issue before the confirmation, and a share within the thirty days, name the promise that they would break."""
    first = (*COMPANY[1:], sign_up(1), enforced(issue(2)), confirmation(3), enforced(issue(4)), partners_announced(5))
    refused = letter("append", "-", facts=first, code=1)["refused"]
    assert [(one["fact"], one["promises"]) for one in refused] == [("/letter may-issue-2", ["N06", "N07"])]
    assert {found["code"] for found in refused[0]["findings"]} == {"not_enrolled", "not_confirmed"}
    refused = letter("append", "-", facts=[enforced(shared(34)), enforced(shared(35))], code=1)["refused"]
    assert [(one["fact"], one["findings"]) for one in refused] == [
        ("/letter may-shared-partner-34", [{"promise": "N11", "code": "no_offer"}])
    ]
    audit = letter("audit", "--as-of", AS_OF)
    for reading in audit["readings"]:
        assert broken(audit, reading) == {}


def test_a_ledger_and_a_file_give_one_verdict(
    letter: Callable[..., Any], pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """The audit of a ledger finds what that of a file finds, which takes the policy that is published, or is given."""
    facts = (*READ, left(40), issue(41), asked_to_be_forgotten(50), verified(51))
    letter("append", "-", facts=facts)
    of_ledger = letter("audit", "--as-of", AS_OF)
    assert broken(of_ledger) == {
        "N06": ["/letter issue-2", "/letter issue-41"],
        "N07": ["/letter issue-2", "/letter issue-41"],
        "N09": ["/letter issue-41"],
        "N10": ["/letter issue-41"],
        "N11": ["/letter shared-partner-34"],
    }
    assert of_ledger["readings"]["harmonised"]["N17"]["status"] == "open"
    trace = tmp_path / "trace.jsonl"
    for text, options in ((lines(COMPANY[0], *facts), ()), (lines(*facts), ("--policy", str(PATH)))):
        trace.write_text(text, encoding="utf-8")
        asked = ("audit", "--trace", str(trace), "--as-of", AS_OF, *options)
        of_file = pledger(*asked, "--format", "json").json
        assert of_file["policy_digest"] == newsletter().digest
        for reading in of_ledger["readings"]:
            assert broken(of_file, reading) == broken(of_ledger, reading)
        for format_ in ("table", "html"):
            page = pledger(*asked, "--format", format_)
            assert (page.code, "The person had not confirmed" in page.out) == (0, True)


def test_who_asked_to_be_forgotten(letter: Callable[..., Any]) -> None:
    """The request stands in the list until the erasure, which keeps the promise and leaves nothing but what is owed."""
    letter("append", "-", facts=(*COMPANY[1:], sign_up(1), confirmation(2), left(3), asked_to_be_forgotten(5)))
    (request,) = letter("requests")["requests"]
    assert (request["kind"], request["request"]) == ("erasure", "R-1")
    letter("append", "-", facts=(verified(6), forgotten(7)))
    audit = letter("audit", "--as-of", AS_OF)
    assert audit["readings"]["harmonised"]["N17"]["status"] == "kept"
    assert audit["readings"]["harmonised"]["N17"]["evidence"] == ["#24", "#26"]
    assert broken(audit) == {}
    again = {**sign_up(20, "S-2"), "id": "again"}
    letter("append", "-", facts=[again])
    (owed,) = letter("suppressions")["entries"]
    assert (owed["owed"], owed["because_of"]) == ("email_marketing", "suppression_list")
    letter("append", "-", facts=[confirmation(21, "S-2")])
    assert letter("suppressions")["entries"] == []


def test_every_command_reads_it(letter: Callable[..., Any], pledger: Callable[..., Ran]) -> None:
    """A fact is explained, a person gets their report in words, and the lists and counts are made."""
    letter("append", "-", facts=READ)
    document = letter("explain", "/letter issue-2")
    said = {one["promise"]: one["why"] for one in document["readings"]["strict"]}
    assert said["N07"].startswith("The person had not confirmed that they want it: program email_marketing;")
    (given,) = letter("sharing", READER)["shares"]
    assert given["broken"] == ["N11"]
    page = pledger("report", READER, "--format", "html")
    assert "you had not confirmed that you want it" in page.out
    assert "marked-reader@example.org" in page.out
    assert letter("status")["findings"] == {"N06": 1, "N07": 1, "N11": 1}
    assert [one["promise"] for one in letter("activity", "--by", "promise")["promises"]] == ["N06", "N07", "N11"]
    assert letter("holdings")["categories"][EMAIL]["persons"] == 1
    assert letter("rebuild")["rebuilt"]["subscriptions"]["rows"] == 1


def test_the_first_policy_judges_the_same_history_otherwise(letter: Callable[..., Any]) -> None:
    """The same ledger under another company's word: a sign-up enrolls there, and no partner gets an address."""
    letter("append", "-", facts=READ)
    other = PATH.with_name("diamondnexus-2016-03-14.toml")
    document = letter("audit", "--as-of", AS_OF, "--policy", str(other))
    assert document["policy"].startswith("diamondnexus.com")
    assert "P18" in document["readings"]["harmonised"]
    assert document["readings"]["harmonised"]["P12"]["status"] == "broken"
    told_otherwise = sent("x", "record_read", 60, reader="r", purpose="keep_books")
    letter("append", "-", facts=[told_otherwise])
    assert broken(letter("audit", "--as-of", AS_OF)) == {
        "N06": ["/letter issue-2"],
        "N07": ["/letter issue-2"],
        "N11": ["/letter shared-partner-34"],
    }
