"""The types of the fields of a fact, with their limits.

They reject a string that PostgreSQL cannot store (one with NUL; JSON has no lone surrogates), a time without a zone, a
data category that is not a fideslang 3 key under `user`, and a subject that is not the text `kind:value`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictInt,
    Tag,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from domain.facts.addresses import Addresses
from domain.vocabulary import DATA_CATEGORIES, Act

NAMES_MAX: Final = 32
SUBJECT_MAX: Final = 512
COUNT_MAX: Final = 2**63 - 1
LIST_MAX: Final = 1_000


_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")


def _is_rfc_3339(value: object) -> object:
    """Reject a number of seconds or a bare date, which pydantic would accept as a time."""
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.match(value)):
        return value
    code = "time_format"
    raise PydanticCustomError(code, "must be an RFC 3339 time such as 2016-04-02T10:15:00Z")


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        code = "time_range"
        raise PydanticCustomError(code, "is outside the years 1 to 9999 in UTC") from None


_Code = TypeVar("_Code", bound=str)


def sorted_set(categories: tuple[_Code, ...]) -> tuple[_Code, ...]:
    """Return a set of codes in its one order."""
    return tuple(sorted(set(categories)))


def sorted_keys(values: dict[str, str | None]) -> dict[str, str | None]:
    """Return a mapping of codes in its one order."""
    return dict(sorted(values.items())) if len(values) > 1 else values


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


_NO_NUL = r"^[^\x00]*$"
Word = Annotated[str, Field(min_length=1, max_length=255, pattern=_NO_NUL)]
"""A code, a name of ours or a reference."""
Source = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00\s]+$")]
"""A CloudEvents source. It is a URI reference, so it holds no white space, and `source id` names one fact only."""
Area = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z_/-]*$")]
"""A part of the site, as the company names it: small letters only, so that no address, number or query fits."""
Count = Annotated[StrictInt, Field(ge=0, le=COUNT_MAX)]
Text = Annotated[str, Field(max_length=65_536, pattern=_NO_NUL)]
"""Free text or a personal value."""
Instant = Annotated[AwareDatetime, BeforeValidator(_is_rfc_3339), AfterValidator(_in_utc)]
if TYPE_CHECKING:
    DataCategory = str
else:
    # Pydantic's compiled core looks up a literal of all the keys; a validator in Python would be slower.
    DataCategory = Literal[tuple(sorted(DATA_CATEGORIES))]
Categories = Annotated[tuple[DataCategory, ...], Field(min_length=1, max_length=LIST_MAX), AfterValidator(sorted_set)]

CONTACT_KINDS: Final = ("email", "phone")
"""Kinds of contact points. One leads to the stream that was opened under it, and to no other that holds it."""
CUSTOMER_NAME_KINDS: Final = ("customer", *CONTACT_KINDS, "order", "guest", "id")


class Subject(NamedTuple):
    """The person or browser that a fact is about, as the service names it: `customer:17850` has kind `customer`.

    Contact points are in their normal form (`Addresses`). Any other value is in NFC without outer white space.
    """

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def parse_subject(raw: object, addresses: Addresses) -> Subject:
    """Turn the text `kind:value` into a `Subject`; raise `PydanticCustomError`, a ValueError, on anything else."""
    if isinstance(raw, Subject):
        return raw
    kind, colon, value = raw.partition(":") if isinstance(raw, str) else ("", "", "")
    if not colon or kind not in {*CUSTOMER_NAME_KINDS, "visitor"} or not value.strip():
        code = "subject"
        names = ", ".join(f"{one}:…" for one in CUSTOMER_NAME_KINDS)
        raise PydanticCustomError(code, f"must be {names} or visitor:…")
    if "\x00" in value or len(value) > SUBJECT_MAX:
        code = "subject"
        raise PydanticCustomError(code, "holds a NUL character, or is too long")
    if kind in CONTACT_KINDS:
        return _contact(kind, value, addresses)
    return Subject(kind, unicodedata.normalize("NFC", value.strip()))


def _contact(kind: str, value: str, addresses: Addresses) -> Subject:
    try:
        return Subject(kind, addresses.email(value) if kind == "email" else addresses.phone(value))
    except ValueError as error:
        code = "subject"
        raise PydanticCustomError(code, str(error)) from None


def _addresses(info: ValidationInfo) -> Addresses:
    """Return what reads addresses, from the context of a validation."""
    found: Addresses = (info.context or {})["addresses"]
    return found


def _parse_customer_name(raw: object, info: ValidationInfo) -> object:
    subject = parse_subject(raw, _addresses(info))
    if subject.kind == "visitor":
        code = "subject"
        raise PydanticCustomError(code, "must name a customer; nothing links a visitor to one")
    return subject


def _parse_contact_point(raw: object, info: ValidationInfo) -> object:
    """Turn an address or number, with or without its kind before it, into a `Subject`."""
    if isinstance(raw, Subject) and raw.kind in CONTACT_KINDS:
        return raw
    if isinstance(raw, str) and len(raw) <= SUBJECT_MAX:
        kind, _, value = raw.partition(":")
        if kind in CONTACT_KINDS:
            return _contact(kind, value, _addresses(info))
        if "@" in raw or raw.startswith("+"):
            return _contact("email" if "@" in raw else "phone", raw, _addresses(info))
    code = "contact_point"
    raise PydanticCustomError(code, "must be email:… or phone:…; another name of the person takes a verified link")


def _parse_visitor_name(raw: object, info: ValidationInfo) -> object:
    subject = parse_subject(raw, _addresses(info))
    if subject.kind != "visitor":
        code = "subject"
        raise PydanticCustomError(code, "must be visitor:… for a fact about a browser")
    return subject


Name = Annotated[Subject, BeforeValidator(_parse_customer_name)]
VisitorName = Annotated[Subject, BeforeValidator(_parse_visitor_name)]
ContactPoint = Annotated[Subject, BeforeValidator(_parse_contact_point)]
"""An e-mail address or a telephone number."""


class VerifiedName(BaseModel):
    """Another name of the same person, and by which method the sender has verified that it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    verified: Word
    evidence: Word | None = None


ALSO_FORMS: Final = ("a contact point", "a verified name")
"""The forms of what stands in `also`: words that no field has, so that they can be left out where a field is named."""


def _by_form(raw: object) -> str:
    return ALSO_FORMS[isinstance(raw, dict | VerifiedName)]


AlsoNamed = Annotated[
    Annotated[ContactPoint, Tag(ALSO_FORMS[0])] | Annotated[VerifiedName, Tag(ALSO_FORMS[1])], Discriminator(_by_form)
]
"""A contact point of the person, or another name of theirs with the method by which that was verified."""


class Citation(BaseModel):
    """A collection, named by its act and reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    act: Act
    reference: Word


class EntryName(BaseModel):
    """Another fact, named as it was sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    source: Source
    id: Word

    @property
    def name(self) -> str:
        """How the fact is named everywhere: its source and id."""
        return f"{self.source} {self.id}"


Citations = Annotated[tuple[Citation, ...], Field(max_length=LIST_MAX), BeforeValidator(_listed)]
