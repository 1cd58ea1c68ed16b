"""Clicks: what they record, when they change nothing, and that they win over whatever came before them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from adapters.unsubscribe import TokenNotValid
from adapters.unsubscribe.addresses import latest_binding
from adapters.unsubscribe.unsubscriber import REPEAT, Unsubscriber
from domain.errors import Refused
from domain.vocabulary import OptOutVia
from tests.controls import (
    CUSTOMER,
    EMAIL_ONLY,
    OTHER,
    cancellation,
    catalog_request,
    contest_entry,
    correction,
    correction_request,
    day,
    enrollment,
    fact,
    message,
    opt_out,
    order,
    verification,
    verified,
)
from tests.unsubscribe.conftest import EMAIL, OPTED_OUT, POST

if TYPE_CHECKING:
    from adapters.unsubscribe.tokens import Token
    from domain.records.bindings import Binding
    from tests.unsubscribe.conftest import Mailing

SECOND = 1 / 86_400
ADDRESS = EMAIL_ONLY["user.contact.email"]
"""The address of whoever enters a contest in these tests."""


def test_a_click(mailing: Mailing) -> None:
    """It records an opt-out by the link from that program, at that time; the next message is refused and broken."""
    mailing.given(contest_entry(1), catalog_request(1))
    assert mailing.may_mail(9)
    mailing.given(message(9))
    position = mailing.click(mailing.token(), 10)
    topic, at, facts = mailing.rows()[-1]
    assert (topic, at) == (OPTED_OUT, day(10))
    assert facts == {"program": "email_marketing", "via": "unsubscribe_link", "contact": 1}
    assert not mailing.may_mail(11)
    assert mailing.may_mail(9.5)
    assert mailing.may_mail(11, channel="post")
    broken = mailing.installation.ledger.append(message(11, fact_id="late"))
    assert {"P17", "P18"} <= {found.promise for found in broken.findings}
    with pytest.raises(Refused):
        mailing.installation.ledger.append(message(12, fact_id="asked", mode="enforce"))
    with mailing.installation.connect() as connection:
        row = connection.execute("SELECT position, source, actor FROM events WHERE topic = %s", (OPTED_OUT,)).fetchone()
    assert row == (position, "/pledger/unsubscribe", "/pledger/unsubscribe")
    assert mailing.causes() == ["m-1"]


def test_the_same_click_twice(mailing: Mailing) -> None:
    """The same link, and that of another message, again within the minute: nothing changes."""
    mailing.given(contest_entry(1))
    token, second = mailing.token(), mailing.token(message_id="m-2")
    assert mailing.click(token, 10) is not None
    before = mailing.all_rows()
    for later in (0, 1, 59):
        assert mailing.click(token, 10 + later * SECOND) is None
        assert mailing.click(second, 10 + later * SECOND) is None
    assert mailing.all_rows() == before


def test_at_the_same_time(mailing: Mailing) -> None:
    """Many threads, through two programs, with one link: one opt-out, and everybody is told that it is done."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    other = Unsubscriber(mailing.installation, lambda: day(10.0001))
    with ThreadPoolExecutor(16) as threads:
        told = list(threads.map(lambda n: (mailing.unsubscriber, other)[n % 2].unsubscribe(token), range(64)))
    other.close()
    assert {one.program for one in told} == {EMAIL}
    assert len(mailing.opt_outs()) == 1
    assert not mailing.may_mail(11)


def test_a_click_while_another_is_read(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click that is stored between the two reads of another, of the person and of the address, is said once."""
    mailing.given(contest_entry(1))
    token = mailing.token(to=f"email:{ADDRESS}")
    mailing.at = 10
    first = Unsubscriber(mailing.installation, lambda: day(10))
    waiting = [first]

    def read_late(connection: psycopg.Connection[Any], link: Token) -> Binding | None:
        if waiting:
            waiting.pop().unsubscribe(token)
        return latest_binding(connection, link)

    monkeypatch.setattr("adapters.unsubscribe.unsubscriber.latest_binding", read_late)
    with closing(first):
        assert mailing.click(token, 10) is not None
    assert len(mailing.opt_outs()) == 1


def test_who_came_back(mailing: Mailing) -> None:
    """Somebody who asked anew is opted out by the old mail's link again, as often as they come back."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    for on in (10, 20, 30):
        assert mailing.click(token, on) is not None
        assert not mailing.may_mail(on + 1)
        mailing.given(contest_entry(on + 2, reference=f"C-{on}"))
        assert mailing.may_mail(on + 3)
    assert mailing.opt_outs() == [(day(on), EMAIL) for on in (10, 20, 30)]


def test_who_came_back_within_the_minute(mailing: Mailing) -> None:
    """Out, in and out again within seconds: the last click counts."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    mailing.click(token, 10)
    mailing.given(contest_entry(10 + SECOND, reference="C-2"))
    assert mailing.may_mail(10 + 2 * SECOND)
    assert mailing.click(token, 10 + 2 * SECOND) is not None
    assert not mailing.may_mail(11)


def test_enrolled_by_a_breach(mailing: Mailing) -> None:
    """Whom staff enrolled although they had left, leave again: it is what happened that a click ends."""
    mailing.given(contest_entry(1), opt_out(2), enrollment(3, EMAIL, "staff"))
    assert mailing.click(mailing.token(), 10) is not None


def test_what_comes_in_late(mailing: Mailing) -> None:
    """A contest entered between two clicks, and told after the second, does not win over it."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    mailing.click(token, 10)
    assert mailing.click(token, 10.1) is not None
    mailing.given(contest_entry(10.05, reference="C-2"))
    assert not mailing.may_mail(11)
    assert REPEAT.total_seconds() * SECOND < 0.1


def test_a_clock_ahead_of_ours(mailing: Mailing) -> None:
    """Who was enrolled by a clock that is four minutes ahead is out after the click, not after these minutes."""
    ahead = 10 + 240 * SECOND
    mailing.given(contest_entry(ahead))
    assert mailing.click(mailing.token(), 10) is not None
    assert mailing.opt_outs() == [(day(ahead), EMAIL)]
    assert not mailing.may_mail(11)


def test_a_clock_far_ahead_of_ours(mailing: Mailing) -> None:
    """No clock keeps a click from being recorded: its time goes no further than facts are taken."""
    mailing.given(contest_entry(10))
    assert mailing.click(mailing.token(), 5) is not None
    # By that clock they gave the address later than they left it, so the ledger itself ends what enrolled them then.
    assert mailing.opt_outs() == [(day(5 + 300 * SECOND), EMAIL), (day(10), EMAIL)]


def test_who_is_not_enrolled(mailing: Mailing) -> None:
    """Who was never in the program, or is in it no more, is opted out all the same, which lasts."""
    mailing.given(order(1), cancellation(2))
    assert mailing.click(mailing.token(), 10) is not None
    assert mailing.click(mailing.token(program=POST), 10) is not None
    mailing.given(order(11, "O-2"), catalog_request(12))
    assert not mailing.may_mail(13)
    assert mailing.may_mail(13, channel="post")


def test_each_program_by_itself(mailing: Mailing) -> None:
    """A link ends the program that it was made for; the token for the other one, made from it, ends that."""
    mailing.given(contest_entry(1), catalog_request(1))
    token = mailing.token()
    mailing.click(token, 10)
    other = mailing.unsubscriber.token_of(mailing.unsubscriber.read(token), POST)
    assert mailing.may_mail(11, channel="post")
    mailing.click(other, 10)
    assert mailing.opt_outs() == [(day(10), EMAIL), (day(10), POST)]
    assert not mailing.may_mail(11, channel="post")


def test_by_another_way(mailing: Mailing) -> None:
    """Customer service and a portal can take a token as well; the opt-out says so."""
    mailing.given(contest_entry(1))
    mailing.unsubscriber.unsubscribe(mailing.token(), OptOutVia.PORTAL)
    assert mailing.rows()[-1][2]["via"] == "portal"


@pytest.mark.parametrize("name", [CUSTOMER, OTHER, "order:O-7"])
def test_under_each_name(mailing: Mailing, name: str) -> None:
    """Whichever name a link was made for, the person is out under all of them."""
    mailing.given(contest_entry(1, also=[verified(OTHER), verified("order:O-7")]))
    mailing.click(mailing.token(name), 10)
    assert not any(mailing.may_mail(11, subject=one) for one in (CUSTOMER, OTHER, "order:O-7"))


def test_after_corrections(mailing: Mailing) -> None:
    """An address that was corrected, and an entry that was declared wrong, do not break the link."""
    mailing.given(order(1))
    token = mailing.token()
    wrong = {"entry": {"source": "/shop", "id": "order-1"}, "reason": "a slip"}
    facts = (correction_request(2), verification(3), correction(4), fact("entry_correction", 5, wrong))
    mailing.given(*facts)
    assert mailing.click(token, 10) is not None
    assert not mailing.may_mail(11)


def test_after_a_join(mailing: Mailing) -> None:
    """A link from before two streams turned out to be one person's takes that person out, on both."""
    mailing.given(contest_entry(1), contest_entry(1, subject=OTHER, fact_id="c-2"))
    tokens = [mailing.token(CUSTOMER), mailing.token(OTHER)]
    mailing.given(order(2, also=[verified(OTHER)]))
    assert mailing.click(tokens[1], 10) is not None
    assert not any(mailing.may_mail(11, subject=one) for one in (CUSTOMER, OTHER))
    assert mailing.click(tokens[0], 10) is not None  # It is about another address, which nobody had left.
    assert mailing.click(tokens[0], 10) is None
    mailing.given(contest_entry(12, reference="C-3"))
    assert mailing.click(tokens[1], 13) is not None
    assert not mailing.may_mail(14)


def test_a_link_that_is_not_ours(mailing: Mailing) -> None:
    """A forged, cut or altered link changes nothing."""
    mailing.given(contest_entry(1))
    token, before = mailing.token(), mailing.all_rows()
    for wrong in (
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.swapcase(),
        token + "A",
        "",
        "A" * 148,
    ):
        with pytest.raises(TokenNotValid):
            mailing.click(wrong, 10)
    assert mailing.all_rows() == before


def test_the_message_may_come_later(mailing: Mailing) -> None:
    """A click on a message that nobody has told of yet is taken; it names no cause, and one of another is not named."""
    mailing.given(contest_entry(1), message(2, message_id="m-2"))
    mailing.click(mailing.token(message_id="m-1"), 10)
    assert mailing.causes() == [None]


def test_a_year_of_nothing(mailing: Mailing) -> None:
    """A link of years ago works; it does not expire."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    assert mailing.click(token, 3_000) is not None
    assert mailing.opt_outs() == [(day(3_000), EMAIL)]


def test_over_a_connection_that_broke(mailing: Mailing, database_url: str) -> None:
    """When the database has ended all connections, the next click connects anew."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert mailing.click(token, 10) is not None
