"""More than ten thousand bad inputs: each is answered with a 4xx that says what is wrong, and repeats nothing of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest

from adapters.api_keys.roles import APPENDS, Role
from adapters.http.backpressure import BATCH_MAX
from domain.facts import SHAPES
from tests.controls import raw_example
from tests.examples import EXAMPLES, MARK
from tests.hardening.malformed import Spoiled, spoiled_facts
from tests.http.conftest import app, client, key, service
from tests.reading import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from adapters.bootstrap import Installation

__all__ = ["app", "client", "key", "service"]
LEAST = 10_000
ALONE = 12
"""Every so many-th spoiled fact goes alone, the others in batches."""
SINGLE = {"Content-Type": "application/cloudevents+json"}
PLAIN = {"Content-Type": "application/json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class Bad(NamedTuple):
    """A request that is wrong as a whole, and what it is answered with; `where`: what it is to name, if anything."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 422
    where: str | None = None


@pytest.mark.slow
def test_each_is_answered(client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation) -> None:
    """Facts spoiled in one place, texts that are not facts and bad requests get an error each; none is stored."""
    before, headers = size_of(installation), key()
    facts = list(spoiled_facts())
    alone, together = facts[::ALONE], [fact for number, fact in enumerate(facts) if number % ALONE]
    kinds = (_no_json(), _binary(), _batches(), _other_media(), _questions(key))
    requests = {repr(bad): bad for kind in kinds for bad in kind}.values()  # No two alike.
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda fact: _check_fact(fact, _send_fact(client, headers, fact)), alone))
        list(threads.map(lambda bad: _check_request(client, headers, bad), requests))
    for start in range(0, len(together), BATCH_MAX):
        batch = together[start : start + BATCH_MAX]
        body = "[" + ",".join(fact.text for fact in batch) + "]"
        told = client.post("/v1/events", content=body, headers={**headers, **BATCH})
        assert told.status_code == 200, told.text
        for fact, one in zip(batch, told.json()["answers"], strict=True):
            assert one["status"] == one["problem"]["status"]
            _check_fact(fact, one["problem"])
    print(  # noqa: T201 - for whoever runs it
        f"{len(facts) + len(requests):,} bad inputs: {len(facts):,} spoiled facts, {len(alone):,} of them alone, "
        f"and {len(requests):,} requests"
    )
    assert len({fact.text for fact in facts}) == len(facts)
    assert len(facts) + len(requests) >= LEAST
    assert {f"pledger.{word}.v1" for word in EXAMPLES} == set(SHAPES)
    assert size_of(installation) == before


def _send_fact(client: httpx.Client, headers: dict[str, str], fact: Spoiled) -> dict[str, Any]:
    path = "/v1/decisions" if len(fact.text) % 2 else "/v1/events"
    told = client.post(path, content=fact.text, headers={**headers, **SINGLE})
    assert told.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = told.json()
    assert told.status_code == problem["status"]
    return problem


def _check_fact(fact: Spoiled, problem: dict[str, Any]) -> None:
    """Assert that a problem names the field that is wrong, and no other."""
    _check(problem, 422)
    assert problem["code"] == "malformed_fact"
    named = [one["where"] for one in problem["errors"]]
    assert named, fact
    assert all(where == fact.where or where.startswith(f"{fact.where}.") for where in named), (fact, problem)


def _check_request(client: httpx.Client, headers: dict[str, str], bad: Bad) -> None:
    told = client.post(bad.path, content=bad.body, headers={**headers, **bad.headers})
    assert told.headers["content-type"] == "application/problem+json", (bad, told.text)
    assert told.status_code == bad.status, (bad, told.text)
    problem = told.json()
    _check(problem, bad.status)
    if bad.where is not None:
        assert bad.where in {one["where"] for one in problem.get("errors", ())}, (bad, problem)


def _check(problem: dict[str, Any], status: int) -> None:
    """Assert that a problem says what happened, why and what to do, and repeats nothing."""
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{problem['code']}"
    assert all(problem[name].strip() for name in ("code", "title", "detail", "hint"))
    assert all(one["what"].strip() for one in problem.get("errors", ()))
    assert MARK not in json.dumps(problem), problem


def _no_json() -> Iterator[Bad]:
    """Return texts that are not facts: cut, gone on, of half characters, of other bytes, too deep, too long."""
    for word in EXAMPLES:
        text = json.dumps(raw_example(word, correlation=MARK)).encode()
        mark, end = MARK.encode(), len(text)
        for body in (
            *(text[: end * part // 8] for part in range(8)),
            *(text + after for after in (b"x", b"}", b"{}", text, mark, b"\x00", b",")),
            *(before + text for before in (b"\xef\xbb\xbf", b"\x00", b"x", mark, b"[", b'"')),
            *(
                text.replace(mark, other)
                for other in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\udc00x", b"\x00")
            ),
            *(text.replace(mark, other) for other in (b"\n", b"\\x", b'"', b"\\", b"\\u12")),
            *(text.decode().encode(encoding) for encoding in ("utf-16", "utf-32-le")),
            text.replace(b'"data": {', b'"data": {"deep": ' + b"[" * 5_000),
            text.replace(b'"data": {', b'"data": {"long": "' + b"a" * 270_000 + b'", '),
            text.replace(b'"', b"'"),
        ):
            yield Bad("/v1/events", SINGLE, body, where="")
    for body in (b"", b"null", b"true", b"7", b"-", b"1e999", b'"' + mark + b'"', b"[]", b"[[]]", b"NaN", b"<a/>"):
        yield Bad("/v1/events", SINGLE, body, where="")
        yield Bad("/v1/decisions", SINGLE, body, where="")
    for number in (b"9" * 5_000, b"-" + b"9" * 5_000, b"1" + b"0" * 100_000):
        fact = json.dumps(raw_example("age_learned")).encode().replace(b'"under": 13', b'"under": ' + number)
        yield Bad("/v1/events", SINGLE, fact)


def _binary() -> Iterator[Bad]:
    """Return facts whose attributes are headers, with one of those wrong."""
    for word in EXAMPLES:
        fact = raw_example(word)
        body = json.dumps(fact.pop("data")).encode()
        good = {f"ce-{name}": quote(value) for name, value in fact.items() if name != "datacontenttype"}
        wrong = [
            *(("specversion", value) for value in ("1", "2.0", MARK, "")),
            *(("time", value) for value in (MARK, "2016-04-02", "1459592100", "")),
            *(("type", value) for value in (MARK, "pledger.use.v2", "")),
            *(("source", value) for value in ("", "a%20b", "a" * 256, "%00")),
            *(("id", value) for value in ("", "%00", "a" * 256)),
            *(("subject", value) for value in (MARK, "", f"nobody%3A{MARK}", "customer%3A")),
            *((name, MARK) for name in ("un-heard-of", "data-base64", "data")),
            *((name, "%FF%FE") for name in ("subject", "id", "partitionkey")),
            ("datacontenttype", "text/plain"),
        ]
        for name, value in wrong:
            yield Bad("/v1/events", {**PLAIN, **good, f"ce-{name}": value}, body, where=name)
        for name in ("id", "source", "time", "type"):
            rest = {header: value for header, value in good.items() if header != f"ce-{name}"}
            yield Bad("/v1/events", {**PLAIN, **rest}, body, where=name)
        for no_data in (b"", b"{", b"[" * 5_000, MARK.encode(), b"\xff"):
            yield Bad("/v1/events", {**PLAIN, **good}, no_data, where="data")
        yield Bad("/v1/events", {**SINGLE, **good}, body, where="type")  # The media type says that all is in the body.
        for media in ("text/plain", "application/xml", "application/json; charset=utf-16", "image/png", MARK):
            yield Bad("/v1/events", {**good, "Content-Type": media}, body, 415)


def _batches() -> Iterator[Bad]:
    """Return batches that cannot be taken apart."""
    fact = json.dumps(raw_example("opt_out"))
    for number in range(40):
        before = "[" + f"{fact}," * number
        for after, where in (
            ("", f"[{number}]"),
            ("]", f"[{number}]" if number else None),
            (f"{fact} {fact}]", f"[{number}]"),
            (f"{fact}", f"[{number}]"),
            (f"{fact}]{MARK}", ""),
            (f"{fact}]]", ""),
            (f"{fact},]", f"[{number + 1}]"),
            (f"{fact[:-1]}]", f"[{number}]"),
            (f'{{"{MARK}": }}]', f"[{number}]"),
            ("[" * 5_000, f"[{number}]"),
            (f"{fact};{fact}]", f"[{number}]"),
        ):
            if where is not None:
                yield Bad("/v1/events", BATCH, f"{before}{after}".encode(), where=where)
    for body in (b"", b"{}", fact.encode(), b"null", MARK.encode(), b"[\xff]", b"]", b"[1]\xff", b"\xef\xbb\xbf[]"):
        yield Bad("/v1/events", BATCH, body, where="")
    yield Bad("/v1/events", BATCH, b"[" + b"1," * BATCH_MAX + b"1]")
    yield Bad("/v1/decisions", BATCH, b"[1]")


def _other_media() -> Iterator[Bad]:
    """Return good facts under names that are not theirs."""
    for word in EXAMPLES:
        body = json.dumps(raw_example(word)).encode()
        for media in (
            *("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
            *("application/ld+json", "application/cloudevents+xml", "json", "*/*", MARK, f"{MARK}/{MARK}", ""),
        ):
            for path in ("/v1/events", "/v1/decisions"):
                yield Bad(path, {"Content-Type": media}, body, 415)


def _questions(key: Callable[..., dict[str, str]]) -> Iterator[Bad]:
    """Return unknown keys, unknown paths, and a path with a method that it does not have."""
    body = json.dumps(raw_example("opt_out")).encode()
    for number, told in enumerate((MARK, f"Bearer {MARK}", "Bearer", "Basic x", "Bearer plk_00000000_" + "A" * 43, "")):
        yield Bad("/v1/events", {"Authorization": told}, body, 401)
        yield Bad(f"/v1/{MARK}/{number}", {}, body, 404)
        yield Bad(f"/metrics?{MARK}={number}", {}, body, 405)
    for role in (Role.AUDITOR, Role.OPERATOR):
        yield Bad("/v1/events", {**key(role), **SINGLE}, body, 403)


@pytest.mark.parametrize("role", [Role.SERVICE, Role.OFFICER, Role.ADMIN])
def test_facts_of_others(client: httpx.Client, key: Callable[..., dict[str, str]], role: Role) -> None:
    """A good fact outside of a role's scope is answered with the field that shows it."""
    for word in EXAMPLES:
        told = client.post("/v1/events", json=raw_example(word), headers=key(role))
        assert told.status_code < 500
        is_of_people = word == "entry_correction" and role is Role.ADMIN
        is_outside = is_of_people or f"pledger.{word}.v1" not in APPENDS[role]
        assert (told.json().get("code") == "outside_of_scope") is is_outside
        if told.status_code == 403:
            _check(told.json(), 403)
            where = [one["where"] for one in told.json().get("errors", [])]
            assert where == (
                ["subject" if is_of_people else "type"] if told.json()["code"] == "outside_of_scope" else []
            )
