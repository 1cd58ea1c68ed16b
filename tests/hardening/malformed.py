"""Good facts of every type, each spoiled in one place, made from the contract's own shapes.

The facts are the same in each run, in the same order, and no two are alike; each names the field that is wrong with it.
A wrong text holds `MARK`, so that a test can search an answer for it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.facts import SHAPES, CompanyFact, VisitorFact
from domain.facts.fields import SUBJECT_MAX
from tests.controls import raw_example
from tests.examples import EXAMPLES, MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from domain.facts import Fact

    Path = tuple[str | int, ...]
    Schema = Mapping[str, Any]


class Spoiled(NamedTuple):
    """A fact as JSON, and the dotted path of the field at fault."""

    text: str
    where: str


UNKNOWN: Final = "unheard_of"
_REMOVED: Final = object()
_HUGE: Final = 10**400
_DEEP: Final[Any] = json.loads("[" * 150 + f'"{MARK}"' + "]" * 150)
_OF_KIND: Final[Mapping[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, -7, 13, 2**53, _HUGE),
    "number": (1.5, -0.25, 1e300),
    "string": (MARK, f"{MARK} Ada", f"{MARK}@example.org", "true", "13", "null"),
    "array": ([], [MARK], [[MARK]], [{"a": MARK}], [None], _DEEP),
    "object": ({}, {UNKNOWN: MARK}, {"": MARK}, {f"{MARK}@example.org": 1}),
}
"""Values of each kind that JSON has; a field is wrong with those of every kind that is not its own."""
_TIMES: Final = (
    *("2016-04-02", "2016-04-02T10:15:00", "2016-04-02T25:15:00Z", "2016-13-02T10:15:00Z", "2016-02-30T10:15:00Z"),
    *("1459592100", "2016-04-02T10:15:00+99:00", "0001-01-01T00:00:00+14:00", f"2016-04-02T10:15:00Z {MARK}"),
    *("0001-01-01T00:00:00Z", "2016-04-02T24:00:00Z", "2016-04-02T10:15:60Z", "2016-04-02T23:59:61Z"),
    *("2016-04-02T10:15Z", "20160402T101500Z", f"{MARK}-04-02T10:15:00Z", "", "\x00", "2016-04-02T10:15:00Z\x00"),
)
_NAMES: Final = (
    *("", ":", "customer:", "customer: ", f"customer{MARK}", f"nobody:{MARK}", f"Customer:{MARK}", f"email:{MARK}"),
    *(f" customer:{MARK}", f"customer:{MARK}\x00", "order:" + MARK * SUBJECT_MAX),
)


_NAME: Final = re.compile(r"[\w.]+")
_A_NAME: Final[Schema] = {"type": "string", "format": "name"}


def spoiled_facts() -> Iterator[Spoiled]:
    """Return every type's example with one thing wrong in it."""
    seen = set()
    for word in EXAMPLES:
        good = raw_example(word)
        kind, data = SHAPES[good["type"]]
        schema = data.model_json_schema()
        inside = ((("data", *path), value) for path, value in _inside(schema, schema.get("$defs", {}), good["data"]))
        for path, value in (*_envelope(kind), *((("data",), value) for value in _wrong([schema])), *inside):
            is_others = value is _REMOVED or value is None or value == "visitor:1"
            if word == "entry_correction" and path == ("subject",) and is_others:
                continue  # It is about the company then, or about a browser.
            spoiled = _spoiled(good, path, value)
            if spoiled.text not in seen:
                seen.add(spoiled.text)
                yield spoiled


def _spoiled(good: Mapping[str, Any], path: Path, value: object) -> Spoiled:
    copy = json.loads(json.dumps(good))
    place = copy
    for step in path[:-1]:
        place = place[step]
    if value is _REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    shown = (str(step) if _NAME.fullmatch(str(step)) else "(a key that is not shown)" for step in path)
    return Spoiled(json.dumps(copy), ".".join(shown))


def _envelope(kind: type[Fact]) -> Iterator[tuple[Path, object]]:
    """Return the ways to spoil what all facts have, each a path and what stands there instead."""
    word = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "x00"}
    for field, schema in (
        ("id", word),
        ("source", {**word, "pattern": r"x00\s"}),
        ("specversion", {"type": "string", "enum": ["1.0"]}),
        ("type", {"type": "string", "enum": list(SHAPES)}),
        ("time", {"type": "string", "format": "date-time"}),
    ):
        yield from (((field,), value) for value in _wrong([schema]))
    yield from (((field,), _REMOVED) for field in ("id", "source", "type", "time", "data"))
    yield from (((field,), MARK) for field in (UNKNOWN, "data_base64", "Data", f"{MARK} x", "Partition"))
    for field in ("dataschema", "partitionkey", "traceparent"):
        yield from (((field,), value) for value in ([MARK], {MARK: 1}, 1.5, 2**31, _HUGE, f"{MARK}\x00"))
    yield from ((("dataschema",), value) for value in ("", 7, True))
    yield from (
        (("datacontenttype",), value)
        for value in (
            7,
            True,
            [MARK],
            "",
            MARK,
            "text/plain",
            "application/xml; x=json",
            "application/json; charset=latin1",
        )
    )
    if issubclass(kind, CompanyFact):
        subjects: Iterable[object] = ("customer:1", "visitor:1", f"email:{MARK}@example.org", 1, {})
    else:
        subjects = (_REMOVED, "customer:1" if issubclass(kind, VisitorFact) else "visitor:1", *_wrong([_A_NAME]))
    yield from ((("subject",), value) for value in subjects)


def _inside(schema: Schema, shared: Mapping[str, Schema], good: Any) -> Iterator[tuple[Path, object]]:  # noqa: ANN401 - any JSON
    """Return the ways to spoil what is inside of a good value that a schema describes."""
    if isinstance(good, dict) and "properties" in schema:
        yield (UNKNOWN,), MARK
        for field, inner in schema["properties"].items():
            if field in schema.get("required", ()):
                yield (field,), _REMOVED
            yield from _at(field, inner, shared, good.get(field))
    elif isinstance(good, dict):
        first = next(iter(good))
        values = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        yield from _at(first, values, shared, good[first])
        if "enum" in schema["propertyNames"]:
            yield from (
                ((key,), MARK)
                for key in ("user.unheard_of", "system", "User.name", "user.", "user name", f"{MARK}@example.org")
            )
    elif isinstance(good, list) and good:
        yield from _at(0, schema["items"], shared, good[0])


def _at(step: str | int, schema: Schema, shared: Mapping[str, Schema], good: Any) -> Iterator[tuple[Path, object]]:  # noqa: ANN401 - as above
    """Return the ways to spoil one field: another value in its place, or one with something wrong inside."""
    among = list(_alternatives(schema, shared))
    yield from (((step,), value) for value in _wrong(among))
    for one in among:
        if one["type"] == ("array" if isinstance(good, list) else "object"):
            yield from (((step, *path), value) for path, value in _inside(one, shared, good))


def _alternatives(schema: Schema, shared: Mapping[str, Schema]) -> Iterator[Schema]:
    """Return the kinds of value that a schema lets be."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from [_A_NAME] if name == "Subject" else _alternatives(shared[name], shared)
    elif "anyOf" in schema or "oneOf" in schema:
        for one in schema.get("anyOf") or schema["oneOf"]:
            yield from _alternatives(one, shared)
    else:
        yield schema


def _wrong(among: Sequence[Schema]) -> Iterator[object]:
    """Return values that none of these schemas lets be."""
    kinds = {one["type"] for one in among}
    for kind, values in _OF_KIND.items():
        if kind not in kinds:
            yield from values
    for one in among:
        match one["type"]:
            case "string":
                yield from _wrong_texts(one)
            case "integer":
                yield from (one["minimum"] - 1, one["maximum"] + 1, _HUGE, -_HUGE)
            case "array" if "minItems" in one:
                yield []


def _wrong_texts(schema: Schema) -> Iterator[str]:
    pattern = schema.get("pattern", "")
    if "enum" in schema:
        yield from (MARK, "", f"{schema['enum'][0]} ", schema["enum"][0].upper() + "\x00", "null", "\x00")
    elif schema.get("format") == "date-time":
        yield from _TIMES
    elif schema.get("format") == "name":
        yield from _NAMES
    elif "{0,4}" in pattern and "A-Z" in pattern:
        yield from ("", "a b", "a" * 65, "12345", "a-31612345678", "a@b", "_a", "é", "a\n", "\x00")
    elif "!#$" in pattern:
        yield from ("", "a b", "a;b", "a=b", "a@b", "a" * (schema["maxLength"] + 1), "é", "a\n", "\x00")
    elif "0-9A-Za-z" in pattern:
        yield from ("", "a b", "=a", "a@b", "a" * (schema["maxLength"] + 1), "é", "a\n", "\x00")
    elif "{0,4}" in pattern:
        yield from (MARK, "", "a b", "a" * 65, "12345", "a-31612345678", "a@b", "_a", "é", "a\n", "\x00")
    elif "a-z" in pattern:
        yield from (f"{MARK}", "", "a b", "a" * 65, "1", "rings?q=1", "a@b", "\x00")
    else:
        yield from ("",) if "minLength" in schema else ()
        yield from (f"{MARK}\x00", "\x00", MARK + "a" * schema["maxLength"])
        yield from (f"/a {MARK}", "\t", "a\u2028b", " /a") if r"\s" in pattern else ()
