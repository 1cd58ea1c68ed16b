"""The unsubscribe links of one message: its two header fields, and the address for its footer.

`List-Unsubscribe` follows RFC 2369 section 3.2, with the one HTTPS address that RFC 8058 section 3.1 asks for;
`List-Unsubscribe-Post` has its one pair. Mail services click on HTTPS addresses only, so others are refused.

The sender of the message has to sign it with DKIM, covering both fields (RFC 8058 section 4; without it mail services
offer no one-click), put the link into the footer, and keep the header line whole: the address must be neither folded
nor encoded.
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
"""Characters that an address cannot have, that end a path, or that would hold a user and a password."""


class BaseUrlNotUsable(PledgerError):
    """Unsubscribe links cannot begin with this address."""

    code = "base_url_not_usable"


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """The header fields of a message by name, and the link for its footer, which shows a page first."""

    headers: Mapping[str, str]
    footer_url: str

    @classmethod
    def of(cls, base_url: str, token: str) -> Self:
        """Return the links that hold a token. Raise `BaseUrlNotUsable`."""
        url = check_base_url(base_url).rstrip("/") + PATH + token
        headers = {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": ONE_CLICK}
        return cls(headers, url)


def check_base_url(base_url: str) -> str:
    """Return the base address if links can begin with it. Raise `BaseUrlNotUsable`."""
    if wrong := _problem(base_url):
        raise BaseUrlNotUsable(
            "No unsubscribe link was created.",
            f"the base address {wrong}.",
            "Give the public address of pledger serve, such as https://shop.example or https://shop.example/privacy.",
        )
    return base_url


def _problem(base_url: str) -> str | None:
    if not base_url.isascii() or any(one <= " " or one == "\x7f" for one in base_url):
        return "holds white space, or a character that is not ASCII"
    if len(base_url) > _LONGEST_URL_CHARACTERS:
        return f"is longer than {_LONGEST_URL_CHARACTERS} characters"
    if not _FORBIDDEN.isdisjoint(base_url):
        return "holds more than a scheme, a host, a port and a path, or a character that an address cannot have"
    try:
        parts = urlsplit(base_url)
        is_usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # A port that is not a number, or a bracket that does not close.
        is_usable = False
    return None if is_usable else "is not an HTTPS address, and mail services click on no other"
