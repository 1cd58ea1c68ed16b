"""What services send: one fact, as one CloudEvent (1.0, structured JSON).

`parse_fact` returns a typed fact, or raises with everything that is wrong with it at once, without repeating any value
that was sent. Purposes and recipients are open words; types, fields and codes are closed. Attributes of CloudEvents
that a fact does not have are passed over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from domain.errors import MalformedFact, Problem
from domain.facts import name_data  # noqa: F401 - its shapes are found as those of subclasses
from domain.facts.company_data import CompanyData, VisitorData
from domain.facts.data import CustomerData, Data
from domain.facts.envelope import JSON_MEDIA, check_json_media, problems_passed_over, trace_id_in
from domain.facts.fields import Conventions, Instant, Name, Source, Subject, VisitorName, Word
from domain.facts.problems import problems_of
from domain.json_text import NotJson, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from domain.moments import Turn

FACT_BYTES_MAX: Final = 262_144
"""A fact, as JSON, has at most this many bytes."""


class Fact(BaseModel):
    """One fact: the CloudEvents envelope and its typed data."""

    # Other attributes are checked by `parse_fact`, and passed over.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: Word
    source: Source
    type: str
    time: Instant
    datacontenttype: Annotated[Literal["application/json"], BeforeValidator(check_json_media)] = JSON_MEDIA
    subject: Subject | None
    data: Data
    # A repeat is sent in a trace of its own, so this is no part of the content.
    trace_id: Annotated[str | None, BeforeValidator(trace_id_in)] = Field(
        default=None, validation_alias="traceparent", exclude=True, repr=False
    )

    @property
    def name(self) -> str:
        """How the fact is named everywhere: its source and id."""
        return f"{self.source} {self.id}"

    @property
    def key(self) -> tuple[str, str]:
        """The idempotency key: source and id."""
        return self.source, self.id

    @property
    def correlation(self) -> str | None:
        """What the fact belongs to: the id that its data gives, else that of its trace."""
        return self.data.correlation or self.trace_id

    @property
    def turn(self) -> Turn:
        """Its turn among what happened at the same instant: that of its event."""
        return self.data.facts[self.type.split(".")[1]].turn

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


_BASES: Final = ((VisitorFact, VisitorData), (CompanyFact, CompanyData), (CustomerFact, CustomerData))
ALL_SHAPES: Final = tuple(found for kind, base in _BASES for found in _shapes_of(kind, base))
"""Each type of a fact with a kind of subject that it can have, and the shape of its data then."""
SHAPES: Final[Mapping[str, tuple[type[Fact], type[Data]]]] = dict(ALL_SHAPES)
"""The type of a fact → what kind of subject it has, and the shape of its data; a person where it can be about one."""


def _model_of(type_name: str, shape: tuple[type[Fact], type[Data]]) -> type[Fact]:
    kind, data = shape
    word = type_name.split(".")[1]
    name = "".join(part.capitalize() for part in word.split("_")) + "Fact"
    literal: Any = Literal[type_name]
    return create_model(name, __base__=kind, type=(literal, ...), data=(data, ...))


_ONE_OF: Any = Union[tuple(_model_of(*one) for one in SHAPES.items())]  # noqa: UP007 - made of a list
_FACTS: Final[TypeAdapter[Fact]] = TypeAdapter(Annotated[_ONE_OF, Field(discriminator="type")])
_validated_plain: Final[Callable[..., Fact]] = (
    _FACTS.validator.validate_python
)  # The method of the adapter costs a twentieth of all (measured).
_ABOUT_OTHERS: Final = frozenset(name for name, (kind, _) in ALL_SHAPES if kind is not SHAPES[name][0])
"""The types of facts that can be about others than people as well."""


def _validated_about(kind: type[Fact]) -> Callable[..., Fact]:
    """Return what validates any fact about the company, or about a browser."""
    models = tuple(_model_of(name, (one, data)) for name, (one, data) in ALL_SHAPES if one is kind)
    one_of: Any = Union[models]  # noqa: UP007 - made of a list
    adapter: TypeAdapter[Fact] = TypeAdapter(Annotated[one_of, Field(discriminator="type")])
    return adapter.validator.validate_python


_ABOUT: Final[Mapping[type[Fact], Callable[..., Fact]]] = {
    CustomerFact: _validated_plain,
    CompanyFact: _validated_about(CompanyFact),
    VisitorFact: _validated_about(VisitorFact),
}
_SHAPES_ABOUT: Final = {
    kind: {**SHAPES, **{name: (one, data) for name, (one, data) in ALL_SHAPES if one is kind}} for kind in _ABOUT
}


_OWN: Final = frozenset({"specversion", "id", "source", "type", "time", "datacontenttype", "subject", "data"})
"""The attributes of a fact; an event may have others."""


def _kind_of(event: Any) -> type[Fact]:  # noqa: ANN401 - any JSON
    """Return the kind of fact that an event states where its type leaves that open; else that of a person."""
    name = event.get("type") if isinstance(event, dict) else None
    if isinstance(name, str) and name in _ABOUT_OTHERS:
        subject = event.get("subject")
        if subject is None:
            return CompanyFact
        if isinstance(subject, str) and subject.startswith("visitor:"):
            return VisitorFact
    return CustomerFact


def _validated(event: Any, context: Conventions) -> Fact:  # noqa: ANN401 - any JSON
    """Return the fact of an event, which its type tells apart, and with some types its subject."""
    return _ABOUT[_kind_of(event)](event, context=context)


def parse_fact(raw: bytes | str | Mapping[str, Any], conventions: Conventions) -> Fact:
    """Return the fact that a CloudEvent states.

    `raw` is its JSON text or the mapping that this text stands for. Raises `MalformedFact` with every problem.
    """
    text = raw if isinstance(raw, bytes) and len(raw) <= FACT_BYTES_MAX else _text_of(raw)
    try:
        event = read_json(text)
        if isinstance(event, dict) and _OWN.issuperset(event):
            return _validated(event, context=conventions)
    except NotJson as error:
        problems = list(error.problems)
    except ValidationError as error:
        problems = problems_of(error, _SHAPES_ABOUT[_kind_of(event)])
    else:
        return _with_others(event, conventions)
    # Raised outside the handlers, so that it does not drag an error along which quotes what was sent.
    raise MalformedFact(problems)


def _with_others(event: object, conventions: Conventions) -> Fact:
    """Return the fact of an event that has other attributes, or is none at all."""
    if not isinstance(event, dict):
        raise MalformedFact([Problem("", "is not a JSON object")])
    problems = list(problems_passed_over(event, _OWN))
    try:
        fact = _validated(event, context=conventions)
    except ValidationError as error:
        problems += problems_of(error, _SHAPES_ABOUT[_kind_of(event)])
    if problems:
        raise MalformedFact(problems)
    return fact


def _text_of(raw: bytes | str | Mapping[str, Any]) -> bytes:
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
    return text
