"""An objection outlives an erasure, an unlink and the end of a name; nothing that it forbids is found kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain import ledger
from domain.events.customer import CustomerErased, ObjectionRaised
from domain.events.suppressions import SuppressionRecalled
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.records.objections import all_objected_to
from domain.rules.shared_after import SharedAfter
from domain.suppressed import Age, Objection
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, Program, Reading, Role
from tests.controls import (
    RECIPIENTS,
    age_learned,
    day,
    fact,
    link,
    message,
    name_ended,
    objection,
    offer,
    opt_out,
    order,
    purpose,
    share,
    unlink,
    use,
)
from tests.laws.audit import audit
from tests.scenario import Shop, first_policy, judging

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, MAILBOX = "customer:1", "customer:2", "email:ada@example.com"
NAMES = [ONE, MAILBOX, "phone:+442079460018", "order:O-7", "guest:F-1"]
VALUES = {EMAIL: "ada@example.com"}
OTHERS = {EMAIL: "two@example.com"}
OFFERED, USED = 40, 80
"""When somebody is offered to opt out anew, and used when that offer has stood for long enough."""


def erased(subject: str, on: float = 5) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id=f"erase-{on:g}")


def annul(on: float, entry: str = "objection-3", subject: str = ONE) -> Fact:
    """Return an officer's annulment of an objection."""
    data = {"entry": {"source": "/shop", "id": entry}, "reason": "a bot"}
    return fact("entry_correction", on, data, subject=subject, fact_id=f"annul-{on:g}")


def served(subject: str = ONE, on: float = USED) -> list[Fact]:
    """Return an offer to somebody, and a use for the purpose of it once it has stood long enough."""
    reference = f"of {subject}"
    bought = order(OFFERED - 0.5, reference, subject=subject, values={"user.name": "A"}, fact_id=f"bought {subject}")
    used = {"subject": subject, "fact_id": f"used {subject}"}
    data = {"purpose": "posters", "categories": ["user.name"], "reference": reference}
    return [bought, offer(OFFERED, subject=subject, fact_id=f"offer {subject}"), fact("use", on, data, **used)]


def against(shop: Shop, subject: str = ONE, on: float = USED) -> set[str]:
    """Return what is found under P14 of a use of somebody who was offered to opt out anew."""
    bought, offered, used = served(subject, on)
    return shop.given(bought, offered).when(used).codes("P14")


def verdicts(*facts: Fact, subject: str = ONE, as_of: float | None = None) -> tuple[str, list[str]]:
    """Return the status of P14 in an audit of facts and of what is done to somebody at last, and what broke it."""
    found = audit(purpose(0), *facts, *served(subject), as_of=as_of)
    return found.status("P14"), found.breaches("P14")


def recalled(shop: Shop) -> list[SuppressionRecalled]:
    """Return what a shop recalled."""
    return [
        event for events in shop.store.events.values() for event in events if isinstance(event, SuppressionRecalled)
    ]


def test_without_an_objection_it_is_kept() -> None:
    """The other tests of this file find what they find for no other reason."""
    assert against(Shop().given(purpose(0), order(1), erased(ONE))) == set()
    assert verdicts(order(1), erased(ONE)) == ("kept", [])


@pytest.mark.parametrize("subject", NAMES)
def test_who_comes_back_after_an_erasure(subject: str) -> None:
    """Under the name it is owed since its own time, and as often as they are erased."""
    facts = [order(1, subject=subject, values=VALUES), objection(3, subject=subject), erased(subject)]
    again = [order(6, "O-2", subject=subject, values=VALUES), erased(subject, 7)]
    for told in (facts, [*facts, *again]):
        shop = Shop().given(purpose(0), *told)
        assert against(shop, subject) == {"objected"}
        last = recalled(shop)[-1]
        assert (last.purpose, last.program, last.under, last.occurred_at) == ("posters", None, None, day(3))
        assert not shop.customer(subject).protections.ages
        assert verdicts(*told, subject=subject) == ("broken", [f"/shop used {subject}"])


def test_another_purpose_is_not_objected_to() -> None:
    """It is owed for its own purpose, and is neither an opt-out nor an age whatever the purpose is called."""
    for word in ("raffles", "email_marketing", "under_13"):
        shop = Shop().given(purpose(0), order(1, values=VALUES), objection(3, word), erased(ONE))
        assert against(shop) == set()
        assert list(all_objected_to(shop.customer(), LAST)) == [word]
        assert shop.customer().protections.ages == []
        assert shop.judge.opted_out(shop.customer(), Program.EMAIL_MARKETING, LAST) is None


def test_as_of_a_time_before_it() -> None:
    """What was done before the objection is kept, after it broken, whoever was erased in between."""
    before = fact("use", 45, {"purpose": "posters", "categories": [EMAIL], "reference": "O-1"}, fact_id="before")
    facts = [purpose(0), order(1), offer(2), before, objection(50), erased(ONE, 60)]
    after = [order(61, "O-2"), offer(61.5), use(95, "posters", reference="O-2")]
    assert audit(*facts, *after, as_of=55).status("P14") == "kept"
    assert audit(*facts, *after).breaches("P14") == ["/shop use-95"]


def test_an_address_that_nobody_living_has() -> None:
    """The one who has it since is met; of whose objection it was, no event is named."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), objection(3), erased(ONE))
    shop.given(order(6, "O-2", subject=TWO, values=VALUES))
    bought, offered, used = served(TWO)
    found = [one for one in shop.given(bought, offered).when(used).findings if one.promise == "P14"]
    assert [(one.code, one.events) for one in found] == [("objected", ())]
    told = [order(1, values=VALUES), objection(3), erased(ONE), order(6, "O-2", subject=TWO, values=VALUES)]
    assert verdicts(*told, subject=TWO) == ("broken", [f"/shop used {TWO}"])


def test_an_address_that_somebody_else_has() -> None:
    """A living person with the same address is not taken for the one who objected."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), order(2, "O-2", subject=TWO, values=VALUES))
    shop.given(objection(3), erased(ONE))
    assert against(shop, TWO) == set()


def test_a_message_that_goes_to_the_address() -> None:
    """The person does not have it, and it is bound all the same."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), objection(3), erased(ONE))
    bought, offered, _ = served(TWO)
    shop.given(bought, offered)
    to: dict[str, Any] = {"channel": "email", "purpose": "posters", "program": None}
    assert shop.when(message(USED, subject=TWO, to=MAILBOX, **to)).codes("P14") == {"objected"}
    assert shop.when(message(USED, subject=TWO, fact_id="elsewhere", **to)).codes("P14") == set()


def test_whoever_had_the_address_of_the_erased_is_judged_as_before_when_they_are_erased() -> None:
    """No erasure changes a verdict: what bound their address is kept with what is left of them."""
    told = [order(1, values=VALUES), objection(3), erased(ONE), order(6, "O-2", subject=TWO, values=VALUES)]
    found = [audit(purpose(0), *told, *served(TWO), *last) for last in ((), (erased(TWO, 90),))]
    assert [one.breaches("P14") for one in found] == [[f"/shop used {TWO}"]] * 2


@pytest.mark.parametrize("subject", [ONE, MAILBOX])
@pytest.mark.parametrize("returns_first", [True, False])
def test_told_late_of_the_erased(subject: str, *, returns_first: bool) -> None:
    """It is owed as if told before, whether they came back before it was told or after."""
    back, late = order(6, "O-2", values=OTHERS, subject=subject), objection(3, subject=subject)
    told = [order(1, values=VALUES), erased(ONE), *((back, late) if returns_first else (late, back))]
    shop = Shop().given(purpose(0), *told)
    assert against(shop, subject) == {"objected"}
    assert verdicts(*told, subject=subject) == ("broken", [f"/shop used {subject}"])


def test_told_late_under_the_address_of_the_erased() -> None:
    """It binds the address where nobody living has it; there it would have been owed, had it been told before."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), erased(ONE))
    shop.when(objection(3, subject=MAILBOX)).then(ObjectionRaised, CustomerErased)
    shop.given(order(6, "O-2", subject=TWO, values=VALUES))
    assert against(shop, TWO) == {"objected"}
    shop = Shop().given(purpose(0), order(1, values=VALUES), erased(MAILBOX))
    shop.given(order(2, "O-2", subject=TWO, values=VALUES), objection(3, subject=MAILBOX))
    assert against(shop, TWO) == set()


def joined(*facts: Fact) -> Shop:
    """Return a shop in which two people were taken for one, and told of."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), order(1, "O-2", subject=TWO, values=OTHERS))
    return shop.given(link(2, TWO), *facts)


@pytest.mark.parametrize("objects", [ONE, TWO])
def test_two_who_are_parted(objects: str) -> None:
    """Both go on being protected, the one who did not object since the unlink."""
    shop = joined(objection(3, subject=objects), unlink(5, TWO))
    (event,) = recalled(shop)
    assert (event.purpose, event.occurred_at) == ("posters", day(5))
    for subject in (ONE, TWO):
        assert against(shop, subject) == {"objected"}
        told = [order(1, values=VALUES), order(1, "O-2", subject=TWO, values=OTHERS), link(2, TWO)]
        told += [objection(3, subject=objects), unlink(5, TWO)]
        assert verdicts(*told, subject=subject) == ("broken", [f"/shop used {subject}"])


def test_an_address_that_was_bound_for_two() -> None:
    """The one who leaves has no such address, and stays protected; nothing is recalled for the one who has it."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), objection(1.2), erased(ONE, 1.5))
    shop.given(order(1.7, "O-2", subject=TWO, values=VALUES), order(1.8, "O-3", subject="customer:3", values=OTHERS))
    shop.given(link(2, TWO, subject="customer:3"), unlink(5, TWO, subject="customer:3"))
    assert len(recalled(shop)) == 1
    assert against(shop, "customer:3") == {"objected"}
    assert against(shop, TWO) == {"objected"}


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_one_who_has_the_name_next(name: str, *, is_late: bool) -> None:
    """They are met by it from the next instant on, also where it is told only when they are known."""
    objects, ends = objection(3, subject=name), name_ended(5, name, subject=name)
    back = order(6, "O-6", subject=name, values=OTHERS)
    told = [order(1, subject=name, values=VALUES), *((ends, back, objects) if is_late else (objects, ends, back))]
    shop = Shop().given(purpose(0), *told)
    assert against(shop, name) == {"objected"}
    assert [event.purpose for event in recalled(shop)] == ["posters"]
    assert verdicts(*told, subject=name) == ("broken", [f"/shop used {name}"])


@pytest.mark.parametrize("teller", [ONE, TWO])
def test_the_end_of_a_name_is_told_after_the_erasure(teller: str) -> None:
    """The one who has the name next is met by all that is owed to it. It does not matter who tells of the end."""
    told = [order(1), order(1, "O-2", subject=TWO, values=OTHERS, fact_id="two")]
    told += [objection(3), opt_out(3), age_learned(3)]
    shop = Shop().given(purpose(0), *told, erased(ONE, 6), name_ended(5, ONE, subject=teller), order(7, "O-7"))
    owed = owed_at(shop.judge, shop.customer(), LAST)
    assert owed.keys() == {Program.EMAIL_MARKETING, Objection("posters"), Age.UNDER_13}
    assert {one.since.at for one in owed.values()} == {day(5) + timedelta.resolution}
    assert against(shop) == {"objected"}


def test_nobody_had_the_name_between_two_ends() -> None:
    """What the last one was owed meets the next one, also where a second end of the name lies between them."""
    for ends in ((5, 6), (6, 5)):
        shop = Shop().given(purpose(0), order(1), objection(3), *(name_ended(on, ONE) for on in ends))
        assert against(shop.given(order(7, "O-7"))) == {"objected"}


def test_the_one_who_has_the_address_next() -> None:
    """An address that was given up goes on being bound; an objection from after its end binds nobody."""
    for on, expected in ((3, {"objected"}), (5.5, set())):
        shop = Shop().given(purpose(0), order(1, values=VALUES), objection(on), name_ended(5, MAILBOX))
        shop.given(order(6, "O-6", subject=TWO, values=VALUES))
        assert against(shop, TWO) == expected


def test_it_is_met_in_decisions_and_enforcement() -> None:
    """Who asks before they use is told so, and a use that is enforced is refused."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), objection(3), erased(ONE))
    unknown = use(6, "posters")
    assert "objected" in {one.code for one in ledger.ask(shop.store, unknown, shop.sender)}
    bought, offered, used = served()
    shop.given(bought, offered)
    assert {one.code for one in ledger.ask(shop.store, used, shop.sender)} >= {"objected"}
    enforced = {"purpose": "posters", "categories": ["user.name"], "mode": "enforce"}
    assert shop.when(fact("use", USED, enforced, fact_id="enforced")).refused


@pytest.mark.parametrize("objects", [True, False])
def test_what_an_offer_would_cure_is_not_cured(*, objects: bool) -> None:
    """A rule that takes an offer for a cure sees an objection that is owed, as it sees one of the person's own."""
    shop = Shop(judge=Judge(first_policy(), Reading.PERMISSIVE)).given(purpose(0), order(1))
    shop.given(*((objection(3),) if objects else ()), erased(ONE), order(6, "O-2"), offer(OFFERED))
    shop.when(use(USED, "posters")).assert_breaks(*(("P04", "P14") if objects else ()))
    shop.when(share(USED, "printer", [EMAIL], purpose="posters")).assert_breaks(*(("P05", "P14") if objects else ()))


@pytest.mark.parametrize("objects", [True, False])
def test_a_share_that_waits(*, objects: bool) -> None:
    """Where a recipient gets data only after an offer, an objection that is owed keeps it back."""
    shop = judging(SharedAfter(roles=(Role.ADVERTISER,), period_seconds=0)).given(*RECIPIENTS, order(1))
    shop.given(*((objection(3),) if objects else ()), erased(ONE), order(6, "O-2"), offer(OFFERED))
    told = share(USED, "advertiser", [EMAIL], purpose="posters")
    assert shop.when(told).codes("X1") == ({"objected"} if objects else set())


def test_an_annulled_objection_counts_for_nothing() -> None:
    """From the annulment on; what was found before it stays found."""
    early, late = (use(on, "posters", reference="O-1") for on in (50, 60))
    facts = [purpose(0), order(1), offer(2), objection(3), early, annul(55), late]
    assert audit(*facts).breaches("P14") == ["/shop use-50"]
    (undone,) = audit(*facts).document["undone"]
    assert undone["what"] == "objection"
    both = [*facts[:4], objection(4), early, annul(55), late]
    assert audit(*both).breaches("P14") == ["/shop use-50", "/shop use-60"]
    before = [purpose(0), order(1), offer(2), annul(4), objection(3), late]
    assert audit(*before).status("P14") == "kept"


def test_an_annulled_objection_is_owed_to_nobody() -> None:
    """Neither after an erasure, nor by an unlink, nor to the one who has the name next."""
    shop = Shop().given(purpose(0), order(1, values=VALUES), objection(3), annul(4), erased(ONE))
    assert against(shop.given(order(6, "O-2", subject=TWO, values=VALUES))) == set()
    assert against(shop, TWO) == set()
    shop = joined(objection(3), annul(4), unlink(5, TWO))
    assert (against(shop), against(shop, TWO), recalled(shop)) == (set(), set(), [])
    shop = Shop().given(purpose(0), order(1), objection(3), annul(4), name_ended(5, ONE))
    assert (against(shop), recalled(shop)) == (set(), [])
