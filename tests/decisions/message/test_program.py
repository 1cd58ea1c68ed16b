"""A message is in the program that it names, or in its channel's if it is direct marketing."""

from __future__ import annotations

from domain.events.customer import MessageSent
from tests.controls import catalog_request, contest_entry, enrollment, gift, message, named, opt_out, order
from tests.scenario import Shop


def test_enrolled() -> None:
    """A message to somebody enrolled breaks nothing, and relies on the enrollment."""
    shop = Shop().given(order(1))
    sent = shop.when(message(2)).then(MessageSent).assert_breaks().relied(MessageSent)
    assert sent == (named("order", 1),)


def test_never_enrolled() -> None:
    """A message to somebody who is not enrolled breaks P11 alone."""
    assert Shop().when(message(1)).assert_breaks("P11").relied(MessageSent) == ()


def test_named_program() -> None:
    """A message that names a program belongs to it, whatever its purpose is called."""
    Shop().when(message(1, program="email_marketing", purpose="run_contest")).assert_breaks("P11")
    Shop().given(order(1)).when(message(2, program="email_marketing", purpose="run_contest")).assert_breaks()


def test_implied_program() -> None:
    """Direct marketing by post is in physical mailings, named or not, so e-mail's enrollment does not carry it."""
    shop = Shop().given(order(1))
    shop.when(message(2, channel="post")).assert_breaks("P11")
    shop.when(message(3, channel="post", program="email_marketing")).assert_breaks("P11")
    shop.given(catalog_request(4)).when(message(5, channel="post", unsubscribe_link=False)).assert_breaks()


def test_relying_on_is_ignored() -> None:
    """A message in a program relies on its enrollment, whatever it says that it relies on."""
    cited = {"act": "order", "reference": "O-1"}
    shop = Shop().given(contest_entry(1), order(2))
    sent = shop.when(message(3, relying_on=cited)).relied(MessageSent)
    assert sent == (named("contest_entry", 1),)


def test_enrolled_unlawfully() -> None:
    """Mail to somebody who was put in by hand breaks P11 each time."""
    shop = Shop().given(enrollment(1, "email_marketing", "import"))
    shop.when(message(2)).assert_breaks("P11")
    shop.when(message(3, fact_id="m2")).assert_breaks("P11")


def test_recipient_of_a_gift_only() -> None:
    """Marketing to somebody known only as a gift's recipient breaks P06 as well; telling of the delivery does not."""
    shop = Shop().given(gift(1))
    shop.when(message(2)).assert_breaks("P06", "P11")
    shop.when(message(3, purpose="confirm_delivery")).assert_breaks()
    shop.when(message(4, purpose="run_contest")).assert_breaks("P06")


def test_order_mail_needs_no_program() -> None:
    """A mail about the order relies on the order, in or out of every program, with or without a link."""
    shop = Shop().given(order(1), opt_out(2))
    sent = shop.when(message(3, purpose="confirm_delivery", unsubscribe_link=False)).assert_breaks().relied(MessageSent)
    assert sent == (named("order", 1),)
    shop.when(message(4, purpose="run_contest")).assert_breaks("P04")


def test_missing_link() -> None:
    """A marketing e-mail without a way out breaks P17, also to somebody enrolled; a letter needs no link."""
    shop = Shop().given(order(1), catalog_request(1))
    assert shop.when(message(2, unsubscribe_link=False)).assert_breaks("P17").codes("P17") == {"no_unsubscribe_link"}
    shop.when(message(2, channel="post", unsubscribe_link=False)).assert_breaks()
