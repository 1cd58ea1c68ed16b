"""What the erased are owed at an address waits there while somebody living holds it, and binds it afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from domain import ledger
from domain.facts.fields import Subject
from domain.moments import end_of
from domain.suppressed import Objection
from domain.vocabulary import EMAIL, NAME, Program
from tests.controls import contest_entry, day, fact, link, message, name_ended, objection, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, THREE, MAILBOX = "customer:1", "customer:2", "customer:3", "email:both@example.com"
VALUES: Final = {EMAIL: "both@example.com"}
OTHERS: Final = {EMAIL: "other@example.com"}
BOTH: Final = (
    contest_entry(1, values=VALUES, fact_id="one"),
    contest_entry(1, values=VALUES, subject=TWO, fact_id="two"),
)
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
OUT: Final = fact("opt_out", 3, PORTAL)
"""Under the number, so that it is the person's own, and binds no address while they are known."""
MAILED: Final = message(40, subject=MAILBOX, fact_id="mailed")
"""Mail that is told under the address, once the grace of any opt-out is over."""


def erased(subject: str, on: float) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id=f"erase {subject} {on:g}")


def confirmed(on: float, subject: str) -> Fact:
    """Return that the mailbox answered, for somebody."""
    data = {"contact": MAILBOX, "method": "contact_confirmed"}
    return fact("contact_confirmed", on, data, subject=subject)


KNOWN: Final = confirmed(1.5, TWO)
"""The mailbox answered for the second one, so that they are known to have it."""


def mailed(*facts: Fact, last: Fact = MAILED) -> tuple[set[str], set[str]]:
    """Return what mail breaks at last: as it is found when it is told, and in an audit of all."""
    found = Shop().given(*facts).when(last).findings
    result = audit(*facts, last)
    broken = {promise for promise in ("P17", "P18") if last.name in result.breaches(promise)}
    return {one.promise for one in found} & {"P17", "P18"}, broken


BROKEN, NOT_BROKEN = ({"P17", "P18"}, {"P17", "P18"}), (set[str](), set[str]())


@pytest.mark.parametrize("gone", [(ONE, TWO), (TWO, ONE)])
@pytest.mark.parametrize("last", [MAILED, message(40, subject=THREE, to=MAILBOX, fact_id="to them")])
def test_two_at_one_address(gone: tuple[str, str], last: Fact) -> None:
    """Whichever of them is erased first, the address of the one who left is bound when both are gone."""
    told = [*BOTH, OUT, *(erased(subject, on) for on, subject in enumerate(gone, 5))]
    assert mailed(*told, last=last) == BROKEN
    assert mailed(*BOTH, *told[3:], last=last) == NOT_BROKEN


def test_while_somebody_living_is_known_to_have_the_address() -> None:
    """They are enrolled and mailed as before: what waits there is not theirs."""
    told = [*BOTH, KNOWN, OUT, erased(ONE, 5)]
    assert mailed(*told) == NOT_BROKEN
    assert mailed(*told, last=message(40, subject=TWO, fact_id="to two")) == NOT_BROKEN
    assert Shop().given(*told, contest_entry(6, values=VALUES, subject=THREE)).is_enrolled(subject=THREE)


def test_the_mailbox_did_not_answer_after_all() -> None:
    """Nobody is known to have it then, so what waited binds it for who is named with it since, in what is later."""
    told = [*BOTH, KNOWN, OUT, erased(ONE, 5)]
    new = contest_entry(8, values=VALUES, subject=THREE, fact_id="new")
    to_new = message(40, subject=THREE, fact_id="to three")
    entry = {"source": KNOWN.source, "id": KNOWN.id}
    wrong = fact("entry_correction", 7, {"entry": entry, "reason": "a wrong link"}, subject=TWO, fact_id="wrong")
    assert mailed(*told) == NOT_BROKEN
    assert mailed(*told, wrong, new, last=to_new) == BROKEN
    assert mailed(*told, new, last=to_new) == NOT_BROKEN
    assert audit(*told, wrong, MAILED).status("P17") == "indeterminate"  # The second one had typed it before.
    assert mailed(*told, wrong, last=message(6.5, subject=MAILBOX, fact_id="before")) == NOT_BROKEN


PROMISES: Final = ("P11", "P17", "P18")


@pytest.mark.parametrize("typed_on", [1, 4])
def test_while_somebody_living_had_typed_the_address(typed_on: float) -> None:
    """Mail to them is judged as before the erasure, and so is mail under the address; who comes later is met by it."""
    both = (BOTH[0], contest_entry(typed_on, values=VALUES, subject=TWO, fact_id="two"))
    told = sorted((*both, OUT), key=lambda one: one.time)
    to_two = message(40, subject=TWO, fact_id="to two")
    for last in (to_two, MAILED):
        before, after = (audit(*facts, last) for facts in (told, (*told, erased(ONE, 5))))
        assert [before.status(one) for one in PROMISES] == [after.status(one) for one in PROMISES]
    told.append(erased(ONE, 5))
    assert [audit(*told, to_two).status(one) for one in PROMISES] == ["kept", "kept", "untested"]
    assert audit(*told, MAILED).status("P17") == "indeterminate"
    shop = Shop().given(*told)
    assert not ledger.ask(shop.store, message(40, subject=TWO, fact_id="ask"), shop.sender)
    assert ledger.ask(shop.store, message(40, subject=MAILBOX, fact_id="ask"), shop.sender)
    assert shop.given(contest_entry(6, values=VALUES, subject=TWO, reference="more", fact_id="more")).is_enrolled(
        subject=TWO
    )
    assert not shop.given(contest_entry(6, values=VALUES, subject=THREE)).is_enrolled(subject=THREE)


def test_while_more_have_it_than_are_asked() -> None:
    """Mail under an address that many have is undecided, and their own mail is judged as before."""
    many = [
        contest_entry(1, values=VALUES, subject=f"customer:{number}", fact_id=f"typed {number}")
        for number in range(10, 20)
    ]
    told = [*many, BOTH[0], OUT, erased(ONE, 5)]
    assert audit(*told, MAILED).status("P17") == "indeterminate"
    assert audit(*told, message(40, subject="customer:15", fact_id="to one")).status("P17") == "kept"
    assert mailed(BOTH[0], OUT, erased(ONE, 5), *(one.model_copy(update={"time": day(6)}) for one in many)) == BROKEN


def test_what_is_told_after_the_erasure_may_be_a_strangers() -> None:
    """An entry of before that is told only then frees nobody: whether they had the address, or typed it, is unknown."""
    told = [BOTH[0], OUT, erased(ONE, 5)]
    for typed_on, status in ((2, "indeterminate"), (6, "broken")):
        typed = contest_entry(typed_on, values=VALUES, subject=TWO, fact_id="two")
        assert audit(*told, typed, message(40, subject=TWO, fact_id="to two")).status("P17") == status
        assert mailed(*told, typed) == BROKEN


def test_an_address_that_they_had_given_up() -> None:
    """They are named with it again only after the erasure, so it is bound for them as for anybody."""
    again = contest_entry(7, values=VALUES, subject=TWO, reference="again", fact_id="again")
    told = [BOTH[1], name_ended(1.5, MAILBOX, subject=TWO), contest_entry(2, values=VALUES, fact_id="one"), OUT]
    to_two = message(40, subject=TWO, fact_id="to two")
    assert audit(*told, erased(ONE, 5), again, to_two).status("P17") == "broken"
    assert audit(*told, again, to_two).status("P17") == "kept"


def test_no_verdict_changes_on_what_was_told_before() -> None:
    """Not even on mail of a later time than the erasure's, which was told before it."""
    before = [message(on, subject=MAILBOX, fact_id=f"mail {on}") for on in (20, 45)]
    before.append(message(46, subject=THREE, to=MAILBOX, fact_id="to three"))
    told = [*BOTH, KNOWN, OUT, erased(ONE, 5), *before, erased(TWO, 30)]
    verdicts = [
        [audit(*facts, as_of=60).verdict(promise) for promise in ("P11", "P17", "P18")] for facts in (told[:-1], told)
    ]
    assert verdicts[0] == verdicts[1]
    assert audit(*told, MAILED).breaches("P17") == [MAILED.name]
    assert mailed(*told, last=message(25, subject=THREE, to=MAILBOX, fact_id="before the erasure")) == NOT_BROKEN


def test_it_is_owed_since_the_person_left() -> None:
    """The grace of an opt-out does not begin anew when the address comes to be bound."""
    told = [*BOTH, OUT, erased(ONE, 5), erased(TWO, 39)]
    at_once = end_of(day(39) + timedelta(hours=1))
    shop = Shop().given(*told, contest_entry(39.01, values=VALUES, subject=THREE))
    opted_out = shop.judge.opted_out(shop.customer(THREE), Program.EMAIL_MARKETING, at_once)
    assert opted_out is not None
    assert opted_out.moment.at == day(3)
    assert mailed(*told, last=message(39.5, subject=MAILBOX, fact_id="at once")) == BROKEN


@pytest.mark.parametrize("is_before", [True, False])
def test_a_stream_that_mail_alone_opened_holds_nothing(*, is_before: bool) -> None:
    """Nothing was collected there and nobody is known: the address is bound, and mail told before stays as it was."""
    sent = message(2 if is_before else 4, subject=MAILBOX, fact_id="before")
    told = [BOTH[0], *sorted((OUT, sent), key=lambda one: one.time), erased(ONE, 5)]
    assert mailed(*told) == BROKEN
    found = [audit(*facts, as_of=60).verdict("P17") for facts in (told[:-1], told)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "holds",
    [
        contest_entry(2, values=VALUES, subject=MAILBOX),
        confirmed(2, MAILBOX),
        order(2, "O-9", values=OTHERS, subject=MAILBOX),
    ],
)
def test_who_holds_the_address(holds: Fact) -> None:
    """Somebody of whom anything was collected or confirmed under it."""
    told = [BOTH[0], message(1.5, subject=MAILBOX, fact_id="before"), holds, OUT, erased(ONE, 5)]
    assert mailed(*told) == NOT_BROKEN
    assert holds.subject is not None
    assert mailed(*told, erased(str(holds.subject), 6)) == BROKEN


@pytest.mark.parametrize(
    "said",
    [
        message(2, subject=THREE, to=MAILBOX),
        fact("opt_out", 2, PORTAL, subject=THREE),
        fact("record_read", 2, {"reader": "helpdesk", "purpose": "answer_message", "also": [MAILBOX]}, subject=THREE),
        order(2, "O-9", values=VALUES, subject="guest:F-9", fact_id="typed"),
    ],
)
def test_who_does_not_hold_it(said: Fact) -> None:
    """Mail that only went there stands on nobody's record, and anybody can type it."""
    assert mailed(BOTH[0], said, OUT, erased(ONE, 5)) == BROKEN


def test_the_address_is_given_up() -> None:
    """Who had it beside the erased person has it no longer, so it is bound from then on, for the next one too."""
    told = [*BOTH, OUT, erased(ONE, 5), name_ended(6, MAILBOX, subject=TWO)]
    assert mailed(*told) == BROKEN
    shop = Shop().given(*told, contest_entry(7, values=VALUES, subject=THREE))
    assert not shop.is_enrolled(subject=THREE)
    assert mailed(*told, last=message(40, subject=TWO, fact_id="to two")) == NOT_BROKEN


def test_somebody_had_it_already_when_it_was_given_up() -> None:
    """It waits on, for who was named with it since the end."""
    told = [*BOTH, contest_entry(7, values=VALUES, subject=THREE), OUT, erased(ONE, 8)]
    told.append(name_ended(6, MAILBOX, subject=TWO))
    assert Shop().given(*told).is_enrolled(subject=THREE)
    assert mailed(*told, erased(THREE, 9)) == BROKEN


def test_the_link_is_undone_by_which_somebody_held_it() -> None:
    """What mail alone had opened is nobody's again."""
    told = [BOTH[0], message(2, subject=MAILBOX, fact_id="before"), OUT]
    told += [contest_entry(2, values=OTHERS, subject=TWO), link(4, MAILBOX, subject=TWO), erased(ONE, 5)]
    assert mailed(*told) == NOT_BROKEN
    assert mailed(*told, unlink(6, MAILBOX, subject=TWO)) == BROKEN


def test_who_comes_back_and_asks_anew_lifts_what_waits() -> None:
    """With the address, while somebody else holds it, or when it is bound; without the address nothing is lifted."""
    told = [*BOTH, OUT, erased(ONE, 5)]
    asked = contest_entry(7, values=VALUES, reference="anew", fact_id="asked")
    gone = [erased(TWO, 8), erased(ONE, 9)]
    assert mailed(*told, asked, *gone) == NOT_BROKEN
    assert mailed(*told, order(7, values=VALUES), *gone) == BROKEN
    without = contest_entry(7, values=OTHERS, reference="anew", fact_id="asked")
    assert mailed(*told, without, *gone) == BROKEN
    after = contest_entry(8.5, values=VALUES, reference="anew", fact_id="asked")
    assert mailed(*told, gone[0], after, gone[1]) == NOT_BROKEN


def test_who_came_back_asked_before_it_was_bound_and_is_told_of_after() -> None:
    """They lift it all the same; nobody else does by an entry of that time."""
    told = [*BOTH, OUT, erased(ONE, 5), erased(TWO, 8)]
    back, stranger = (contest_entry(7, values=VALUES, subject=name, reference="anew") for name in (ONE, THREE))
    assert Shop().given(*told, back).when(message(40, fact_id="m")).codes("P17") == set()
    assert Shop().given(*told, stranger).when(message(40, subject=THREE, fact_id="m")).codes("P17") != set()


def test_a_new_holder_lifts_nothing_by_asking() -> None:
    """They are met as by any address of the erased, and lift it once they are verified to have it."""
    told = [*BOTH, OUT, erased(ONE, 5), erased(TWO, 6), contest_entry(7, values=VALUES, subject=THREE)]
    last = message(40, subject=THREE, fact_id="to three")
    assert mailed(*told, last=last) == BROKEN
    told += [confirmed(8, THREE), contest_entry(9, values=VALUES, subject=THREE, reference="anew")]
    assert mailed(*told, last=last) == NOT_BROKEN


def test_what_another_lifted_of_their_own_lifts_nothing_of_it() -> None:
    """Who held the address beside them opted out of it, and asked anew; what waits there is not theirs."""
    out = fact("opt_out", 6, {"program": "email_marketing", "via": "unsubscribe_link", "to": MAILBOX}, subject=TWO)
    anew = contest_entry(7, values=VALUES, subject=TWO, reference="anew")
    assert mailed(*BOTH, OUT, erased(ONE, 5), out, anew, erased(TWO, 8)) == BROKEN
    assert mailed(BOTH[1], out, anew, erased(TWO, 8)) == NOT_BROKEN


def test_an_objection_waits_as_well() -> None:
    """It meets the one who has the address next, and not the one who had it beside them."""
    facts = [
        *BOTH,
        KNOWN,
        objection(3),
        erased(ONE, 5),
        erased(TWO, 6),
        order(7, values={**VALUES, NAME: "C"}, subject=THREE),
    ]
    shop = Shop().given(*facts[:5])
    assert shop.customer(TWO).contacts.bound.get(Subject("email", VALUES[EMAIL]), []) == []
    shop.given(*facts[5:])
    (bound,) = shop.customer(THREE).contacts.bound[Subject("email", VALUES[EMAIL])]
    assert (bound.what, bound.since, bound.moment.at) == (Objection("posters"), day(3), day(6))
