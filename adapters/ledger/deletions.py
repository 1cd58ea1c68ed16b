"""What a batch destroys in a deletion in part: the keys of values, and texts of contact points that stood in them.

Planning collects the values. They are destroyed in the transaction that appends the batch, once its rows stand: a value
that the same batch brought goes like any other.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from typing import TYPE_CHECKING

from adapters.keys.sealing import NONCE_BYTES, event_key, value_places, without_values
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.deletion import values_elsewhere
from domain.events.customer import CustomerEvent, DataCollected, DataCorrected
from domain.facts.contact_values import contacts_in
from domain.store import KeptValue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.events import Event
    from domain.facts.fields import Subject


class Deletions:
    """The values that a batch deletes, at the positions that were planned, beside the `rows` planned after `start`."""

    def __init__(self, records: Records, rows: Sequence[EventRow], start: int) -> None:
        self._records = records
        self._rows = rows
        self._start = start
        self._gone: set[KeptValue] = set()

    def __bool__(self) -> bool:
        return bool(self._gone)

    def destroy(self, values: Iterable[KeptValue]) -> None:
        """Have values destroyed when the batch is appended."""
        self._gone.update(values)

    def kept(self, streams: Iterable[UUID]) -> Iterator[KeptValue]:
        """Yield the values on streams that are still there, in the log or planned."""
        wanted = list(streams)
        rows = self._records.fetch("kept_values", streams=wanted)
        for position, row in enumerate(self._rows, self._start + 1):
            if row.value_keys is not None and row.stream_id in wanted:
                data = json.loads(row.data)
                if categories := data.get("categories") or ([data["category"]] if "category" in data else []):
                    rows.append((row.stream_id, position, categories, row.value_keys))
        for stream, position, categories, wrapped in rows:
            for place in value_places(wrapped):
                value = KeptValue(stream, position, categories[place])
                if value not in self._gone:
                    yield value

    def elsewhere(self, streams: Iterable[UUID], held_in: str) -> Iterator[KeptValue]:
        """Yield what collections on these streams say that another system holds, in the log or planned."""
        wanted = list(streams)
        rows = [EventRow(*row) for row in self._records.fetch("stream_events", streams=wanted)]
        rows += [
            row._replace(position=position)
            for position, row in enumerate(self._rows, self._start + 1)
            if row.stream_id in wanted
        ]
        yield from values_elsewhere((to_event(row, self._dek(row.stream_id)) for row in rows), held_in)

    def carry_out(self, base: int) -> None:
        """Destroy the values; the caller has inserted the batch after the position `base`, in the same transaction."""
        by = base - self._start
        gone: dict[int, set[str]] = defaultdict(set)
        for value in self._gone:
            gone[value.position + by if value.position > self._start else value.position].add(value.category)
        streams = list({value.stream for value in self._gone})
        rows = [EventRow(*row) for row in self._records.fetch("stream_events", streams=streams)]
        events = {row.position: to_event(row, self._dek(row.stream_id)) for row in rows}
        cuts = {
            row.position: self._cut(row, events[row.position], gone[row.position])
            for row in rows
            if row.position in gone
        }
        connection = self._records.connection
        connection.execute(query("cut_value_keys"), {"positions": list(cuts), "kept": list(cuts.values())})
        if forgotten := self._forgotten(events.values(), gone):
            columns = {"streams": [stream for stream, _ in forgotten], "ordinals": [one for _, one in forgotten]}
            connection.execute(query("forget_contact_texts"), columns)

    def _dek(self, stream: UUID) -> bytes:
        return self._records.people[stream].keys[stream].dek

    def _cut(self, row: EventRow, event: Event, gone: Collection[str]) -> bytes | None:
        """Return what is left of the value keys of an event."""
        if row.value_keys is None:
            return None
        categories = _categories(event)
        places = {place for place in value_places(row.value_keys) if categories[place] in gone}
        key = event_key(self._dek(row.stream_id), row.stream_id.bytes, row.version)
        return without_values(key, row.value_keys, places, os.urandom(NONCE_BYTES))

    def _forgotten(self, events: Iterable[Event], gone: Mapping[int, Collection[str]]) -> list[tuple[UUID, int]]:
        """Return the contact points, as ordinals of streams, whose text stood in values that go now, and nowhere else.

        It still stands where a value has it that stays, where a fact named it beside its values, and where it is the
        name of a stream.
        """
        going: dict[tuple[UUID, bytes], Subject] = {}
        staying: set[tuple[UUID, bytes]] = set()
        named: list[tuple[UUID, tuple[int, ...], set[bytes]]] = []
        for event in events:
            stream, values, lost = event.originator_id, _values(event), gone.get(event.moment.position, ())
            found = contacts_in(values, self._records.addresses).points
            digests = {category: self._records.keyring.contact(point) for category, point in found.items()}
            going |= {(stream, digest): found[category] for category, digest in digests.items() if category in lost}
            staying |= {(stream, digest) for category, digest in digests.items() if category not in lost}
            # Once a value is gone, nobody can tell whether a contact point of its fact stood in it or beside it.
            if isinstance(event, CustomerEvent) and len(values) == len(_categories(event)):
                named.append((stream, event.contacts, set(digests.values())))
        going = {key: point for key, point in going.items() if key not in staying and not self._is_name(point)}
        if not going:
            return []
        stored = self._records.fetch("contact_points", streams=list({stream for stream, _ in going}))
        points = {(stream, ordinal): digest for stream, ordinal, _, digest in stored}
        beside = {
            (stream, ordinal)
            for stream, ordinals, of_values in named
            for ordinal in ordinals
            if points.get((stream, ordinal)) not in of_values
        }
        return [key for key, digest in points.items() if (key[0], digest) in going and key not in beside]

    def _is_name(self, point: Subject) -> bool:
        """Return whether a contact point is the name of a living stream."""
        found = self._records.fetch("names", digests=[self._records.keyring.name(point)])
        return any(stream is not None for _, stream, *_ in found)


def _categories(event: Event) -> tuple[str, ...]:
    if isinstance(event, DataCollected):
        return event.categories
    return (event.category,) if isinstance(event, DataCorrected) else ()


def _values(event: Event) -> dict[str, str | None]:
    """Return the values of an opened event by category; none where the key of a correction's only value is gone."""
    if isinstance(event, DataCollected):
        return event.values or {}
    return {event.category: event.value} if isinstance(event, DataCorrected) and event.value is not None else {}
