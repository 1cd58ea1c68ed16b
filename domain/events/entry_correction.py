"""What a correction of an entry says, of whichever record that holds more than codes."""

from __future__ import annotations

from domain.events.base import Event, Place, SealedText


class EntryCorrection(Event):
    """Our entry was wrong: `entry` is its place, `replacement` the right one; one told before its entry `waited`."""

    entry_code: str
    by_officer: bool | None = None
    entry: Place = None
    replacement: Place = None
    waited: Place = None
    entry_name: SealedText = None
    replacement_name: SealedText = None
    reason: SealedText = None
    evidence: SealedText = None
