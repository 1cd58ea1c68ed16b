"""A link joins from its own time on, also where links of later times were told before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import parse_name
from domain.events.customer import DataCollected
from domain.events.links import CustomersLinked
from domain.vocabulary import EMAIL, NAME
from tests.controls import RECIPIENTS, contest_entry, day, link, message, opt_out, order, unlink, verified
from tests.laws.as_told import audited, told
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.facts import Fact

ONE, TWO, GUEST = "customer:1", "customer:2", "guest:F-1"
LATER, EARLIER = link(10, TWO, subject=ONE, fact_id="later"), link(3, GUEST, subject=ONE, fact_id="earlier")
LIVED = (
    order(1, subject=ONE),
    contest_entry(1, subject=GUEST),
    order(2, "O-2", subject=TWO, values={EMAIL: "two@marker.test"}),
)


def breaches(facts: Sequence[Fact], promise: str) -> tuple[list[str], list[str]]:
    """Return which facts break a promise, by the audit of a ledger that is told them so, and by that of a trace."""
    facts = [*RECIPIENTS, *facts]
    ledger = audited(told(facts), day(400))["readings"]["harmonised"][promise]
    return [one["event"] for one in ledger["violations"]], audit(*facts, as_of=400).breaches(promise)


def test_a_link_says_who_is_one_person_at_each_later_time() -> None:
    """The two that it names are one from its own time on, and all three from the time of the later link on."""
    shop = Shop().given(*LIVED, LATER)
    made = shop.when(EARLIER).then(*[CustomersLinked] * 5).events
    streams = {name: shop.store.stream_of(parse_name(name), day(20)) for name in (ONE, TWO, GUEST)}
    links = [event for event in made if isinstance(event, CustomersLinked)]
    said = [(event.occurred_at, event.originator_id, set(event.others), event.follows) for event in links]
    three = set(streams.values())
    assert said[:2] == [
        (day(3), streams[ONE], {streams[GUEST]}, None),
        (day(3), streams[GUEST], {streams[ONE]}, None),
    ]
    assert {(at, own, follows) for at, own, _, follows in said[2:]} == {(day(10), own, True) for own in three}
    assert all(others == three - {own} for _, own, others, _ in said[2:])


def test_an_opt_out_binds_from_the_link_on_that_brings_it() -> None:
    """What the second customer opted out of binds the guest once both links hold, and no message before."""
    mails = [message(on, subject=GUEST, fact_id=f"mail-{on}") for on in (5, 9, 12)]
    facts = [*LIVED, opt_out(8, subject=TWO), LATER, *mails, EARLIER]
    assert breaches(facts, "P17") == (["/shop mail-12"], ["/shop mail-12"])


def test_who_is_enrolled_by_a_later_link_was_not_before() -> None:
    """What the second customer asked for lets in the guest only from the later link on."""
    mails = [message(on, subject=GUEST, fact_id=f"mail-{on}") for on in (5, 12)]
    bare = (order(1, subject=ONE, values={NAME: "Ada"}), contest_entry(1, subject=TWO))
    facts = [*bare, LATER, *mails, EARLIER]
    assert breaches(facts, "P11") == (["/shop mail-5"], ["/shop mail-5"])


def test_the_short_form_joins_earlier_and_says_nothing_twice() -> None:
    """It is stored where it joins from an earlier time on, and not where the two are one by then already."""
    shop = Shop().given(*LIVED, LATER)
    shop.when(order(12, "O-3", subject=ONE, also=[verified(TWO)])).then(DataCollected)
    made = shop.when(order(4, "O-4", subject=ONE, also=[verified(TWO)])).events
    assert [type(event) for event in made if isinstance(event, CustomersLinked)] == [CustomersLinked] * 2
    assert shop.customer(ONE).joins.streams_at(made[0].originator_id, day(5)) == shop.customer(ONE).streams.keys()


def test_who_stays_together_is_so_from_their_own_links_on() -> None:
    """Parting one stream joins the others no earlier than they were: by the link that led through it as well."""
    through = (link(6, GUEST, subject=TWO, fact_id="through"), unlink(7, TWO, subject=ONE))
    shop = Shop().given(*LIVED, LATER, *through)
    person = shop.customer(ONE)
    assert person is shop.customer(GUEST)
    assert person is not shop.customer(TWO)
    (stream, other) = person.streams
    assert person.joins.streams_at(stream, day(9)) == {stream}
    assert person.joins.streams_at(stream, day(10)) == {stream, other}
