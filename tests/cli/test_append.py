"""pledger append: good lines in, bad lines told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.sample import COLLECTED, opt_out
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


pytestmark = pytest.mark.usefixtures("begun")


def test_good_lines_are_appended_and_bad_ones_told_by_number(pledger: Callable[..., Ran]) -> None:
    """Each bad line is named with every problem in it, and keeps no other line out."""
    bad = opt_out("x", "2016-05-01T00:00:00", program="fax", via="portal", whim=1)
    ran = pledger(
        "append", "-", "--format", "json", stdin=lines(COLLECTED, "{", "", bad, opt_out("o-1"), "[]", opt_out("o-2"))
    )
    report = ran.json
    assert ran.code == 1
    assert (report["lines"], report["appended"], report["events"]) == (6, 3, 4)
    assert [one["line"] for one in report["rejected"]] == [2, 4, 6]
    assert [one["fact"] for one in report["rejected"]] == [None, "/shop x", None]
    assert {problem["where"] for problem in report["rejected"][1]["problems"]} == {"time", "data.program", "data.whim"}
    assert "marked-value" not in ran.out + ran.err


def test_the_same_file_again_changes_nothing(pledger: Callable[..., Ran]) -> None:
    """A repeated line is counted as repeated, and the log stays as long as it was."""
    text = lines(COLLECTED, opt_out("o-1"))
    first = pledger("append", "-", "--format", "json", stdin=text)
    again = pledger("append", "-", "--format", "json", stdin=text)
    assert (first.code, again.code) == (0, 0)
    assert (again.json["appended"], again.json["repeated"], again.json["events"]) == (0, 2, 0)
    assert pledger("status", "--format", "json").json["events"] == 4  # The policy, the collection, two changes.


def test_the_same_id_with_other_content_is_rejected(pledger: Callable[..., Ran]) -> None:
    """A source and id stand for one fact for ever."""
    pledger("append", "-", stdin=lines(opt_out("o-1")))
    ran = pledger("append", "-", "--format", "json", stdin=lines(opt_out("o-1", "2016-05-02T00:00:00Z")))
    assert ran.code == 1
    assert [one["code"] for one in ran.json["rejected"]] == ["fact_conflict"]


def test_a_breach_is_stored_with_its_findings_and_an_enforced_one_refused(pledger: Callable[..., Ran]) -> None:
    """What happened is kept with what is wrong with it; what was only asked for is not done."""
    mail = cloud_event("message", "m-1", "2016-06-01T00:00:00Z", program="email_marketing")
    asked = {**mail, "id": "m-2", "data": {**mail["data"], "mode": "enforce", "message_id": "m-2"}}
    ran = pledger("append", "-", "--format", "json", stdin=lines(COLLECTED, opt_out("o-1"), mail, asked))
    assert ran.code == 1  # One was refused.
    pairs = {(pair["promise"], pair["code"]) for pair in ran.json["findings"][0]["findings"]}
    assert pairs == {("P03", "point_not_registered")}  # What is known at once is said at once.
    pairs = {(pair["promise"], pair["code"]) for pair in ran.json["findings"][1]["findings"]}
    assert pairs == {("P11", "not_enrolled"), ("P17", "mailed_after_opt_out"), ("P18", "mailed_after_opt_out")}
    assert {pair["promise"] for pair in ran.json["refused"][0]["findings"]} == {"P11", "P17", "P18"}
    assert [(one["line"], sorted(one["promises"])) for one in ran.json["findings"]] == [
        (1, ["P03"]),
        (3, ["P11", "P17", "P18"]),
    ]
    assert [(one["line"], sorted(one["promises"])) for one in ran.json["refused"]] == [(4, ["P11", "P17", "P18"])]
    status = pledger("status", "--format", "json").json
    assert (status["by_type"]["MessageSent"], status["by_type"]["UseRefused"]) == (1, 1)
    assert status["findings"] == {"P03": 1, "P11": 1, "P17": 1, "P18": 1}


def test_lines_that_are_too_long_not_utf_8_or_of_another_system_are_reported(pledger: Callable[..., Ran]) -> None:
    """The good lines of any file are appended; a byte order mark and Windows line ends do no harm."""
    stream = (
        b"\xef\xbb\xbf"
        + json.dumps(opt_out("o-1")).encode()
        + b"\r\n\xff\xfe\n"
        + b'{"pad": "'
        + b"x" * 300_000
        + b'"}\n'
        + json.dumps(opt_out("o-2")).encode()
    )
    report = pledger("append", "-", "--format", "json", stdin=stream).json
    assert (report["lines"], report["appended"]) == (4, 2)
    assert [one["line"] for one in report["rejected"]] == [2, 3]


def test_a_file_that_is_not_there_is_reported(pledger: Callable[..., Ran]) -> None:
    """The error says what happened, why, and what to do, and no trace is shown."""
    ran = pledger("append", "nowhere.jsonl")
    assert ran.code == 1
    assert "nowhere.jsonl cannot be read" in ran.err
    assert "Traceback" not in ran.err


def test_a_malformed_line_is_named_only_by_a_source_and_an_id_that_could_be_ones(pledger: Callable[..., Ran]) -> None:
    """Nothing of a malformed line is repeated but a source and an id that keep to the contract."""
    named: list[dict[str, object]] = [
        {"source": "/a", "id": "1"},
        {"source": "/a b", "id": "2"},
        {"source": "/a", "id": 3},
        {"source": "/a", "id": "x" * 256},
        {"id": "5"},
    ]
    ran = pledger("append", "-", "--format", "json", stdin=lines(*named, '{"source": "/\\ud800", "id": "6"}'))
    assert [one["fact"] for one in ran.json["rejected"]] == ["/a 1", None, None, None, None, None]


def test_the_table_shows_what_the_json_holds(pledger: Callable[..., Ran]) -> None:
    """People see counts, findings and bad lines."""
    ran = pledger("append", "-", stdin=lines(COLLECTED, "{"))
    assert "1 facts appended" in ran.out
    assert "line 2" in ran.out


def test_what_is_beside_findings_is_said_in_words(pledger: Callable[..., Ran]) -> None:
    """Values that match nobody, and the records that an erasure left out, each with what to do."""
    read = {"user.contact.email": "ada@example.org"}
    told = (
        cloud_event("collection", "a", values={"user.contact.email": "ada at example"}),
        cloud_event("collection", "b", "2016-04-02T11:15:00Z", values=read, reference="2"),
        cloud_event("collection", "c", "2016-04-02T11:15:00Z", "guest:F-1", values=read),
        cloud_event("unlink", "d", "2016-04-03T11:15:00Z", **{"with": "guest:F-1"}),
        cloud_event("erasure", "e", "2016-04-02T10:30:00Z"),
    )
    ran = pledger("append", "-", stdin=lines(*told))
    text = " ".join(ran.out.split())
    assert "line 1: /shop a. The value of user.contact.email is not one address or number." in text
    assert "line 4: /shop d. Nobody was linked or parted: two were to be parted who were not one person" in text
    assert "line 5: /shop e. Facts of a later time than the erasure's were told before it, and went with it." in text
    assert "line 5: /shop e. The request stays open: addresses of the person stand on other records, id:" in text


def test_a_report_says_where_else_the_addresses_stand(pledger: Callable[..., Ran]) -> None:
    """Beside the report and not in it, until somebody said that the other record is another's."""
    read = {"user.contact.email": "ada@example.org"}
    told = (cloud_event("collection", "a", values=read), cloud_event("collection", "c", 2, "guest:F-1", values=read))
    pledger("append", "-", stdin=lines(*told))
    ran = pledger("report", "customer:1")
    assert "Addresses of the person stand on other records, id:" in " ".join(ran.err.split())
    assert pledger("links", "reject", "customer:1", "guest:F-1", "--reason", "her son").code == 0
    assert "other records" not in pledger("report", "customer:1").err
