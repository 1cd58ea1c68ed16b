"""Rule kind recipients_limited: kept, broken, and its edges."""

from __future__ import annotations

from domain.rules.recipients_limited import RecipientsLimited
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT, Act, Program, Role, ShareKind
from tests.controls import RECIPIENTS, contest_entry, fact, objection, offer, order, share
from tests.scenario import judging

LIMITED = RecipientsLimited(
    act=Act.ORDER,
    roles=(Role.CARRIER, Role.PAYMENT),
    purposes="completion",
    opens=(Program.EMAIL_MARKETING,),
    program_roles=(Role.MAIL_SERVICE,),
)
CURED = RecipientsLimited(act=Act.ORDER, roles=(Role.CARRIER,), purposes="completion", cured_by_offer=True)
SOLD = RecipientsLimited(act=Act.ORDER, roles=(Role.CARRIER,), purposes="completion", kinds=(ShareKind.SALE,))


def test_kept() -> None:
    """A registered recipient in a listed role gets what its role and its registration both allow."""
    judging(LIMITED).given(*RECIPIENTS, order(1)).when(share(2, "carrier", [NAME, ADDRESS])).assert_breaks()


def test_broken_in_every_way_at_once() -> None:
    """Each way in which a share is out of bounds is told."""
    shop = judging(LIMITED).given(*RECIPIENTS, order(1))
    cited = {"act": "order", "reference": "O-1"}
    outcome = shop.when(share(2, "helpdesk", [NAME], purpose="deliver_ads", kind="sale"))
    assert outcome.codes("X1") == {"role_not_allowed", "kind_not_allowed", "purpose_not_allowed"}
    outcome = shop.when(share(3, "payment", [ADDRESS], reference="O-2", relying_on=cited))
    assert outcome.codes("X1") == {"categories_beyond_need", "other_reference"}
    assert shop.when(share(4, "nobody", [NAME])).codes("X1") == {"recipient_not_registered"}


def test_kinds_are_a_parameter() -> None:
    """A policy may name other capacities in which data may go out."""
    shop = judging(SOLD).given(*RECIPIENTS, order(1))
    shop.when(share(2, "carrier", [NAME], kind="sale")).assert_breaks()
    shop.when(share(3, "carrier", [NAME])).assert_breaks("X1")


def test_several_roles_add_up() -> None:
    """A recipient in two listed roles may have what either may have; a role that is not listed adds nothing."""
    both = {"recipient": "b", "roles": ["carrier", "payment", "mail_service"], "categories": ["user"]}
    registered = fact("recipient_registered", 0, both, subject=None)
    shop = judging(LIMITED).given(registered, order(1))
    shop.when(share(2, "b", [ADDRESS, PAYMENT])).assert_breaks()
    shop.when(share(3, "b", [EMAIL])).assert_breaks("X1")
    shop.when(share(4, "b", [EMAIL], purpose="direct_marketing")).assert_breaks()


def test_other_acts_are_not_concerned() -> None:
    """What another act collected is not judged."""
    shop = judging(LIMITED).given(contest_entry(1))
    shop.when(share(2, "nobody", [EMAIL], reference=None, purpose="run_contest")).assert_breaks()


def test_cured_by_an_offer() -> None:
    """With `cured_by_offer` a purpose opens every recipient once its offer has stood, and until an objection."""
    shop = judging(CURED).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    shop.when(share(31, "advertiser", [EMAIL], purpose="deliver_ads")).assert_breaks("X1")
    shop.when(share(32, "advertiser", [EMAIL], purpose="deliver_ads")).assert_breaks()
    shop.when(share(33, "nobody", [EMAIL], purpose="deliver_ads")).assert_breaks()
    shop.when(share(34, "advertiser", [EMAIL], purpose="improve_site")).assert_breaks("X1")
    shop.given(objection(35, "deliver_ads"))
    shop.when(share(36, "advertiser", [EMAIL], purpose="deliver_ads")).assert_breaks("X1")
    shop = judging(LIMITED).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    shop.when(share(33, "advertiser", [EMAIL], purpose="deliver_ads")).assert_breaks("X1")
