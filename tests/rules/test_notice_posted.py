"""Rule kind notice_posted: kept, broken, open, not tested, what set a breach right, and the edges of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.policy.status import Status
from domain.rules.notice_posted import NoticePosted
from tests.controls import VERSION, day, fact, named, order, posted, published, removed
from tests.laws.audit import audit
from tests.scenario import first_policy, judging, with_parameters, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

HOME = with_rule(NoticePosted(location="homepage"))
LINK = with_rule(NoticePosted(location="analytics_opt_out", no_server_side=True))
HOUR, SECOND = 1 / 24, 1 / 86_400
PUBLISHED = named(f"publish-{VERSION}", 0)
DAY_1 = "2016-04-02T00:00:00Z"
HOUR_1 = "2016-04-01T01:00:00Z"


def verdict(*facts: Fact, as_of: float = 50) -> dict[str, Any]:
    """Return what is said of the homepage."""
    return audit(*facts, policy=HOME, as_of=as_of).verdict("X1")


def gaps(*facts: Fact, as_of: float = 50) -> list[tuple[str, str, str | None]]:
    """Return the gaps: what began each, by which code, and what set it right."""
    found = verdict(*facts, as_of=as_of)["violations"]
    return [(said["event"], *said["codes"], said.get("remedied")) for said in found]


def forwarded(on: float, *, server_side: bool) -> Fact:
    """Return a forwarding of analytics data."""
    data = {"recipient": "analytics", "categories": ["user.behavior"], "server_side": server_side}
    return fact("analytics_forwarded", on, data, subject="visitor:v-1")


def test_kept() -> None:
    """Posted in time and never removed, it is kept, by the publication and the posting."""
    said = verdict(published(0), posted(HOUR / 2, fact_id="p"))
    assert (said["status"], said["exercised"], said["evidence"]) == ("kept", 1, [PUBLISHED, "/shop p"])


def test_the_deadline() -> None:
    """Posted at the last instant it is in time, and one second later it is not, though that sets it right."""
    assert gaps(published(0), posted(HOUR, fact_id="p")) == []
    assert gaps(published(0), posted(HOUR + SECOND, fact_id="p")) == [(PUBLISHED, "notice_not_posted", "/shop p")]
    (said,) = verdict(published(0), posted(1))["violations"]
    assert (said["at"], said["remedied"]) == (HOUR_1, named("post", 1))


def test_open_until_the_deadline_has_passed() -> None:
    """While the time to post runs, its last instant included, it is open; then broken; once posted, kept."""
    for as_of in (0, HOUR):
        said = verdict(published(0), as_of=as_of)
        assert said["status"] == "open"
        assert [(one["event"], one["at"]) for one in said["open"]] == [(PUBLISHED, HOUR_1)]
    assert gaps(published(0), as_of=HOUR + SECOND) == [(PUBLISHED, "notice_not_posted", None)]
    assert verdict(published(0), posted(HOUR / 2), as_of=HOUR / 2)["status"] == "kept"


def test_how_long_is_a_parameter_of_the_policy() -> None:
    """The policy says how long a location may take."""
    slow = with_rule(NoticePosted(location="homepage"), with_parameters(notice_within_seconds=86_400))
    assert audit(published(0), posted(1), policy=slow).status("X1") == "kept"
    none = with_rule(NoticePosted(location="homepage"), with_parameters(notice_within_seconds=0))
    assert audit(published(0), posted(0), policy=none).status("X1") == "kept"
    assert audit(published(0), posted(SECOND), policy=none).status("X1") == "broken"


def test_not_tested() -> None:
    """Where nothing was published and nothing posted there, it was never put to the test."""
    for facts in ((), (order(1),), (posted(1, "elsewhere"),), (removed(1),)):
        said = verdict(*facts)
        assert (said["status"], said["exercised"]) == ("untested", 0)


def test_without_a_publication_the_first_posting_begins() -> None:
    """Posted without any publication it is kept; a removal is then a gap, at once."""
    said = verdict(posted(1))
    assert (said["status"], said["exercised"]) == ("kept", 1)
    assert gaps(posted(1), removed(2)) == [(named("remove", 2), "notice_removed", None)]
    assert gaps(posted(1), removed(1 + SECOND, fact_id="r"), as_of=2) == [("/shop r", "notice_removed", None)]
    assert gaps(posted(1, version="v0"), as_of=1) == [(named("post", 1), "notice_not_posted", None)]
    assert gaps(posted(1, version="v0"), posted(2)) == [(named("post", 1), "notice_not_posted", named("post", 2))]


def test_before_the_first_publication_there_is_no_duty() -> None:
    """With a publication the duty begins there, whatever was posted and removed before."""
    assert verdict(posted(1), removed(2), published(3), posted(3))["status"] == "kept"
    assert gaps(posted(1), published(2), removed(3)) == [(named("remove", 3), "notice_removed", None)]


def test_removal_leaves_no_grace() -> None:
    """A gap begins at the instant of the removal, and lasts until the next posting, however soon."""
    facts = (published(0), posted(0), removed(1))
    (said,) = verdict(*facts, as_of=1)["violations"]
    assert (said["event"], said["at"], said["evidence"]) == (named("remove", 1), DAY_1, [named("post", 0)])
    assert gaps(*facts, posted(1 + SECOND, fact_id="p")) == [(named("remove", 1), "notice_removed", "/shop p")]


def test_each_gap_is_reported() -> None:
    """Two removals are two breaches, each with what ended it."""
    facts = (published(0), posted(0), removed(1), posted(2), removed(3))
    assert gaps(*facts) == [
        (named("remove", 1), "notice_removed", named("post", 2)),
        (named("remove", 3), "notice_removed", None),
    ]
    assert verdict(*facts)["exercised"] == 2


def test_removal_before_the_deadline() -> None:
    """What is posted and removed while the time to post runs has until its end, and is missed from there."""
    facts = (published(0), posted(HOUR / 4), removed(HOUR / 2))
    assert verdict(*facts, as_of=HOUR)["status"] == "open"
    assert gaps(*facts) == [(PUBLISHED, "notice_not_posted", None)]
    assert gaps(published(0), posted(0), removed(HOUR)) == [(PUBLISHED, "notice_not_posted", None)]
    assert gaps(*facts, posted(HOUR)) == []


def test_equal_times_go_by_position() -> None:
    """Removed and posted again at one time, it was always there; the other way about, it is gone."""
    facts = (published(0), posted(0))
    assert gaps(*facts, removed(1), posted(1)) == []
    assert gaps(*facts, posted(1), removed(1)) == [(named("remove", 1), "notice_removed", None)]
    assert gaps(*facts, removed(1), posted(1), removed(1, fact_id="r")) == [
        (named("remove", 1), "notice_removed", None)
    ]
    said = gaps(*facts, removed(1), posted(2), removed(2), posted(3))
    assert said == [(named("remove", 1), "notice_removed", named("post", 3))]


def test_posting_twice_and_removing_what_is_not_there_change_nothing() -> None:
    """A version is there or not: one removal takes it away, and another version's removal does not."""
    facts = (published(0), posted(0), posted(1))
    assert gaps(*facts, removed(2)) == [(named("remove", 2), "notice_removed", None)]
    assert gaps(*facts, removed(2, version="v0")) == []
    assert gaps(published(0), removed(0), posted(0, fact_id="p")) == []


def test_a_new_version() -> None:
    """Within its time either version, or none, is fine; after it the new one must be there. It replaces the old one."""
    first, second = (published(0), posted(0)), published(10, "v2")
    new = posted(10 + HOUR, version="v2", fact_id="new")
    assert verdict(*first, second, new)["status"] == "kept"
    assert verdict(*first, second, new)["exercised"] == 2
    assert verdict(*first, second, removed(10), new)["status"] == "kept"
    assert gaps(*first, second) == [(named("publish-v2", 10), "notice_not_posted", None)]
    assert verdict(*first, second, new, removed(11))["status"] == "kept"
    assert gaps(*first, posted(5, version="v2", fact_id="early"), second) == [("/shop early", "notice_removed", None)]
    assert gaps(*first, second, new, posted(11, fact_id="old")) == [("/shop old", "notice_removed", None)]
    assert gaps(*first, removed(9), second, new) == [(named("remove", 9), "notice_removed", "/shop new")]
    assert gaps(*first, removed(9), posted(9, version="v2", fact_id="early"), second) == [
        (named("remove", 9), "notice_removed", None)
    ]


def test_what_sets_a_gap_right() -> None:
    """A gap that runs into another version ends with the posting of what is asked for by then, and with no other."""
    first = (published(0), posted(0), removed(8), published(10, "v2"))
    gap = (named("remove", 8), "notice_removed")
    assert gaps(*first, posted(10, version="v2", fact_id="new")) == [(*gap, "/shop new")]
    assert gaps(*first, posted(9, version="v2")) == [(*gap, None)]
    assert gaps(*first, posted(10), posted(10, version="v2", fact_id="new")) == [(*gap, "/shop new")]
    third = (*first, published(12, "v3"))
    assert gaps(*third, posted(12, version="v2"), posted(14, version="v3", fact_id="new")) == [
        (*gap, "/shop new"),
        (named("publish-v2", 10), "notice_not_posted", "/shop new"),
        (named("publish-v3", 12), "notice_not_posted", "/shop new"),
    ]
    assert gaps(*third, posted(11, version="v2", fact_id="two"), posted(12, version="v3")) == [
        (*gap, "/shop two"),
        (named("publish-v2", 10), "notice_not_posted", "/shop two"),
    ]


def test_a_posting_at_the_end_of_a_duty_is_too_late_for_it() -> None:
    """The old version, posted at the instant when it is superseded, sets nothing right."""
    said = gaps(published(0), published(10, "v2"), posted(10), posted(10, version="v2", fact_id="new"))
    assert said == [(PUBLISHED, "notice_not_posted", "/shop new")]


def test_since_when_it_was_kept() -> None:
    """A duty is kept from when it began, or from the posting, whichever came later."""
    for facts, since in (((published(1), posted(0)), 1), ((published(1), posted(1 + HOUR)), 1 + HOUR)):
        shop = judging(NoticePosted(location="homepage")).given(*facts)
        ((_, said),) = shop.judge.settle_company(shop.company, day(2))
        assert (said.status, said.at) == (Status.KEPT, day(since))


def test_a_location_must_be_named() -> None:
    """A rule without a location is refused."""
    with pytest.raises(ValueError, match="at least 1 character"):
        NoticePosted(location="")


def test_a_version_that_is_not_in_force_yet() -> None:
    """The time to post runs from when a published version takes effect, and the old one is due until then."""
    facts = (published(0), posted(0), published(5, "v2", effective=10), posted(10, version="v2", fact_id="new"))
    assert verdict(*facts)["status"] == "kept"
    assert gaps(*facts, removed(9)) == [(named("remove", 9), "notice_removed", "/shop new")]
    assert verdict(*facts, removed(10))["status"] == "kept"
    unposted = facts[:3]
    assert verdict(*unposted, as_of=10)["status"] == "open"
    assert verdict(published(5, effective=10), as_of=9)["exercised"] == 0
    assert verdict(*unposted, as_of=9)["status"] == "kept"
    assert gaps(*unposted) == [(named("publish-v2", 5), "notice_not_posted", None)]


def test_a_publication_dated_back_binds_from_when_it_was_made() -> None:
    """Nobody can post what is not published yet."""
    assert gaps(published(5, effective=1), posted(5 + HOUR)) == []
    assert gaps(published(0), posted(0), published(5, "v2", effective=1), posted(5, version="v2", fact_id="n")) == []


def test_a_publication_that_changes_nothing_gives_no_time() -> None:
    """A later publication dated back leaves what was in force by then, and no new time to post it."""
    facts = (published(0), posted(0), removed(2), posted(2 + HOUR / 2, fact_id="back"))
    late = (published(5, "v2", effective=2), posted(5, version="v2", fact_id="new"))
    assert gaps(*facts, *late) == [(named("remove", 2), "notice_removed", "/shop back")]


def test_the_policy_file_may_say_since_when_it_binds() -> None:
    """Posted before the policy binds, it must be the version in force only once there was time from then on."""
    dated = HOME.model_copy(update={"effective_from": day(5)})
    assert audit(posted(1, version="v0"), posted(5 + HOUR), policy=dated, as_of=9).status("X1") == "kept"
    assert audit(posted(1, version="v0"), policy=dated, as_of=9).status("X1") == "broken"


def test_publishing_the_same_again() -> None:
    """A publication of the version in force opens the time to post once more, as any other does."""
    again = published(10, fact_id="again")
    assert gaps(published(0), posted(0), again, removed(10), posted(10 + HOUR)) == []
    assert gaps(published(0), posted(0), again, removed(11)) == [(named("remove", 11), "notice_removed", None)]
    said = gaps(published(0), posted(0), removed(5), again, posted(11))
    assert said == [
        (named("remove", 5), "notice_removed", named("post", 11)),
        ("/shop again", "notice_not_posted", named("post", 11)),
    ]


def test_late_facts() -> None:
    """Facts are taken by their time, whichever was told first."""
    assert gaps(posted(0.01), removed(3), published(0), posted(2)) == [(named("remove", 3), "notice_removed", None)]


def test_readings_agree() -> None:
    """The text leaves nothing open here: every reading finds the same."""
    story = audit(published(0), policy=HOME, as_of=1)
    assert {story.status("X1", reading) for reading in ("harmonised", "strict", "permissive")} == {"broken"}


def test_forwarding_by_our_server() -> None:
    """Where that is forbidden, each forwarding by our server breaks, and by the browser is kept."""
    facts = (published(0), posted(0, "analytics_opt_out"))
    assert audit(*facts, forwarded(1, server_side=False), policy=LINK).verdict("X1")["exercised"] == 2
    story = audit(*facts, forwarded(1, server_side=False), forwarded(2, server_side=True), policy=LINK)
    (said,) = story.verdict("X1")["violations"]
    assert (said["event"], said["codes"]) == (named("analytics_forwarded", 2), ["forwarded_by_server"])
    assert audit(published(0), posted(0), policy=LINK, as_of=1).status("X1") == "broken"


def test_forwarding_is_a_parameter() -> None:
    """A rule about a notice alone is not concerned with forwarding."""
    said = audit(published(0), posted(0), forwarded(1, server_side=True), policy=HOME).verdict("X1")
    assert (said["status"], said["exercised"]) == ("kept", 1)


def test_a_deadline_beyond_the_calendar() -> None:
    """A publication at the end of all times has the last of them as its deadline."""
    last = {"version": VERSION, "digest": first_policy().sha256, "effective_from": "9999-12-31T23:59:59Z"}
    facts = (posted(0), fact("policy_published", 0, last, subject=None))
    assert verdict(*facts, as_of=50)["status"] == "untested"
