"""Receivers that fail in every way: down, slow, moved, gone, poisoned, private, or not who they say they are."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import closing
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from adapters.webhooks import posting
from adapters.webhooks.addresses import WebhookRefused, address_problem, check_url
from adapters.webhooks.messages import MessageKind
from adapters.webhooks.posting import Poster, WebhookRequest
from adapters.webhooks.registry import PositionAhead
from tests.certificates import certificate
from tests.serving import PATIENCE, eventually
from tests.webhooks.conftest import Receiver
from tests.webhooks.test_messages import append, corrected, entered, erased, left

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.webhooks.conftest import Got, Hooks

PEOPLE = 30


def attempted(url: str, *, allows_private: bool = True) -> str | None:
    """Make one attempt; give what was wrong with it."""
    with closing(Poster()) as poster:
        return poster.post(WebhookRequest(url, allows_private, {"webhook-id": "x"}, b"{}")).result(timeout=PATIENCE).why


def test_down_and_back(hooks: Hooks) -> None:
    """A receiver that is down is knocked at with pauses; once it is back it is told of everything, soon, once each."""
    receiver = Receiver()
    port = receiver.port
    name, _ = hooks.add(receiver.url)
    receiver.close()
    with hooks.working():
        append(hooks, *(entered(number) for number in range(PEOPLE)), *(left(number) for number in range(PEOPLE)))
        eventually(lambda: hooks.state(name).failures >= 10)
        time.sleep(0.5)
        state = hooks.state(name)
        assert state.failures < 20  # Eight at once, perhaps twice, and then one each second.
        assert (state.waiting, state.delivered) == (PEOPLE, 0)
        assert state.failed_by == "nothing answers at its address"
        assert state.disabled_at is None
        # The first that arrives frees those that would wait for an hour.
        hooks.run(b"UPDATE webhook_deliveries SET due_at = now() + interval '1 hour' WHERE failed_by IS NOT NULL")
        receiver = Receiver(port)
        eventually(lambda: hooks.state(name).waiting == 0)
    receiver.close()
    assert hooks.state(name).delivered == PEOPLE
    assert len({got.id for got in receiver.got}) == len(receiver.got) == PEOPLE


def test_given_up_after_three_days(hooks: Hooks, receiver: Receiver) -> None:
    """A webhook that fails for three days is disabled, loses nothing, and goes on from there when it is taken up."""
    receiver.answers = lambda _: 503
    name, _ = hooks.add(receiver.url)
    append(hooks, *(entered(number) for number in range(3)), left(0))
    with hooks.working():
        for number in range(1, 12):
            eventually(lambda number=number: hooks.state(name).failures >= number)  # type: ignore[misc]  # mypy sees no type of a default
            hooks.run(b"UPDATE webhooks SET failures = failures + 1")
            hooks.time_passes(0)
            if hooks.state(name).failures >= 10:
                break
        assert hooks.state(name).disabled_at is None
        hooks.time_passes(3)
        eventually(lambda: hooks.state(name).disabled_at)
        before = len(receiver.got)
        append(hooks, left(1))
        hooks.time_passes(0)
        time.sleep(1.5)
        assert len(receiver.got) == before
        state = hooks.state(name)
        assert state.disabled_by == "nothing has arrived for 3 days: it answered 503"
        assert state.waiting == 2
        receiver.answers = lambda _: 202
        assert hooks.retry(name) == 1
        eventually(lambda: hooks.state(name).waiting == 0)
    assert [told.disabled_by is None for told in hooks.told].count(False) == 1
    assert {got.event["subject"] for got in receiver.got[before:]} == {hooks.customer(0), hooks.customer(1)}


def test_one_poison_does_not_end_a_webhook(hooks: Hooks, receiver: Receiver) -> None:
    """What alone fails for three days is stuck, with what comes after it of that person; others are told as ever."""
    append(hooks, entered(1), entered(2))
    poison = hooks.customer(1)
    receiver.answers = lambda got: 400 if got.event["subject"] == poison else 200
    name, _ = hooks.add(receiver.url)
    with hooks.working():
        append(hooks, left(1), erased(1))
        eventually(lambda: hooks.state(name).failures)
        append(hooks, left(2))
        eventually(lambda: hooks.state(name).delivered == 1)
        hooks.run(b"UPDATE webhook_deliveries SET attempts = 9 WHERE failed_by IS NOT NULL")
        hooks.run(b"UPDATE webhook_deliveries SET failing_since = failing_since - interval '3 days', due_at = now()")
        eventually(lambda: hooks.state(name).stuck == 1)
        append(hooks, corrected(2))
        eventually(lambda: hooks.state(name).delivered == 2)
        state = hooks.state(name)
        assert (state.waiting, state.failures, state.disabled_at) == (2, 0, None)
        receiver.answers = lambda _: 200
        assert hooks.retry(name) == 2
        eventually(lambda: hooks.state(name).waiting == 0)
    assert [kind for subject, kind in receiver.told() if subject == poison][-2:] == [
        "pledger.opted_out.v1",
        "pledger.erased.v1",
    ]


def test_gone(hooks: Hooks, receiver: Receiver) -> None:
    """410 disables a webhook at once; an attempt that was under way and fails after it does not take it up."""
    append(hooks, entered(1), entered(2))
    last, let_go = hooks.customer(2), threading.Event()

    def answered(got: Got) -> int:
        if got.event["subject"] == last:
            let_go.wait(timeout=PATIENCE)
            return 500
        return 410

    receiver.answers = answered
    name, _ = hooks.add(receiver.url)
    append(hooks, left(1), left(2))
    with hooks.working():
        eventually(lambda: hooks.state(name).disabled_at)
        let_go.set()
        eventually(lambda: len(hooks.told) == 2)
        hooks.time_passes(0)
        time.sleep(1.5)
    assert len(receiver.got) == 2
    assert "410" in (hooks.state(name).disabled_by or "")


def test_a_redirect_is_not_followed(hooks: Hooks, receiver: Receiver) -> None:
    """A redirect is a failure, and where it leads nothing arrives."""
    elsewhere = Receiver()
    receiver.answers = lambda _: (307, {"location": elsewhere.url})
    name, _ = hooks.add(receiver.url)
    with hooks.working():
        append(hooks, entered(1), left(1))
        eventually(lambda: hooks.state(name).failures)
    elsewhere.close()
    assert hooks.state(name).failed_by == "it answered 307"
    assert elsewhere.got == []


def test_pauses_grow(hooks: Hooks, receiver: Receiver) -> None:
    """The first pause is 5 seconds, each twice as long as the last, up to an hour; Retry-After can make it longer."""
    wanted = {"retry-after": "0"}
    receiver.answers = lambda _: (429, wanted)
    name, _ = hooks.add(receiver.url)
    pauses = []
    append(hooks, entered(1), left(1))
    with hooks.working():
        for number in range(1, 5):
            eventually(lambda number=number: hooks.state(name).failures >= number)  # type: ignore[misc]  # as above
            if number == 3:
                wanted = {"retry-after": "600"}
            if number == 4:
                wanted = {"retry-after": "9999999"}
            ((pause,),) = hooks.run(b"SELECT extract(epoch FROM due_at - now())::int FROM webhook_deliveries")
            pauses.append(pause)
            hooks.time_passes(0)
    assert [round(pause / 5) * 5 for pause in pauses] == [5, 10, 20, 600]


@pytest.mark.slow
def test_slow_receivers_hold_up_nobody_else(hooks: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that takes the message and never answers keeps another from nothing, and is given up in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        name, _ = hooks.add(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        hooks.add(receiver.url)
        append(hooks, *(entered(number) for number in range(20)))
        monkeypatch.setattr(posting, "ATTEMPT_SECONDS", 60.0)
        with hooks.working():
            append(hooks, *(left(number) for number in range(20)))
            eventually(lambda: len(receiver.got) == 20)
        monkeypatch.setattr(posting, "ATTEMPT_SECONDS", 1.0)
        with hooks.working():
            eventually(lambda: hooks.state(name).failures)
        assert hooks.state(name).failed_by == "it did not answer in time"


def test_dribbled_and_broken_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that never ends, and one that is no HTTP, end the attempt, and say so in our own words."""
    monkeypatch.setattr(posting, "ATTEMPT_SECONDS", 1.0)
    for answer, why in (
        (b"HTTP/1.1 2", "it did not answer in time"),
        (b"hello\r\n\r\n", "its answer is not HTTP"),
    ):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answered(server: socket.socket = server, answer: bytes = answer) -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)
                    time.sleep(1.5)

            thread = threading.Thread(target=answered)
            thread.start()
            assert attempted(f"http://127.0.0.1:{server.getsockname()[1]}/") == why
            thread.join()


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        *((one, True) for one in ("93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822")),
        *(
            (one, False)
            for one in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1")
        ),
        *((one, False) for one in ("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "0.0.0.0", "192.0.2.1")),  # noqa: S104 - refused here
    ],
)
def test_private_addresses(address: str, is_public: bool) -> None:  # noqa: FBT001 - the expectation
    """A host in a private network is objected to, also where an IPv6 address leads into one."""
    assert (address_problem([address], allows_private=False) is None) is is_public
    if is_public:
        assert address_problem([address, "10.0.0.1"], allows_private=False)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%2", "::ffff:169.254.169.254", "224.0.0.1", "::"])
def test_addresses_that_are_never_sent_to(address: str) -> None:
    """Link-local, multicast and unspecified addresses are objected to even where private ones are meant."""
    assert address_problem([address], allows_private=True)


def test_a_name_that_has_moved_inside(hooks: Hooks, receiver: Receiver) -> None:
    """The address is looked at for each attempt: a name that has come to stand for this machine is not sent to."""
    name, _ = hooks.add(receiver.url)
    hooks.run(b"UPDATE webhooks SET allows_private = false")
    with hooks.working():
        append(hooks, entered(1), left(1))
        eventually(lambda: hooks.state(name).failures)
    assert hooks.state(name).failed_by == "its host has an address that is not public"
    assert receiver.got == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://shop.example/hook", "could read messages"),
        ("ftp://shop.example/", "https://"),
        ("shop.example/hook", "https://"),
        ("https:///hook", "https://"),
        ("https://user:marked@shop.example/", "a user or a password"),
        ("https://shop.example/#part", "after #"),
        ("https://shop.example/" + "x" * 2_000, "longer"),
        ("https://shop.example/ä", "cannot have"),
        ("https://[::1/", "not a URL"),
        ("https://shop.example:99999/", "port"),
        ("https://shop.example:0/", "port"),
    ],
)
def test_urls_that_are_refused(url: str, why: str) -> None:
    """A URL that would send in the clear, or is none, is refused, and nothing of it is repeated."""
    with pytest.raises(WebhookRefused, match=why) as refused:
        check_url(url, allows_http=False)
    assert "marked" not in str(refused.value)


def test_urls_that_are_taken() -> None:
    """HTTPS is taken anywhere; plain HTTP on this machine, or where it was said that it is meant."""
    for url in ("https://shop.example/hook?a=b", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"):
        assert str(check_url(url, allows_http=False)) == url
    check_url("http://shop.example/", allows_http=True)


def test_refused_when_it_is_made(hooks: Hooks, receiver: Receiver) -> None:
    """A private host, one that there is not, and a position that the log does not have, leave no webhook behind."""
    with pytest.raises(WebhookRefused, match="not public"):
        hooks.add(receiver.url, allows_private=False)
    with pytest.raises(WebhookRefused, match="no address"):
        hooks.add("https://nowhere.invalid/")
    with pytest.raises(PositionAhead):
        hooks.add(receiver.url, since=10**6)
    assert hooks.run(b"SELECT count(*) FROM webhooks") == [(0,)]
    assert hooks.run(b"SELECT count(*) FROM webhook_secrets") == [(0,)]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Return a receiver with a certificate for localhost alone, which this machine trusts."""
    key, made = certificate(tmp_path, x509.DNSName("localhost"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    it = Receiver(tls=context)
    try:
        yield it
    finally:
        it.close()


def test_the_certificate_is_the_names(tls: Receiver) -> None:
    """The name's own certificate is asked for, though its address is what is connected to."""
    assert ip_address("127.0.0.1").is_loopback
    assert attempted(f"https://localhost:{tls.port}/hooks") is None
    assert tls.got[0].headers["host"] == f"localhost:{tls.port}"
    assert attempted(tls.url) == "its certificate is not valid for it"
    assert len(tls.got) == 1


def test_a_certificate_that_nobody_vouches_for(tls: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown issuer's certificate is not taken."""
    monkeypatch.delenv("SSL_CERT_FILE")
    assert attempted(f"https://localhost:{tls.port}/") == "its certificate is not valid for it"
    assert tls.got == []


def test_removed_while_an_attempt_is_under_way(hooks: Hooks, receiver: Receiver) -> None:
    """A webhook that is removed meanwhile stays removed, with all that it waited for."""
    let_go = threading.Event()

    def slowly(_: Got) -> int:
        let_go.wait(timeout=PATIENCE)
        return 500

    receiver.answers = slowly
    name, _ = hooks.add(receiver.url, MessageKind.OPT_OUT)
    with hooks.working():
        append(hooks, entered(1), left(1))
        eventually(lambda: receiver.got)
        hooks.remove(name)
        let_go.set()
        eventually(lambda: hooks.told)
    for table in (b"webhooks", b"webhook_secrets", b"webhook_deliveries"):
        assert hooks.run(b"SELECT count(*) FROM " + table) == [(0,)]
