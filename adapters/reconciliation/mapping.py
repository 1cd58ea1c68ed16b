"""The mapping of a file of another system: which column means what, and what the file does not say.

Promise: a `Mapping` is complete and frozen, and fits its kind of file. Refused, with every problem at once: a key that
is not named here, a column that its kind of file has no use for, a zone or a form of time that cannot be read.
"""

from __future__ import annotations

import hashlib
import tomllib
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError

from adapters.imports.times import Form, Zone
from domain.errors import PledgerError, Problem
from domain.facts.fields import Categories, Word
from domain.vocabulary import ADDRESS, DIRECT_MARKETING, NAME, Channel, Program, Role

if TYPE_CHECKING:
    from collections.abc import Mapping as Names
    from pathlib import Path

_DAY_SECONDS: Final = 24 * 60 * 60
_MAPPING_BYTES_MAX: Final = 262_144


class MappingUnreadable(PledgerError):
    """A mapping file cannot be read."""

    code = "mapping_unreadable"


class MappingInvalid(PledgerError):
    """A mapping file does not say what it has to say; `problems` lists everything that is wrong with it."""

    code = "mapping_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "Nothing was reconciled: the mapping cannot be used.",
            "; ".join(map(str, problems)) + ".",
            "Mend it; examples for each kind of file are in adapters/reconciliation/mappings.",
        )


class Kind(StrEnum):
    """What sort of file it is, which decides against what in the ledger it is held."""

    SEND_LOG = "send-log"
    CARRIER = "carrier"
    MAILING_HOUSE = "mailing-house"


CHANNEL: Final[Names[Kind, Channel]] = {Kind.SEND_LOG: Channel.EMAIL, Kind.MAILING_HOUSE: Channel.POST}
"""By which channel the messages of a file went; a carrier's manifest has none."""
ROLE: Final[Names[Kind, Role]] = {Kind.CARRIER: Role.CARRIER, Kind.MAILING_HOUSE: Role.MAILING_HOUSE}
"""Which role those have to whom the data of a file went; those of a send log went to the person themself."""
NAMES: Final = ("customer", "email", "order")
"""The columns that say whom a row is about, in the order in which they are tried."""
_COLUMNS: Final[Names[Kind, frozenset[str]]] = {
    Kind.SEND_LOG: frozenset({*NAMES, "time", "message_id", "program"}),
    Kind.CARRIER: frozenset({*NAMES, "time", "reference", "recipient"}),
    Kind.MAILING_HOUSE: frozenset({*NAMES, "time", "message_id", "program", "reference", "recipient"}),
}
_CONSTANTS: Final[Names[Kind, frozenset[str]]] = {
    Kind.SEND_LOG: frozenset({"channel", "program", "purpose", "unsubscribe_link"}),
    Kind.CARRIER: frozenset({"recipient", "purpose", "categories"}),
    Kind.MAILING_HOUSE: frozenset({"program", "purpose", "recipient", "unsubscribe_link"}),
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Column = Annotated[str, Field(min_length=1, max_length=255)]


class Columns(_Frozen):
    """The names of the columns, as the file's first line has them."""

    time: Column
    customer: Column | None = None
    """The service's own number of a customer."""
    email: Column | None = None
    order: Column | None = None
    """The number of a guest's order."""
    message_id: Column | None = None
    reference: Column | None = None
    """The number of the order for which data was handed over."""
    recipient: Column | None = None
    program: Column | None = None


class Times(_Frozen):
    """How the file writes times: `zone` of those without an offset, `format` of strptime, `unix`, or None: ISO 8601.

    Two records of one act may be `tolerance_seconds` apart.
    """

    zone: Zone = "UTC"
    format: Form | None = None
    tolerance_seconds: Annotated[StrictInt, Field(ge=0, le=366 * _DAY_SECONDS)] = 300


class Constants(_Frozen):
    """What holds of every row, and what is taken of a row that the ledger lacks."""

    channel: Channel | None = None
    program: Program | None = None
    purpose: Word | None = None
    recipient: Word | None = None
    unsubscribe_link: StrictBool = True
    categories: Categories = (ADDRESS, NAME)


class Mapping(_Frozen):
    """What the columns of one kind of file mean."""

    kind: Kind
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r"[,;\t|]")] = ","
    columns: Columns
    time: Times = Times()
    constants: Constants = Constants()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times without an offset."""
        return ZoneInfo(self.time.zone)

    @property
    def tolerance(self) -> timedelta:
        """How far two records of one act may be apart."""
        return timedelta(seconds=self.time.tolerance_seconds)

    @property
    def channel(self) -> Channel | None:
        """By which channel its messages went; None: it holds none."""
        return self.constants.channel or CHANNEL.get(self.kind)

    @property
    def purpose(self) -> str:
        """For what a row is taken to have happened that the ledger lacks."""
        return self.constants.purpose or ("deliver_order" if self.kind is Kind.CARRIER else DIRECT_MARKETING)

    def checked(self) -> Self:
        """Give the mapping back if it fits its kind of file; else raise `MappingInvalid`."""
        named = {name for name, column in self.columns if column is not None}
        constant = self.constants.model_fields_set
        useless = f"is of no use for a {self.kind} file"
        problems = [
            *(Problem(f"columns.{one}", useless) for one in named - _COLUMNS[self.kind]),
            *(Problem(f"constants.{one}", useless) for one in constant - _CONSTANTS[self.kind]),
            *(Problem(f"columns.{one}", "is a constant as well") for one in named & constant),
        ]
        if self.kind is Kind.CARRIER:
            if "reference" not in named:
                problems.append(Problem("columns.reference", "is missing"))
            if "recipient" not in named | constant:
                problems.append(Problem("columns.recipient", "is missing, and so is constants.recipient"))
        elif not named & {*NAMES, "message_id"}:
            problems.append(Problem("columns", "says neither whom a row is about nor which message it is"))
        if problems:
            raise MappingInvalid(sorted(problems, key=str))
        return self


def read_mapping(path: Path, kind: Kind) -> tuple[str, Mapping]:
    """Read the mapping of a kind of file; give the SHA-256 of its bytes too.

    Raises `MappingUnreadable` and `MappingInvalid`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAPPING_BYTES_MAX + 1)
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise MappingUnreadable(
            "The mapping cannot be read.",
            "it is missing, not readable by this user, or not UTF-8.",
            "Give the path of a mapping file with --mapping.",
        ) from error
    if len(raw) > _MAPPING_BYTES_MAX:
        raise MappingInvalid([Problem("", f"has more than {_MAPPING_BYTES_MAX} bytes")])
    try:
        told: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingInvalid([Problem("", f"is not TOML: {error}")]) from None
    if told.get("kind", kind) != kind:
        raise MappingInvalid([Problem("kind", f"is not {kind}, which was asked for")])
    try:
        mapping = Mapping.model_validate({**told, "kind": kind})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
    else:
        return hashlib.sha256(raw).hexdigest(), mapping.checked()
    raise MappingInvalid([Problem(".".join(map(str, one["loc"])), _in_words(one["type"], one["msg"])) for one in found])


def _in_words(kind: str, message: str) -> str:
    words = {"missing": "is missing", "extra_forbidden": "is not a key of a mapping"}
    return words.get(kind, message[:1].lower() + message[1:])
