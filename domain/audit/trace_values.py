"""The values of a trace: which of them a ledger would still have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.deletion import values_elsewhere
from domain.events.customer import DataCollected, DataCorrected
from domain.store import KeptValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from domain.events import Event


class ValuesInMemory:
    """The values in a store's events (a `domain.store.KeptValues`). There are no keys: the deleted are remembered."""

    def __init__(self, events: Mapping[UUID, Sequence[Event]]) -> None:
        self._events = events
        self._gone: set[KeptValue] = set()

    def kept(self, streams: Iterable[UUID]) -> Iterator[KeptValue]:
        """Yield the values on these streams that were not deleted yet."""
        for stream in streams:
            for event in self._events.get(stream, ()):
                if isinstance(event, DataCollected | DataCorrected):
                    categories = event.categories if isinstance(event, DataCollected) else (event.category,)
                    for place, _ in event.value_texts():
                        value = KeptValue(stream, event.moment.position, categories[place])
                        if value not in self._gone:
                            yield value

    def elsewhere(self, streams: Iterable[UUID], held_in: str) -> Iterator[KeptValue]:
        """Yield what collections on these streams say that another system holds."""
        for stream in streams:
            yield from values_elsewhere(self._events.get(stream, ()), held_in)

    def destroy(self, values: Iterable[KeptValue]) -> None:
        """Take note that values are gone."""
        self._gone.update(values)
