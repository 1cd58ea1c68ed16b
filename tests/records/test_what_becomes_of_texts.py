"""Where each text goes that a service can put into a fact: every field of every type, found in the models themselves.

A text is checked by a pattern that no address, number or sentence of somebody fits, or it is free. A free text of a
fact about a person is in no clear column of any event: it is sealed, or it is dropped. A new field is tried without
being listed here, and fails until it is checked or sealed.
"""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from adapters.contract import parse_fact
from adapters.keys.key_file import KeyFile
from adapters.keys.keyring import Keyring, StreamKey
from adapters.postgres.mapper import to_event, to_row
from domain.errors import MalformedFact, PledgerError
from domain.facts import SHAPES, CompanyFact, CustomerFact, Fact
from domain.facts.fields import Subject
from tests.controls import raw_example
from tests.examples import EXAMPLES
from tests.scenario import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = bytes(range(32))
KEYS: Final = Keyring(KeyFile(KEY), KEY)
CODES: Final = StreamKey.of(KEY)
PERSONAL: Final = ("quiz.ada@example.com", "Quiz Lovelace", "+31655519873", "quiz/17850123")
"""What a service could put into a text by mistake: an address, a name, a telephone number, a number of an order."""
NAMES: Final = ("customer:quiz17850", "order:quiz17850", "guest:quiz17850/1", "email:quiz.ada@example.com")
ITEM, KEY_OF, VALUE_OF = "*", "{key}", "{value}"

CLEAR: Final = {
    ("aggregate_released", "data.release"): "the name that somebody gave a table of counts, often of several words",
    ("policy_published", "data.digest"): "a digest of a text of the company's, which has digits",
    (
        "aggregate_released",
        "data.cells.*.where.{value}",
    ): "what a group has in common; a promise keeps groups large",
    ("cookie_set", "data.cookie"): "a token that the site chose; those of analytics services hold numbers of the site",
}
"""The free texts that stay in the clear, each with why: none is of a fact about a person."""


class Text(NamedTuple):
    """A text of a type of fact: the way to it, and whether it names somebody."""

    path: tuple[str, ...]
    is_name: bool


def texts_in(hint: Any, path: tuple[str, ...] = ()) -> Iterator[Text]:  # noqa: ANN401, C901 - one case a form
    """Yield every text in what an annotation describes; raise on an annotation that it cannot read."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from texts_in(inner[0], path)
    elif origin in {Union, UnionType}:
        for one in inner:
            yield from texts_in(one, path)
    elif origin is tuple:
        yield from texts_in(inner[0], (*path, ITEM))
    elif origin is dict:
        yield from texts_in(inner[0], (*path, KEY_OF))
        yield from texts_in(inner[1], (*path, VALUE_OF))
    elif hint is Subject or hint is str:
        yield Text(path, hint is Subject)
    elif origin is Literal or hint in {bool, int, datetime, NoneType}:
        return
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        for name, field in hint.model_fields.items():
            yield from texts_in(field.annotation, (*path, field.validation_alias or field.alias or name))  # type: ignore[arg-type]
    elif not (isinstance(hint, type) and issubclass(hint, Enum)):
        message = f"say what a {hint} in a fact becomes"
        raise TypeError(message)


def _texts() -> list[tuple[str, Text]]:
    """Return every text of every type of fact, those of the envelope among them."""
    found = dict.fromkeys(
        (type_name.split(".")[1], text)
        for type_name, (kind, shape) in SHAPES.items()
        for model, path in ((kind, ()), (shape, ("data",)))
        for text in texts_in(model, path)
        if text.path not in {("type",), ("data",)}
    )
    return [*found, *((word, Text((one,), is_name=False)) for word in EXAMPLES for one in ("dataschema", "tenant"))]


TEXTS: Final = _texts()


def put(value: Any, path: tuple[str, ...], text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a JSON value with a text at a path of it."""
    if not path:
        return text
    step, rest = path[0], path[1:]
    if step == ITEM:
        if not isinstance(value, list):  # One citation may stand without a list.
            return put(value, rest, text)
        # Of the forms of an item, the one that has such fields.
        at = next(index for index, one in enumerate(value) if isinstance(one, dict) == bool(rest))
        return [*value[:at], put(value[at], rest, text), *value[at + 1 :]]
    if step in {KEY_OF, VALUE_OF}:
        first = next(iter(value))
        return {**value, first: text} if step == VALUE_OF else {text: value[first]}
    return {**value, step: put(value.get(step), rest, text)}


def accepted(word: str, text: Text, probe: str, **changes: Any) -> Fact | None:  # noqa: ANN401
    """Return the example of a type with a text in one of its fields; None: it is refused."""
    raw = put(copy.deepcopy(raw_example(word, **changes)), text.path, probe)
    try:
        return parse_fact(json.dumps(raw))
    except MalformedFact as error:
        if probe in PERSONAL and probe in str(error):
            raise
        return None


def shop() -> Shop:
    """Return a shop whose references have keyed codes, as in a ledger."""
    made = Shop()
    made.store.code = lambda stream, reference: CODES.code(reference)  # type: ignore[method-assign]  # noqa: ARG005
    return made


def shop_with_a_past() -> Shop:
    """Return a shop that was told of one person all that there is to tell."""
    return shop().given(*(parse_fact(raw_example(word)) for word in EXAMPLES if word not in {"erasure", "unlink"}))


def told(fact: Fact, *shops: Shop) -> Iterator[tuple[str, str]]:
    """Yield the clear columns of each row that a fact makes, and all that its opened event holds."""
    for one in shops:
        try:
            made = one.when(fact).events
        except PledgerError:  # Not stored; such as a method of verification that the policy does not list.
            continue
        for event in made:
            row = to_row(event, KEY, KEYS.source_code)
            clear = f"{row.topic} {row.actor} {row.source} {row.policy} {row.data}"
            yield clear, str(to_event(row, KEY).model_dump())


def forms(text: str) -> set[str]:
    """Return a text as it is, as JSON has it, without a kind before it, and as digests without a key."""
    whole = {text, json.dumps(text)[1:-1], text.partition(":")[2] or text}
    return whole | {hashlib.new(name, one.encode()).hexdigest() for name in ("md5", "sha1", "sha256") for one in whole}


def test_the_models_are_walked() -> None:
    """The walk finds the fields of the envelope, of data, of lists, of mappings and of what is inside them."""
    found = {(word, ".".join(text.path)) for word, text in TEXTS}
    assert {
        ("collection", "id"),
        ("collection", "source"),
        ("collection", "subject"),
        ("collection", "traceparent"),
        ("collection", "data.correlation"),
        ("collection", "data.values.{value}"),
        ("collection", "data.also.*.evidence"),
        ("share", "data.relying_on.*.reference"),
        ("entry_correction", "data.entry.source"),
        ("link", "data.with"),
        ("aggregate_released", "data.cells.*.where.{key}"),
        ("cookie_set", "subject"),
    } <= found
    assert len(TEXTS) > 500
    with pytest.raises(TypeError, match="say what"):
        list(texts_in(set[str]))


@pytest.mark.parametrize("word", EXAMPLES)
def test_a_free_text_is_in_no_clear_column(word: str) -> None:
    """Each free text of a type is sealed or dropped, whether or not much was told before; what is clear is listed."""
    found, past = {}, shop_with_a_past()
    for text in (text for own, text in TEXTS if own == word):
        tried: set[str] = set()
        for probe in NAMES if text.is_name else PERSONAL:
            for mode in ("record", "enforce"):
                fact = accepted(word, text, probe, mode=mode)
                # One that is about nobody has no subject.
                if fact is None or (isinstance(fact, CompanyFact) and text.path == ("subject",)):
                    continue
                if any(form in clear for clear, _ in told(fact, shop(), past) for form in forms(probe)):
                    found[word, ".".join(text.path)] = text
                tried.add(mode)
            if tried and not text.is_name and text.path[-1] not in {"source", VALUE_OF}:
                break  # What becomes of any other free text does not depend on what it says.
    assert found.keys() == {place for place in CLEAR if place[0] == word}
    assert not found or SHAPES[f"pledger.{word}.v1"][0] is not CustomerFact


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("collection", ("source",)),
        ("collection", ("data", "reference")),
        ("collection", ("data", "values", VALUE_OF)),
        ("site_reviewed", ("source",)),
        ("incident", ("data", "incident")),
    ],
)
def test_what_is_sealed_is_there_with_the_key(word: str, path: tuple[str, ...]) -> None:
    """The search would find what it looks for: a sealed text is in the opened event."""
    fact = accepted(word, Text(path, is_name=False), PERSONAL[0])
    assert fact is not None
    assert any(PERSONAL[0] in opened for _, opened in told(fact, shop()))


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("collection", "collection_point"),
        ("collection", "notice"),
        ("share", "purpose"),
        ("share", "recipient"),
        ("notice_posted", "location"),
        ("notice_posted", "version"),
        ("policy_published", "version"),
        ("collection_point_registered", "collection_point"),
        ("recipient_registered", "group"),
        ("cookie_set", "area"),
        ("signal", "value"),
    ],
)
def test_what_stays_clear_takes_codes_only(word: str, field: str) -> None:
    """A code that judging needs in the clear takes no address, name or number, and the answer does not repeat it."""
    for probe in (*PERSONAL, "Quiz", "") if field in {"purpose", "area"} else PERSONAL:
        assert accepted(word, Text(("data", field), is_name=False), probe) is None


@pytest.mark.parametrize(
    "code",
    [
        *("checkout", "contest-form", "account_page", "homepage", "2016-03-14", "Checkout", "/account/new", "v2.1"),
        *("https://shop.example/contest", "till:3", "7", "2016", "a" * 64, "1234a1234"),
    ],
)
def test_codes_of_every_day_are_taken(code: str) -> None:
    """Collection points and versions as companies name them are codes."""
    for field in ("collection_point", "notice"):
        assert accepted("collection", Text(("data", field), is_name=False), code)


@pytest.mark.parametrize("text", ["", "a b", "a@b", "12345", "a12345b", "-a", "a" * 65, "café", "a\n", "a+b", "a?b=1"])
def test_other_texts_are_no_codes(text: str) -> None:
    """Blanks, addresses, long numbers and long texts are not."""
    for field in ("collection_point", "notice"):
        assert accepted("collection", Text(("data", field), is_name=False), text) is None


@pytest.mark.parametrize("source", ["/checkout", "https://shop.example/checkout", "urn:example:mail", "/import/orders"])
def test_a_plain_source_stands_as_it_is(source: str) -> None:
    """The sources of every day can be read without a key: alarms and counts name them."""
    assert KEYS.source_code(source) == source


@pytest.mark.parametrize("source", ["/u/quiz@example.com", "/orders/1785012", "/Quiz", "urn:uuid:8d3c", "~" + "0" * 32])
def test_another_source_is_a_digest(source: str) -> None:
    """Any other source is taken, and a digest under the ledger's own key stands for it, the same for every fact."""
    code = KEYS.source_code(source)
    assert source == "urn:uuid:8d3c" or code == Keyring(KeyFile(KEY), KEY).source_code(source) != source
    assert code != Keyring(KeyFile(KEY), bytes(32)).source_code(source) or code == source
    assert KEYS.source_asked(code) == code
