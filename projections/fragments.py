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
            FROM {each_finding}
            WHERE {which}
            ORDER BY 1
        )
    ELSE ARRAY[]::text[] END"""

# A piece may name those after it.
FRAGMENTS: Final[Mapping[str, str]] = {
    # For WITH: the person of each stream that was ever linked, by the smallest id of the person's streams.
    "persons": """persons AS (
    SELECT DISTINCT ON (stream_id) stream_id, person_id
    FROM people
    WHERE {as_of}
    ORDER BY stream_id, position DESC
)""",
    # For WITH, after a `change` of the table holdings: what was deleted, by the position that it came with.
    "gone": """gone AS (
    SELECT DISTINCT place::bigint AS position, category
    FROM change
    CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements_text(deleted_from), jsonb_array_elements_text(categories))
        AS one (place, category)
    WHERE deleted_from IS NOT NULL
)""",
    # What a question may see. `as_of.bounds` gives the two parameters; null leaves that side open.
    "as_of": """position <= coalesce(%(position)s::bigint, 9223372036854775807)
    AND occurred_at <= coalesce(%(time)s::timestamptz, 'infinity')""",
    # The same, by the times of facts: what follows from one can begin only an instant after it. What goes on once
    # something was annulled does.
    "as_of_facts": """position <= coalesce(%(position)s::bigint, 9223372036854775807)
    AND (
        occurred_at <= coalesce(%(time)s::timestamptz, 'infinity')
        OR ({is_consequence} AND occurred_at = %(time)s::timestamptz + interval '1 microsecond' AND (
            SELECT first.occurred_at <= %(time)s::timestamptz
            FROM events AS first
            WHERE first.position = events.position - events.part
        ))
    )""",
    # The ledger made it of a fact that says something else.
    "is_consequence": """(
        topic IN ('EnrollmentEnded.v1', 'SuppressionRecalled.v1', 'SuppressionEnded.v1')
        OR (topic = 'CustomerEnrolled.v1' AND part > 0)
        OR (topic = 'CustomerOptedOut.v1' AND data ? 'follows')
    )""",
    # The positions of the events on which `event` relies; those of its own fact are stored counted back from it.
    "relied": """ARRAY(
        SELECT CASE WHEN place::bigint > 0 THEN place::bigint ELSE event.position + place::bigint END
        FROM jsonb_array_elements_text(event.data -> 'relies_on') AS place
    )""",
    # The events of one window.
    "window": "{after} AND position <= %(upto)s",
    # What came after a position.
    "after": "position > %(after)s",
    # What happened in a period, its ends included.
    "in_period": "(occurred_at >= %(low)s::timestamptz AND occurred_at <= %(high)s::timestamptz)",
    # The stream of `event` was not erased; where it was.
    "not_erased": "NOT EXISTS (SELECT 1 FROM {erasures_of_stream})",
    "erased_at": "(SELECT min(erased.position) FROM {erasures_of_stream})",
    "erasures_of_stream": """events AS erased
        WHERE erased.{is_erasure} AND erased.stream_id = event.stream_id""",
    # Says which streams are one person's from here on; an unlink of two who were not one person does not.
    "changes_people": "(topic = 'CustomersLinked.v1' OR (topic = 'CustomersUnlinked.v1' AND data ? 'parted'))",
    # For WITH: the codes of the erasures of who had a name at a time.
    "erased_of_name": """erased AS (
    SELECT DISTINCT code FROM tombstones
    WHERE digest = %(name)s::bytea AND NOT is_contact AND NOT is_typed AND after_end <= %(issued_at)s::timestamptz
)""",
    # Of a delivery to a webhook, which tells of `event`: its number, the event's position and stream, and the person
    # whose stream it was by the end of the window.
    "delivery_of_event": """coalesce(
        (SELECT max(queued.number) FROM webhook_deliveries AS queued WHERE queued.webhook = %(webhook)s), 0
    )
        + row_number() OVER (ORDER BY event.position),
    event.position, event.stream_id,
    coalesce(
        (
            SELECT (link.data ->> 'person')::uuid FROM events AS link
            WHERE link.stream_id = event.stream_id AND link.{is_joining} AND link.position <= %(upto)s
            ORDER BY link.version DESC
            LIMIT 1
        ),
        event.stream_id
    )""",
    # Is a link or an unlink, of whatever effect.
    "is_joining": "topic IN ('CustomersLinked.v1', 'CustomersUnlinked.v1')",
    "is_erasure": "topic = 'CustomerErased.v1'",
    # The promises that `event` broke, and those that a legal order excused it from.
    "broken": _PROMISES.replace("{which}", "{not_excused}"),
    "excused": _PROMISES.replace("{which}", "{is_excused}"),
    # Every finding that no legal order excuses, beside its event.
    "findings": """events AS event, {each_finding}
WHERE data ? 'findings' AND {not_excused}""",
    # The findings of `event`, each as `finding`; whether a legal order excuses it.
    "each_finding": "jsonb_array_elements(event.data -> 'findings') AS finding",
    "is_excused": "(finding ->> 'excused') IS NOT DISTINCT FROM 'true'",
    "not_excused": "(finding ->> 'excused') IS DISTINCT FROM 'true'",
    # The events of a webhook's topics. None of these topics is a common one: the second line leads to the index
    # uncommon_events. The return of somebody under age is no opt-out.
    "for_webhook": """topic = ANY (%(topics)s::text[])
    AND topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1'])
    AND (topic <> 'SuppressionRecalled.v1' OR data ? 'program')""",
}


def with_fragments(text: str, **own: str) -> str:
    """Return a statement with every named piece in its place; `own` adds pieces that only this statement has."""
    for name, piece in {**own, **FRAGMENTS}.items():
        text = text.replace(f"{{{name}}}", piece)
    return text
