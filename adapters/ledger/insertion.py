"""Inserting a batch, in the transaction of a connection: one statement, and COPY beside it for a large batch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from adapters.ledger.records import UNKNOWN
from adapters.postgres.copy_format import copy_bytes
from adapters.postgres.queries import query
from domain.records.contacts import EVER
from domain.suppressed import word_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import psycopg

    from adapters.ledger.batch import Batch
    from adapters.ledger.repeats import FactRow
    from adapters.postgres.clock import DatabaseClock
    from adapters.postgres.rows import EventRow
    from domain.suppressed import Suppression

COPY_FROM: Final = 100
"""From this many events on, COPY is faster than JSON (measured)."""


def insert(batch: Batch, clock: DatabaseClock) -> int | None:
    """Insert a batch, and return the position before its first event; `clock` hears when that was.

    Return None, and insert nothing, where something has changed that the batch was decided from.
    """
    records = batch.records
    is_new = records.are_new(batch.people.values(), batch.streams)
    copied = len(batch.rows) >= COPY_FROM
    ((base, recorded_at, unchanged),) = records.fetch(
        "append_batch",
        start=batch.start if is_new else UNKNOWN,
        events=len(batch.rows),
        batch=_as_json(batch, with_events=not copied),
    )
    clock.heard(recorded_at)
    if not unchanged:
        return None
    batch.move(base)
    if copied:
        copy_rows(records.connection, batch.rows, base=base, recorded_at=recorded_at)
    if batch.values:
        batch.values.carry_out(base)
    if batch.proposed:
        batch.proposed.insert(records.connection, int(base))
    _keep_spans(batch)
    _keep_waiting(batch, base + len(batch.rows))
    if batch.tombstones.late_streams:
        _keep_late(batch, base + len(batch.rows))
    elif batch.tombstones.owed_late:  # Told of somebody living, whom an erased person had been one with.
        records.connection.execute(query("owed_changed"))
    for digest, end, one in batch.tombstones.owed_late:
        _owe(records.connection, digest, end, one)
    if batch.erased:
        _erase(batch, base + len(batch.rows))
    return int(base)


def copy_rows(
    connection: psycopg.Connection[Any], rows: Sequence[EventRow], *, base: int, recorded_at: datetime
) -> None:
    """Insert rows at the positions after `base`; the caller holds the lock on the head row."""
    with connection.cursor() as cursor, cursor.copy(query("copy_events")) as copy:
        copy.write(copy_bytes(rows, base=base, recorded_at=recorded_at))


def _keep_spans(batch: Batch) -> None:
    """Keep to whom names lead when that were given up, and what is owed to those who have them next."""
    connection, spans = batch.records.connection, batch.spans
    for name in spans.changed:
        connection.execute(query("delete_name"), {"digest": batch.keyring.name(name)})
    for row in spans.as_rows():
        connection.execute(query("insert_name_span"), row)
    for (digest, end), several in spans.owed.items():
        for one in several:
            _owe(connection, digest, end, one)
    for one, at in spans.owed_ended:
        wanted = {"owed": word_of(one.what), "source": one.source, "ended": at}
        connection.execute(query("end_owed"), wanted)


def _keep_waiting(batch: Batch, position: int) -> None:
    """Keep what waits at contact points, and which of them nobody living holds any more."""
    connection = batch.records.connection
    for one in batch.tombstones.waits:
        name = "delete_waiting_suppression" if one.is_settled else "insert_waiting_suppression"
        wanted = {
            "digest": one.point.key,
            "owed": word_of(one.owed.what),
            "since": one.owed.since,
            "code": one.owed.code,
        }
        connection.execute(query(name), wanted)
    for point, held in batch.tombstones.released:
        starts = [None if start == EVER else start for start in held]
        released: dict[str, Any] = {"digest": point.key, "held": starts, "position": position}
        connection.execute(query("release_tombstones"), released)


def _owe(connection: psycopg.Connection[Any], digest: bytes, end: datetime, one: Suppression) -> None:
    after_end = None if end == EVER else end
    wanted = {"digest": digest, "owed": word_of(one.what), "since": one.since, "after_end": after_end}
    connection.execute(
        query("owe_name"), wanted | {"source": one.source or None, "ended": one.ended, "said": one.by_last}
    )


def _keep_late(batch: Batch, position: int) -> None:
    """Keep what facts about people erased before leave behind."""
    connection = batch.records.connection
    streams = {"streams": batch.tombstones.late_streams}
    until = {"until": None, "position": position, "erased_by": None, "code": None}
    connection.execute(query("insert_tombstones"), streams | batch.tombstones.as_columns() | until)
    connection.execute(query("delete_fact_places"), streams)


def _erase(batch: Batch, position: int) -> None:
    connection = batch.records.connection
    streams = {"streams": list(batch.erased)}
    owed = {
        "owed": [word_of(one.what) for one in batch.owed],
        "since": [one.since for one in batch.owed],
    }
    until = {"until": batch.erased_until, "position": position, "erased_by": position, "code": batch.tombstones.code}
    connection.execute(query("insert_tombstones"), streams | batch.tombstones.as_columns() | until)
    connection.execute(query("delete_suppressions"), streams)
    connection.execute(query("insert_suppressions"), streams | owed)
    connection.execute(query("delete_contact_points"), streams)
    connection.execute(query("delete_names"), streams)
    connection.execute(query("delete_fact_places"), streams)
    connection.execute(query("destroy_value_keys"), streams)
    connection.execute(query("forget_proposed_names"), {"position": position})
    connection.execute(query("delete_stream_keys"), streams)


def _as_json(batch: Batch, *, with_events: bool) -> str:
    """Return a batch as append_batch takes it; places count from 1, bytes are in hex, empty parts are left out."""
    parts: dict[str, Any] = {
        "streams": {str(stream): version for stream, version in batch.streams.items()},
        "keys": {str(stream): wrapped.hex() for stream, wrapped in batch.new_keys.items()},
        "names": {digest.hex(): str(stream) for digest, stream in batch.names.items()},
        "contact_names": [digest.hex() for digest in batch.contact_names],
        "visitor_names": {digest.hex(): str(stream) for digest, stream in batch.visitor_names.items()},
        **batch.contacts.as_json(batch.people.values(), batch.start),
        **_facts_as_json(batch.facts),
        **_value_keys_as_json(batch.rows),
        "events": [_event_as_json(place, row) for place, row in enumerate(batch.rows, 1)] if with_events else [],
    }
    parts["owed_changes"] = batch.records.owed_changes
    if batch.tombstones.late_streams or batch.tombstones.owed_late or batch.rests_on_holders:
        parts["rests_on_all"] = True
    given = {"key_id": batch.keyring.holder.key_id, "planned_at": batch.start} | {
        name: part for name, part in parts.items() if part
    }
    return json.dumps(given, ensure_ascii=False)


def _facts_as_json(facts: list[FactRow]) -> dict[str, Any]:
    """Return the facts in columns, in the order of their digests: that is faster, and does not tell whose they are."""
    names, contents, streams, places, events, flags = zip(*sorted(facts), strict=True)
    return {
        "facts": b"".join(names).hex(),
        "contents": b"".join(contents).hex(),
        "fact_streams": [stream.hex for stream in streams],
        "fact_places": places,
        "fact_events": events,
        "fact_flags": flags,
    }


def _value_keys_as_json(rows: Sequence[EventRow]) -> dict[str, Any]:
    """Return the keys of values in columns, each with the place of its event."""
    keys = {place: row.value_keys for place, row in enumerate(rows, 1) if row.value_keys is not None}
    return {"value_places": list(keys), "value_keys": [wrapped.hex() for wrapped in keys.values()]}


def _event_as_json(place: int, row: EventRow) -> dict[str, object]:
    return {
        "place": place,
        "stream_id": str(row.stream_id),
        "version": row.version,
        "topic": row.topic,
        "occurred_at": row.occurred_at.isoformat(),
        "actor": row.actor,
        "source": row.source,
        "part": row.part,
        "policy": row.policy,
        "data": json.loads(row.data),
        "sealed": row.sealed and row.sealed.hex(),
        "key_commitment": row.key_commitment and row.key_commitment.hex(),
    }
