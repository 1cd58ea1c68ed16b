"""A newsletter through a real mail server: composed, sent, received, parsed, and unsubscribed from by one click."""

from __future__ import annotations

import email
import email.policy
import re
import smtplib
import socket
import ssl
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from aiosmtpd.controller import Controller
from cryptography.x509 import IPAddress

from adapters.ledger import utc_now
from domain.errors import Refused
from tests.certificates import certificate
from tests.controls import CUSTOMER, OTHER, contest_entry, fact
from tests.serving import app_served
from tests.unsubscribe.conftest import EMAIL
from tests.unsubscribe.router_app import app_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.unsubscribe import UnsubscribeLinks
    from domain.facts import Fact
    from tests.unsubscribe.conftest import Mailing

WHOLE_LINES: Final[email.policy.EmailPolicy[Any]] = email.policy.SMTP.clone(max_line_length=998)
"""What Python needs in order to leave the address alone."""


class Mailbox:
    """Takes every message, as bytes."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's own
        """Keep a message."""
        del server, session
        self.received.append(envelope.content)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, smtplib.SMTP]]:
    """Run a mail server, and give its mailbox and a connection to it."""
    mailbox = Mailbox()
    # The controller knocks at the port that it was given, so 0 is none for it.
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    controller = Controller(mailbox, hostname=host, port=port)
    controller.start()
    try:
        with smtplib.SMTP(host, port, timeout=20) as line:
            yield mailbox, line
    finally:
        controller.stop()


def newsletter(links: UnsubscribeLinks, policy: email.policy.EmailPolicy[Any] = WHOLE_LINES) -> EmailMessage:
    """Compose a message with the fields and the footer link, in plain text and in HTML."""
    message = EmailMessage(policy=policy)
    message["From"], message["To"] = "news@shop.example", "ada@example.com"
    message["Subject"], message["Message-ID"] = "Lanterns, and what else is new", "<n-1@shop.example>"
    for name, value in links.headers.items():
        message[name] = value
    message.set_content(f"Lanterns are here – at last.\n\nUnsubscribe: {links.footer_url}\n")
    message.add_alternative(f'<p>Lanterns are here.</p><a href="{links.footer_url}">Unsubscribe</a>', subtype="html")
    return message


def sent(name: str, after: float, **data: Any) -> Fact:  # noqa: ANN401
    """Return the fact that a newsletter was handed over, so many seconds from now."""
    time = (utc_now() + timedelta(seconds=after)).isoformat()
    return fact("message", time, {"message_id": "n-1@shop.example", **data}, subject=OTHER, fact_id=name)


def test_from_the_mail_to_the_refusal(mailing: Mailing, mailbox: tuple[Mailbox, smtplib.SMTP], tmp_path: Path) -> None:
    """What arrived is parsed as a mail service does it, and clicked on; the next newsletter is refused, and broken."""
    mailing.unsubscriber._clock = utc_now
    mailing.given(contest_entry(1, subject=OTHER))
    tls, (box, line) = certificate(tmp_path, IPAddress(ip_address("127.0.0.1"))), mailbox
    trusted = ssl.create_default_context(cafile=str(tls[1]))
    ledger = mailing.installation.ledger
    with app_served(app_of(mailing.unsubscriber), tls) as address, httpx.Client(verify=trusted, timeout=30) as client:
        links = mailing.unsubscriber.headers_for(OTHER, EMAIL, address, "n-1@shop.example")
        line.send_message(newsletter(links))
        assert ledger.append(sent("n-1", 0, mode="enforce")).findings == ()
        (raw,) = box.received
        (field,) = re.findall(rb"^List-Unsubscribe: (<[^\r\n]+>)\r\n", raw, re.MULTILINE)
        received = email.message_from_bytes(raw, policy=email.policy.default)
        assert received["List-Unsubscribe"] == field.decode()
        url = received["List-Unsubscribe"].strip("<>")
        for kind in ("plain", "html"):
            part = received.get_body((kind,))
            assert part is not None
            assert url in part.get_content()
        # A scanner follows the link of the footer first, and changes nothing.
        assert client.get(url).status_code == 200
        assert mailing.opt_outs() == []
        pair = received["List-Unsubscribe-Post"]
        answer = client.post(url, content=pair, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert (answer.status_code, answer.history) == (200, [])
    with pytest.raises(Refused) as refused:
        ledger.append(sent("n-2", 1, mode="enforce"))
    assert {"P11", "P17", "P18"} & set(refused.value.promises)
    broken = {found.promise for found in ledger.append(sent("n-3", 1)).findings}
    assert {"P17", "P18"} <= broken
    assert mailing.causes() == ["n-1@shop.example"]


def test_what_breaks_the_field(mailing: Mailing) -> None:
    """With Python's own width the address would be encoded, which nobody reads: the documentation says what to set."""
    mailing.given(contest_entry(1))
    links = mailing.unsubscriber.headers_for(CUSTOMER, EMAIL, "https://shop.example", "n-1")
    assert links.footer_url.encode() in newsletter(links).as_bytes().split(b"\r\n\r\n")[0]
    assert links.footer_url.encode() not in newsletter(links, email.policy.SMTP).as_bytes().split(b"\r\n\r\n")[0]
