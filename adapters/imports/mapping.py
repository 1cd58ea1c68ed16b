"""The mapping of a file of orders, subscribers or opt-outs: what its columns mean, and what the file does not say.

A word that stays in the clear in the ledger (a program, a collection point, a notice) comes from the mapping, never
from a cell: a column of such words has a table that says what each cell means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool

from adapters.imports.mapping_file import Column, FrozenModel, TableMapping, Times, as_list
from domain.facts.fields import DataCategory, Instant, OpenWord, Source, Word
from domain.vocabulary import Act, Cause, OptOutVia, Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.imports.mapping_file import KeyPath


class RowKind(StrEnum):
    """What each row is about."""

    ORDERS = "orders"
    SUBSCRIBERS = "subscribers"
    OPT_OUTS = "opt_outs"


class RowStatus(StrEnum):
    """What the status column says of a row. A `cancellation` states no order, but only that one was cancelled."""

    ORDER = "order"
    CANCELLED = "cancelled"
    CANCELLATION = "cancellation"
    SUBSCRIBED = "subscribed"
    OPTED_OUT = "opted_out"
    SKIP = "skip"


STATUSES: Final[Mapping[RowKind, frozenset[RowStatus]]] = {
    RowKind.ORDERS: frozenset({RowStatus.ORDER, RowStatus.CANCELLED, RowStatus.CANCELLATION, RowStatus.SKIP}),
    RowKind.SUBSCRIBERS: frozenset({RowStatus.SUBSCRIBED, RowStatus.OPTED_OUT, RowStatus.SKIP}),
    RowKind.OPT_OUTS: frozenset({RowStatus.OPTED_OUT, RowStatus.SKIP}),
}
_ONLY_STATUS: Final[Mapping[RowKind, RowStatus]] = {
    RowKind.ORDERS: RowStatus.ORDER,
    RowKind.SUBSCRIBERS: RowStatus.SUBSCRIBED,
    RowKind.OPT_OUTS: RowStatus.OPTED_OUT,
}
"""The status of all rows of a file without a status column."""
NAMES: Final = ("customer", "email")
"""The columns that name the person, in this order."""
CODES: Final = ("program", "via", "cause", "collection_point", "notice")
"""Codes that are either a constant, or a column with a table of its cells."""
_COLUMNS: Final[Mapping[RowKind, frozenset[str]]] = {
    RowKind.ORDERS: frozenset(
        {*NAMES, "reference", "time", "status", "cancelled_at", "completed_at", "shipped_at", "collection_point"}
        | {"notice"}
    ),
    RowKind.SUBSCRIBERS: frozenset({*NAMES, "reference", "time", "status", *CODES}),
    RowKind.OPT_OUTS: frozenset({*NAMES, "time", "status", "program", "via"}),
}
_CONSTANTS: Final[Mapping[RowKind, frozenset[str]]] = {
    RowKind.ORDERS: frozenset(
        {"collection_point", "notice", "online", "held", "held_in", "carrier", "payment_processor"}
    ),
    RowKind.SUBSCRIBERS: frozenset({"act", "requests", "online", "held", "held_in", *CODES}),
    RowKind.OPT_OUTS: frozenset({"program", "via"}),
}


class Joined(FrozenModel):
    """A value from several columns: the parts that are not empty, with `by` between them."""

    of: Annotated[tuple[Column, ...], Field(min_length=1, max_length=20), BeforeValidator(as_list)]
    by: Annotated[str, Field(max_length=10)] = ", "


def _joined(value: object) -> object:
    return {"of": value} if isinstance(value, str | list) else value


class Columns(FrozenModel):
    """The names of the columns, as the file has them."""

    customer: Column | None = None
    """The service's own number of a customer."""
    email: Column | None = None
    reference: Column | None = None
    """The number of an order, or of a subscriber's form."""
    time: Column | None = None
    status: Column | None = None
    cancelled_at: Column | None = None
    completed_at: Column | None = None
    shipped_at: Column | None = None
    """When the carrier got name and address; empty until then."""
    program: Column | None = None
    via: Column | None = None
    cause: Column | None = None
    collection_point: Column | None = None
    notice: Column | None = None


class RowTimes(Times):
    """How the file writes times; `constant` is the time of rows without one.

    With `local` a time is a reading of a clock in `zone`: an offset, or a date alone, is an error.
    """

    local: StrictBool = False
    constant: Instant | None = None


class Maps(FrozenModel):
    """What the cells of a column mean: `C*` is every cell that begins with C, `*` every other one.

    Capitals make no difference, unless `match_case` says so.
    """

    match_case: StrictBool = False
    status: dict[str, RowStatus] = Field(default_factory=dict)
    program: dict[str, Program] = Field(default_factory=dict)
    via: dict[str, OptOutVia] = Field(default_factory=dict)
    cause: dict[str, Cause] = Field(default_factory=dict)
    collection_point: dict[str, Word] = Field(default_factory=dict)
    notice: dict[str, Word] = Field(default_factory=dict)


class Constants(FrozenModel):
    """What is true of every row."""

    act: Act | None = None
    requests: Annotated[tuple[Literal["catalog", "updates"], ...], BeforeValidator(as_list)] = ()
    collection_point: Word | None = None
    notice: Word | None = None
    online: StrictBool = True
    held: tuple[DataCategory, ...] = ()
    """Categories that were collected, and whose values are in another system, `held_in`."""
    held_in: Word | None = None
    program: Program | None = None
    via: OptOutVia | None = None
    cause: Cause | None = None
    carrier: OpenWord | None = None
    payment_processor: OpenWord | None = None


class Skip(FrozenModel):
    """Rows that are skipped: those whose cell `is` one of these, or is not one of `is_not`."""

    column: Column
    is_: Annotated[tuple[str, ...], BeforeValidator(as_list), Field(alias="is", max_length=1_000)] = ()
    is_not: Annotated[tuple[str, ...], BeforeValidator(as_list), Field(max_length=1_000)] = ()

    def matches(self, cell: str) -> bool:
        """Return whether a row with this cell is skipped; capitals make no difference."""
        folded = cell.casefold()
        if self.is_:
            return folded in {one.strip().casefold() for one in self.is_}
        return folded not in {one.strip().casefold() for one in self.is_not}


NumberForm = Literal["count", "integer", "decimal"]
OrderPurpose = Literal["complete_order", "take_payment", "deliver_order"]


class ImportMapping(TableMapping):
    """What a file says, and how."""

    title: Annotated[str, Field(max_length=200)] = ""
    kind: RowKind
    source: Source
    """The source of the facts. Source and id name a fact, so that a repeated import is recognised."""
    required: tuple[str, ...] = ()
    """Columns by their key, and data categories, that no row may leave empty."""
    names: Annotated[tuple[Literal["customer", "email"], ...], Field(max_length=2)] = NAMES
    """Which of the columns name the person; the others only hold values."""
    empty: dict[Column, Annotated[tuple[str, ...], BeforeValidator(as_list), Field(max_length=1_000)]] = Field(
        default_factory=dict
    )
    """Cells that stand for nothing, by column, such as the number 0 of every guest."""
    numbers: dict[Column, NumberForm] = Field(default_factory=dict)
    """Columns that hold numbers. They are in no fact; a row whose cell is not such a number is rejected."""
    columns: Columns
    time: RowTimes = RowTimes()
    values: dict[DataCategory, Annotated[Joined, BeforeValidator(_joined)]] = Field(default_factory=dict)
    constants: Constants = Constants()
    maps: Maps = Maps()
    order_facts: dict[OrderPurpose, Word] = Field(
        default={"take_payment": "share-take_payment", "deliver_order": "share-deliver_order"}
    )
    """What follows the collection of an order, in this order: purposes, each with the end of its fact's id."""
    skip: tuple[Skip, ...] = ()

    def column(self, field: str) -> str | None:
        """Return the column of a field, by its key in `columns`."""
        column: str | None = getattr(self.columns, field)
        return column

    def wanted(self) -> tuple[str, ...]:
        """Return every column that the mapping names, once, in its order."""
        others = [column for value in self.values.values() for column in value.of]
        others += [skip.column for skip in self.skip]
        return tuple(dict.fromkeys((*self.single_line(), *others, *self.numbers)))

    def statuses(self) -> frozenset[RowStatus]:
        """Return the statuses that rows of the file may have."""
        if self.columns.status is not None:
            return frozenset(self.maps.status.values())
        return frozenset(
            {
                RowKind.ORDERS: {RowStatus.ORDER},
                RowKind.SUBSCRIBERS: {RowStatus.SUBSCRIBED},
                RowKind.OPT_OUTS: {RowStatus.OPTED_OUT},
            }[self.kind]
        )


def conflicts(mapping: ImportMapping) -> Iterator[tuple[KeyPath, str]]:
    """Yield what does not go together in a mapping: the path of a key, and what is wrong there."""
    columns = {field for field, column in mapping.columns if column is not None}
    constants = mapping.constants.model_fields_set
    useless = f"is of no use for {mapping.kind}"
    yield from ((("columns", one), useless) for one in sorted(columns - _COLUMNS[mapping.kind]))
    yield from ((("constants", one), useless) for one in sorted(constants - _CONSTANTS[mapping.kind]))
    yield from ((("columns", one), "is a constant as well") for one in sorted(columns & constants))
    for field in sorted({*CODES, "status"} & columns):
        if not getattr(mapping.maps, field):
            yield ("columns", field), f"needs a table [maps.{field}] of what its cells mean"
    for field in sorted(mapping.maps.model_fields_set - columns - {"match_case"}):
        yield ("maps", field), f"is of no use without columns.{field}"
    for cell, status in mapping.maps.status.items():
        if status not in STATUSES[mapping.kind]:
            yield ("maps", "status", cell), f"{status} is not a status of {mapping.kind}"
    if not set(mapping.names) & columns and mapping.kind is not RowKind.ORDERS:
        yield ("columns",), "name no person: customer or email"
    if mapping.kind is RowKind.ORDERS and "reference" not in columns:
        yield ("columns", "reference"), "is missing: the column of the order's number"
    if mapping.kind is not RowKind.ORDERS and "order_facts" in mapping.model_fields_set:
        yield ("order_facts",), useless
    yield from _in_facts(mapping, columns | constants)
    yield from _in_rows(mapping)


def _in_facts(mapping: ImportMapping, given: set[str]) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is missing for the facts that rows of this kind make."""
    statuses = mapping.statuses()
    if statuses & {RowStatus.ORDER, RowStatus.CANCELLED, RowStatus.SUBSCRIBED}:
        if "collection_point" not in given:
            yield ("constants", "collection_point"), "is missing: where the data was asked for"
        if not mapping.values and not mapping.constants.held:
            yield ("values",), "is missing: the data that the file holds, by category"
        if mapping.kind is RowKind.SUBSCRIBERS and mapping.constants.act is None:
            yield ("constants", "act"), "is missing: what people did, such as promotional_request"
        if mapping.constants.requests and mapping.constants.act is not Act.REGISTRATION:
            yield ("constants", "requests"), "goes with act registration only"
        if mapping.constants.cause and "program" not in given:
            yield ("constants", "program"), "is missing: in which program the cause enrolled"
    elif mapping.values:
        yield ("values",), "is of no use where no row makes a collection"
    if RowStatus.OPTED_OUT in statuses:
        yield from ((("constants", one), "is missing") for one in ("program", "via") if one not in given)


def _in_rows(mapping: ImportMapping) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is said of columns or keys that the mapping does not have."""
    wanted = mapping.wanted()
    for place, column in enumerate(mapping.optional):
        if column not in wanted:
            yield ("optional", place), "is not a column of this mapping"
    for column in mapping.empty:
        if column not in wanted:
            yield ("empty", column), "is not a column of this mapping"
    for place, field in enumerate(mapping.required):
        if field not in mapping.values and (field not in Columns.model_fields or mapping.column(field) is None):
            yield ("required", place), "is neither a column's key nor a category of this mapping"
    for place, skip in enumerate(mapping.skip):
        if bool(skip.is_) == bool(skip.is_not):
            yield ("skip", place), "needs is, or else is_not, with the cells"
