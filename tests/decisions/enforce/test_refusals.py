"""Enforced, what would break a promise is not done: a refusal is recorded in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, DataCollected, DataUsed, MessageSent
from domain.events.refused import CollectionRefused, EnrollmentRefused, ShareRefused, UseRefused
from domain.moments import Moment, Turn
from domain.policy.judge import Judge
from domain.rules.common.base import Breach, Case, Rule
from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import (
    RECIPIENTS,
    contest_entry,
    enrollment,
    fact,
    gift,
    message,
    opt_out,
    order,
    share,
    use,
)
from tests.scenario import Shop, first_policy, with_rule

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoCollections(Rule):
    """A rule of this test's own: nothing may be collected at all."""

    concerns: ClassVar = frozenset({DataCollected})

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Find every collection at fault."""
        del case
        yield Breach("nothing_may_be_collected")


class ShownLater(Rule):
    """A rule of this test's own: every collection shows that something before it was a breach."""

    concerns: ClassVar = frozenset({DataCollected})

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Find something of the past at fault."""
        yield Breach("shown_later", about=Moment(case.moment.at, Turn.ACT, 1))


def no_collections(*, enforced: bool) -> Judge:
    """Return a judge of a policy with that rule alone."""
    policy = first_policy()
    promise = policy.promises[0].model_copy(update={"rule": NoCollections(), "enforced": enforced})
    return Judge(policy.model_copy(update={"promises": (promise,)}))


def test_collection() -> None:
    """A refused collection enrolls nobody, and keeps neither its values nor its reference."""
    shop = Shop(judge=no_collections(enforced=True))
    outcome = shop.when(order(1, mode="enforce")).then(CollectionRefused)
    assert outcome.refused
    assert shop.state() is None
    refusal = outcome.the(CollectionRefused)
    assert refusal.sealed_values() == {"fact_id": "order-1"}
    assert "Ada" not in refusal.model_dump_json()
    assert "O-1" not in refusal.model_dump_json()
    assert set(refusal.categories) == {NAME, ADDRESS, EMAIL, "user.payment"}


def test_a_promise_that_is_not_enforced_refuses_nothing() -> None:
    """Under a promise that is only watched, an enforced fact is stored with its finding."""
    outcome = Shop(judge=no_collections(enforced=False)).when(order(1, mode="enforce"))
    assert not outcome.refused
    assert outcome.the(DataCollected).findings


def test_what_shows_an_earlier_breach_is_not_refused() -> None:
    """A finding about something of the past stands beside the fact that shows it, and never refuses that fact."""
    outcome = Shop(with_rule(ShownLater())).when(order(1, mode="enforce"))
    assert not outcome.refused
    assert [found.about for found in outcome.the(DataCollected).findings] == [1]


def test_use() -> None:
    """A refused use says under which promise, and for which purpose and categories."""
    outcome = (
        Shop()
        .given(order(1))
        .when(use(2, "improve_site", [NAME], mode="enforce"))
        .then(UseRefused)
        .assert_breaks("P04")
    )
    refusal = outcome.the(UseRefused)
    assert (refusal.refused, refusal.purpose, refusal.categories) == ("use", "improve_site", (NAME,))


def test_message() -> None:
    """A message is refused as a use, and names its program."""
    shop = Shop().given(order(1), opt_out(2))
    outcome = shop.when(message(3, program="email_marketing", mode="enforce")).then(UseRefused)
    outcome.assert_breaks("P11", "P17", "P18")
    assert outcome.the(UseRefused).refused == "message"
    assert outcome.the(UseRefused).program == "email_marketing"


def test_share() -> None:
    """A refused share names its recipient."""
    shop = Shop().given(*RECIPIENTS, order(1))
    outcome = shop.when(share(2, "advertiser", [NAME], mode="enforce")).then(ShareRefused).assert_breaks("P05", "P12")
    assert outcome.the(ShareRefused).recipient == "advertiser"


def test_enrollment() -> None:
    """A refused enrollment leaves the subscription as it was."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(enrollment(3, "email_marketing", "import", mode="enforce")).then(EnrollmentRefused).assert_breaks(
        "P11", "P18"
    )
    assert shop.state() == "opted_out"


def test_no_personal_value_in_a_refusal() -> None:
    """References, which are personal, stay out of refusals of every kind."""
    shop = Shop().given(order(1, "MARKED"), opt_out(1))
    refused = [
        shop.when(use(2, "improve_site", reference="MARKED", mode="enforce")),
        shop.when(share(2, "nobody", [NAME], reference="MARKED", mode="enforce")),
        shop.when(enrollment(2, "email_marketing", "purchase", "MARKED", mode="enforce")),
    ]
    for outcome in refused:
        assert outcome.refused
        (refusal,) = outcome.events
        assert "MARKED" not in refusal.model_dump_json()
        assert refusal.sealed_values().keys() == {"fact_id"}


def test_unregistered_names() -> None:
    """A purpose or recipient that nobody registered is refused when enforced, and only judged when recorded."""
    shop = Shop().given(*RECIPIENTS, contest_entry(1))
    shop.when(use(2, "print_posters")).then(DataUsed).assert_breaks("P14")
    shop.when(use(2, "print_posters", mode="enforce")).then(UseRefused).assert_breaks("registry", "P14")
    cited = {"act": "contest_entry", "reference": "contest_entry-1"}
    unknown = {"reference": None, "relying_on": cited, "purpose": "run_contest", "mode": "enforce"}
    shop.when(share(2, "nobody", [EMAIL], **unknown)).then(ShareRefused).assert_breaks("registry")
    shop.when(message(2, purpose="print_posters", mode="enforce")).then(UseRefused).assert_breaks("registry", "P14")
    registered = fact("purpose_registered", 3, {"purpose": "print_posters", "unrelated": False}, subject=None)
    shop.given(registered).when(use(4, "print_posters", mode="enforce")).then(DataUsed)
    shop.when(use(2.5, "print_posters", mode="enforce")).then(UseRefused)


def test_what_breaks_nothing_is_done() -> None:
    """Enforced and innocent, a fact is stored like any other."""
    shop = Shop().given(order(1))
    shop.when(message(2, mode="enforce")).then(MessageSent).assert_breaks()
    shop.when(use(3, "keep_books", reference="O-1", mode="enforce")).then(DataUsed)
    shop.when(enrollment(4, "email_marketing", "purchase", mode="enforce")).then(CustomerEnrolled)


def test_what_is_excused_is_not_refused() -> None:
    """A use that the law demands is done even when enforced."""
    outcome = Shop().given(order(1)).when(use(2, "legal_obligation", mode="enforce")).then(DataUsed)
    assert not outcome.refused


def test_recorded_is_always_stored() -> None:
    """The same facts in record mode are stored with their findings, and never refused."""
    shop = Shop().given(gift(1))
    for one in (
        use(2, "improve_site"),
        share(2, "nobody", [NAME]),
        message(2),
        enrollment(2, "email_marketing", "staff"),
    ):
        outcome = shop.when(one)
        assert not outcome.refused
        assert outcome.findings


def test_versions_have_no_hole_after_a_refusal() -> None:
    """A refusal takes the one version and place that the fact would have taken."""
    shop = Shop()
    before = shop.store.place
    shop.given(order(1))
    refusal = shop.when(use(2, "improve_site", mode="enforce")).the(UseRefused)
    assert (refusal.originator_version, refusal.position) == (3, before + 3)
    assert shop.when(opt_out(3)).events[0].originator_version == 4
