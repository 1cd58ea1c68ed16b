"""The text of a ledger's queries: the files under queries/, one query a file, with the fragments that they share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from adapters.postgres.rows import EventRow
from projections.fragments import with_fragments

_FOLDER: Final = Path(__file__).with_name("queries")
_FRAGMENTS: Final = {
    # The columns of an `EventRow`: whole, and without what is sealed.
    "columns": ", ".join(EventRow._fields),
    "row": ", ".join(EventRow._fields).replace("data", "data::text"),
    "coded_row": f"{', '.join(EventRow._fields[:-3])}, data::text, NULL::bytea, NULL::bytea",
    # Every finding that no legal order excuses, beside its event.
    "findings": """events, jsonb_array_elements(data -> 'findings') AS finding
WHERE data ? 'findings' AND {not_excused}""",
    # The events of a webhook's topics. None of these topics is a common one: the second line leads to the index
    # uncommon_events. The return of somebody under age is no opt-out.
    "for_webhook": """topic = ANY (%(topics)s::text[])
    AND topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1'])
    AND (topic <> 'SuppressionRecalled.v1' OR data ? 'program')""",
}


@cache
def query(name: str, **pieces: str) -> bytes:
    """Return the text of a query under queries/, as the driver takes it; `pieces` fills what it leaves open."""
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return with_fragments(text, **_FRAGMENTS, **pieces).encode()
