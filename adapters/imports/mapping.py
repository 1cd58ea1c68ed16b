"""The mapping of a file of orders, subscribers or opt-outs: what its columns mean, and what it does not say.

Promise: a `Mapping` is complete and frozen, and fits its kind of rows; `disagreements` lists everything in it that does
not go together. A word that stays in the clear in the ledger (a program, a collection point, a notice) comes from the
mapping and never from a cell: a column of such words has a table that says what each of its cells means. Refused: a key
that is not named here, a zone or a form of time that cannot be read, a code or a data category outside the vocabulary.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from adapters.imports.times import Form, Zone
from domain.facts.fields import DataCategory, Instant, Source, Word
from domain.vocabulary import Act, Cause, OptOutVia, Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping as Table

Column = Annotated[str, Field(min_length=1, max_length=255)]
OTHER: Final = "*"
"""In a table of cells, what holds of every cell that is not listed."""


class Kind(StrEnum):
    """What a row is about."""

    ORDERS = "orders"
    SUBSCRIBERS = "subscribers"
    OPT_OUTS = "opt_outs"


class Status(StrEnum):
    """What a cell of the status column makes of its row."""

    ORDER = "order"
    CANCELLED = "cancelled"
    SUBSCRIBED = "subscribed"
    OPTED_OUT = "opted_out"
    SKIP = "skip"


STATUSES: Final[Table[Kind, frozenset[Status]]] = {
    Kind.ORDERS: frozenset({Status.ORDER, Status.CANCELLED, Status.SKIP}),
    Kind.SUBSCRIBERS: frozenset({Status.SUBSCRIBED, Status.OPTED_OUT, Status.SKIP}),
    Kind.OPT_OUTS: frozenset({Status.OPTED_OUT, Status.SKIP}),
}
NAMES: Final = ("customer", "email")
"""The columns that say whom a row is about, in this order."""
CODES: Final = ("program", "via", "cause", "collection_point", "notice")
"""What may be a constant, or a column with a table of its cells."""
_COLUMNS: Final[Table[Kind, frozenset[str]]] = {
    Kind.ORDERS: frozenset(
        {*NAMES, "reference", "time", "status", "cancelled_at", "completed_at", "shipped_at", "collection_point"}
        | {"notice"}
    ),
    Kind.SUBSCRIBERS: frozenset({*NAMES, "reference", "time", "status", *CODES}),
    Kind.OPT_OUTS: frozenset({*NAMES, "time", "status", "program", "via"}),
}
_CONSTANTS: Final[Table[Kind, frozenset[str]]] = {
    Kind.ORDERS: frozenset({"collection_point", "notice", "online", "held", "held_in", "carrier", "payment_processor"}),
    Kind.SUBSCRIBERS: frozenset({"act", "requests", "online", "held", "held_in", *CODES}),
    Kind.OPT_OUTS: frozenset({"program", "via"}),
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _folded(table: object) -> object:
    """Let capitals and outer spaces make no difference in a table of cells."""
    return {key.strip().casefold(): value for key, value in table.items()} if isinstance(table, dict) else table


class Joined(_Frozen):
    """A value that stands in several columns: those of its parts that are not empty, with `by` between them."""

    of: Annotated[tuple[Column, ...], Field(min_length=1, max_length=20), BeforeValidator(_listed)]
    by: Annotated[str, Field(max_length=10)] = ", "


def _joined(value: object) -> object:
    return {"of": value} if isinstance(value, str | list) else value


class Columns(_Frozen):
    """The names of the columns as the file has them; in JSON Lines, keys, with dots between those of nested objects."""

    customer: Column | None = None
    """The service's own number of a customer."""
    email: Column | None = None
    reference: Column | None = None
    """An order's number. Of a subscriber, the number of their form, if there is one."""
    time: Column | None = None
    status: Column | None = None
    cancelled_at: Column | None = None
    completed_at: Column | None = None
    shipped_at: Column | None = None
    """When the carrier got name and address; empty as long as it has not."""
    program: Column | None = None
    via: Column | None = None
    cause: Column | None = None
    collection_point: Column | None = None
    notice: Column | None = None


class Times(_Frozen):
    """How the file writes times, and the time of rows without one."""

    zone: Zone = "UTC"
    format: Annotated[tuple[Form, ...], Field(max_length=10), BeforeValidator(_listed)] = ()
    constant: Instant | None = None


class Maps(_Frozen):
    """What the cells of a column mean; `*` is every other cell."""

    status: Annotated[dict[str, Status], BeforeValidator(_folded)] = {}
    program: Annotated[dict[str, Program], BeforeValidator(_folded)] = {}
    via: Annotated[dict[str, OptOutVia], BeforeValidator(_folded)] = {}
    cause: Annotated[dict[str, Cause], BeforeValidator(_folded)] = {}
    collection_point: Annotated[dict[str, Word], BeforeValidator(_folded)] = {}
    notice: Annotated[dict[str, Word], BeforeValidator(_folded)] = {}


class Constants(_Frozen):
    """What holds of every row."""

    act: Act | None = None
    requests: Annotated[tuple[Literal["catalog", "updates"], ...], BeforeValidator(_listed)] = ()
    collection_point: Word | None = None
    notice: Word | None = None
    online: StrictBool = True
    held: tuple[DataCategory, ...] = ()
    """Categories that were collected and whose values another system has, `held_in`."""
    held_in: Word | None = None
    program: Program | None = None
    via: OptOutVia | None = None
    cause: Cause | None = None
    carrier: Word | None = None
    payment_processor: Word | None = None


class Skip(_Frozen):
    """Rows that are passed over: those whose cell `is` one of these, or is none of these (`is_not`)."""

    column: Column
    is_: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(alias="is", max_length=1_000)] = ()
    is_not: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(max_length=1_000)] = ()

    def concerns(self, cell: str) -> bool:
        """Tell whether a row with this cell is passed over; capitals make no difference."""
        folded = cell.casefold()
        if self.is_:
            return folded in {one.strip().casefold() for one in self.is_}
        return folded not in {one.strip().casefold() for one in self.is_not}


class Mapping(_Frozen):
    """What a file says, and how."""

    title: Annotated[str, Field(max_length=200)] = ""
    kind: Kind
    source: Source
    """The source of the facts; with what is made of the row it names a fact, so that a repeat is known as one."""
    format: Literal["csv", "jsonl"] = "csv"
    delimiter: Literal["auto", ",", ";", "\t", "|"] = "auto"
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1"] = "utf-8"
    optional: tuple[Column, ...] = ()
    """Columns that the file may lack."""
    required: tuple[str, ...] = ()
    """Columns by their key, and data categories, that no row may leave empty."""
    names: Annotated[tuple[Literal["customer", "email"], ...], Field(max_length=2)] = NAMES
    """Which of the columns name the person; the others only hold values."""
    empty: dict[Column, Annotated[tuple[str, ...], BeforeValidator(_listed), Field(max_length=1_000)]] = {}
    """Cells that stand for nothing, by column, such as the number 0 of every guest."""
    columns: Columns
    time: Times = Times()
    values: dict[DataCategory, Annotated[Joined, BeforeValidator(_joined)]] = {}
    constants: Constants = Constants()
    maps: Maps = Maps()
    skip: tuple[Skip, ...] = ()

    def column(self, field: str) -> str | None:
        """Give the column of a field, by its key in `columns`."""
        column: str | None = getattr(self.columns, field)
        return column

    def wanted(self) -> tuple[str, ...]:
        """Give every column that the mapping names, once, in its order."""
        named = [column for _, column in self.columns if column is not None]
        named += [column for value in self.values.values() for column in value.of]
        named += [skip.column for skip in self.skip]
        return tuple(dict.fromkeys(named))

    def statuses(self) -> frozenset[Status]:
        """Give what rows of the file may come to."""
        if self.columns.status is not None:
            return frozenset(self.maps.status.values())
        return frozenset(
            {Kind.ORDERS: {Status.ORDER}, Kind.SUBSCRIBERS: {Status.SUBSCRIBED}, Kind.OPT_OUTS: {Status.OPTED_OUT}}[
                self.kind
            ]
        )


Where = tuple[str | int, ...]


def disagreements(mapping: Mapping) -> Iterator[tuple[Where, str]]:
    """Give what does not go together in a mapping, each with its path and what is wrong there."""
    columns = {field for field, column in mapping.columns if column is not None}
    constants = mapping.constants.model_fields_set
    useless = f"is of no use for {mapping.kind}"
    yield from ((("columns", one), useless) for one in sorted(columns - _COLUMNS[mapping.kind]))
    yield from ((("constants", one), useless) for one in sorted(constants - _CONSTANTS[mapping.kind]))
    yield from ((("columns", one), "is a constant as well") for one in sorted(columns & constants))
    for field in sorted({*CODES, "status"} & columns):
        if not getattr(mapping.maps, field):
            yield ("columns", field), f"needs a table [maps.{field}] of what its cells mean"
    for field in sorted(mapping.maps.model_fields_set - columns):
        yield ("maps", field), f"is of no use without columns.{field}"
    for cell, status in mapping.maps.status.items():
        if status not in STATUSES[mapping.kind]:
            yield ("maps", "status", cell), f"{status} is no status of {mapping.kind}"
    if not set(mapping.names) & columns and mapping.kind is not Kind.ORDERS:
        yield ("columns",), "say nowhere whom a row is about: customer or email"
    if mapping.kind is Kind.ORDERS and "reference" not in columns:
        yield ("columns", "reference"), "is missing: the column of the order's number"
    yield from _of_collections(mapping, columns | constants)
    yield from _of_rows(mapping)


def _of_collections(mapping: Mapping, given: set[str]) -> Iterator[tuple[Where, str]]:
    """Give what the facts lack that rows of this kind make."""
    statuses = mapping.statuses()
    if statuses & {Status.ORDER, Status.CANCELLED, Status.SUBSCRIBED}:
        if "collection_point" not in given:
            yield ("constants", "collection_point"), "is missing: where the data was asked for"
        if not mapping.values and not mapping.constants.held:
            yield ("values",), "is missing: which data the file holds, by category"
        if mapping.kind is Kind.SUBSCRIBERS and mapping.constants.act is None:
            yield ("constants", "act"), "is missing: what people did, such as promotional_request"
        if mapping.constants.requests and mapping.constants.act is not Act.REGISTRATION:
            yield ("constants", "requests"), "goes with act registration only"
        if mapping.constants.cause and "program" not in given:
            yield ("constants", "program"), "is missing: in which program the cause enrolled"
    elif mapping.values:
        yield ("values",), "is of no use where no row makes a collection"
    if Status.OPTED_OUT in statuses:
        yield from ((("constants", one), "is missing") for one in ("program", "via") if one not in given)


def _of_rows(mapping: Mapping) -> Iterator[tuple[Where, str]]:
    """Give what is said of columns or fields that there are not."""
    wanted = mapping.wanted()
    for place, column in enumerate(mapping.optional):
        if column not in wanted:
            yield ("optional", place), "is no column of this mapping"
    for column in mapping.empty:
        if column not in wanted:
            yield ("empty", column), "is no column of this mapping"
    for place, field in enumerate(mapping.required):
        if field not in mapping.values and (field not in Columns.model_fields or mapping.column(field) is None):
            yield ("required", place), "is neither a column's key nor a category of this mapping"
    for place, skip in enumerate(mapping.skip):
        if bool(skip.is_) == bool(skip.is_not):
            yield ("skip", place), "needs is, or else is_not, with the cells"


def model_keys(path: Where) -> tuple[str, ...]:
    """Give the keys that may stand at a path of a mapping; none where they are data."""
    model: Any = Mapping
    for step in path:
        if step in {"columns", "time", "constants", "maps"} and model is Mapping:
            model = {"columns": Columns, "time": Times, "constants": Constants, "maps": Maps}[str(step)]
        elif model is Mapping and step == "skip":
            return ("column", "is", "is_not")
        else:
            return ()
    return tuple(model.model_fields)
