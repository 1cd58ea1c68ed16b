"""The mapping of a file to reconcile: what its columns mean, and what the file does not say."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StrictBool, StrictInt

from adapters.imports.mapping_file import Column, FrozenModel, TableMapping, Times, parse_text, read_text
from domain.facts.fields import Categories, OpenWord
from domain.vocabulary import ADDRESS, DIRECT_MARKETING, NAME, Channel, Program, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from adapters.imports.mapping_file import KeyPath

_YEAR_SECONDS: Final = 366 * 24 * 60 * 60


class FileKind(StrEnum):
    """What a file records; it decides what in the ledger the file is compared with."""

    SEND_LOG = "send-log"
    CARRIER = "carrier"
    MAILING_HOUSE = "mailing-house"


CHANNEL: Final[Mapping[FileKind, Channel]] = {
    FileKind.SEND_LOG: Channel.EMAIL,
    FileKind.MAILING_HOUSE: Channel.POST,
}
"""The channel of the messages of a file; a carrier's manifest has no messages."""
ROLE: Final[Mapping[FileKind, Role]] = {FileKind.CARRIER: Role.CARRIER, FileKind.MAILING_HOUSE: Role.MAILING_HOUSE}
"""The role of those who got the data of a file; a send log shares no data."""
NAMES: Final = ("customer", "order", "email")
"""The columns that name the person. The numbers lead to one, the customer's before the order's; an address matches."""
IDENTIFIERS: Final = (*NAMES, "message_id", "reference")
_COLUMNS: Final[Mapping[FileKind, frozenset[str]]] = {
    FileKind.SEND_LOG: frozenset({*NAMES, "time", "message_id", "program"}),
    FileKind.CARRIER: frozenset({*NAMES, "time", "reference", "recipient"}),
    FileKind.MAILING_HOUSE: frozenset({*NAMES, "time", "message_id", "program", "reference", "recipient"}),
}
_CONSTANTS: Final[Mapping[FileKind, frozenset[str]]] = {
    FileKind.SEND_LOG: frozenset({"channel", "program", "purpose", "unsubscribe_link"}),
    FileKind.CARRIER: frozenset({"recipient", "purpose", "categories"}),
    FileKind.MAILING_HOUSE: frozenset({"program", "purpose", "recipient", "unsubscribe_link"}),
}


class Columns(FrozenModel):
    """The names of the columns, as the file has them."""

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


class MatchingTimes(Times):
    """How the file writes times, and how far two records of one act may be apart."""

    tolerance_seconds: Annotated[StrictInt, Field(ge=0, le=_YEAR_SECONDS)] = 300


class Constants(FrozenModel):
    """What is true of every row, and what is assumed of a row that the ledger lacks."""

    channel: Channel | None = None
    program: Program | None = None
    purpose: OpenWord | None = None
    recipient: OpenWord | None = None
    unsubscribe_link: StrictBool = True
    categories: Categories = (ADDRESS, NAME)


class ReconciliationMapping(TableMapping):
    """What the columns of one kind of file mean."""

    skips_empty_rows: ClassVar[bool] = False
    kind: FileKind
    delimiter: Literal["auto", ",", ";", "\t", "|"] = ","
    columns: Columns
    time: MatchingTimes = MatchingTimes()
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
        """The channel of the file's messages; None if it has no messages."""
        return self.constants.channel or CHANNEL.get(self.kind)

    @property
    def purpose(self) -> str:
        """The purpose that is assumed of a row that the ledger lacks."""
        return self.constants.purpose or ("deliver_order" if self.kind is FileKind.CARRIER else DIRECT_MARKETING)


def read_mapping(path: Path, kind: FileKind) -> tuple[str, ReconciliationMapping]:
    """Read the mapping of a kind of file; return it with the SHA-256 of its bytes, in hex.

    Raise `MappingUnreadable` and `MappingInvalid`.
    """
    text = read_text(path)
    mapping = parse_text(text, ReconciliationMapping, lambda found: _conflicts(found, kind), {"kind": kind.value})
    return hashlib.sha256(text.encode()).hexdigest(), mapping


def _conflicts(mapping: ReconciliationMapping, kind: FileKind) -> Iterator[tuple[KeyPath, str]]:
    """Yield what does not go together in a mapping: the path of a key, and what is wrong there."""
    if mapping.kind is not kind:
        yield ("kind",), f"is not {kind}, which was asked for"
        return
    columns = {name for name, column in mapping.columns if column is not None}
    constants = mapping.constants.model_fields_set
    useless = f"is of no use for a {kind} file"
    yield from ((("columns", one), useless) for one in columns - _COLUMNS[kind])
    yield from ((("constants", one), useless) for one in constants - _CONSTANTS[kind])
    yield from ((("columns", one), "is a constant as well") for one in columns & constants)
    if kind is FileKind.CARRIER:
        if "reference" not in columns:
            yield ("columns", "reference"), "is missing"
        if "recipient" not in columns | constants:
            yield ("columns", "recipient"), "is missing, and so is constants.recipient"
    elif not columns & {*NAMES, "message_id"}:
        yield ("columns",), "name neither a person nor a message"
