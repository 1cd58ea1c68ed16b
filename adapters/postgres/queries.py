"""The text of a ledger's queries: the files under queries/, one query a file, with the fragments that they share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from adapters.postgres.rows import EventRow
from projections.fragments import with_fragments

_FOLDER: Final = Path(__file__).with_name("queries")
_STORED: Final = EventRow._fields[:-1]
_VALUE_KEYS: Final = (
    "CASE WHEN substring(sealed FROM 1 FOR 1) = '\\x02'::bytea "
    "THEN (SELECT wrapped FROM value_keys WHERE value_keys.position = events.position) END"
)
"""Only an event that was sealed with values has keys of values (`adapters.keys.sealing`)."""
_COLUMNS: Final = {
    # Those of an `EventRow`: whole, and without what is sealed.
    "columns": ", ".join(_STORED),
    "row": f"{', '.join(_STORED).replace('data', 'data::text')}, {_VALUE_KEYS}",
    "coded_row": f"{', '.join(_STORED[:-3])}, data::text, NULL::bytea, NULL::bytea, NULL::bytea",
}


@cache
def query(name: str, **pieces: str) -> bytes:
    """Return the text of a query under queries/, as the driver takes it; `pieces` fills what it leaves open."""
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return with_fragments(text, **_COLUMNS, **pieces).encode()
