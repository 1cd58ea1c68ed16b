"""What is told only after an unlink, of a time before it, protects both as if it had been told before."""

from __future__ import annotations

import pytest

from domain.events.suppressions import SuppressionRecalled
from domain.vocabulary import EMAIL
from tests.controls import age_learned, contest_entry, day, link, message, objection, opt_out, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

ONE, TWO = "customer:1", "customer:2"
OTHERS = {EMAIL: "two@example.com"}
MAILBOX = "email:ada@example.com"
LINK, UNLINK = link(3, TWO, fact_id="join"), unlink(6, TWO, fact_id="part")
BEFORE = [contest_entry(2, fact_id="one"), order(1, "O-2", subject=TWO, fact_id="two", values=OTHERS)]
PROTECTING = [opt_out(4), opt_out(4, subject=MAILBOX), opt_out(2.5), objection(4), age_learned(4)]


def recalled(shop: Shop, subject: str) -> list[tuple[object, ...]]:
    """Return what was recalled on somebody's record."""
    events = [one for stream in shop.customer(subject).streams for one in shop.store.events.get(stream, ())]
    return [
        (one.program, one.purpose, one.under, one.occurred_at) for one in events if isinstance(one, SuppressionRecalled)
    ]


@pytest.mark.parametrize("number", range(len(PROTECTING)))
def test_it_protects_the_other_as_if_told_before(number: int) -> None:
    """From the unlink on, as it went on binding who was bound by then."""
    protects = PROTECTING[number]
    in_time = Shop().given(*BEFORE, LINK, protects, UNLINK)
    late = Shop().given(*BEFORE, LINK, UNLINK, protects)
    assert recalled(late, TWO) == recalled(in_time, TWO)
    assert [one[-1] for one in recalled(late, TWO)] == [day(6)]
    assert late.is_enrolled(subject=TWO) == in_time.is_enrolled(subject=TWO)
    assert recalled(late, ONE) == recalled(in_time, ONE) == []


def test_what_is_later_than_the_unlink_is_ones_own() -> None:
    """They were two by then."""
    shop = Shop().given(*BEFORE, LINK, UNLINK, opt_out(7), objection(7))
    assert recalled(shop, TWO) == []
    assert shop.is_enrolled(subject=TWO)


def test_what_was_told_before_the_unlink_and_is_later_than_it() -> None:
    """It binds the other one since its own time, and no mail that is earlier breaks anything."""
    shop = Shop().given(*BEFORE, LINK, opt_out(8), UNLINK)
    assert [one[-1] for one in recalled(shop, TWO)] == [day(8)]
    facts = [*BEFORE, LINK, opt_out(8), UNLINK, message(7, subject=TWO, fact_id="mail")]
    assert audit(*facts).status("P11") == "kept"
    assert audit(*facts, message(9, subject=TWO, fact_id="later")).breaches("P17") == ["/shop later"]


@pytest.mark.parametrize("asks", [ONE, TWO])
def test_who_asked_anew_in_between(asks: str) -> None:
    """One of them lifted it for both while they were one."""
    asked = contest_entry(5, reference="anew", subject=asks, fact_id="anew", values=OTHERS)
    for told in ([opt_out(4), asked, UNLINK], [asked, UNLINK, opt_out(4)]):
        assert recalled(Shop().given(*BEFORE, LINK, *told), TWO) == []


def test_who_is_one_person_again() -> None:
    """It binds them as one, and the other one in between, as if it had been told in time."""
    again = link(7, TWO, fact_id="again")
    in_time = Shop().given(*BEFORE, LINK, opt_out(4), UNLINK, again)
    late = Shop().given(*BEFORE, LINK, UNLINK, again, opt_out(4))
    assert recalled(late, TWO) == recalled(in_time, TWO)
    assert [one[-1] for one in recalled(late, TWO)] == [day(6)]
    assert not late.is_enrolled(subject=TWO)


def test_mail_to_the_other_since_then() -> None:
    """The company knew of it too late, and the mail breaks the promise all the same."""
    shop = Shop().given(*BEFORE, LINK, UNLINK)
    mailed = shop.when(message(8, subject=TWO, fact_id="mail"))
    assert not mailed.codes("P17")
    shop.given(opt_out(4))
    assert "mailed_after_opt_out" in shop.again(mailed, TWO)
