"""The mapping of a file of orders, subscribers or opt-outs: what its columns mean, and what the file does not say.

A word that stays in the clear in the ledger (a program, a collection point, a notice) comes from the mapping, never
from a cell: a column of such words has a table that says what each cell means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool

from adapters.imports.mapping_file import Column, FrozenModel, TableMapping, Times, as_list
from adapters.imports.null_cells import ColumnUse, NullCells
from domain.facts.fields import DataCategory, OldInstant, OpenWord, PlainCode, Source, Word
from domain.routes import routes
from domain.vocabulary import ADDRESS, EMAIL, NAME, Act, Cause, OptOutVia, Program, covers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
IDENTIFIERS: Final = (*NAMES, "reference")
TIMES: Final = ("time", "cancelled_at", "completed_at", "shipped_at")
CODES: Final = ("program", "via", "cause", "collection_point", "notice")
"""Codes that are either a constant, or a column with a table of its cells."""


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
    constant: OldInstant | None = None


class Maps(FrozenModel):
    """What the cells of a column mean: `C*` is every cell that begins with C, `*` every other one.

    Capitals make no difference, unless `match_case` says so.
    """

    match_case: StrictBool = False
    status: dict[str, RowStatus] = Field(default_factory=dict)
    program: dict[str, Program] = Field(default_factory=dict)
    via: dict[str, OptOutVia] = Field(default_factory=dict)
    cause: dict[str, Cause] = Field(default_factory=dict)
    collection_point: dict[str, PlainCode] = Field(default_factory=dict)
    notice: dict[str, PlainCode] = Field(default_factory=dict)


class Constants(FrozenModel):
    """What is true of every row."""

    act: Act | None = None
    requests: Annotated[tuple[Literal["catalog", "updates"], ...], BeforeValidator(as_list)] = ()
    collection_point: PlainCode | None = None
    notice: PlainCode | None = None
    online: StrictBool = True
    held: tuple[DataCategory, ...] = ()
    """Categories that were collected, and whose values are in another system, `held_in`."""
    held_in: Word | None = None
    program: Program | None = None
    via: OptOutVia | None = None
    cause: Cause | None = None
    carrier: OpenWord | None = None
    payment_processor: OpenWord | None = None


class Prefixes(FrozenModel):
    """What goes before the numbers of a file in names, so that those of two shops are not taken for each other."""

    customer: Annotated[str, Field(max_length=100)] = ""
    order: Annotated[str, Field(max_length=100)] = ""


class Skip(FrozenModel):
    """Rows that are skipped: those whose cell `is` one of these, or is not one of `is_not`."""

    column: Column
    is_: Annotated[tuple[str, ...], BeforeValidator(as_list), Field(alias="is", max_length=1_000)] = ()
    is_not: Annotated[tuple[str, ...], BeforeValidator(as_list), Field(max_length=1_000)] = ()

    def reading(self, is_null: Callable[[str], bool]) -> Skip:
        """Return the condition for cells of which those that stand for nothing are empty."""
        is_, is_not = (tuple("" if is_null(one) else one for one in cells) for cells in (self.is_, self.is_not))
        return self.model_copy(update={"is_": is_, "is_not": is_not})

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
    """Cells that stand for nothing, by column, beside those that do in every file (`null_cells`)."""
    kept: dict[Column, Annotated[tuple[str, ...], BeforeValidator(as_list), Field(max_length=1_000)]] = Field(
        default_factory=dict
    )
    """Cells, by column, that stand for themselves although they look like nothing, such as the town None."""
    prefix: Prefixes = Prefixes()
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

    def null_cells(self) -> NullCells:
        """Return what reads the columns that identify, hold a time or a value; tables say what other cells mean."""
        uses = {column: ColumnUse.IDENTIFIER for field in IDENTIFIERS if (column := self.column(field))}
        uses |= {column: ColumnUse.TIME for field in TIMES if (column := self.column(field)) and column not in uses}
        names = [joined.of for category, joined in self.values.items() if covers(NAME, category)]
        for category, joined in self.values.items():
            use = ColumnUse.PERSON_NAME if covers(NAME, category) else ColumnUse.VALUE
            uses |= {column: use for column in joined.of if column not in uses}
        return NullCells(uses, names, self.empty, self.kept)

    def statuses(self) -> frozenset[RowStatus]:
        """Return the statuses that rows of the file may have."""
        if self.columns.status is not None:
            return frozenset(self.maps.status.values())
        return frozenset({_ONLY_STATUS[self.kind]})

    def asks(self) -> bool:
        """Return whether what subscribers did opens a program, so that it matters when they did it."""
        constants = self.constants
        return constants.act is not None and bool(routes(constants.act, (EMAIL, ADDRESS), constants.requests))
