"""Where a webhook may be: its URL, and the addresses that its host stands for.

Promise: a URL is refused that would send in the clear over a network, that carries a name and a password, or whose host
stands for an address that is not public, unless it was said that this is meant. Addresses are looked up for each
attempt, and that very address is connected to, so that a name cannot come to stand for another one in between. Refused
in any case: link-local, multicast and unspecified addresses, behind which machines keep what is theirs alone.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

import httpx

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Address = IPv4Address | IPv6Address

URL_MAX: Final = 2_000
PORT_MAX: Final = 65_535
_NAT64: Final = IPv6Network("64:ff9b::/96")


class WebhookRefused(PledgerError):
    """A URL to which nothing is sent."""

    code = "webhook_refused"


def checked(url: str, *, allows_http: bool) -> httpx.URL:
    """Give a URL that can be a webhook's. Raises `WebhookRefused`."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _refused("it is no URL", "Give an address such as https://mail.example/hooks/pledger.") from None
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable():
        raise _refused(f"it is longer than {URL_MAX:,} characters, or has some that a URL does not", "Mend it.")
    if parsed.scheme not in {"https", "http"} or not parsed.host:
        raise _refused("it does not begin with https:// and a host", "Give its address in full.")
    if parsed.port is not None and not 0 < parsed.port <= PORT_MAX:
        raise _refused(f"its port is not one from 1 to {PORT_MAX:,}", "Correct the port.")
    if parsed.userinfo:
        raise _refused("it holds a name and a password", "Leave them out: each message is signed instead.")
    if parsed.fragment:
        raise _refused("it has a part after #, which is never sent", "Leave that out.")
    if parsed.scheme == "http" and not allows_http and not _is_loopback(parsed.host):
        raise _refused(
            "everybody on the way could read along and hold messages back",
            "Give an https:// address, or say --allow-http if the network between is yours alone.",
        )
    return parsed


def looked_up(host: str, port: int) -> list[str]:
    """Give the addresses that a host stands for, in the order in which to try them; empty: it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def objection(addresses: Iterable[str], *, allows_private: bool) -> str | None:
    """Say why a host's addresses may not be sent to; None: all of them may."""
    parsed = [ip_address(address.partition("%")[0]) for address in addresses]
    if not parsed:
        return "its host has no address"
    if any(_is_nobodys(address) for address in parsed):
        return "its host stands for a link-local, multicast or unspecified address"
    if not allows_private and not all(_is_public(address) for address in parsed):
        return "its host stands for an address that is not public"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _inner(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address


def _is_nobodys(address: Address) -> bool:
    inner = _inner(address)
    return inner.is_link_local or inner.is_multicast or inner.is_unspecified or address.is_link_local


def _is_public(address: Address) -> bool:
    return _inner(address).is_global


def _refused(why: str, hint: str) -> WebhookRefused:
    return WebhookRefused("The address was not taken.", f"{why}.", hint)


def refused_for(why: str) -> WebhookRefused:
    """Give the error of a URL whose host's addresses are objected to."""
    hint = "Correct the host; say --allow-private if it is one in your own network."
    return _refused(why, hint)
