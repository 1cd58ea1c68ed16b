"""What does not go together in a mapping of an import, although each of its keys is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.imports.mapping import CODES, NAMES, STATUSES, Columns, RowKind, RowStatus
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.imports.mapping import ImportMapping
    from adapters.imports.mapping_file import KeyPath

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
    if mapping.prefix.order and mapping.kind is not RowKind.ORDERS:
        yield ("prefix", "order"), f"is of no use for {mapping.kind}"
    if mapping.prefix.customer and mapping.column("customer") is None:
        yield ("prefix", "customer"), "is of no use without columns.customer"
    wanted = mapping.wanted()
    for place, column in enumerate(mapping.optional):
        if column not in wanted:
            yield ("optional", place), "is not a column of this mapping"
    for key, cells in (("empty", mapping.empty), ("kept", mapping.kept)):
        yield from (((key, column), "is not a column of this mapping") for column in cells if column not in wanted)
    for place, field in enumerate(mapping.required):
        if field not in mapping.values and (field not in Columns.model_fields or mapping.column(field) is None):
            yield ("required", place), "is neither a column's key nor a category of this mapping"
    for place, skip in enumerate(mapping.skip):
        if bool(skip.is_) == bool(skip.is_not):
            yield ("skip", place), "needs is, or else is_not, with the cells"
