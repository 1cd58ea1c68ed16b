"""Mappings of imports: those that come with Pledger, and what one of them says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.imports.catalog import names, read_mapping
from adapters.queries.documents import fields

if TYPE_CHECKING:
    from adapters.imports.mapping import ImportMapping


def import_mappings() -> dict[str, Any]:
    """Return the mappings that come with Pledger, by name."""
    return {"mappings": [{"name": name, **fields(read_mapping(name), "kind format title")} for name in names()]}


def mapping_summary(mapping: ImportMapping) -> dict[str, Any]:
    """Return what a mapping makes of a file."""
    optional = set(mapping.optional)
    return {
        "kind": mapping.kind,
        "format": mapping.format,
        "source": mapping.source,
        "columns": [column for column in mapping.wanted() if column not in optional],
        "optional": list(mapping.optional),
        "categories": sorted({*mapping.values, *mapping.constants.held}),
        "zone": mapping.time.zone,
    }
