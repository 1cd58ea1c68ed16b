"""The endpoints: only a POST acts, whatever its body says; the pages are safe to show; nothing of a link is logged."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import psycopg
import pytest
from selectolax.lexbor import LexborHTMLParser

from adapters.unsubscribe import router as routing
from tests.controls import OTHER, contest_entry, fact
from tests.serving import PATIENCE, app_served
from tests.unsubscribe.conftest import EMAIL, POST, Mailing
from tests.unsubscribe.router_app import app_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

MAIL_SERVICE: dict[str, Any] = {"files": {"List-Unsubscribe": (None, "One-Click")}}
BODIES: list[dict[str, Any]] = [
    {"data": {"List-Unsubscribe": "One-Click"}},
    MAIL_SERVICE,
    {"data": {"from": "page"}},
    {},
    {"content": b"\xff\x00", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    {"json": {"a": [1]}},
]


@pytest.fixture
def app(mailing: Mailing) -> FastAPI:
    """Return the app over a ledger with one enrolled person."""
    mailing.given(contest_entry(1))
    return app_of(mailing.unsubscriber)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Return a client of the app on a real server."""
    with app_served(app) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield client


def asked(app: FastAPI, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
    """Ask the app in this process, without a server."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://shop.example") as client:
            return await client.request(method, path, **options)

    return anyio.run(ask)


def text_of(page: httpx.Response) -> str:
    """Return what a page says."""
    body = LexborHTMLParser(page.text).css_first("main")
    assert body is not None
    return body.text(separator=" ")


@pytest.mark.parametrize("body", BODIES, ids=["one-click", "one-click in parts", "button", "empty", "broken", "json"])
def test_a_post_acts(client: httpx.Client, mailing: Mailing, body: dict[str, Any]) -> None:
    """The one-click in both codings, the page's button, and a body that nobody foresaw, are all the same act."""
    answer = client.post(f"/u/{mailing.token()}", **body)
    assert (answer.status_code, answer.history) == (200, [])
    assert not {"set-cookie", "location", "www-authenticate"} & set(answer.headers)
    assert "You are unsubscribed" in text_of(answer)
    assert len(mailing.opt_outs()) == 1
    assert client.post(f"/u/{mailing.token()}", **body).text.count("You are unsubscribed") == 2
    assert len(mailing.opt_outs()) == 1


def test_in_this_process(app: FastAPI, mailing: Mailing) -> None:
    """Without a server around it the router does the same."""
    path = f"/u/{mailing.token()}"
    assert asked(app, "GET", path).status_code == 200
    assert mailing.opt_outs() == []
    assert asked(app, "POST", path, **MAIL_SERVICE).status_code == 200
    assert len(mailing.opt_outs()) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_unsubscribes_nobody(client: httpx.Client, mailing: Mailing, method: str) -> None:
    """Following the link, with all that is on its page, changes nothing, and asks the database nothing."""
    path = f"/u/{mailing.token()}"
    before = mailing.all_rows()
    mailing.unsubscriber.close()
    answer = client.request(method, path, headers={"Accept": "*/*", "Cookie": "a=b"})
    assert answer.status_code == 200
    assert answer.headers["content-length"] == client.get(path).headers["content-length"]
    for link in LexborHTMLParser(answer.text or "<p>").css("a"):
        client.get(str(link.attributes["href"]))
    assert mailing.all_rows() == before
    assert mailing.unsubscriber._connection is None


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(client: httpx.Client, mailing: Mailing, method: str) -> None:
    """No other method does anything."""
    assert client.request(method, f"/u/{mailing.token()}").status_code == 405
    assert mailing.opt_outs() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_links_that_are_not_ours(client: httpx.Client, mailing: Mailing, method: str) -> None:
    """A forged, cut or altered link is told plainly, and changes nothing; the page repeats nothing of it."""
    token, before = mailing.token(), mailing.all_rows()
    for wrong in (token[:-1], token + "A", token.lower(), "marked", "%00", "%ff", "<b>marked", "A" * 9_000):
        answer = client.request(method, f"/u/{wrong}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert wrong not in answer.text.replace("A" * 148, "")
        if method != "HEAD":
            assert "You have not been unsubscribed" in text_of(answer)
    assert mailing.all_rows() == before


def test_the_button_of_the_page(client: httpx.Client, mailing: Mailing) -> None:
    """The form of the page, sent as a browser sends it, takes the person out; the next page leads on."""
    path = f"/u/{mailing.token()}"
    page = LexborHTMLParser(client.get(path).text)
    (form,), (button,) = page.css("form"), page.css("button")
    assert dict(form.attributes) == {"method": "post"}
    answer = client.post(path, data={str(button.attributes["name"]): str(button.attributes["value"])})
    assert mailing.opt_outs()[0][1] == EMAIL
    (link,) = LexborHTMLParser(answer.text).css("a")
    other = client.get(answer.url.join(str(link.attributes["href"])))
    assert "advertising by post?" in text_of(other)
    assert len(mailing.opt_outs()) == 1
    client.post(str(other.url))
    assert [program for _, program in mailing.opt_outs()] == [EMAIL, POST]


def test_the_pages_are_safe_to_show(client: httpx.Client, mailing: Mailing) -> None:
    """No script, nothing fetched, and a policy that allows the one style sheet and a form to the page itself."""
    path = f"/u/{mailing.token()}"
    for answer in (client.get(path), client.post(path), client.get("/u/x")):
        page = LexborHTMLParser(answer.text)
        (style,) = page.css("style")
        digest = base64.b64encode(hashlib.sha256((style.text() or "").encode()).digest()).decode()
        allowed = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"
        assert answer.headers["content-security-policy"] == f"{allowed}; frame-ancestors 'none'"
        assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not page.css("script, img, link, iframe, object, [style], [src], [onclick], base, input")
        assert "url(" not in answer.text
        assert [one.attributes.get("lang") for one in page.css("html")] == ["en"]
        assert len(page.css("h1")) == len(page.css("main")) == len(page.css("title")) == 1
        assert "://" not in answer.text


def test_the_page_is_the_same_for_everybody(client: httpx.Client, mailing: Mailing) -> None:
    """Who has left, who leaves and who was erased see the same page, but for the token in it."""
    mailing.given(contest_entry(2, subject=OTHER, reference="C-2", fact_id="c-2"))
    tokens = [mailing.token(), mailing.token(), mailing.token(OTHER)]
    mailing.given(fact("erasure", 3, {"reason": "asked for it"}, subject=OTHER))
    seen = {re.sub(r'href="[^"]+"', "", client.post(f"/u/{token}").text) for token in tokens}
    assert len(seen) == 1


def test_a_long_body(client: httpx.Client, mailing: Mailing) -> None:
    """More than a click is not read to its end and does nothing, told before or found out; the server goes on."""
    path = f"/u/{mailing.token()}"
    pieces = (b"x" * 1_024 for _ in range(64))
    for content in (b"x" * (routing.BODY_MAX + 1), pieces):
        answer = client.post(path, content=content)
        assert answer.status_code == 413
        assert "press the button there" in text_of(answer)
    assert mailing.opt_outs() == []
    assert client.post(path, content=b"x" * routing.BODY_MAX).status_code == 200


def test_a_body_that_does_not_end(
    app: FastAPI, mailing: Mailing, monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture
) -> None:
    """A sender who stops in the middle, or goes away there, holds nothing up and unsubscribes nobody."""
    monkeypatch.setattr(routing, "BODY_SECONDS", 0.3)
    head = f"POST /u/{mailing.token()} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nList-"
    with app_served(app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(head.encode())
            assert line.recv(64).startswith(b"HTTP/1.1 413")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(head.encode())
        assert httpx.get(f"{address}/u/{mailing.token()}", timeout=PATIENCE).status_code == 200
    assert mailing.opt_outs() == []
    assert not [one for one in logged.records if one.levelname == "ERROR"]


def test_the_ledger_is_out_of_reach(
    client: httpx.Client, mailing: Mailing, database_url: str, logged: pytest.LogCaptureFixture
) -> None:
    """Where the database refuses, the page says that nothing is recorded yet and when to try again; then it works."""
    path = f"/u/{mailing.token()}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON pledger.events FROM pledger_writer")
        answer = client.post(path, **MAIL_SERVICE)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "You have not been unsubscribed" in text_of(answer)
        owner.execute("GRANT SELECT ON pledger.events TO pledger_writer")
    assert "not_permitted" in logged.text
    assert client.post(path, **MAIL_SERVICE).status_code == 200
    assert len(mailing.opt_outs()) == 1


def test_nothing_is_logged(app: FastAPI, mailing: Mailing, logged: pytest.LogCaptureFixture) -> None:
    """Neither a link nor what is wrong with one is in any log of ours, at any level."""
    token = mailing.token()
    for path in (token, "marked-token", token[:-1]):
        for method in ("GET", "HEAD", "POST"):
            asked(app, method, f"/u/{path}")
    told = " ".join(one.getMessage() for one in logged.records if one.name.split(".")[0] not in {"httpx", "httpcore"})
    assert token[:30] not in told
    assert "marked" not in told


def test_what_openapi_tells(app: FastAPI) -> None:
    """The document has both methods with their answers; the one-click body is not required."""
    path = app.openapi()["paths"]["/u/{token}"]
    assert set(path) == {"get", "post"}
    assert set(path["post"]["responses"]) >= {"200", "404", "413", "503"}
    assert path["post"]["requestBody"]["required"] is False
    assert list(path["get"]["responses"]["200"]["content"]) == ["text/html"]
