"""What holds after a name was given up: who has it next is another person, and is met by what the last one was owed."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given, settings, strategies as st

from adapters.contract import parse_name
from domain import ledger
from domain.events.customer import CustomerEnrolled, DataCollected
from domain.events.links import NameEnded
from domain.facts.name_data import NameEndedData
from domain.vocabulary import EMAIL, Program
from tests.controls import RECIPIENTS, collection, day, enrollment, name_ended, opt_out
from tests.laws.histories import ACTS, NAME_KINDS, facts_of, steps
from tests.laws.numbers import part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from uuid import UUID

    from domain.facts import Fact
    from tests.laws.histories import Step

ACTED: Final = (*ACTS, "out", "age", "cancel", "mail", "access", *("end",) * 4)
ASKING: Final = {"contest_entry", "promotional_request", "registration"}
MAILBOX: Final = "shared@example.com"
often = settings(max_examples=part_of(150), deadline=None, derandomize=True)


def told(shop: Shop, taken: list[Step]) -> list[tuple[Fact, UUID]]:
    """Tell a shop of a history, and return the facts about people, each with the stream that it went to."""
    came = []
    for fact in facts_of(taken)[len(RECIPIENTS) :]:
        handled = ledger.handle(shop.store, fact, shop.sender)
        shop.store.keep(handled.events)
        shop.store.place += len(handled.events)
        came.append((fact, handled.stream))
    return came


@often
@given(steps(30, ACTED, least=8, days=12, at_once=True, of_any_name=True))
def test_two_people_never_share_a_stream(taken: list[Step]) -> None:
    """What is told of one name is one person's, but where an end told before lies between the times of two facts."""
    came = told(Shop(), taken)
    ends = [
        (number, fact.data.name, fact.time)
        for number, (fact, _) in enumerate(came)
        if isinstance(fact.data, NameEndedData)
    ]
    for (first, (one, stream)), (_, (other, following)) in combinations(enumerate(came), 2):
        if one.subject != other.subject:
            assert stream != following
            continue
        low, high = sorted((one.time, other.time))
        between = [at for number, name, at in ends if number < first and name == one.subject and low <= at < high]
        if between:
            assert stream != following
        elif not any(name == one.subject for number, name, _ in ends if number >= first):
            assert stream == following


@often
@given(steps(30, ACTED, least=8, days=12, at_once=True, of_any_name=True))
def test_nobodys_record_holds_what_was_told_after_the_end_of_their_name(taken: list[Step]) -> None:
    """Neither of the last person what is told of the next one, nor of the next one what is told of the last."""
    shop = Shop()
    told(shop, taken)
    for events in shop.store.events.values():
        ended = [one for one in events if isinstance(one, NameEnded) and one.led_here]
        for end in ended:
            for event in events:
                is_later = event.occurred_at > end.occurred_at and event.moment.position > end.moment.position
                assert not (isinstance(event, DataCollected) and is_later)


@often
@given(steps(20, (*ACTED, "out", "out", "erase", "link", "unlink", "confirm", "out_at"), least=4, days=40))
def test_who_is_owed_peace_is_not_enrolled_under_the_next_ones_name(taken: list[Step]) -> None:
    """Whatever happened before: the last one leaves and gives the name up, and nothing but asking anew enrolls.

    An enrollment that is sent all the same is found to break a promise.
    """
    shop = Shop()
    told(shop, taken)
    for number, kind in enumerate(NAME_KINDS):
        name = {"email": "email:next@example.com", "phone": "phone:+447400123456"}.get(kind, f"{kind}:next")
        own: dict[str, Any] = {"subject": name, "values": {EMAIL: MAILBOX}}
        shop.given(collection("order", 50 + number, fact_id=f"{kind} bought", reference="N-1", **own))
        shop.given(opt_out(60 + number, subject=name, fact_id=f"{kind} out"))
        shop.given(name_ended(70, name, subject=name, fact_id=f"{kind} end"))
        for nth, act in enumerate(act for act in ACTS if act not in ASKING):
            data = {"source": "customer:buyer"} if act == "gift" else {}
            next_values: dict[str, Any] = {
                "subject": name,
                "values": {EMAIL: f"{kind}@example.com"},
                "reference": f"N-{nth}",
            }
            made = shop.when(collection(act, 80 + nth, fact_id=f"{kind} {act}", **next_values, **data)).events
            assert not [one for one in made if _enrolls(one)]
        sent = enrollment(95, "email_marketing", "import")
        sent = sent.model_copy(update={"subject": parse_name(name), "id": f"{kind} sent"})
        assert shop.when(sent).findings


@often
@given(
    st.lists(st.sampled_from([act for act in ACTS if act not in {"contest_entry", "promotional_request"}]), min_size=1)
)
def test_who_is_named_with_the_address_next_is_not_enrolled_by_typing(acts: list[str]) -> None:
    """The last one left by their number, gave the address up, and somebody else types it."""
    shop = Shop().given(collection("order", 1, values={EMAIL: MAILBOX}), opt_out(2), name_ended(3, f"email:{MAILBOX}"))
    for nth, act in enumerate(acts):
        data: dict[str, Any] = {"source": "customer:buyer"} if act == "gift" else {}
        data |= {"requests": ["updates"]} if act == "registration" else {}
        values: dict[str, Any] = {"subject": "customer:2", "values": {EMAIL: MAILBOX}, "reference": f"N-{nth}"}
        made = shop.when(collection(act, 5 + nth, fact_id=f"n{nth}", **values, **data)).events
        assert not [one for one in made if _enrolls(one)]
    assert not shop.is_enrolled(on=day(100).day, subject="customer:2")


def _enrolls(event: object) -> bool:
    return isinstance(event, CustomerEnrolled) and event.program is Program.EMAIL_MARKETING and not event.findings
