"""An erasure with `only` ends the one record that its name leads to, and the person goes on with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain import ledger
from domain.elsewhere import reach_of
from domain.events.customer import CustomerEnrolled, CustomerErased
from domain.events.links import CustomersUnlinked
from domain.events.suppressions import SuppressionRecalled
from domain.facts.fields import Subject
from domain.records.customer import LAST
from domain.rules.requests_answered import RequestsAnswered
from domain.suppressed import Age, Objection
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, Program
from domain.waiting import ErasureWaits
from tests.controls import (
    access_request,
    cancellation,
    contest_entry,
    correction,
    day,
    fact,
    link,
    message,
    objection,
    opt_out,
    order,
    report_issued,
    use,
    verification,
)
from tests.laws.audit import audit
from tests.scenario import Shop, with_parameters, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, THREE = "customer:1", "customer:2", "customer:3"
OTHERS = {EMAIL: "two@example.com"}


def erasure(on: float, subject: str = TWO, request: str | None = None, **data: Any) -> Fact:  # noqa: ANN401 - any field
    """Return the erasure of one record: `/shop erase`."""
    told = {"reason": "asked", "only": True, **({"request": request} if request else {}), **data}
    return fact("erasure", on, told, subject=subject, fact_id="erase")


def joined(*more: Fact) -> Shop:
    """Return a shop in which an entrant and a buyer are one person."""
    return Shop().given(contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS), link(3, TWO), *more)


def stream_of(shop: Shop, name: str) -> Any:  # noqa: ANN401 - an id, or None
    """Return the stream that a name leads to now."""
    kind, value = name.split(":", 1)
    return shop.store.stream_of(Subject(kind, value), LAST.at)


def owed(shop: Shop, name: str = ONE) -> set[Any]:
    """Return what a person is owed in the end."""
    return set(owed_at(shop.judge, shop.customer(name), LAST))


def test_the_record_leaves_the_person_and_is_erased() -> None:
    """The others hold what they held, without what the erased one gave; its name leads nowhere."""
    shop = joined()
    one, two = stream_of(shop, ONE), stream_of(shop, TWO)
    made = shop.when(erasure(5)).events
    erased = next(event for event in made if isinstance(event, CustomerErased))
    assert (erased.originator_id, erased.left, erased.elsewhere) == (two, (one,), (one,))
    assert {event.originator_id for event in made if isinstance(event, CustomersUnlinked)} == {one, two}
    reach = reach_of(made)
    assert (reach.erased, reach.left, reach.elsewhere) == ((two,), (one,), (one,))
    assert stream_of(shop, TWO) is None
    assert list(shop.customer().streams) == [one]
    assert shop.customer().by_reference.keys() == {"contest_entry-1"}
    assert "two@example.com" not in str(shop.customer().contacts.points)
    assert shop.is_enrolled()


def test_the_others_stay_linked() -> None:
    """Of three records two are one person's still."""
    shop = joined(order(2, "O-3", subject=THREE), link(4, THREE, fact_id="third")).given(erasure(5))
    assert shop.customer() is shop.customer(THREE)
    assert len(shop.customer().streams) == 2
    assert shop.customer().by_reference.keys() == {"contest_entry-1", "O-3"}


def test_of_one_record_only_is_all() -> None:
    """Nothing is left, so it is erased as without it, event for event."""
    plain, only = (Shop().given(contest_entry(1), opt_out(2)) for _ in range(2))
    whole = plain.when(fact("erasure", 5, {"reason": "asked"}, subject=ONE, fact_id="erase")).events
    part = only.when(erasure(5, ONE)).events
    assert [event.data_json() for event in whole] == [event.data_json() for event in part]


def test_a_subscription_that_rested_on_it_alone_ends() -> None:
    """One that the person's other record asked for goes on, since when that was asked."""
    shop = Shop().given(order(1, values={"user.name": "Ada"}), contest_entry(2, subject=TWO), link(3, TWO))
    assert shop.is_enrolled()
    shop.given(erasure(5))
    assert not shop.is_enrolled()
    shop.when(message(6)).assert_breaks("P11")
    both = Shop().given(contest_entry(1), link(2, TWO), contest_entry(3, subject=TWO), erasure(5))
    assert both.is_enrolled()


@pytest.mark.parametrize("asked_again", [False, True])
def test_an_opt_out_told_on_it_goes_on_binding(asked_again: bool) -> None:  # noqa: FBT001 - the two histories
    """Since its own time; also where only what is erased had lifted it. The person may lift it by asking anew."""
    again = (contest_entry(4.5, subject=TWO, reference="C-2"),) if asked_again else ()
    shop = joined(opt_out(4, subject=TWO), *again)
    made = shop.when(erasure(5)).events
    recalled = [event for event in made if isinstance(event, SuppressionRecalled)]
    assert [(event.program, event.occurred_at, shop.names[event.told or 0]) for event in recalled] == [
        (Program.EMAIL_MARKETING, day(4), "/shop opt_out-4")
    ]
    assert owed(shop) == {Program.EMAIL_MARKETING}
    assert not shop.is_enrolled()
    shop.when(message(6)).assert_breaks("P11", "P17", "P18")
    assert not shop.given(order(7, "O-7")).is_enrolled()
    assert shop.given(contest_entry(8, reference="C-8")).is_enrolled()


def test_an_objection_and_an_age_go_on_binding() -> None:
    """The age is known of the person who goes on, so what is held of them is still to be erased."""
    young = fact("age_learned", 4.5, {"under": 13}, subject=TWO)
    shop = joined(objection(4, subject=TWO), young).given(erasure(5))
    assert owed(shop) == {Objection("posters"), Age.UNDER_13}
    assert shop.customer().protections.ages != []
    duties = [one for one in shop.settled(200) if one.code == "child_not_erased"]
    assert [one.remedied for one in duties] == [None]


def test_a_cancellation_told_on_it_goes_on_counting() -> None:
    """An order that was cancelled is no purchase again."""
    shop = Shop().given(order(1), link(2, "order:O-1"), cancellation(3, subject="order:O-1"))
    assert not shop.is_enrolled()
    shop.given(erasure(5, "order:O-1"))
    assert not shop.is_enrolled()
    assert shop.customer().is_cancelled("O-1", LAST)


def test_its_name_is_owed_what_the_person_was_owed() -> None:
    """Who is told of under it next is met by what either record was told."""
    shop = joined(opt_out(4)).given(erasure(5))
    shop.given(order(6, "O-6", subject=TWO, values=OTHERS))
    assert owed(shop, TWO) == {Program.EMAIL_MARKETING}
    assert not shop.is_enrolled(subject=TWO)
    late = shop.when(fact("record_read", 4, {"reader": "r", "purpose": "p"}, subject=TWO)).events
    assert any(isinstance(event, CustomerErased) and event.is_late for event in late)


def test_an_address_that_another_record_holds_gets_no_tombstone() -> None:
    """The person's own other records are living ones; an address that only this one had is gone."""
    shop = Shop().given(
        contest_entry(1), order(2, subject=TWO), contest_entry(2.5, subject=TWO, values=OTHERS, reference="C-2")
    )
    shop.given(link(3, TWO), erasure(5))
    for address, gone in (("ada@example.com", False), ("two@example.com", True)):
        assert bool(shop.store.left_of(Subject("email", address), day(2))) == gone


REPORTED = (access_request(3.1), verification(3.2), report_issued(3.3, subject=TWO))


def test_requests_of_the_others_keep_their_answers() -> None:
    """What was answered on the record that is erased stays answered; what is open stays the person's."""
    told = (contest_entry(1), order(2, subject=TWO), link(3, TWO), *REPORTED, access_request(4, "R-2"))
    before, after = audit(*told, as_of=20), audit(*told, erasure(5), as_of=20)
    assert before.verdict("P25")["open"] == after.verdict("P25")["open"]
    assert [one["event"] for one in after.verdict("P25")["open"]] == ["/shop ask-4"]
    assert after.verdict("P25")["violations"] == []
    matter = joined(*REPORTED, erasure(5)).customer().rights.matters["R-1"]
    assert len(matter.reported) == 1


def test_an_access_request_on_it_that_nobody_answered() -> None:
    """Of a person who had not asked to be erased it is broken; one that was answered, on any record, is not."""
    asked = access_request(4, "R-2", subject=TWO)
    shop = joined(asked)
    erased = shop.when(erasure(5))
    assert [(one.code, one.about) for one in erased.findings if one.promise == "P25"] == [
        ("erased_unanswered", "/shop ask-4")
    ]
    told = (contest_entry(1), order(2, subject=TWO), link(3, TWO), asked)
    assert audit(*told, erasure(5)).breaches("P25") == ["/shop ask-4"]
    answered = (*told, report_issued(4.5, "R-2"))
    assert audit(*answered).status("P25") == audit(*answered, erasure(5)).status("P25") == "kept"
    (event,) = [one for one in erased.events if isinstance(one, CustomerErased)]
    assert [shop.names[one] for one in event.unanswered] == ["/shop ask-4"]


@pytest.mark.parametrize("under", [ONE, TWO])
def test_the_request_to_be_forgotten_stays_open_for_the_others(under: str) -> None:
    """Whichever record it was told of, until the person's other records are erased too; other requests end."""
    asked = fact("erasure_request", 3.5, {"request": "R-9"}, subject=under, fact_id="forget")
    told = (contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS), link(3, TWO), asked)
    rest = fact("erasure", 6, {"reason": "asked", "request": "R-9"}, subject=ONE, fact_id="rest")
    policy = with_rule(RequestsAnswered(asks="erasure", deadline="erasure_answer_seconds"))
    part, whole = (audit(*told, erasure(5, request="R-9"), *more, policy=policy) for more in ((), (rest,)))
    assert [one["event"] for one in part.verdict("X1")["open"]] == ["/shop forget"]
    assert whole.status("X1") == "kept"
    access = access_request(4, "R-2", subject=TWO)
    assert audit(*told, access, erasure(5, request="R-9")).status("P25") == "kept"
    assert audit(*told[:-1], access, erasure(5)).status("P25") == "broken"


@pytest.mark.parametrize("under", [ONE, TWO])
@pytest.mark.parametrize("word", ["request_withdrawn", "request_denied"])
def test_the_request_to_be_forgotten_goes_on_with_the_person(under: str, word: str) -> None:
    """Whichever record it was told of, it can be withdrawn or denied where the person goes on."""
    asked = fact("erasure_request", 3.5, {"request": "R-9"}, subject=under, fact_id="forget")
    told = (contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS), link(3, TWO), asked)
    ended = fact(word, 7, {"request": "R-9", **({"reason": "no"} if word == "request_denied" else {})}, subject=ONE)
    policy = with_rule(RequestsAnswered(asks="erasure", deadline="erasure_answer_seconds"))
    erased = erasure(5, request="R-9")
    before, after, other = (
        audit(*told, erased, *more, policy=policy)
        for more in ((), (ended,), (ended.model_copy(update={"id": "x", "time": day(3)}),))
    )
    assert before.status("X1") == other.status("X1") == "open"
    assert after.status("X1") == "kept"
    assert set(after.verdict("X1")["evidence"]) == {asked.name, ended.name}


@pytest.mark.parametrize("learned_of", [ONE, TWO])
def test_the_duty_to_erase_a_child_goes_on(learned_of: str) -> None:
    """It is one about the person; what was late already stays so, of whichever record the age was told."""
    young = fact("age_learned", 4, {"under": 13}, subject=learned_of, fact_id="young")
    told = (contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS), link(3, TWO), young)
    for on in (5, 150):
        before, after = audit(*told, as_of=200), audit(*told, erasure(on), as_of=200)
        (promise,) = [name for name in before.broken() if before.breaches(name) == ["/shop young"]]
        assert after.breaches(promise)[0] == "/shop young"


def test_what_was_done_before_is_judged_as_it_was() -> None:
    """Also what only the erased record permitted; what is done after it rests on what is left."""
    told = (
        order(1, values={"user.name": "Ada"}),
        contest_entry(2, subject=TWO),
        link(3, TWO),
        message(4),
        use(4.5, "run_contest"),
    )
    before = audit(*told, as_of=20)
    after = audit(*told, erasure(5), as_of=20)
    mailed = audit(*told, erasure(5), message(6), as_of=20)
    assert before.document["readings"] == after.document["readings"]
    assert mailed.breaches("P11") == ["/shop message-6"]
    assert after.document["undone"] == []


def test_told_before_and_dated_after_the_erasure() -> None:
    """The erasure acts when it is told: what was told before it is judged with the record, whatever its time."""
    told = (order(1, values={"user.name": "Ada"}), contest_entry(2, subject=TWO), link(3, TWO), message(8))
    before, after = audit(*told, as_of=20), audit(*told, erasure(5), as_of=20)
    assert before.document["readings"] == after.document["readings"]


def test_a_corrected_value_stays_wrong() -> None:
    """A value that was corrected under the erased record is no current one of the other's."""
    told = (contest_entry(1), link(2, TWO), order(2.5, subject=TWO), correction(3, "R-1", EMAIL, subject=TWO))
    assert EMAIL in [one.category for one in Shop().given(*told, erasure(5)).customer().rights.corrections]


def test_in_a_waiting_period_it_waits_too() -> None:
    """The person asked under either name."""
    asked = fact("erasure_request", 4, {"request": "R-9"}, fact_id="forget")
    shop = Shop(with_parameters(erasure_waiting_days=7)).given(contest_entry(1), link(2, TWO), asked)
    with pytest.raises(ErasureWaits):
        ledger.handle(shop.store, erasure(5), shop.sender)
    assert shop.when(erasure(12)).events


def test_a_link_told_later_goes_to_the_officer() -> None:
    """The name is an erased one's; nobody is joined again by it."""
    shop = joined().given(erasure(5))
    shop.given(link(4, TWO, fact_id="again"))
    assert len(shop.customer().streams) == 1
    assert not any(isinstance(one, CustomerEnrolled) for one in shop.store.events.get(stream_of(shop, TWO), ()))
