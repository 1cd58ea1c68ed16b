"""The link of one message: its two header fields, and the address for its footer.

Promise: `List-Unsubscribe` as RFC 2369 section 3.2 writes it, with the one HTTPS address that RFC 8058 section 3.1
asks for, and `List-Unsubscribe-Post` with its one pair. Refused: an address that is no plain HTTPS one, since mail
services do not click on others.

What is left to whoever sends the message: a DKIM signature that covers both fields (RFC 8058 section 4; mail services
offer no one-click without it), the footer, and a header line that stays whole: the address must be neither folded nor
encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH: Final = "/u/"
ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_LONGEST_URL_CHARACTERS: Final = 500
_FORBIDDEN: Final = frozenset('<>"\\^`{|}?#@')
"""What may not stand in an address, what ends a path, and what would carry a user and a password."""


class BaseUrlNotUsable(PledgerError):
    """Unsubscribe links cannot begin with this address."""

    code = "base_url_not_usable"


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """`headers`: both fields of a message, by name. `footer_url`: the link for its bottom, which shows a page first."""

    headers: Mapping[str, str]
    footer_url: str

    @classmethod
    def of(cls, base_url: str, token: str) -> Self:
        """Give the links that carry a token. Raises `BaseUrlNotUsable`."""
        url = checked(base_url).rstrip("/") + PATH + token
        headers = {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": ONE_CLICK}
        return cls(headers, url)


def checked(base_url: str) -> str:
    """Give a base address back that links can begin with. Raises `BaseUrlNotUsable`."""
    if wrong := _wrong(base_url):
        raise BaseUrlNotUsable(
            "No unsubscribe link was made.",
            f"the address that it would begin with {wrong}.",
            "Give the public address of pledger serve, such as https://shop.example or https://shop.example/privacy.",
        )
    return base_url


def _wrong(base_url: str) -> str | None:
    if not base_url.isascii() or any(one <= " " or one == "\x7f" for one in base_url):
        return "holds white space, or a character that is not ASCII"
    if len(base_url) > _LONGEST_URL_CHARACTERS:
        return f"is longer than {_LONGEST_URL_CHARACTERS} characters"
    if not _FORBIDDEN.isdisjoint(base_url):
        return "holds more than a scheme, a host, a port and a path, or a character that no address has"
    try:
        parts = urlsplit(base_url)
        is_usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # A port that is no number, a bracket that does not close.
        is_usable = False
    return None if is_usable else "is not an HTTPS address, and no other is clicked on"
