"""The clients against a real server: answers, problems, batches, and trying again."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from adapters.api_keys.roles import Role
from adapters.client import AsyncClient, Client, Receipt, ServerProblem, Unanswered
from adapters.client.retry import LONGEST_PAUSE_SECONDS, Retry
from adapters.http.backpressure import Backpressure
from tests.controls import verified
from tests.http.conftest import app, client, entry, key, service, share
from tests.http.test_reading import catch_up
from tests.serving import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from adapters.bootstrap import Installation
    from adapters.http.service import Service

__all__ = ["app", "client", "key", "service"]
Address = tuple[str, str]


@pytest.fixture
def server(client: httpx.Client, key: Callable[..., dict[str, str]]) -> Address:
    """Return the address of a server, and a key to it."""
    return str(client.base_url), key()["Authorization"].removeprefix("Bearer ")


def test_one_and_again(server: Address) -> None:
    """A fact is answered with its receipt, the same again with the same."""
    with Client(*server) as ledger:
        first = ledger.append(entry("a"))
        assert first == Receipt("/shop a", first.at_least, repeated=False, findings=())
        assert first.at_least
        assert ledger.append(entry("a")) == first._replace(repeated=True)


def test_what_was_not_read_and_not_linked(server: Address) -> None:
    """The receipt names the category that holds no address, and says why a name was not linked."""
    values = {"user.contact.email": "ada at example"}
    with Client(*server) as ledger:
        receipt = ledger.append(entry("a", values=values, also=[verified("customer:2")]))
    assert (receipt.unread, receipt.not_linked) == (("user.contact.email",), ("not_vouched",))


def test_asking(server: Address) -> None:
    """A decision says which promises stand against a fact."""
    with Client(*server) as ledger:
        decision = ledger.ask(share("s"))
        assert not decision.allowed
        assert "registry" in {found.promise for found in decision.findings}
        assert ledger.ask(entry("a")).allowed


def test_problems(server: Address) -> None:
    """A problem is an error that names the promise or the field, with what to do."""
    with Client(*server) as ledger:
        with pytest.raises(ServerProblem) as refused:
            ledger.append(share("s", mode="enforce"))
        assert (refused.value.status, refused.value.problem_code) == (403, "refused")
        assert "registry" in refused.value.promises
        with pytest.raises(ServerProblem, match="Correct the fact") as malformed:
            ledger.append({**entry("b"), "time": "noon"})
        assert malformed.value.errors[0][0] == "time"
    with Client(server[0], "plk_wrong") as nobody, pytest.raises(ServerProblem) as kept_out:
        nobody.append(entry("c"))
    assert kept_out.value.problem_code == "key_not_valid"


def test_batches(server: Address) -> None:
    """Facts go in batches and are answered one by one, in order; a bad one holds up no other."""
    facts = [entry(str(number)) for number in range(25)]
    facts[7] = {"id": "bad"}
    with Client(*server) as ledger:
        answers = list(ledger.append_many(iter(facts), batch=10))
    assert isinstance(answers.pop(7), ServerProblem)
    assert [one.fact for one in answers if isinstance(one, Receipt)] == [
        f"/shop {number}" for number in range(25) if number != 7
    ]


def test_reading(server: Address, key: Callable[..., dict[str, str]], installation: Installation) -> None:
    """Documents and lists are read page by page, synchronously or not; names may hold anything; problems are errors."""
    with Client(*server) as ledger:
        *_, last = ledger.append_many([entry("a"), *(share(f"s-{n}", reference="a") for n in range(5))])
        assert isinstance(last, Receipt)
    catch_up(installation)
    auditor = key(Role.AUDITOR)["Authorization"].removeprefix("Bearer ")
    path = ("customers", "customer:1", "sharing")
    with Client(server[0], auditor) as reader:
        told = [one["fact"] for page in reader.pages(*path, limit=2) for one in page["shares"]]
        assert told == [f"/shop s-{n}" for n in range(5)]
        asked = reader.read("customers", "customer:1", "subscriptions", at_least=last.at_least)
        assert asked["now"] == {"email_marketing": "enrolled"}
        with pytest.raises(ServerProblem) as unknown:
            reader.read("customers", "order:a/b?c#d e%", "holdings")
        assert unknown.value.problem_code == "unknown_customer"

    async def awaited() -> list[str]:
        async with AsyncClient(server[0], auditor) as reader:
            pages = [page async for page in reader.pages(*path, limit=2)]
            assert len(pages) == 3
            return [one["fact"] for page in pages for one in page["shares"]]

    assert asyncio.run(awaited()) == told


def test_awaited(server: Address) -> None:
    """The other client says the same, for many at once."""

    async def tell() -> list[Any]:
        ledger = AsyncClient(*server)
        async with ledger:
            told = await asyncio.gather(*(ledger.append(entry(str(number))) for number in range(20)))
            asked = await ledger.ask(entry("x"))
            batch = [one async for one in ledger.append_many([entry("0"), {}, entry("y")], batch=2)]
            with pytest.raises(ServerProblem):
                await ledger.append({})
        return [*told, asked, *batch]

    *told, asked, again, bad, last = asyncio.run(tell())
    assert {one.fact for one in told} == {f"/shop {number}" for number in range(20)}
    assert asked.allowed
    assert again.repeated
    assert isinstance(bad, ServerProblem)
    assert last.fact == "/shop y"


def test_a_busy_server_is_tried_again(server: Address, service: Service) -> None:
    """While the server sends everybody away, the client waits; then the fact is stored once."""
    service.backpressure = Backpressure(1)
    admitted = service.backpressure.admitted(1)
    admitted.__enter__()
    timer = threading.Timer(0.5, admitted.__exit__, (None, None, None))
    timer.start()
    with Client(*server) as ledger:
        assert not ledger.append(entry("a")).repeated
    timer.join()


class Moody(BaseHTTPRequestHandler):
    """Answers with what it was given, one after another; the last one for ever."""

    answers: ClassVar[list[tuple[int, bytes]]] = []
    asked: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        """Answer one request; without an answer, hang up."""
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def moody() -> Iterator[str]:
    """Run a server on loopback that answers as it is told."""
    Moody.asked.clear()
    with Loopback(Moody) as server:
        yield server.url


RECEIPT: dict[str, Any] = {
    "fact": "/shop a",
    "at_least": "x",
    "repeated": False,
    "findings": [],
    "unread": [],
    "not_linked": [],
    "later": [],
}


def test_trying_again(moody: str) -> None:
    """A connection that is hung up, and faults of the server, are tried again with the same bytes."""
    Moody.answers[:] = [(0, b""), (503, b"{}"), (500, b"<html>"), (201, json.dumps(RECEIPT).encode())]
    with Client(moody, "k") as ledger:
        assert ledger.append(entry("a")).at_least == "x"
    assert len(Moody.asked) == 4
    assert len(set(Moody.asked)) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"<html>", b'{"answers": 7}', b'{"answers": [{}]}', b'{"fact": 1}', b"\xff", b"[" * 9_999],
)
def test_answers_that_are_none_of_ours(moody: str, body: bytes) -> None:
    """Answers that are not Pledger's give an error that does not repeat them."""
    Moody.answers[:] = [(200, body)]
    with Client(moody, "k", retry_seconds=0) as ledger:
        for ask in (ledger.append, ledger.ask, lambda fact: list(ledger.append_many([fact]))):
            with pytest.raises((Unanswered, ServerProblem)) as told:
                ask(entry("a"))
            assert "html" not in str(told.value)


def test_nobody_there() -> None:
    """Without a server the client gives up when its patience is over."""
    with Client("http://127.0.0.1:9", "k", retry_seconds=0.3) as ledger, pytest.raises(Unanswered) as told:
        ledger.append(entry("a"))
    assert "same id" in str(told.value)
    assert "127.0.0.1" not in str(told.value)


def test_pauses() -> None:
    """Pauses grow and end, and a server's own Retry-After is kept to."""
    retry = Retry(60)
    pauses = []
    while (pause := retry.pause()) is not None:
        pauses.append(pause)
    assert pauses[0] < 0.11
    assert max(pauses) <= LONGEST_PAUSE_SECONDS
    assert sum(pauses) <= 60
    assert len(pauses) > 8
    assert Retry(60).pause("7") == 7
    assert Retry(5).pause("7") is None
    assert (Retry(60).pause("soon") or 9) < 1
