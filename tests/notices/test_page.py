"""Pages that can be looked at, and those of which nothing can be concluded."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from adapters.notices.page import BYTES_MAX, REDIRECTS_MAX, NoticeNotSeen, fetch
from adapters.notices.reading import OPT_OUT, Seen, read

if TYPE_CHECKING:
    from tests.notices.conftest import Site

GOOD = (
    '<html><head><meta name="privacy-policy-version" content="2016-03-14"></head><a href="/p">Privacy Policy</a></html>'
)


def test_a_page(site: Site) -> None:
    """It comes with its address, status, digest and text."""
    page = fetch(site.page("/", GOOD))
    assert page == (f"{site.address}/", 200, hashlib.sha256(GOOD.encode()).hexdigest(), GOOD)


def test_redirects(site: Site) -> None:
    """They are followed a few times, and not for ever."""
    site.page("/0", GOOD)
    for number in range(1, REDIRECTS_MAX + 2):
        site.page(f"/{number}", "", 302, Location=f"/{number - 1}")
    assert fetch(f"{site.address}/{REDIRECTS_MAX}").url == f"{site.address}/0"
    with pytest.raises(NoticeNotSeen, match="redirects"):
        fetch(f"{site.address}/{REDIRECTS_MAX + 1}")


@pytest.mark.parametrize(
    "url", ["ftp://x/", "file:///etc/hosts", "http://", "x", "http://a:b@127.0.0.1:9/", "http://[::1"]
)
def test_addresses_that_are_none(url: str) -> None:
    """Another scheme, no host or a password in it: refused before anything is asked, and not repeated."""
    with pytest.raises(NoticeNotSeen) as refused:
        fetch(url)
    assert "a:b" not in str(refused.value)


def test_what_is_no_page(site: Site) -> None:
    """A fault of the server, another type, too much, and nobody there."""
    for url, why in (
        (site.page("/500", "x", 500), "status 500"),
        (f"{site.address}/none", "status 404"),
        (site.page("/pdf", "x", Content_Type="application/pdf"), "did not send HTML"),
        (site.page("/large", b" " * (BYTES_MAX + 1)), "longer than"),
        (site.page("/away", "", 302, Location="ftp://x/"), "."),
        ("http://127.0.0.1:9/", "did not answer completely"),
    ):
        with pytest.raises(NoticeNotSeen, match=why):
            fetch(url)


def test_a_page_that_is_cut_or_slow(site: Site) -> None:
    """A body shorter than was told, and one that drips, are no page; both end in time."""

    def cut(request: Any) -> None:  # noqa: ANN401 - the server's handler
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"<a href=p>Privacy</a>")

    def drip(request: Any) -> None:  # noqa: ANN401 - as above
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        for _ in range(400):
            try:
                request.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.05)

    with pytest.raises(NoticeNotSeen, match="did not answer completely"):
        fetch(site.answers("/cut", cut))
    started = time.monotonic()
    with pytest.raises(NoticeNotSeen, match="within"):
        fetch(site.answers("/drip", drip), 0.5)
    assert time.monotonic() - started < 10


def test_what_stands_on_it() -> None:
    """A link by its words, its address or its `rel`; the version by a meta element or a data attribute."""
    assert read(GOOD, "homepage") == Seen("Privacy Policy", "2016-03-14")
    assert read('<a href="/privacy-policy">Legal</a>', "web") == Seen("Legal", None)
    assert read('<a rel="nofollow privacy-policy" href="/x"></a>', "web") == Seen("(no text)", None)
    assert read('<p data-privacy-policy-version=" v2 ">x</p>', "web") == Seen(None, "v2")
    assert read("<a>Privacy</a><p>Privacy</p>", "web") == Seen(None, None)
    assert read('<a href="/privacy">x</a><a href="https://t.example/optout">Opt-out</a>', OPT_OUT).link == "Opt-out"
    assert read('<a href="/privacy">Privacy</a>', OPT_OUT).link is None
    assert read("<script>document.write('<a href=/privacy>Privacy</a>')</script>", "web").link is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "<" * 10_000,
        "<div>" * 20_000,
        "<a href=privacy>" * 20_000,
        "<a href='privacy'>" + "x" * 200_000,
        "\ufffd" * 99,
    ],
)
def test_hostile_html(text: str) -> None:
    """Hostile pages are read fast, and what is shown of them is short."""
    started = time.monotonic()
    seen = read(text, "homepage")
    assert time.monotonic() - started < 15
    assert seen.link is None or len(seen.link) <= 80
