"""The worked example, with all that it works with: a server, a relay and a mail server, each a real one."""

from __future__ import annotations

import email
import email.policy
import smtplib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from adapters.bootstrap import opened
from adapters.client import Client
from adapters.demo.example_shop import NOTICE, TABLES, Shop
from adapters.ledger import utc_now
from adapters.outbox import LedgerDestination
from adapters.unsubscribe import Unsubscriber
from tests.controls import fact
from tests.outbox.conftest import relay_once, shop, stored
from tests.outbox.test_processes import relay_process
from tests.reading import opened_log
from tests.serving import PATIENCE, eventually, served
from tests.unsubscribe.test_mail import Mailbox, mailbox

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.outbox.conftest import Shop as Database
    from tests.places import Place

__all__ = ["mailbox", "shop"]
PUBLIC_URL = "https://shop.example"
ADA = (17850, "Ada Quill", "1 Quay Lane", "ada@example.org")
EMAIL = ADA[3]


def announced(installation: Installation) -> None:
    """Let the company show its notice where the shop collects."""
    facts = (
        ("collection_point_registered", {"collection_point": "checkout"}),
        *(("notice_posted", {"location": where, "version": NOTICE}) for where in ("homepage", "checkout")),
    )
    for number, (word, data) in enumerate(facts):
        time = utc_now().isoformat()
        installation.ledger.append(fact(word, time, data, fact_id=f"n-{number}", source="/site"))


def findings(installation: Installation) -> list[tuple[str, str]]:
    """Return each fact of the shop's in which the ledger found something wrong."""
    return [
        (event.fact, found.promise)
        for event in opened_log(installation)
        if event.source == "/shop"
        for found in event.findings
    ]


def orders(database: Database) -> list[tuple[Any, ...]]:
    """Return the customers who have ordered."""
    return database.run("SELECT customer FROM orders ORDER BY number")


@pytest.mark.slow
def test_from_the_order_to_the_last_mail(place: Place, shop: Database, mailbox: tuple[Mailbox, smtplib.SMTP]) -> None:
    """An order permits the news; the mail carries its way out; after one click nothing more goes out."""
    box, line = mailbox
    shop.run(TABLES.decode())
    with (
        opened(place.settings) as installation,
        served(place.environment) as (address, _),
        relay_process(place, shop, "--to", address),
        Client(address, place.key) as client,
        closing(Unsubscriber(installation)) as unsubscriber,
    ):
        announced(installation)
        tiny = Shop(shop.url, client, unsubscriber, line, PUBLIC_URL)
        assert not tiny.send_news(17850, EMAIL, 1, "Lanterns are here.")
        assert tiny.take_order(*ADA, "a lantern") == "O-1"
        eventually(lambda: shop.standing().waiting == 0)
        assert tiny.send_news(17850, EMAIL, 1, "Lanterns are here.")
        assert not tiny.send_news(17850, EMAIL, 1, "Lanterns are here.")
        (raw,) = box.received
        received = email.message_from_bytes(raw, policy=email.policy.default)
        assert (received["To"], received["List-Unsubscribe-Post"]) == (EMAIL, "List-Unsubscribe=One-Click")
        link = received["List-Unsubscribe"].strip("<>")
        assert link.startswith(f"{PUBLIC_URL}/u/")
        body = received.get_body()
        assert body is not None
        assert link in body.get_content()
        eventually(lambda: shop.standing().waiting == 0)
        with httpx.Client(timeout=PATIENCE) as mail_service:
            # A mail service comes over HTTPS to a proxy before the server; here it asks the server itself.
            url = link.replace(PUBLIC_URL, address)
            assert mail_service.get(url).status_code == 200
            assert tiny.send_news(17850, EMAIL, 2, "Shades for lanterns.")
            assert mail_service.post(url, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert not tiny.send_news(17850, EMAIL, 3, "One lantern left.")
        assert tiny.take_order(*ADA, "a shade") == "O-2"
        eventually(lambda: shop.standing().waiting == 0)
        assert not tiny.send_news(17850, EMAIL, 3, "One lantern left.")
        assert len(box.received) == 2
        assert findings(installation) == []
        facts = [name for name in stored(installation) if name.startswith("news-")]
        assert facts == [f"news-{number}-17850@shop.example" for number in (1, 2)]
    assert shop.parked() == []


def test_while_the_ledger_is_away(place: Place, shop: Database, mailbox: tuple[Mailbox, smtplib.SMTP]) -> None:
    """Orders are taken without a server and without a relay, and nobody is mailed; later the ledger hears of them."""
    box, line = mailbox
    shop.run(TABLES.decode())
    with (
        opened(place.settings) as installation,
        Client("http://127.0.0.1:9", place.key, retry_seconds=0) as nobody,
        closing(Unsubscriber(installation)) as unsubscriber,
    ):
        tiny = Shop(shop.url, nobody, unsubscriber, line, PUBLIC_URL)
        tiny.take_order(*ADA, "a lantern")
        assert not tiny.send_news(17850, EMAIL, 1, "Lanterns are here.")
        assert (box.received, orders(shop), shop.standing().waiting) == ([], [(17850,)], 1)
        relay_once(shop, LedgerDestination(installation.ledger))
        assert stored(installation) == ["O-1"]


def test_neither_without_the_other(place: Place, shop: Database, mailbox: tuple[Mailbox, smtplib.SMTP]) -> None:
    """Where the fact cannot be written there is no order, and where the mail cannot be sent there is no fact."""
    _, line = mailbox
    shop.run(TABLES.decode())
    with (
        opened(place.settings) as installation,
        served(place.environment) as (address, _),
        Client(address, place.key) as client,
        closing(Unsubscriber(installation)) as unsubscriber,
    ):
        tiny = Shop(shop.url, client, unsubscriber, line, PUBLIC_URL)
        tiny.take_order(*ADA, "a lantern")
        relay_once(shop, LedgerDestination(installation.ledger))
        line.quit()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            tiny.send_news(17850, EMAIL, 1, "Lanterns are here.")
        assert shop.standing().waiting == 0
        shop.run("DROP TABLE pledger_outbox")
        with pytest.raises(psycopg.errors.UndefinedTable):
            tiny.take_order(*ADA, "a shade")
        assert orders(shop) == [(17850,)]
