"""What an opt-out under a number reaches stays reached when a record of the person who opted out is erased alone.

An erasure changes no verdict (`test_erasure_laws`): these are the stories behind that law, in the short notation.
"""

from __future__ import annotations

import pytest

from tests.laws.audit import audit
from tests.laws.test_late_of_erased_laws import facts_in

AS_OF = 400.0
STORIES = {
    "the record under which it was told leaves": (
        (
            "04-01 2 out email; 04-13 2 contest_entry C-2 email=a; 04-19 2 link 1; 04-20 guest:g order C-1 email=a; "
            "04-26 1 out email; 05-01 guest:g mail"
        ),
        "06-01 1 erase only=true",
        ["/t f6"],
    ),
    "the record with the address leaves": (
        (
            "04-01 1 access Q-1; 04-13 2 contest_entry C-2 email=b; 04-14 1 contest_entry C-3 email=a; 04-19 2 link 1; "
            "04-20 guest:g order C-1 email=a; 04-20 guest:h order C-9 email=b; 04-26 2 out email; 05-01 guest:g mail; "
            "05-02 guest:h mail"
        ),
        "06-01 1 erase only=true",
        ["/t f8"],
    ),
    "the record with the request that lifted it leaves": (
        (
            "04-10 1 confirm a@; 04-14 2 contest_entry C-2 email=a; 04-15 2 out email; "
            "04-18 guest:g contest_entry C-1 email=a; 04-20 1 link 2; "
            "04-25 2 registration C-2 email=a requests=updates; 05-01 guest:g mail"
        ),
        "06-01 2 erase only=true",
        [],
    ),
    "something is told of who goes on": (
        (
            "04-01 2 out email; 04-13 2 contest_entry C-2 email=a; 04-19 2 link 1; 04-20 guest:g order C-1 email=a; "
            "04-26 1 out email; 05-01 guest:g mail"
        ),
        "06-01 1 erase only=true; 06-02 2 order C-5 email=b",
        ["/t f6"],
    ),
}


@pytest.mark.parametrize("promise", ["P17", "P18"])
@pytest.mark.parametrize("story", STORIES)
def test_it_stays_undecided(story: str, promise: str) -> None:
    """Given an opt-out that reaches a guest, when one record of two is erased, then the same mails are undecided."""
    told, erased, undecided = STORIES[story]
    for lines in (told, f"{told}; {erased}"):
        verdict = audit(*facts_in(lines), as_of=AS_OF).verdict(promise)
        assert [said["event"] for said in verdict.get("indeterminate", ())] == undecided


def test_who_goes_on_lifts_what_was_told_under_the_other_number() -> None:
    """Given a record erased alone, when its person asks anew with the address, then the guest is reached no more."""
    told, erased, _ = STORIES["the record under which it was told leaves"]
    asked = "06-03 2 contest_entry C-6 email=a; 06-05 guest:g mail"
    verdict = audit(*facts_in(f"{told}; {erased}; {asked}"), as_of=AS_OF).verdict("P17")
    assert [said["event"] for said in verdict.get("indeterminate", ())] == ["/t f6"]
