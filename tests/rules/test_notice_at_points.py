"""Rule kind notice_at_points: kept, broken, open, not tested, exempt, and the edges of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.rules.notice_at_points import NoticeAtPoints
from domain.vocabulary import Act
from tests.controls import (
    EMAIL_ONLY,
    OTHER,
    VERSION,
    collection,
    day,
    gift,
    named,
    order,
    point,
    point_closed,
    posted,
    published,
    removed,
)
from tests.laws.audit import Audit, audit
from tests.scenario import judging, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

RULE = NoticeAtPoints()
POINTS = with_rule(RULE)
HOUR, SECOND = 1 / 24, 1 / 86_400
OPENED = named("open-web", 0)
READY = (published(0), point(0), posted(0, "web"))
"""A published policy, and a point that carries it."""


def audited(*facts: Fact, rule: NoticeAtPoints = RULE, as_of: float = 50) -> Audit:
    """Audit facts by this rule alone."""
    return audit(*facts, policy=with_rule(rule), as_of=as_of)


def broken(*facts: Fact, rule: NoticeAtPoints = RULE, as_of: float = 50) -> dict[str, list[str]]:
    """Return what breaks it: the codes for each fact."""
    return {
        said["event"]: said["codes"] for said in audited(*facts, rule=rule, as_of=as_of).verdict("X1")["violations"]
    }


def inbound(on: float, point_name: str = "inbox") -> Fact:
    """Return a message that somebody wrote."""
    return collection("inbound_message", on, collection_point=point_name, values=EMAIL_ONLY)


def test_kept() -> None:
    """A collection at a registered point that carries the version in force, and shows it, is kept; so is the point."""
    verdict = audited(*READY, order(1)).verdict("X1")
    assert (verdict["status"], verdict["exercised"]) == ("kept", 2)
    assert {OPENED, named("post", 0), named("order", 1)} <= set(verdict["evidence"])


def test_not_tested() -> None:
    """Without points and collections nothing was put to the test, nor by what happens offline."""
    for facts in ((), (published(0),), (point(0, online=False),), (order(1, online=False),)):
        verdict = audited(*facts).verdict("X1")
        assert (verdict["status"], verdict["exercised"]) == ("untested", 0)
    assert audited(*READY, order(1, online=False)).verdict("X1")["exercised"] == 1


def test_a_point_that_is_not_registered() -> None:
    """An online collection needs a point that is registered, and open, at its moment."""
    assert broken(order(1)) == {named("order", 1): ["point_not_registered"]}
    assert broken(*READY, order(1, collection_point="app")) == {named("order", 1): ["point_not_registered"]}
    assert broken(*READY, point_closed(1), order(2)) == {named("order", 2): ["point_not_registered"]}
    assert broken(*READY, gift(1, collection_point="app")) == {named("gift", 1): ["point_not_registered"]}
    assert broken(published(0), order(1), point(2), posted(2, "web")) == {named("order", 1): ["point_not_registered"]}


def test_registration_at_one_instant() -> None:
    """At one time, a point is registered, or closed, before anything is collected there, whichever is told first."""
    assert broken(published(0), point(1), order(1), posted(1, "web")) == {}
    assert broken(published(0), order(1), point(1), posted(1, "web")) == {}
    assert broken(*READY, order(1), point_closed(1)) == {named("order", 1): ["point_not_registered"]}
    assert broken(*READY, point_closed(1), order(1)) == {named("order", 1): ["point_not_registered"]}


def test_an_inbox_need_not_be_registered() -> None:
    """What somebody writes to us needs no point; at one that is registered it is bound like anything else."""
    assert broken(inbound(1)) == {}
    assert audited(inbound(1)).verdict("X1")["exercised"] == 0
    facts = (published(0), point(0, "inbox"), inbound(1))
    assert broken(*facts)[named("inbound_message", 1)] == ["notice_not_live"]
    assert broken(inbound(1), rule=NoticeAtPoints(except_acts=())) == {
        named("inbound_message", 1): ["point_not_registered"]
    }
    assert broken(order(1), rule=NoticeAtPoints(except_acts=(Act.ORDER,))) == {}


def test_offline() -> None:
    """Offline points and collections are not bound, unless the policy binds them too."""
    facts = (published(0), point(0, online=False), order(1), order(2, collection_point="paper", online=False))
    assert broken(*facts) == {}
    assert broken(*facts, rule=NoticeAtPoints(offline_too=True)) == {
        OPENED: ["notice_not_posted"],
        named("order", 1): ["notice_not_live"],
        named("order", 2): ["point_not_registered"],
    }


def test_a_point_without_collections() -> None:
    """A point that may ask is bound, though nothing was ever asked there."""
    assert broken(published(0), point(1)) == {named("open-web", 1): ["notice_not_posted"]}
    assert broken(published(0), point(1), as_of=1 + HOUR) == {}
    verdict = audited(published(0), point(1), as_of=1 + HOUR).verdict("X1")
    assert verdict["status"] == "open"
    assert [said["event"] for said in verdict["open"]] == [named("open-web", 1)]
    assert broken(published(0), point(1), as_of=1 + HOUR + SECOND) != {}
    assert broken(published(0), point(1), posted(1 + HOUR, "web")) == {}


def test_each_point_is_bound() -> None:
    """One publication that reaches not all points is one breach, which shows the points that lack it."""
    facts = (*READY, point(0, "app"), posted(0, "app", fact_id="a"), point(0, "kiosk", online=False))
    assert broken(*facts) == {}
    story = audited(*facts, published(9, "v2"), posted(9, "web", "v2"))
    (said,) = story.verdict("X1")["violations"]
    assert (said["event"], said["evidence"]) == (named("publish-v2", 9), [named("open-app", 0)])
    both = audited(*facts, published(9, "v2")).verdict("X1")["violations"]
    assert [said["evidence"] for said in both] == [[OPENED, named("open-app", 0)]]


def test_a_removal() -> None:
    """A point that loses its notice breaks at once, and so does each collection until it is back."""
    facts = (*READY, order(1), removed(2, "web"), order(3), posted(4, "web"), order(5))
    assert broken(*facts) == {named("remove", 2): ["notice_removed"], named("order", 3): ["notice_not_live"]}
    (gap, _) = audited(*facts).verdict("X1")["violations"]
    assert gap["remedied"] == named("post", 4)


def test_live_at_one_instant() -> None:
    """At one time, a collection comes after all postings and removals."""
    assert named("order", 1) in broken(*READY, order(1), removed(1, "web"))
    assert named("order", 1) in broken(*READY, removed(1, "web"), order(1))


def test_no_longer_bound_once_closed() -> None:
    """A closed point owes nothing, not even what it had time for; opened again, it has that time anew."""
    assert broken(published(0), point(1), point_closed(1 + HOUR)) == {}
    assert broken(*READY, point_closed(1), removed(2, "web")) == {}
    assert broken(*READY, point_closed(1), removed(2, "web"), published(5, "v2")) == {}
    assert broken(*READY, order(1, notice="v0"), point_closed(2)) == {named("order", 1): ["notice_stale"]}
    assert broken(*READY, removed(1, "web"), point_closed(2)) == {named("remove", 1): ["notice_removed"]}
    again = (*READY, point_closed(1), removed(2, "web"), point(3), order(3 + HOUR))
    assert broken(*again, posted(3 + HOUR, "web")) == {}
    assert broken(*again) == {named("open-web", 3): ["notice_not_posted"]}


def test_to_register_again_gives_no_more_time() -> None:
    """A point that is open already is not opened by another registration; one that goes offline is let go."""
    facts = (published(0), point(1), point(1 + HOUR / 2), order(1 + 1.25 * HOUR, fact_id="o"))
    assert broken(*facts, posted(1 + 1.5 * HOUR, "web")) == {
        named("open-web", 1): ["notice_not_posted"],
        "/shop o": ["notice_not_live"],
    }
    assert broken(*READY, point(1, online=False), removed(2, "web"), order(3)) == {}
    assert broken(*READY, point(1, online=False), removed(2, "web"), point(3), posted(3, "web"), order(4)) == {}


def test_a_collection_while_the_time_to_post_runs() -> None:
    """After a registration, up to the last instant of that time, a collection breaks nothing; then it does."""
    facts = (published(0), point(1))
    in_time = order(1 + HOUR, fact_id="in-time")
    too_late = order(1 + HOUR + SECOND, fact_id="late")
    assert broken(*facts, in_time, as_of=1 + HOUR) == {}
    assert broken(*facts, too_late)["/shop late"] == ["notice_not_live"]
    (said,) = [one for one in audited(*facts, too_late).verdict("X1")["violations"] if one["event"] == "/shop late"]
    assert said["evidence"] == [named("open-web", 1)]


def test_stale() -> None:
    """A collection that showed another version than the one in force breaks, though that one is posted there."""
    assert broken(*READY, order(1, notice="2015-01-01")) == {named("order", 1): ["notice_stale"]}
    new = (*READY, published(5, "v2"), posted(5, "web", "v2"))
    assert broken(*new, order(6, notice="v2")) == {}
    assert broken(*new, order(6)) == {named("order", 6): ["notice_stale"]}
    (said,) = audited(*new, order(6)).verdict("X1")["violations"]
    assert said["evidence"] == [named("publish-v2", 5)]
    unpublished = audited(point(0), posted(0, "web"), order(1, notice="v2")).verdict("X1")["violations"]
    assert [said["codes"] for said in unpublished] == [["notice_stale"]]


def test_while_a_new_version_is_being_posted() -> None:
    """After a publication a collection may show the old version or the new one until the time to post has passed."""
    new = (*READY, published(5, "v2"), posted(5 + HOUR, "web", "v2"))
    for notice in (VERSION, "v2"):
        assert broken(*new, order(5 + HOUR, notice=notice)) == {}
    assert broken(*new, order(5 + HOUR + SECOND, fact_id="o")) == {"/shop o": ["notice_stale"]}
    missed = (*READY, published(5, "v2"), order(5 + 2 * HOUR, fact_id="o"))
    assert broken(*missed) == {
        named("publish-v2", 5): ["notice_not_posted"],
        "/shop o": ["notice_not_live", "notice_stale"],
    }


def test_a_version_that_is_not_in_force_yet() -> None:
    """What is published counts from when it takes effect."""
    new = (*READY, published(2, "v2", effective=5), posted(5, "web", "v2"))
    assert broken(*new, order(3), order(6, notice="v2")) == {}
    assert broken(*new, order(3, notice="v2")) == {named("order", 3): ["notice_stale"]}
    assert broken(*new, order(6)) == {named("order", 6): ["notice_stale"]}


def test_a_version_from_before_the_point() -> None:
    """What was superseded by the time that a point was registered is no duty of it."""
    for opened in (5, 6):
        facts = (published(0), posted(0, "web"), published(5, "v2"), point(opened), posted(6, "web", "v2"))
        assert audited(*facts, as_of=6).verdict("X1")["exercised"] == 1


def test_without_a_publication() -> None:
    """The audited policy must stand at every point, published or not."""
    assert broken(point(0), posted(0, "web"), order(1)) == {}
    assert broken(point(0)) == {OPENED: ["notice_not_posted"]}
    later = (point(0), published(1), posted(1, "web"))
    assert broken(*later) == {OPENED: ["notice_not_posted"]}
    assert broken(point(0), published(HOUR / 2), posted(1.5 * HOUR, "web")) == {}


def test_where_nothing_is_in_force() -> None:
    """Before any version is in force there is nothing to post; from then on there is, and time to do so."""
    dated = published(0, effective=5)
    assert audited(dated, point(1), order(2), as_of=4).verdict("X1")["exercised"] == 0
    assert broken(dated, point(1), order(2), order(5 + HOUR), posted(5 + HOUR, "web")) == {}
    assert named("order", 6) in broken(dated, point(1), order(6))
    own = POINTS.model_copy(update={"effective_from": day(5)})
    story = audit(point(1), order(5), policy=own, as_of=6)
    assert story.breaches("X1") == [named("open-web", 1)]


def test_late_facts_are_known_to_an_audit() -> None:
    """A point and a notice that are told of late count from their own time; at append that they lack is found."""
    assert broken(order(1), published(0), posted(0, "web"), point(0)) == {}
    assert judging(RULE).when(order(1)).codes("X1") == {"point_not_registered"}
    assert judging(RULE).given(published(0), point(0)).when(order(1)).codes("X1") == {"notice_not_live"}


def test_of_whoever() -> None:
    """Every person's collection is judged, and each is affected."""
    verdict = audited(*READY, order(1, notice="v0"), order(2, notice="v0", subject=OTHER)).verdict("X1")
    assert verdict["persons_affected"] == 2
