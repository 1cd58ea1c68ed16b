"""Whatever breaks the contract is refused with every problem, and no value that was sent is repeated."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from adapters.contract import parse_fact
from domain.errors import MalformedFact
from domain.facts import FACT_BYTES_MAX
from tests.controls import raw_example
from tests.examples import MARK


def problems(raw: object) -> dict[str, str]:
    """Return what is wrong with a fact, by place; fail if nothing is, or if the answer repeats a marked value."""
    with pytest.raises(MalformedFact) as caught:
        parse_fact(raw)  # type: ignore[arg-type]
    assert caught.value.problems
    assert MARK not in str(caught.value)
    assert MARK not in repr(caught.value.problems)
    return {problem.where: problem.what for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("word", "changes", "where"),
    [
        ("collection", {"act": MARK}, "data.act"),
        ("enrollment", {"program": MARK}, "data.program"),
        ("enrollment", {"cause": MARK}, "data.cause"),
        ("opt_out", {"via": MARK}, "data.via"),
        ("share", {"kind": MARK}, "data.kind"),
        ("share", {"categories": [f"user.{MARK}"]}, "data.categories.0"),
        ("share", {"categories": ["user.contact.emails"]}, "data.categories.0"),
        ("share", {"categories": []}, "data.categories"),
        ("share", {"relying_on": {"act": MARK, "reference": MARK}}, "data.relying_on.0.act"),
        ("share", {"relying_on": {"act": "order"}}, "data.relying_on.0.reference"),
        ("share", {"relying_on": MARK}, "data.relying_on.0"),
        ("message", {"channel": MARK}, "data.channel"),
        ("message", {"unsubscribe_link": "yes"}, "data.unsubscribe_link"),
        ("message", {"queued_at": "2016-04-01T00:00:00"}, "data.queued_at"),
        ("collection", {"requests": [MARK]}, "data.requests.0"),
        ("collection", {"values": {}}, "data.values"),
        ("collection", {"values": {"user.name": 7}}, "data.values.user.name"),
        ("collection", {"source": "visitor:abc"}, "data.source"),
        ("collection", {"reference": "x" * 256}, "data.reference"),
        ("collection", {"reference": ""}, "data.reference"),
        ("correction", {"value": MARK * 20_000}, "data.value"),
        ("age_learned", {"under": 12}, "data.under"),
        ("age_learned", {"under": 13.0}, "data.under"),
        ("aggregate_released", {"cells": [{"where": {"c": MARK}, "count": 1.5}]}, "data.cells.0.count"),
        ("aggregate_released", {"cells": [{"where": {"c": MARK}, "count": -1}]}, "data.cells.0.count"),
        ("aggregate_released", {"cells": [{"where": {"c": MARK}, "count": 2**63}]}, "data.cells.0.count"),
        ("aggregate_released", {"cells": [{"where": {"c": MARK}, "count": True}]}, "data.cells.0.count"),
        ("recipient_registered", {"roles": [MARK]}, "data.roles.0"),
        ("security_attested", {"kind": MARK}, "data.kind"),
        ("signal", {"signal": MARK}, "data.signal"),
        ("cookie_set", {"area": f"/account?of={MARK}"}, "data.area"),
        ("entry_correction", {"entry": MARK}, "data.entry"),
        ("entry_correction", {"entry": {"source": "/a b", "id": "1"}}, "data.entry.source"),
        ("opt_out", {"mode": MARK}, "data.mode"),
        ("opt_out", {"also": ["visitor:abc"]}, "data.also.0"),
        ("opt_out", {"also": [f"order:{MARK}"]}, "data.also.0"),
        ("opt_out", {"also": [{"name": f"order:{MARK}"}]}, "data.also.0.verified"),
        ("opt_out", {"also": [{"name": "visitor:abc", "verified": "login"}]}, "data.also.0.name"),
        ("opt_out", {"also": [f"email:{MARK}@example.com"] * 33}, "data.also"),
        ("opt_out", {"shoe_size": MARK}, "data.shoe_size"),
        ("opt_out", {f"{MARK} key with spaces": 1}, "data.(a key that is not shown)"),
        ("incident", {"also": ["customer:1"]}, "data.also"),
    ],
)
def test_data(word: str, changes: dict[str, Any], where: str) -> None:
    """Each refusal names the place of the problem, and the value in it stays unsaid."""
    assert where in problems(raw_example(word, **changes))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"type": f"pledger.{MARK}.v1"}, "type"),
        ({"type": "pledger.opt_out.v2"}, "type"),
        ({"type": None}, "type"),
        ({"type": ["pledger.opt_out.v1"]}, "type"),
        ({"specversion": "0.3"}, "specversion"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"source": ""}, "source"),
        ({"source": "/two words"}, "source"),
        ({"shoe_size": 1}, "shoe_size"),
        ({"time": "2016-04-02T10:15:00"}, "time"),
        ({"time": "2016-04-02"}, "time"),
        ({"time": 1_459_592_100}, "time"),
        ({"time": "1459592100"}, "time"),
        ({"time": "2016-02-30T10:15:00Z"}, "time"),
        ({"time": "2016-04-02T10:15:00+25:00"}, "time"),
        ({"time": "0001-01-01T00:00:00+10:00"}, "time"),
        ({"time": None}, "time"),
        ({"data": None}, "data"),
        ({"data": [1]}, "data"),
        ({"subject": "visitor:abc"}, "subject"),
        ({"subject": f"person:{MARK}"}, "subject"),
        ({"subject": MARK}, "subject"),
        ({"subject": "customer:"}, "subject"),
        ({"subject": "customer:   "}, "subject"),
        ({"subject": f"customer: {MARK}"}, "subject"),
        ({"subject": f"customer:{MARK} "}, "subject"),
        ({"subject": f"order:\t{MARK}"}, "subject"),
        ({"subject": f"guest:{MARK}\u00a0"}, "subject"),
        ({"subject": f"email:{MARK}"}, "subject"),
        ({"subject": f"customer:{MARK}\x00"}, "subject"),
        ({"subject": "customer:" + "x" * 600}, "subject"),
        ({"subject": ["customer", MARK]}, "subject"),
        ({"subject": {"kind": "customer", "value": MARK}}, "subject"),
        ({"subject": 7}, "subject"),
        ({"subject": None}, "subject"),
    ],
)
def test_envelope(changes: dict[str, Any], where: str) -> None:
    """Each part of the envelope is checked, and named when it is wrong."""
    assert where in problems(raw_example("opt_out") | changes)


def test_subject_and_stream_go_together() -> None:
    """A fact about the company names nobody, one about a browser no customer, one about a customer somebody."""
    assert "subject" in problems(raw_example("incident") | {"subject": "customer:1"})
    assert "subject" in problems(raw_example("signal") | {"subject": "customer:1"})
    without = raw_example("opt_out")
    del without["subject"]
    assert problems(without) == {"subject": "is missing"}


def test_fields_that_do_not_go_together() -> None:
    """A buyer goes with a gift only, and requests with a registration only."""
    assert problems(raw_example("collection", act="order"))
    assert problems(raw_example("collection", act="gift", requests=["catalog"]))


def test_everything_is_listed_at_once() -> None:
    """One answer names all that is wrong, in the envelope and in the data."""
    raw = raw_example("share", kind=MARK, recipient="", categories=["user.shoe_size"], shoe_size=43)
    found = problems(raw | {"time": "yesterday", "subject": MARK, "source": ""})
    assert set(found) >= {
        *("time", "subject", "source"),
        *("data.kind", "data.recipient", "data.categories.0", "data.shoe_size"),
    }


@pytest.mark.parametrize("word", ["collection", "use", "opt_out", "incident", "signal"])
def test_no_string_holds_nul(word: str) -> None:
    """A NUL is refused wherever a string stands, in keys of free maps too."""
    text = json.dumps(raw_example(word))
    assert problems(text.replace(f"example-{word}", "a\\u0000b"))
    for changes in ({"correlation": "\x00"}, {"causation": "a\x00"}):
        assert problems(raw_example(word, **changes))
    assert problems(raw_example("collection", values={"user.name": f"{MARK}\x00"}))
    assert problems(raw_example("aggregate_released", cells=[{"where": {"\x00": "a"}, "count": 1}]))


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00x", "\\ud800\\ud800"])
def test_lone_surrogates(escape: str) -> None:
    """Half a character is refused, escaped in text, raw in text, or inside a mapping."""
    assert problems(json.dumps(raw_example("opt_out")).replace("example-opt_out", escape))
    assert problems(json.dumps(raw_example("opt_out"), ensure_ascii=False).replace("example-opt_out", "\ud800"))
    assert problems(raw_example("opt_out", correlation="\udfff"))


def test_whole_characters_are_fine() -> None:
    """A character outside the first plane, as a pair of escapes or as itself, is one character."""
    for name in ("Zoë 💍", "Ada 🎁"):
        raw = raw_example("correction", value=name)
        assert parse_fact(json.dumps(raw)).content() == parse_fact(raw).content()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1.0", "1e2", "9" * 5000])
def test_numbers_are_whole(number: str) -> None:
    """What is not a whole number of 64 bits is no count, however JSON writers spell it."""
    raw = raw_example("aggregate_released", cells=[{"where": {"c": "x"}, "count": "@"}])
    assert problems(json.dumps(raw).replace('"@"', number))
    assert problems(json.dumps(raw_example("signal", value="@")).replace('"@"', number))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"text"',
        "{}",
        "\ufeff{}",
        "[" * 100_000,
        '{"type":' * 50_000,
        b"\xff\xfe",
        b"{\x00}",
    ],
)
def test_what_is_no_fact_at_all(text: str | bytes) -> None:
    """Texts that are no JSON object, or too deep, are refused like anything else."""
    assert problems(text)


def test_too_long() -> None:
    """A fact over the limit is refused by its length alone; one at the limit is not."""
    assert "bytes long" in problems("x" * (FACT_BYTES_MAX + 1))[""]
    text = json.dumps(raw_example("opt_out"))
    parse_fact(text + " " * (FACT_BYTES_MAX - len(text)))
    assert "bytes long" in problems(text + " " * (FACT_BYTES_MAX + 1 - len(text)))[""]


def _circular() -> dict[str, Any]:
    raw = raw_example("opt_out")
    raw["data"]["correlation"] = raw
    return raw


def _deep() -> dict[str, Any]:
    inner: list[Any] = []
    for _ in range(100_000):
        inner = [inner]
    return raw_example("opt_out", correlation=inner)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        [],
        object(),
        bytearray(b"{}"),
        {1: 2},
        {b"type": b"x"},
        {"type": object()},
        {"type": {"pledger.opt_out.v1"}},
        {("type",): 1},
        MappingProxyType({"type": "x"}),
        raw_example("opt_out", correlation=float("nan")),
        raw_example("opt_out", correlation=b"bytes"),
        raw_example("opt_out", correlation=10**5000),
        _circular(),
        _deep(),
    ],
    ids=lambda raw: type(raw).__name__,
)
def test_odd_python_values(raw: object) -> None:
    """A mapping that holds what JSON does not have is refused, and raises nothing else."""
    assert problems(raw)
