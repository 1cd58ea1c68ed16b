"""Pieces of SQL that several statements share, each written once under a name.

A statement names a piece in braces, such as `{as_of}`, and `with_fragments` puts it there. Braces around any other name
are left alone: `{table}` is the engine's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROMISES: Final = """CASE WHEN event.data ? 'findings' THEN
        ARRAY(
            SELECT DISTINCT (finding ->> 'promise') COLLATE "C"
            FROM jsonb_array_elements(event.data -> 'findings') AS finding
            WHERE {which}
            ORDER BY 1
        )
    ELSE ARRAY[]::text[] END"""

# A piece may name those after it.
_FRAGMENTS: Final[Mapping[str, str]] = {
    # For WITH: the person of each linked stream, by the smallest id of the person's streams.
    "persons": """persons AS (
    SELECT DISTINCT ON (stream_id) stream_id, person_id
    FROM people
    WHERE {as_of}
    ORDER BY stream_id, person_id
)""",
    # What a question may see. `as_of.bounds` gives the two parameters; null leaves that side open.
    "as_of": """position <= coalesce(%(position)s::bigint, 9223372036854775807)
    AND occurred_at <= coalesce(%(time)s::timestamptz, 'infinity')""",
    # The positions of the events on which `event` relies; those of its own fact are stored counted back from it.
    "relied": """ARRAY(
        SELECT CASE WHEN place::bigint > 0 THEN place::bigint ELSE event.position + place::bigint END
        FROM jsonb_array_elements_text(event.data -> 'relies_on') AS place
    )""",
    # The events of one window.
    "window": "position > %(after)s AND position <= %(upto)s",
    # The stream of `event` was not erased.
    "not_erased": """NOT EXISTS (
        SELECT 1 FROM events AS erased
        WHERE erased.topic = 'CustomerErased.v1' AND erased.stream_id = event.stream_id
    )""",
    # The promises that `event` broke, and those that a legal order excused it from.
    "broken": _PROMISES.replace("{which}", "{not_excused}"),
    "excused": _PROMISES.replace("{which}", "finding ->> 'excused' = 'true'"),
    # `finding` is not excused by a legal order.
    "not_excused": "(finding ->> 'excused') IS DISTINCT FROM 'true'",
}


def with_fragments(text: str, **own: str) -> str:
    """Return a statement with every named piece in its place; `own` adds pieces that only this statement has."""
    for name, piece in {**own, **_FRAGMENTS}.items():
        text = text.replace(f"{{{name}}}", piece)
    return text
