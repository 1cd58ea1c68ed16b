"""The links of a message: the fields as the RFCs write them, for a customer by any name, below a usable address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from adapters.unsubscribe import AddressNotUsable
from adapters.unsubscribe.links import BaseUrlNotUsable, UnsubscribeLinks
from domain.errors import UnknownCustomer
from tests.controls import BUYER, CUSTOMER, contest_entry, fact, verified
from tests.unsubscribe.conftest import BASE_URL, EMAIL, POST

if TYPE_CHECKING:
    from tests.unsubscribe.conftest import Mailing

NAMES = ("email:ada@example.com", "order:O-9")


def test_the_fields(mailing: Mailing) -> None:
    """One HTTPS address in angle brackets, the one pair of RFC 8058, and the same address for the footer."""
    mailing.given(contest_entry(1))
    links = mailing.unsubscriber.headers_for(CUSTOMER, EMAIL, BASE_URL, "m-1")
    assert set(links.headers) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert links.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://shop\.example/u/[A-Za-z0-9_-]{148}>", links.headers["List-Unsubscribe"])
    assert links.headers["List-Unsubscribe"] == f"<{links.footer_url}>"
    assert max(map(len, links.headers.values())) < 998 - len("List-Unsubscribe-Post: ")


def test_by_any_name(mailing: Mailing) -> None:
    """Each name of a person, and the ledger's own id, gives a link that holds the stream and a digest, not the name."""
    mailing.given(contest_entry(1, also=[verified(name) for name in NAMES]))
    asked = [mailing.unsubscriber.read(mailing.token(name)) for name in (CUSTOMER, *NAMES)]
    assert len({one.stream for one in asked}) == len({one.name for one in asked}) == 3
    stream = asked[0].stream
    by_id = mailing.unsubscriber.read(mailing.token(f"id:{stream}", POST))
    assert (by_id.stream, by_id.name, by_id.program) == (stream, bytes(32), POST)


def test_the_address_of_the_message(mailing: Mailing) -> None:
    """It is the one given, in whatever spelling, else the one that names the customer, else none."""
    mailing.given(contest_entry(1, also=[verified("email:ada@example.com")]))
    read, address = mailing.unsubscriber.read, "email:ada@example.com"
    digest = read(mailing.token(address)).address
    assert digest != bytes(32)
    for spelt in (address, "Ada@EXAMPLE.com", "email: ada@example.com"):
        assert read(mailing.token(to=spelt)).address == digest
    assert read(mailing.token(address, to="other@example.com")).address not in {digest, bytes(32)}
    assert read(mailing.token()).address == bytes(32)


@pytest.mark.parametrize(
    "to", ["marked", "marked@", "phone:+442079460000", "customer:1", "a@b.example, marked@b.example"]
)
def test_what_is_no_address_of_a_message(mailing: Mailing, to: str) -> None:
    """Anything but one address that the program writes to is refused, and not repeated."""
    mailing.given(contest_entry(1))
    with pytest.raises(AddressNotUsable) as caught:
        mailing.token(to=to)
    assert "marked" not in str(caught.value)


def test_a_link_for_each_message(mailing: Mailing) -> None:
    """The same message has the same link, and another message, program or second another."""
    mailing.given(contest_entry(1))
    first = mailing.token()
    assert mailing.token() == first
    others = {mailing.token(message_id="m-2"), mailing.token(program=POST)}
    mailing.at = 11
    assert len({first, *others, mailing.token()}) == 4


def test_making_a_link_changes_nothing(mailing: Mailing) -> None:
    """Nothing is stored of a link."""
    mailing.given(contest_entry(1))
    before = mailing.all_rows()
    mailing.token()
    assert mailing.all_rows() == before


def test_nobody(mailing: Mailing) -> None:
    """A name that nobody has, a browser, the company and whoever was erased get no link, and nobody is made up."""
    mailing.given(
        contest_entry(1),
        fact("cookies_refused", 1, {}, subject="visitor:b1"),
        contest_entry(1, subject=BUYER, fact_id="x"),
        fact("erasure", 2, {"reason": "asked"}, subject=BUYER),
    )
    with mailing.installation.connect() as connection:
        streams = connection.execute("SELECT DISTINCT stream_id FROM events").fetchall()
        living = connection.execute("SELECT stream_id FROM names").fetchone()
    assert living is not None
    before = mailing.all_rows()
    ids = [f"id:{stream}" for (stream,) in streams if stream != living[0]]
    assert len(ids) == 3
    for name in (*ids, BUYER, "visitor:b1", "email:nobody@example.com", "nonsense", "", "id:x", "id:" + "0" * 32):
        with pytest.raises(UnknownCustomer) as caught:
            mailing.token(name)
        assert "nobody@" not in str(caught.value)
    assert mailing.all_rows() == before


@pytest.mark.parametrize(
    ("base_url", "footer"),
    [
        ("https://shop.example", "https://shop.example/u/T"),
        ("https://shop.example/", "https://shop.example/u/T"),
        ("HTTPS://shop.example:8443/a/b/", "HTTPS://shop.example:8443/a/b/u/T"),
        ("https://[::1]:8443", "https://[::1]:8443/u/T"),
    ],
)
def test_addresses(base_url: str, footer: str) -> None:
    """An address may have a port and a path, and may end in a slash."""
    assert UnsubscribeLinks.of(base_url, "T").footer_url == footer


@pytest.mark.parametrize(
    "base_url",
    [
        *(
            "",
            "shop.example",
            "http://shop.example",
            "ftp://shop.example",
            "https://",
            "https:///u",
            "mailto:a@b.example",
        ),
        *("https://shop.example?a=b", "https://shop.example#a", "https://a:b@shop.example", "https://shop.example:x"),
        *("https://shop.example:99999", "https://[::1", "https://shop.example/>", "https://shop.example/ a"),
        *(
            "https://shop.example\r\nBcc: x",
            "https://shop.example/\u00e9",
            "https://shop.example/" + "a" * 500,
            "https://a\x7f",
        ),
    ],
)
def test_addresses_that_cannot_be(base_url: str) -> None:
    """No other scheme, no user, no query, nothing that could end the field: the error says what is wrong."""
    with pytest.raises(BaseUrlNotUsable) as caught:
        UnsubscribeLinks.of(base_url, "T")
    assert "https://shop.example" in caught.value.hint
