"""Links of people who were erased: the click is taken, no stream is made for nobody, and what is owed is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.controls import CUSTOMER, OTHER, contest_entry, day, fact, message, opt_out, order, verified
from tests.serving import PATIENCE
from tests.unsubscribe.conftest import EMAIL, OPTED_OUT, POST

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.unsubscribe.conftest import Mailing

RECALLED = "SuppressionRecalled.v1"


def erasure(on: float, subject: str = CUSTOMER) -> Fact:
    """Return the erasure of a person."""
    return fact("erasure", on, {"reason": "asked for it"}, subject=subject)


def suppressed(mailing: Mailing) -> list[tuple[Any, ...]]:
    """Return what is kept of the erased, without the digests."""
    with mailing.installation.connect() as connection:
        return connection.execute("SELECT owed, since FROM suppressions ORDER BY owed, since").fetchall()


def but_suppressions(mailing: Mailing) -> dict[str, list[Any]]:
    """Return all rows but those of what is owed."""
    owed = {"suppressions", "contact_bindings", "head"}
    return {table: rows for table, rows in mailing.all_rows().items() if table not in owed}


def test_who_had_left_before(mailing: Mailing) -> None:
    """What the erasure kept stays as it is: nothing at all changes."""
    mailing.given(contest_entry(1), opt_out(2))
    token = mailing.token()
    mailing.given(erasure(3))
    before = mailing.all_rows()
    assert mailing.click(token, 10) is None
    assert mailing.all_rows() == before
    assert suppressed(mailing) == [(EMAIL, day(2))]


def test_who_had_not_left(mailing: Mailing) -> None:
    """Somebody erased while enrolled clicks: no stream, event or name is made, and when they return it is known."""
    mailing.given(contest_entry(1, subject=OTHER))
    token = mailing.token(OTHER)
    mailing.given(erasure(3, OTHER))
    before = but_suppressions(mailing)
    for on in (10, 11):
        assert mailing.click(token, on) is None
    assert but_suppressions(mailing) == before
    assert suppressed(mailing) == [(EMAIL, day(10))]
    mailing.given(order(12, subject=OTHER))
    assert [topic for topic, *_ in mailing.rows()][-2:] == [RECALLED, "DataCollected.v1"]
    assert not mailing.may_mail(13, subject=OTHER)


def test_without_the_click_they_would_be_mailed(mailing: Mailing) -> None:
    """The same person without a click is enrolled by their next order."""
    mailing.given(contest_entry(1, subject=OTHER), erasure(3, OTHER), order(12, subject=OTHER))
    assert mailing.may_mail(13, subject=OTHER)


def test_who_has_returned(mailing: Mailing) -> None:
    """Somebody who is a customer again is opted out by the link of before, once, and comes back as anybody does."""
    mailing.given(contest_entry(1, subject=OTHER))
    token = mailing.token(OTHER)
    mailing.given(erasure(3, OTHER), order(4, subject=OTHER))
    assert mailing.may_mail(5, subject=OTHER)
    assert mailing.click(token, 10) is not None
    assert mailing.click(token, 10) is None
    assert not mailing.may_mail(11, subject=OTHER)
    assert suppressed(mailing) == []
    mailing.given(contest_entry(12, subject=OTHER, reference="C-2"))
    assert mailing.may_mail(13, subject=OTHER)
    assert mailing.click(token, 14) is not None
    assert not mailing.may_mail(15, subject=OTHER)


def test_erased_twice(mailing: Mailing) -> None:
    """Links from before either erasure are kept in one entry, which outlives the second erasure."""
    mailing.given(contest_entry(1, subject=OTHER))
    first = mailing.token(OTHER)
    mailing.given(erasure(3, OTHER), contest_entry(4, subject=OTHER, reference="C-2"))
    second = mailing.token(OTHER)
    mailing.given(erasure(5, OTHER))
    mailing.click(second, 10)
    mailing.click(first, 11)
    assert suppressed(mailing) == [(EMAIL, day(10))]
    mailing.given(order(12, subject=OTHER), erasure(13, OTHER))
    assert suppressed(mailing) == [(EMAIL, day(10))]


def test_another_program(mailing: Mailing) -> None:
    """The entry is of the program of the link, beside what else is owed; a child stays one."""
    mailing.given(contest_entry(1, subject=OTHER), fact("age_learned", 2, {"under": 13}, subject=OTHER))
    token = mailing.token(OTHER, POST)
    mailing.given(erasure(3, OTHER))
    mailing.click(token, 10)
    assert suppressed(mailing) == [(POST, day(10)), ("under_13", day(2))]


def test_joined_and_erased(mailing: Mailing) -> None:
    """Of a person with two streams, the name by which each link was made is kept."""
    mailing.given(contest_entry(1), contest_entry(1, subject=OTHER, fact_id="c-2"))
    tokens = [mailing.token(CUSTOMER), mailing.token(OTHER)]
    mailing.given(order(2, also=[verified(OTHER)]), erasure(3))
    before = but_suppressions(mailing)
    for token in tokens:
        assert mailing.click(token, 10) is None
    assert but_suppressions(mailing) == before
    assert suppressed(mailing) == [(EMAIL, day(10)), (EMAIL, day(10))]


def test_by_an_id(mailing: Mailing) -> None:
    """A link that was made for an id remembers no name: the click succeeds, and there is nothing to keep."""
    mailing.given(contest_entry(1))
    stream = mailing.unsubscriber.read(mailing.token()).stream
    token = mailing.token(f"id:{stream}")
    mailing.given(erasure(3))
    before = mailing.all_rows()
    assert mailing.click(token, 10) is None
    assert mailing.all_rows() == before


@pytest.mark.parametrize("turn", range(5))
def test_erased_while_they_click(mailing: Mailing, turn: int) -> None:
    """Clicks, an erasure and a return at once: every click succeeds, and in the end nobody mails them."""
    mailing.given(contest_entry(1, subject=OTHER))
    token = mailing.token(OTHER)

    def click(_: int) -> None:
        mailing.unsubscriber.unsubscribe(token)

    with ThreadPoolExecutor(6) as threads:
        early = [threads.submit(click, n) for n in range(2 + turn)]
        erased = threads.submit(mailing.given, erasure(3, OTHER))
        late = [threads.submit(click, n) for n in range(4)]
        for one in (*early, *late):
            one.result(timeout=PATIENCE)
        erased.result(timeout=PATIENCE)
    mailing.given(order(11, subject=OTHER))
    assert not mailing.may_mail(12, subject=OTHER)
    assert [topic for topic, *_ in mailing.rows()].count(OPTED_OUT) <= 1
    broken = mailing.installation.ledger.append(message(12, subject=OTHER))
    assert "P18" in {found.promise for found in broken.findings}


@pytest.mark.parametrize("clicked", [0, 1])
def test_all_names_and_addresses_of_theirs(mailing: Mailing, clicked: int) -> None:
    """Under whichever name the link was made: who comes back under the other is met, and each address is bound."""
    values = [{"user.contact.email": f"{name}@marker.test"} for name in ("one", "two")]
    mailing.given(contest_entry(1, values=values[0]), contest_entry(1, subject=OTHER, values=values[1], fact_id="c-2"))
    mailing.given(fact("link", 2, {"with": OTHER, "verified": "merge"}))
    token = mailing.token((CUSTOMER, OTHER)[clicked])
    mailing.given(erasure(3))
    assert mailing.click(token, 10) is None
    assert suppressed(mailing) == [(EMAIL, day(10))] * 2
    stranger = "customer:99"
    for number, address in enumerate(values):
        guest = f"guest:F-{number}"
        mailing.given(contest_entry(11, subject=guest, values=address, fact_id=guest))
        assert not mailing.may_mail(12, subject=guest)
    mailing.given(contest_entry(11, subject=stranger, values={"user.contact.email": "x@marker.test"}, fact_id="x"))
    assert mailing.may_mail(12, subject=stranger)
    for name in (CUSTOMER, OTHER):
        mailing.given(order(13, subject=name, values={"user.contact.email": f"b{name[-1]}@marker.test"}, fact_id=name))
        assert not mailing.may_mail(14, subject=name)
    anew = contest_entry(15, subject=CUSTOMER, values=values[1], reference="anew", fact_id="anew")
    mailing.given(anew)
    assert mailing.may_mail(16, subject=CUSTOMER)
    assert not mailing.may_mail(16, subject=OTHER)


def test_who_is_back_under_another_name(mailing: Mailing) -> None:
    """The link's name is nobody's, and they are known under the other one: they are opted out there."""
    mailing.given(contest_entry(1), contest_entry(1, subject=OTHER, fact_id="c-2"))
    mailing.given(fact("link", 2, {"with": OTHER, "verified": "merge"}))
    token = mailing.token(CUSTOMER)
    mailing.given(erasure(3), contest_entry(4, subject=OTHER, reference="anew", fact_id="back"))
    assert mailing.may_mail(5, subject=OTHER)
    assert mailing.click(token, 10) is not None
    assert not mailing.may_mail(11, subject=OTHER)
    assert suppressed(mailing) == [(EMAIL, day(10))]
