"""A tiny shop: it takes orders, asks the ledger before it sends mail, and writes facts to its outbox.

An order and its fact are in one transaction, so that neither exists without the other, whatever else runs. No marketing
goes out if the ledger says no, or does not answer. Every such mail carries the unsubscribe header fields and link, and
its fact names the message id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.types.json import Json

from adapters.client import ServerProblem, Unanswered
from domain.errors import UnknownCustomer
from domain.times import rfc3339
from domain.vocabulary import Program

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Mapping

    from adapters.client import Client
    from adapters.unsubscribe import Unsubscriber

    Connection = psycopg.Connection[tuple[Any, ...]]

TABLES: Final = b"""
    CREATE TABLE IF NOT EXISTS orders (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer bigint NOT NULL, name text NOT NULL, address text NOT NULL, email text NOT NULL, item text NOT NULL
    );
    CREATE TABLE IF NOT EXISTS news_sent (number bigint, customer bigint, PRIMARY KEY (number, customer));
"""  # Beside it stands pledger_outbox, which adapters/outbox/outbox.sql makes.
NOTICE: Final = "2016-03-14"
"""The version of the privacy policy that the checkout shows."""
_WHOLE_LINES: Final = SMTP.clone(max_line_length=998)
"""Otherwise Python encodes the address in List-Unsubscribe, and no mail service reads it."""


class Shop:
    """One shop. `public_url` is where customers reach the ledger's server, for the links in mails."""

    def __init__(
        self, database: str, ledger: Client, unsubscriber: Unsubscriber, mail: smtplib.SMTP, public_url: str
    ) -> None:
        self._database, self._ledger, self._unsubscriber = database, ledger, unsubscriber
        self._mail, self._public_url = mail, public_url

    def take_order(self, customer: int, name: str, address: str, email: str, item: str) -> str:
        """Take an order, write its fact in the same transaction, and return the order's number."""
        with psycopg.connect(self._database) as connection:
            row = connection.execute(
                "INSERT INTO orders VALUES (DEFAULT, %s, %s, %s, %s, %s) RETURNING number",
                (customer, name, address, email, item),
            ).fetchone()
            assert row is not None, "an insert gives its row"
            order = f"O-{row[0]}"
            values = {"user.name": name, "user.contact.address": address, "user.contact.email": email}
            collected = {
                "act": "order",
                "reference": order,
                "collection_point": "checkout",
                "notice": NOTICE,
                "values": {**values, "user.payment": None},
                "held_in": "shop",
                "also": [f"email:{email}"],
            }
            _write_to_outbox(connection, _fact("collection", order, customer, collected))
        return order

    def send_news(self, customer: int, email: str, number: int, text: str) -> bool:
        """Mail one customer the news, once, if the ledger permits it; return whether it went out."""
        message_id = f"news-{number}-{customer}@shop.example"
        sent = {
            "program": Program.EMAIL_MARKETING,
            "channel": "email",
            "purpose": "direct_marketing",
            "unsubscribe_link": True,
            "message_id": message_id,
            "to": email,
        }
        fact = _fact("message", message_id, customer, sent)
        try:
            if not self._ledger.ask(fact).allowed:
                return False
            program, url = Program.EMAIL_MARKETING, self._public_url
            links = self._unsubscriber.headers_for(f"customer:{customer}", program, url, message_id, to=email)
        except (ServerProblem, Unanswered, UnknownCustomer):  # Without a yes nothing goes out.
            return False
        message = EmailMessage(policy=_WHOLE_LINES)
        message["From"], message["To"], message["Subject"] = "news@shop.example", email, f"News {number}"
        message["Message-ID"] = f"<{message_id}>"
        for name, value in links.headers.items():
            message[name] = value
        message.set_content(f"{text}\n\nNo more of this: {links.footer_url}\n")
        with psycopg.connect(self._database) as connection:
            noted = "INSERT INTO news_sent VALUES (%s, %s) ON CONFLICT DO NOTHING"
            if not connection.execute(noted, (number, customer)).rowcount:
                return False
            # A mail that is sent has its fact, unless the database fails between the sending and the commit.
            _write_to_outbox(connection, fact)
            self._mail.send_message(message)
        return True


def _fact(word: str, name: str, customer: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fact of now, as a CloudEvent; the ledger recognises it by its source and id."""
    envelope = {"specversion": "1.0", "source": "/shop", "id": name, "type": f"pledger.{word}.v1"}
    return {**envelope, "time": rfc3339(datetime.now(UTC)), "subject": f"customer:{customer}", "data": data}


def _write_to_outbox(connection: Connection, fact: Mapping[str, Any]) -> None:
    """Write a fact to the outbox; pledger relay delivers it once this transaction is committed."""
    connection.execute("INSERT INTO pledger_outbox (event) VALUES (%s)", (Json(fact),))
