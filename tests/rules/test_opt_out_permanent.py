"""Rule kind opt_out_permanent: kept, broken, and its edges."""

from __future__ import annotations

from domain.rules.opt_out_permanent import OptOutPermanent
from domain.vocabulary import Act, Program
from tests.controls import collection, contest_entry, enrollment, message, opt_out, order
from tests.scenario import judging

EMAIL = Program.EMAIL_MARKETING
PERMANENT = OptOutPermanent(program=EMAIL, reopened_by=(Act.CONTEST_ENTRY, Act.REGISTRATION))


def test_kept() -> None:
    """Before any opt-out everything is kept, and so it is once the person reopened it."""
    shop = judging(PERMANENT).given(order(1))
    shop.when(message(2)).assert_breaks()
    shop.given(opt_out(3), contest_entry(4)).when(message(5)).assert_breaks()


def test_broken() -> None:
    """After an opt-out an enrollment that nothing reopened breaks, and every message does."""
    shop = judging(PERMANENT).given(order(1), opt_out(2))
    assert shop.when(enrollment(3, EMAIL, "purchase")).codes("X1") == {"enrolled_after_opt_out"}
    assert shop.when(message(4)).codes("X1") == {"mailed_after_opt_out"}


def test_an_act_that_is_not_listed_reopens_nothing() -> None:
    """A promotional request reopens only where the policy says so."""
    shop = judging(PERMANENT).given(order(1), opt_out(2), collection("promotional_request", 3))
    assert not shop.is_enrolled()
    shop.when(message(4)).assert_breaks("X1")


def test_a_policy_may_let_an_order_reopen() -> None:
    """What reopens is a parameter: another company may have promised less."""
    shop = judging(OptOutPermanent(program=EMAIL, reopened_by=(Act.ORDER,)))
    shop.given(order(1), opt_out(2), order(3, "O-2")).when(message(4)).assert_breaks()


def test_registration_reopens_by_asking_for_updates() -> None:
    """A registration for the catalog alone is no wish for e-mail."""
    shop = judging(PERMANENT).given(opt_out(1), collection("registration", 2, requests=["catalog"]))
    shop.when(enrollment(3, EMAIL, "registration")).assert_breaks("X1")
    shop.given(collection("registration", 4, requests=["updates"], reference="two"))
    shop.when(message(5)).assert_breaks()


def test_the_latest_opt_out_counts() -> None:
    """What reopened an earlier opt-out does not reopen a later one."""
    shop = judging(PERMANENT).given(opt_out(1), contest_entry(2), opt_out(3))
    shop.when(enrollment(4, EMAIL, "contest_entry")).assert_breaks("X1")


def test_the_other_program_is_not_concerned() -> None:
    """It binds one program."""
    shop = judging(PERMANENT).given(opt_out(1, "physical_mailings"))
    shop.when(message(2, channel="post")).assert_breaks()
