"""Where a webhook may be: its URL, and the addresses of its host.

A URL is refused if it would send unencrypted over a network, if it holds a user and a password, or if its host has an
address that is not public, unless the operator allows that. Link-local, multicast and unspecified addresses, behind
which machines keep internal services, are always refused. The host is looked up for each attempt, and the address that
was checked is the one that is connected to, so a name cannot change its address in between.
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
    """A URL is refused as a webhook."""

    code = "webhook_refused"


def check_url(url: str, *, allows_http: bool) -> httpx.URL:
    """Return the parsed URL of a webhook. Raise `WebhookRefused`."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise _refused("it is not a URL", "Give an address such as https://mail.example/hooks/pledger.") from None
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable():
        raise _refused(
            f"it is longer than {URL_MAX:,} characters, or has characters that a URL cannot have", "Correct it."
        )
    if parsed.scheme not in {"https", "http"} or not parsed.host:
        raise _refused("it does not begin with https:// and a host", "Give its address in full.")
    if parsed.port is not None and not 0 < parsed.port <= PORT_MAX:
        raise _refused(f"its port is not one from 1 to {PORT_MAX:,}", "Correct the port.")
    if parsed.userinfo:
        raise _refused("it holds a user or a password", "Leave them out: each message is signed instead.")
    if parsed.fragment:
        raise _refused("it has a part after #, which is never sent", "Leave it out.")
    if parsed.scheme == "http" and not allows_http and not _is_loopback(parsed.host):
        raise _refused(
            "anybody on the way could read messages and hold them back",
            "Give an https:// address, or say --allow-http if the network between is yours alone.",
        )
    return parsed


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which to try them; empty if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def address_problem(addresses: Iterable[str], *, allows_private: bool) -> str | None:
    """Return why nothing may be sent to the addresses of a host, or None if it may."""
    parsed = [ip_address(address.partition("%")[0]) for address in addresses]
    if not parsed:
        return "its host has no address"
    if any(_is_internal(address) for address in parsed):
        return "its host has a link-local, multicast or unspecified address"
    if not allows_private and not all(_is_public(address) for address in parsed):
        return "its host has an address that is not public"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _inner(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 address, or else the address itself."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address


def _is_internal(address: Address) -> bool:
    inner = _inner(address)
    return inner.is_link_local or inner.is_multicast or inner.is_unspecified or address.is_link_local


def _is_public(address: Address) -> bool:
    return _inner(address).is_global


def _refused(why: str, hint: str) -> WebhookRefused:
    return WebhookRefused("The webhook's address is refused.", f"{why}.", hint)


def refused_host(why: str) -> WebhookRefused:
    """Return the error for a host whose addresses are refused."""
    hint = "Correct the host; say --allow-private if it is one in your own network."
    return _refused(why, hint)
