"""What services send: one fact, as one CloudEvent (1.0, structured JSON).

`parse_fact` returns a typed fact, or raises with everything that is wrong with it at once, without repeating any value
that was sent. Purposes and recipients are open words; types, fields and codes are closed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)

from domain.errors import MalformedFact, Problem
from domain.facts.company_data import CompanyData, VisitorData
from domain.facts.data import CustomerData, Data
from domain.facts.fields import ALSO_FORMS, Instant, Name, Source, Subject, VisitorName, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.facts.addresses import Addresses

FACT_BYTES_MAX: Final = 262_144
"""A fact, as JSON, has at most this many bytes."""


class Fact(BaseModel):
    """One fact: the CloudEvents envelope and its typed data."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: Word
    source: Source
    type: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    subject: Subject | None
    data: Data

    @property
    def name(self) -> str:
        """How the fact is named everywhere: its source and id."""
        return f"{self.source} {self.id}"

    @property
    def key(self) -> tuple[str, str]:
        """The idempotency key: source and id."""
        return self.source, self.id

    def content(self) -> bytes:
        """Return what the fact says, in one byte form: a repeat has the same content, however it was serialised.

        JSON of the fact without fields at their default, so that a field added to the contract later does not change
        the content of older facts. Test vectors hold this form: it must outlive every version of every library.
        """
        return self.__pydantic_serializer__.to_json(self, exclude_defaults=True)


class CustomerFact(Fact):
    """A fact about one person."""

    subject: Name
    data: CustomerData


class VisitorFact(Fact):
    """A fact about one browser."""

    subject: VisitorName


class CompanyFact(Fact):
    """A fact about the company, which names no subject."""

    subject: None = None


def _shapes_of(kind: type[Fact], base: type[Data]) -> Iterator[tuple[str, tuple[type[Fact], type[Data]]]]:
    """Yield the type of each fact whose data has this shape or one derived from it."""
    yield from ((f"pledger.{word}.v1", (kind, base)) for word in vars(base).get("facts", ()))
    for shape in base.__subclasses__():
        yield from _shapes_of(kind, shape)


SHAPES: Final[Mapping[str, tuple[type[Fact], type[Data]]]] = {
    type_name: shape
    for kind, base in ((CustomerFact, CustomerData), (CompanyFact, CompanyData), (VisitorFact, VisitorData))
    for type_name, shape in _shapes_of(kind, base)
}
"""The type of a fact → what kind of subject it has, and the shape of its data."""


def _model_of(type_name: str) -> type[Fact]:
    kind, data = SHAPES[type_name]
    word = type_name.split(".")[1]
    name = "".join(part.capitalize() for part in word.split("_")) + "Fact"
    literal: Any = Literal[type_name]
    return create_model(name, __base__=kind, type=(literal, ...), data=(data, ...))


_ONE_OF: Any = Union[tuple(_model_of(type_name) for type_name in SHAPES)]  # noqa: UP007 - made of a list
_FACTS: Final[TypeAdapter[Fact]] = TypeAdapter(Annotated[_ONE_OF, Field(discriminator="type")])
_OF_TYPE: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_SPEAKABLE: Final = re.compile(r"[A-Za-z0-9_.\[\]-]{1,80}")


def parse_fact(raw: bytes | str | Mapping[str, Any], addresses: Addresses) -> Fact:
    """Return the fact that a CloudEvent states, its contact points read by `addresses`.

    `raw` is its JSON text or the mapping that this text stands for. Raises `MalformedFact` with every problem.
    """
    if not isinstance(raw, bytes | str):
        try:
            raw = json.dumps(raw, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            raise MalformedFact(
                [Problem("", "is not JSON: it holds a value that JSON does not have, or is nested too deeply")]
            ) from None
    try:
        text = raw.encode() if isinstance(raw, str) else raw
    except UnicodeEncodeError:
        raise MalformedFact([Problem("", "holds a lone surrogate, which is no character")]) from None
    if len(text) > FACT_BYTES_MAX:
        raise MalformedFact([Problem("", f"is {len(text)} bytes long; a fact has at most {FACT_BYTES_MAX}")])
    try:
        return _FACTS.validate_json(text, context={"addresses": addresses})
    except ValidationError as error:
        problems = _problems(error)
    # Raised outside the handler, so that it does not drag the error above along, which quotes what was sent.
    raise MalformedFact(problems)


def _problems(error: ValidationError) -> list[Problem]:
    problems = []
    found_ones = error.errors(include_url=False, include_input=False, include_context=False)
    for found in found_ones:
        kind, place = found["type"], found["loc"]
        # A list whose only items are wrong is not too short besides.
        if kind == "too_short" and any(one["loc"][: len(place)] == place for one in found_ones if one is not found):
            continue
        # The type is what tells facts apart, so pydantic says of the whole fact what is wrong with that field.
        path = (
            ["type"] if kind in _OF_TYPE else [str(step) for step in place if str(step) not in {*SHAPES, *ALSO_FORMS}]
        )
        where = ".".join(step if _SPEAKABLE.fullmatch(step) else "(a key that is not shown)" for step in path)
        problems.append(Problem(where, _in_words(kind, found["msg"])))
    return problems


def _in_words(kind: str, message: str) -> str:
    match kind:
        case "missing" | "union_tag_not_found":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this fact"
        case "union_tag_invalid":
            return "is not one of the facts of the wire contract"
        case "literal_error" if "user.payment" in message:
            return "is not a fideslang 3 data category under user"
        case "string_pattern_mismatch":
            return _of_pattern(message)
        case "timezone_aware":
            return "has no time zone; write it with Z or an offset"
        case "json_invalid":
            return "is not valid JSON (" + message.removeprefix("Invalid JSON: ") + ")"
        case _:
            return message[:1].lower() + message[1:]


def _of_pattern(message: str) -> str:
    if "s]" in message:
        return "holds white space or a NUL character, which a source cannot"
    if "[a-z]" in message:
        return "is not a name of small letters, with -, _ and / between them"
    return "holds a NUL character, which the database cannot store"
