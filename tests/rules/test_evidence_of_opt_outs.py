"""What shows mail after an opt-out: the opt-out, by its own date, or its date alone where it was forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from domain.records.customer import LAST
from tests.laws.as_told import audited, told
from tests.laws.test_late_of_erased_laws import facts_in

LINKED = "04-01 1 contest_entry O-1 email=a; 04-01 2 contest_entry O-2 email=b; 04-02 1 link 2"


def verdict(lines: str, promise: str, *, in_time: bool = False) -> dict[str, Any]:
    """Return the verdict of an audit on a promise."""
    found: dict[str, Any] = audited(told(facts_in(lines), in_time=in_time), LAST.at)["readings"]["harmonised"][promise]
    return found


@pytest.mark.parametrize("in_time", [False, True])
@pytest.mark.parametrize("promise", ["P11", "P17", "P18"])
@pytest.mark.parametrize(
    ("rest", "opt_out", "is_later"),
    [
        ("05-01 1 out email; 05-20 1 unlink 2; 06-01 2 mail", "/t f4", False),
        ("05-20 1 unlink 2; 05-01 1 out email; 06-01 2 mail", "/t f5", False),
        ("05-20 1 unlink 2; 06-01 2 mail; 05-01 1 out email", "/t f6", True),
    ],
)
def test_after_an_unlink(rest: str, opt_out: str, is_later: bool, promise: str, in_time: bool) -> None:  # noqa: FBT001 - parameters
    """The opt-out of whom the person was linked with shows it, with its date and that it was told later."""
    found = verdict(f"{LINKED}; {rest}", promise, in_time=in_time)
    (said,) = found["violations"]
    assert found["evidence"] == said["evidence"] == [opt_out]
    assert said["particulars"]["opted_out_at"] == "2016-05-01T12:00:00Z"
    assert said["particulars"].get("told_later", False) is is_later


def test_an_objection_after_an_unlink() -> None:
    """An objection shows it as an opt-out does."""
    lines = "04-02 1 order O-1 name; 04-02 2 order O-2 name; 04-03 1 link 2; 04-05 1 object print_posters"
    found = verdict(f"{lines}; 05-01 1 unlink 2; 06-01 2 use print_posters name", "P14")
    assert found["evidence"] == ["/t f4"]
    assert found["violations"][0]["particulars"]["objected_at"] == "2016-04-05T12:00:00Z"


@pytest.mark.parametrize("promise", ["P11", "P17", "P18"])
def test_after_a_return(promise: str) -> None:
    """What is owed since before an erasure is shown by its date; the collection of the return shows nothing of it."""
    lines = (
        "04-01 1 contest_entry O-1 email=a; 04-02 1 out email; 04-03 1 erase; 04-04 1 order O-2 email=b; 05-01 1 mail"
    )
    found = verdict(lines, promise)
    assert found["evidence"] == []
    assert found["violations"][0]["particulars"]["opted_out_at"] == "2016-04-02T12:00:00Z"


@pytest.mark.parametrize("promise", ["P17", "P18"])
def test_of_somebody_elses_opt_out_under_the_address(promise: str) -> None:
    """The verdict names the opt-out, not the mail; the finding about the person has its time alone."""
    lines = "04-01 1 contest_entry O-1 email=a; 04-02 a@ out email; 05-01 1 mail"
    found = verdict(lines, promise)
    assert found["evidence"] == ["/t f2"]
    assert "evidence" not in found["violations"][0]


def test_mail_without_a_link_is_shown_by_itself() -> None:
    """No other fact shows it."""
    lines = "04-01 1 contest_entry O-1 email=a; 05-01 1 mail unsubscribe_link=false"
    assert verdict(lines, "P17")["evidence"] == ["/t f2"]


def test_an_enrollment_that_a_correction_ended() -> None:
    """It ended when the entry was corrected, not an instant later."""
    (said,) = verdict("04-01 1 contest_entry O-1 email=a; 04-05 1 annul 1; 05-01 1 mail", "P11")["violations"]
    assert said["particulars"]["ended_at"] == "2016-04-05T12:00:00Z"


@pytest.mark.parametrize(
    ("lines", "persons"),
    [
        ("04-01 1 out email; 04-10 1 erase; 04-05 1 mail; 04-06 1 mail", 1),
        ("04-01 1 out email; 04-03 1 mail; 04-10 1 erase; 04-05 1 mail", 1),
        ("04-01 1 out email; 04-10 1 erase; 04-05 1 mail; 04-06 1 mail; 04-01 2 out email; 04-02 2 mail", 2),
    ],
)
def test_persons_affected_by_what_was_told_late(lines: str, persons: int) -> None:
    """Nobody knows whose it is that was told late of the erased, so it counts as one person at most."""
    assert verdict(lines, "P17")["persons_affected"] == persons
