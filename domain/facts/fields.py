"""The types of the fields of a fact, with their limits.

They reject a string that PostgreSQL cannot store (one with NUL; JSON has no lone surrogates), a time without a zone, a
data category that is not a fideslang 3 key under `user`, and a subject that is not the text `kind:value`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt
from pydantic_core import PydanticCustomError

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

CUSTOMER_NAME_KINDS: Final = ("customer", "email", "order", "guest", "id")


class Subject(NamedTuple):
    """The person or browser that a fact is about, as the service names it: `customer:17850` has kind `customer`.

    Values are in Unicode's NFC without outer white space; e-mail addresses are in lower case.
    """

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def parse_subject(raw: object) -> object:
    """Turn the text `kind:value` into a `Subject`; raise on anything else."""
    if isinstance(raw, Subject):
        return raw
    kind, colon, value = raw.partition(":") if isinstance(raw, str) else ("", "", "")
    if not colon or kind not in {*CUSTOMER_NAME_KINDS, "visitor"} or not value.strip():
        code = "subject"
        raise PydanticCustomError(code, "must be customer:…, email:…, order:…, guest:…, id:… or visitor:…")
    if "\x00" in value or len(value) > SUBJECT_MAX:
        code = "subject"
        raise PydanticCustomError(code, "holds a NUL character, or is too long")
    if kind == "email" and "@" not in value:
        code = "subject"
        raise PydanticCustomError(code, "email:… must hold an e-mail address")
    value = unicodedata.normalize("NFC", value.strip())
    return Subject(kind, value.lower() if kind == "email" else value)


def _parse_customer_name(raw: object) -> object:
    subject = parse_subject(raw)
    if isinstance(subject, Subject) and subject.kind == "visitor":
        code = "subject"
        raise PydanticCustomError(code, "must name a customer; nothing links a visitor to one")
    return subject


def _parse_visitor_name(raw: object) -> object:
    subject = parse_subject(raw)
    if isinstance(subject, Subject) and subject.kind != "visitor":
        code = "subject"
        raise PydanticCustomError(code, "must be visitor:… for a fact about a browser")
    return subject


Name = Annotated[Subject, BeforeValidator(_parse_customer_name)]
VisitorName = Annotated[Subject, BeforeValidator(_parse_visitor_name)]


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


Citations = Annotated[tuple[Citation, ...], Field(max_length=LIST_MAX), BeforeValidator(_listed)]
