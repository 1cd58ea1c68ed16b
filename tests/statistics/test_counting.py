"""Who is counted, once each, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.statistics import counting
from domain.statistics.dimensions import DIMENSIONS, Counted, Period, UnknownDimension, dimension
from tests.controls import day, enrollment, fact, gift, opt_out, order, verified
from tests.statistics.shop import VISITORS, registered, visited

if TYPE_CHECKING:
    from tests.statistics.shop import Shop


def test_men_and_women_who_registered(shop: Shop) -> None:
    """The policy's example: a gender is a code, whatever words it came in; who did not register is told apart."""
    shop.tell(*(registered(n, gender) for n, gender in enumerate(["Female", " woman", "m", "MAN", "they", "", None])))
    shop.tell(registered(9, "f", act="order"))
    by_gender = {"yes female": 2, "yes male": 2, "yes other": 1, "yes unknown": 2, "no female": 1}
    assert shop.count("act:registration", "gender") == by_gender
    assert shop.count() == {"": 8}


def test_the_gender_told_last(shop: Shop) -> None:
    """A correction counts, in order of time; an entry that was declared wrong does not, nor a value held elsewhere."""

    def corrected(value: str, on: float, category: str = "user.demographic.gender") -> None:
        data = {"request": "q", "category": category, "value": value}
        shop.tell(fact("correction", on, data, subject="customer:1"))

    shop.tell(registered(1, "f", on=2), registered(1, "m", on=1, act="order"))
    assert shop.count("gender") == {"female": 1}
    corrected("male", 5)
    assert shop.count("gender") == {"male": 1}
    corrected("new words", 6, "user.demographic")
    assert shop.count("gender") == {"unknown": 1}
    corrected("x", 7)
    entry = {"entry": {"source": "/shop", "id": "correction-7"}, "reason": "a slip"}
    shop.tell(fact("entry_correction", 8, entry, subject="customer:1"))
    assert shop.count("gender") == {"unknown": 1}
    assert shop.count("gender", time=day(5)) == {"male": 1}


def test_an_entry_that_was_declared_wrong_counts_for_nothing(shop: Shop) -> None:
    """Whoever gave nothing else is not counted."""
    shop.tell(registered(1), registered(2), registered(2, act="order"))
    for number in (1, 2):
        entry = {"entry": {"source": "/shop", "id": f"registration-{number}-1"}, "reason": "a slip"}
        shop.tell(fact("entry_correction", 3, entry, subject=f"customer:{number}", fact_id=f"wrong-{number}"))
    assert shop.count("act:registration", "act:order") == {"no yes": 1}


def test_the_recipient_of_a_gift_is_not_counted(shop: Shop) -> None:
    """What a buyer told serves the delivery alone; who orders something themself counts, by what they told."""
    shop.tell(gift(1, subject="customer:1", values={"user.demographic.gender": "f"}))
    assert shop.count("gender") == {}
    shop.tell(order(2, subject="customer:1"))
    assert shop.count("gender") == {"unknown": 1}


def test_linked_streams_are_one_person(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count once, with what is known of both; as of a moment before the link they were two."""
    monkeypatch.setattr(counting, "_GROUPS_AT_ONCE", 1)
    shop.tell(registered(1, "f"), registered(2, act="order"), registered(3), registered(4), registered(5))
    before = shop.size
    for one, other in ((1, 2), (3, 4), (4, 5)):
        data = {"purpose": "print_posters", "also": [verified(f"customer:{other}")]}
        shop.tell(fact("opt_out_offer", 2, data, subject=f"customer:{one}", fact_id=f"link-{one}"))
    assert shop.count("act:registration", "act:order", "gender") == {"yes yes female": 1, "yes no unknown": 1}
    assert shop.count(position=before) == {"": 5}
    assert shop.count(time=day(1.5)) == {"": 5}


def test_the_erased_are_not_counted_any_more(shop: Shop) -> None:
    """As of no moment, be it one at which they were there; neither alone nor with linked streams."""
    shop.tell(registered(1, "f"), registered(2, "f"), registered(3, "f"))
    shop.tell(
        fact("opt_out_offer", 2, {"purpose": "print_posters", "also": [verified("customer:2")]}, subject="customer:1")
    )
    before = shop.size
    shop.tell(fact("erasure", 3, {"reason": "asked"}, subject="customer:1"))
    assert shop.count("gender") == shop.count("gender", position=before) == {"female": 1}
    shop.tell(fact("erasure", 3, {"reason": "asked"}, subject="customer:3", fact_id="x-3"))
    assert shop.count("gender") == shop.count("gender", time=day(1)) == {}


def test_programs_and_opt_outs(shop: Shop) -> None:
    """How each person stands, by the last change in order of time; an ended enrollment is none."""
    mail = {"user.contact.email": "marked@example.org"}
    shop.tell(*(order(1, subject=f"customer:{n}", values=mail, fact_id=f"o-{n}") for n in range(4)))
    late = fact(
        "enrollment", 1.5, {"program": "email_marketing", "cause": "staff"}, subject="customer:2", fact_id="late"
    )
    cancelled = fact("order_cancelled", 4, {"reference": "O-1"}, subject="customer:3")
    shop.tell(opt_out(3, subject="customer:1"), opt_out(2, subject="customer:2"), late, cancelled)
    assert shop.count("program:email_marketing") == {"enrolled": 1, "opted_out": 2, "none": 1}
    assert shop.count("program:physical_mailings", "opted_out") == {"none no": 2, "none yes": 2}
    shop.tell(enrollment(5, "physical_mailings", "staff"), order(5))
    assert shop.count("program:physical_mailings")["enrolled"] == 1


def test_a_period(shop: Shop) -> None:
    """Who gave nothing in it is not counted; acts, points and months are those in it; both its ends are in it."""
    shop.tell(
        registered(1, "f", on=1), registered(1, on=40, act="order", collection_point="till"), registered(2, on=35)
    )
    assert shop.count("month") == {"2016-04": 1, "2016-05": 1}
    assert shop.count("month", "act:registration", span=Period(day(35), day(40))) == {"2016-05 no": 1, "2016-05 yes": 1}
    assert shop.count("gender", "point:till", span=Period(since=day(36))) == {"female yes": 1}
    assert shop.count(span=Period(until=day(0.5))) == {}


def test_visitors_of_an_area(shop: Shop) -> None:
    """The policy's other example: browsers, each once, however often it came; who refused cookies is known too."""
    shop.tell(visited(1, "rings"), visited(1, "rings", on=2), visited(1, "home", on=40), visited(2, "home", on=2))
    shop.tell(*(fact("cookies_refused", 3, {}, subject=f"visitor:{n}", fact_id=f"no-{n}") for n in (2, 3)))
    assert shop.count("area:rings", of=VISITORS) == {"yes": 1, "no": 2}
    assert shop.count("area:home", "cookies_refused", of=VISITORS) == {"yes no": 1, "yes yes": 1, "no yes": 1}
    assert shop.count("area:rings", "month", of=VISITORS, span=Period(since=day(2.5))) == {
        "no 2016-05": 1,
        "no 2016-04": 2,
    }


def test_page_by_page(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person whose events lie on several pages of what is read counts once."""
    monkeypatch.setattr(counting, "_ROWS_AT_ONCE", 2)
    shop.tell(*(registered(n, "f", on=on) for n in range(5) for on in (1, 2, 3)))
    assert shop.count("gender") == {"female": 5}


@pytest.mark.parametrize(
    ("of", "name"),
    [
        *((Counted.PERSONS, name) for name in ("", "act", "act:", "act:gift", "act:dance", "program:x", "gender:x")),
        *((Counted.PERSONS, name) for name in ("area:rings", "act:ACT", "point:" + "x" * 201, "Gender")),
        *((Counted.VISITORS, name) for name in ("gender", "act:order", "area")),
    ],
)
def test_an_unknown_dimension(of: Counted, name: str) -> None:
    """What is not in the list is refused, with the list."""
    with pytest.raises(UnknownDimension) as caught:
        dimension(of, name)
    assert all(one in caught.value.why for one in DIMENSIONS[of])
