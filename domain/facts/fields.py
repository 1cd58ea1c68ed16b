"""The types of the fields of a fact, with their limits.

They reject a string that PostgreSQL cannot store (one with NUL; JSON has no lone surrogates), a time without a zone or
of a clock that was not set, a data category that is not a fideslang 3 key under `user`, and a subject that is not the
text `kind:value`.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeVar

from pydantic import (
    AfterValidator,
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

from domain.facts import patterns
from domain.times import EARLIEST, TimeUnreadable, parse_rfc3339, rfc3339
from domain.vocabulary import DATA_CATEGORIES, Act

if TYPE_CHECKING:
    from domain.facts.addresses import Addresses

NAMES_MAX: Final = 32
SUBJECT_MAX: Final = 512
COUNT_MAX: Final = 2**63 - 1
LIST_MAX: Final = 1_000
_EARLIEST_OF_ALL: Final = datetime(1900, 1, 1, tzinfo=UTC)


class Conventions(NamedTuple):
    """What the meaning of a fact's text depends on: the context of its validation.

    No time may lie before `earliest`: the clock that it comes from was not set.
    """

    addresses: Addresses
    earliest: datetime = EARLIEST


def _instant(value: object, info: ValidationInfo) -> datetime:
    time, earliest = _time(value), _context(info).earliest
    if time < earliest:
        raise _clock_not_set(earliest)
    return time


def _context(info: ValidationInfo) -> Conventions:
    assert isinstance(info.context, Conventions), "facts are read by conventions"
    return info.context


def _old_instant(value: object) -> datetime:
    time = _time(value)
    if time < _EARLIEST_OF_ALL:
        raise _clock_not_set(_EARLIEST_OF_ALL)
    return time


def _time(value: object) -> datetime:
    """Read a time, or raise; `value` is JSON, or a time of TOML."""
    try:
        if isinstance(value, str):
            return parse_rfc3339(value)
        return parse_rfc3339(value.isoformat() if isinstance(value, datetime) else "")
    except TimeUnreadable as error:
        code = "time"
        raise PydanticCustomError(code, str(error)) from None  # Each text is one of ours.


def _clock_not_set(earliest: datetime) -> PydanticCustomError:
    return PydanticCustomError(
        "time",
        "is before {earliest}, so the clock that it comes from was not set; set it, and send when it happened",
        {"earliest": rfc3339(earliest)},
    )


_Code = TypeVar("_Code", bound=str)


def sorted_set(categories: tuple[_Code, ...]) -> tuple[_Code, ...]:
    """Return a set of codes in its one order."""
    return tuple(sorted(set(categories)))


def sorted_keys(values: dict[str, str | None]) -> dict[str, str | None]:
    """Return a mapping of codes in its one order."""
    return dict(sorted(values.items())) if len(values) > 1 else values


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Word = Annotated[str, Field(min_length=1, max_length=255, pattern=patterns.NO_NUL)]
"""A reference, a name or another short text that a service chooses; of a person's facts it is sealed."""
Source = Annotated[str, Field(min_length=1, max_length=255, pattern=patterns.SOURCE)]
"""A CloudEvents source. It is a URI reference, so it holds no white space, and `source id` names one fact only.

One that is no plain code is sealed in the log, and a digest stands for it there."""
OpenWord = Annotated[str, Field(max_length=patterns.OPEN_WORD_MAX, pattern=patterns.OPEN_WORD)]
"""A purpose or a recipient: any word, but neither an address nor a number of somebody, since it stays in the clear."""
PlainCode = Annotated[str, Field(max_length=patterns.CODE_MAX, pattern=patterns.CODE)]
"""What the company calls something of its own, such as a collection point or a notice; it stays in the clear too."""
CookieName = Annotated[str, Field(max_length=255, pattern=patterns.COOKIE)]
"""The name of a cookie: a token. Source: RFC 6265, section 4.1.1."""
TextDigest = Annotated[str, Field(max_length=255, pattern=patterns.DIGEST)]
"""A digest of a text, perhaps with the name of its algorithm before it."""
Area = Annotated[str, Field(max_length=64, pattern=patterns.AREA)]
"""A part of the site, as the company names it: small letters only, so that no address, number or query fits."""
Count = Annotated[StrictInt, Field(ge=0, le=COUNT_MAX)]
Text = Annotated[str, Field(max_length=65_536, pattern=patterns.NO_NUL)]
"""Free text or a personal value."""
Instant = Annotated[datetime, BeforeValidator(_instant)]
"""A time in UTC, not before the earliest of the validation's conventions."""
OldInstant = Annotated[datetime, BeforeValidator(_old_instant)]
"""A time in UTC that may lie before all of a ledger's facts, as that from which a policy is in force."""
if TYPE_CHECKING:
    DataCategory = str
else:
    # Pydantic's compiled core looks up a literal of all the keys; a validator in Python would be slower.
    DataCategory = Literal[tuple(sorted(DATA_CATEGORIES))]
Categories = Annotated[tuple[DataCategory, ...], Field(min_length=1, max_length=LIST_MAX), AfterValidator(sorted_set)]


def likeness(reference: str) -> str:
    """Return the one form of references that look alike: in any case, with blanks or invisible characters or without.

    It is the reference itself for most, such as O-1001. It only tells whether something is told again: what looks the
    same lifts no opt-out. Whether two references are of one order goes by their letters.
    """
    if reference.isascii() and reference.isprintable() and " " not in reference:
        return reference.upper()  # As most references are.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", reference).casefold().upper())
    return "".join(one for one in folded if unicodedata.category(one)[0] not in _NOT_SEEN) or reference


_NOT_SEEN: Final = frozenset("CZ")
"""Control and format characters, and blanks, among Unicode's general categories."""
CONTACT_KINDS: Final = ("email", "phone")
"""Kinds of contact points. One leads to the stream that was opened under it, and to no other that holds it."""
CUSTOMER_NAME_KINDS: Final = ("customer", *CONTACT_KINDS, "order", "guest", "id")


class Subject(NamedTuple):
    """The person or browser that a fact is about, as the service names it: `customer:17850` has kind `customer`.

    Contact points are in their normal form (`Addresses`). Any other value is in NFC, and has no blanks around it:
    nobody here knows whether the company's own system takes `1` and ` 1` for one number.
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
    if value != value.strip():
        code = "subject"
        raise PydanticCustomError(
            code, "has blanks around what stands after its kind; send that as it is, without them"
        )
    return Subject(kind, unicodedata.normalize("NFC", value))


def _contact(kind: str, value: str, addresses: Addresses) -> Subject:
    try:
        return Subject(kind, addresses.email(value) if kind == "email" else addresses.phone(value))
    except ValueError as error:
        code = "subject"
        raise PydanticCustomError(code, str(error)) from None


def _parse_customer_name(raw: object, info: ValidationInfo) -> object:
    subject = parse_subject(raw, _context(info).addresses)
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
            return _contact(kind, value, _context(info).addresses)
        if "@" in raw or raw.startswith("+"):
            return _contact("email" if "@" in raw else "phone", raw, _context(info).addresses)
    code = "contact_point"
    raise PydanticCustomError(code, "must be email:… or phone:…; another name of the person takes a verified link")


def _parse_lasting_name(raw: object, info: ValidationInfo) -> object:
    subject = _parse_customer_name(raw, info)
    if isinstance(subject, Subject) and subject.kind == "id":
        code = "subject"
        raise PydanticCustomError(code, "must be a name that somebody gave; an id of ours is one person's for ever")
    return subject


def _parse_visitor_name(raw: object, info: ValidationInfo) -> object:
    subject = parse_subject(raw, _context(info).addresses)
    if subject.kind != "visitor":
        code = "subject"
        raise PydanticCustomError(code, "must be visitor:… for a fact about a browser")
    return subject


Name = Annotated[Subject, BeforeValidator(_parse_customer_name)]
GivenName = Annotated[Subject, BeforeValidator(_parse_lasting_name)]
"""A customer's name that can be another one's later, which an id of ours cannot."""
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

DIMENSION_FORMS: Final = ("a dimension's name", "a described dimension")
"""The forms of a dimension of a released table, likewise."""


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
