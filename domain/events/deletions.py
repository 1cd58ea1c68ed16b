"""The events of a deletion in part: values go, and what was known about them stays as codes."""

from __future__ import annotations

from domain.events.base import Place, Places, SealedText, SealedValues
from domain.events.customer import CustomerEvent
from domain.moments import Turn


class DataDeleted(CustomerEvent, turn=Turn.ERASURE):
    """Values were deleted in part: their keys are destroyed, and what was known about them stays.

    `gone` has the category of each value of this stream that went, and `gone_from` the position of the collection or
    correction that it came with; there are none where nothing was left to delete. `elsewhere`: another system deleted
    what it held, as the collections said that it did; no key is destroyed. `collections` are those that the fact names;
    of those that were not told yet, `awaits` has act and reference code. `awaited_by` is the deletion that had waited
    for what went here. `system_code` stands for the system that a deletion elsewhere names.
    """

    categories: tuple[str, ...]
    gone: tuple[str, ...] = ()
    gone_from: Places = ()
    elsewhere: bool | None = None
    collections: Places = ()
    awaits: tuple[tuple[str, str], ...] = ()
    awaited_by: Place = None
    system_code: str | None = None
    held_in: SealedText = None
    reason: SealedText = None
    references: SealedValues = None
    """The references of the collections that were not told yet, by their codes."""

    @property
    def names_collections(self) -> bool:
        """Return whether it is about the collections that it names alone."""
        return bool(self.collections or self.awaits or self.awaited_by)


class DataAnonymised(DataDeleted):
    """Values were made anonymous: what they said of the person is destroyed as by a deletion."""
