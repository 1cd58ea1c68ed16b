"""Rule kind policy_in_force: kept, broken, what cannot be said, and the edges of time."""

from __future__ import annotations

import pytest

from domain.rules.policy_in_force import PolicyInForce
from tests.controls import BUYER, OTHER, VERSION, catalog_request, day, fact, named, order, published, share, use
from tests.laws.audit import Audit, audit
from tests.scenario import first_policy, judging, with_rule

IN_FORCE = with_rule(PolicyInForce())
OBSERVED = (first_policy().observed_at - day(0)).total_seconds() / 86_400
"""The day on which the text was first seen in public; it lies before day 0."""
ELSE = "0" * 64
"""The digest of a text that is not at hand."""
SECOND = 1 / 86_400


def codes(story: Audit, status: str = "violations") -> dict[str, list[str]]:
    """Return what was said with a status: the codes for each fact."""
    return {said["event"]: said["codes"] for said in story.verdict("X1").get(status, [])}


def test_kept() -> None:
    """Collections, uses and shares under the text that is audited are kept, each put to the test."""
    verdict = audit(
        published(0, effective=0), order(1), use(2, "keep_books"), share(3, "carrier", ["user.name"]), policy=IN_FORCE
    ).verdict("X1")
    assert (verdict["status"], verdict["exercised"]) == ("kept", 3)


def test_kept_without_a_publication() -> None:
    """The audited policy governs all of the history from when it was seen, if nobody says since when it binds."""
    assert audit(order(1), policy=IN_FORCE).status("X1") == "kept"
    assert audit(order(OBSERVED), policy=IN_FORCE).status("X1") == "kept"


@pytest.mark.parametrize("digest", [first_policy().digest, first_policy().sha256])
def test_either_digest_shows_the_text(digest: str) -> None:
    """A publication may name the policy file or the company's own words, and either may have another version's name."""
    assert audit(published(0, digest=digest), order(1), policy=IN_FORCE).status("X1") == "kept"
    assert audit(published(0, "v1", digest), order(1), policy=IN_FORCE).status("X1") == "kept"


def test_not_tested() -> None:
    """Where nothing was collected, used or shared, nothing was put to the test; messages are not concerned."""
    verdict = audit(published(0, digest=ELSE), policy=IN_FORCE).verdict("X1")
    assert (verdict["status"], verdict["exercised"]) == ("untested", 0)


def test_broken_before_anything_is_in_force() -> None:
    """Until the instant from which the policy binds, nothing is in force; at that instant it is."""
    story = audit(
        published(3, effective=5), order(1), order(4), order(5 - SECOND, fact_id="just"), order(5), policy=IN_FORCE
    )
    assert story.breaches("X1") == [named("order", 1), named("order", 4), "/shop just"]
    assert codes(story)[named("order", 1)] == ["no_policy_in_force"]


def test_the_policy_file_may_say_since_when_it_binds() -> None:
    """A date in the policy file holds for the audited version, published or not, unless its publication has another."""
    dated = IN_FORCE.model_copy(update={"effective_from": day(5)})
    for facts in ((), (published(1),), (published(20),)):
        assert audit(*facts, order(4), order(5), policy=dated).breaches("X1") == [named("order", 4)]
    assert audit(published(1, effective=2), order(4), policy=dated).breaches("X1") == []
    assert audit(published(1, "v1", ELSE, effective=0), order(4), policy=dated).status("X1") == "indeterminate"
    assert audit(published(1, "v1", ELSE, effective=0), order(5), policy=dated).status("X1") == "kept"
    assert audit(published(1, "v1", ELSE), order(2), policy=dated).status("X1") == "indeterminate"
    again = (published(1), published(6, "v2", ELSE), published(8), order(9))
    assert audit(*again, policy=dated).status("X1") == "kept"


def test_broken_by_another_text_of_that_name() -> None:
    """A publication of this version with another text breaks what happens under it, and nothing before it."""
    story = audit(published(0, digest=ELSE), order(1), policy=IN_FORCE)
    assert codes(story) == {named("order", 1): ["other_text"]}
    assert story.verdict("X1")["violations"][0]["evidence"] == [named(f"publish-{VERSION}", 0)]
    story = audit(published(0), order(1), published(2, digest=ELSE), order(3), policy=IN_FORCE)
    assert story.breaches("X1") == [named("order", 3)]
    story = audit(order(1), published(2, "v1", ELSE), published(3, digest=ELSE), policy=IN_FORCE)
    assert codes(story) == {named("order", 1): ["other_text"]}


def test_indeterminate_under_another_version() -> None:
    """Of a version whose text is not at hand nothing can be said, until the audited one is in force again."""
    story = audit(published(0), order(1), published(2, "v2", ELSE), order(3), published(4), order(5), policy=IN_FORCE)
    assert story.status("X1") == "indeterminate"
    assert codes(story, "indeterminate") == {named("order", 3): ["text_unknown"]}


def test_a_version_is_not_in_force_before_its_day() -> None:
    """Another version that was published, and is not in force yet, changes nothing until the instant when it is."""
    story = audit(published(0), published(2, "v2", ELSE, effective=4), order(3), order(4), order(5), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 4), named("order", 5)}


def test_a_publication_does_not_reach_back_before_another() -> None:
    """What was published by then goes before what was published later, though that says it had been in force."""
    story = audit(published(0), order(3), published(5, "v2", ELSE, effective=2), order(6), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 6)}


def test_a_publication_that_reaches_back_holds_where_there_was_none() -> None:
    """A ledger that begins with publications dated back takes them at their word."""
    story = audit(
        *(published(9, "v1", ELSE, effective=1), published(9, effective=3)),
        *(order(0), order(2), order(4)),
        policy=IN_FORCE,
    )
    assert codes(story) == {named("order", 0): ["no_policy_in_force"]}
    assert codes(story, "indeterminate") == {named("order", 2): ["text_unknown"]}


def test_of_two_undated_ones_the_one_published_by_then() -> None:
    """Before any publication the audited policy governs; after another's, that one does, until its own."""
    story = audit(order(1), published(2, "v1", ELSE), order(3), published(4), order(5), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 3)}
    story = audit(order(1), published(2, "v1", ELSE), order(3), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 3)}


def test_the_first_publication_reaches_back_if_it_has_no_date() -> None:
    """Before any publication an undated first one is in force, and no other but the audited one."""
    audited = published(4, effective=4)
    assert audit(order(1), published(2, "v1", ELSE), audited, policy=IN_FORCE).status("X1") == "indeterminate"
    dated, undated = published(2, "v1", ELSE, effective=2), published(3, "v2", ELSE)
    assert audit(order(1), dated, undated, audited, policy=IN_FORCE).breaches("X1") == [named("order", 1)]
    second = published(5, "v2", ELSE, effective=6)
    assert audit(order(1), audited, second, policy=IN_FORCE).breaches("X1") == [named("order", 1)]


def test_an_undated_one_supersedes_what_was_in_force() -> None:
    """Published without a date, the audited version takes the place of others, though it may have governed before."""
    others = (published(2, "v1", ELSE), published(4, "v2", ELSE, effective=5))
    story = audit(order(1), *others, order(3), order(5), published(6), order(7), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 3), named("order", 5)}
    later = (published(6, "v3", ELSE, effective=9), published(7), order(8), order(9))
    assert set(codes(audit(*others, *later, policy=IN_FORCE), "indeterminate")) == {named("order", 9)}


def test_of_equal_beginnings_the_last_published_counts() -> None:
    """Of two versions in force from the same day, the one published last supersedes the other."""
    first, second = published(0, "v1", ELSE, effective=5), published(1, effective=5)
    assert audit(first, second, order(5), policy=IN_FORCE).status("X1") == "kept"
    swapped = (published(0, effective=5), published(1, "v1", ELSE, effective=5), order(5))
    assert audit(*swapped, policy=IN_FORCE).status("X1") == "indeterminate"


@pytest.mark.parametrize("is_dated", [True, False])
def test_of_two_that_begin_at_one_instant_the_last_published_counts(*, is_dated: bool) -> None:
    """Whether or not its publication says since when it binds: it replaces the other, as a posting does."""
    first = published(3, "v1", ELSE, fact_id="one", effective=None if is_dated else 3)
    told = [first, published(3, fact_id="two", effective=3 if is_dated else None)]
    assert audit(*told, order(4), policy=IN_FORCE).status("X1") == "kept"
    assert audit(*reversed(told), order(4), policy=IN_FORCE).status("X1") == "indeterminate"


def test_at_one_instant_the_publication_comes_first() -> None:
    """A collection at the time of a publication was made under what was published, whichever is told first."""
    first = audit(published(0), order(2), published(2, "v2", ELSE), policy=IN_FORCE)
    then = audit(published(0), published(2, "v2", ELSE), order(2), policy=IN_FORCE)
    assert (first.status("X1"), then.status("X1")) == ("indeterminate", "indeterminate")


def test_late_facts_are_known_to_an_audit() -> None:
    """A publication that is told after the collection counts from its own time."""
    story = audit(published(0), order(3), published(2, "v2", ELSE), policy=IN_FORCE)
    assert set(codes(story, "indeterminate")) == {named("order", 3)}


def test_before_the_text_was_seen() -> None:
    """Without a date, nothing can be said before the text was first seen in public; with one, it is kept."""
    early = order(OBSERVED - SECOND, fact_id="early")
    for facts in ((), (published(OBSERVED - 1),), (published(1),)):
        story = audit(*facts, early, policy=IN_FORCE)
        assert story.status("X1") == "indeterminate"
        assert codes(story, "indeterminate") == {"/shop early": ["before_observed"]}
    assert audit(published(1, effective=OBSERVED - 1), early, policy=IN_FORCE).status("X1") == "kept"


def test_online_only() -> None:
    """With that parameter, what happens offline, and with what was collected there, is not concerned; else it is."""
    facts = (
        published(0, digest=ELSE),
        order(1, online=False),
        use(2, "keep_books", reference="O-1"),
        fact("use", 3, {"purpose": "keep_books", "categories": ["user.name"]}, subject=OTHER),
    )
    assert len(audit(*facts, policy=IN_FORCE).breaches("X1")) == 3
    online = with_rule(PolicyInForce(online_only=True))
    verdict = audit(*facts, policy=online).verdict("X1")
    assert (verdict["exercised"], [said["event"] for said in verdict["violations"]]) == (1, [named("use", 3)])
    both = audit(*facts[:2], catalog_request(1), use(2, "keep_books", ["user.name"]), policy=online)
    assert both.breaches("X1") == [named("catalog_request", 1), named("use", 2)]


def test_only_audits_judge_it() -> None:
    """Nothing is found at append, when a publication can still come late."""
    judging(PolicyInForce()).given(published(0, digest=ELSE)).when(order(1)).assert_breaks()


def test_it_concerns_no_others() -> None:
    """An opt-out of anybody is no collection, use or share."""
    opted = fact("opt_out", 1, {"program": "email_marketing", "via": "portal"}, subject=BUYER)
    assert audit(published(0, digest=ELSE), opted, policy=IN_FORCE).verdict("X1")["exercised"] == 0
