"""What a batch is to store of people who are erased: until when names were theirs, and what they are owed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, since, span_at
from domain.records.contacts import EVER

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.facts.fields import Subject
    from domain.name_spans import Spans
    from domain.store import Suppression


class Tombstones:
    """The tombstones of a batch, over those of the log that were looked up.

    `late_streams` are those of facts about people who were erased before: no key of theirs is kept.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self.until: dict[tuple[bytes, datetime, bool], datetime] = {}
        """By digest of a name or contact point, and the end of it after which it was an erased person's, until when.

        With them stands whether that is so although the contact point is on somebody's record.
        """
        self.owed_late: list[tuple[bytes, datetime, Suppression]] = []
        self.late_streams: list[UUID] = []

    def find(self, name: Subject, at: datetime) -> datetime | None:
        """Return until when a name or contact point was that of the erased person who had it at a time, or None."""
        known = self._records.gone
        if not known and not self.until:
            return None
        digests = self._digests(name)
        spans = [span for digest in digests for span in known.get(digest, {}).items()]
        spans += [(start, until) for (digest, start, _), until in self.until.items() if digest in digests]
        return max((until for start, until in spans if start < at <= until), default=None)

    def keep(self, name: Subject, spans: Spans | None, at: datetime, until: datetime) -> None:
        """Keep that a name was an erased person's in the span of a time, up to another time at least."""
        keyring, spans = self._records.keyring, spans or UNKNOWN
        self._keep(keyring.name(name), since(spans, at), min(until, span_at(spans, at).until))
        if name.kind in CONTACT_KINDS:
            digest = keyring.contact(name)
            ends = [one.moment.at for one in self._records.bindings.get(digest, ()) if one.what is None]
            start = max((end for end in ends if end < at), default=EVER)
            self._keep(digest, start, min((until, *(end for end in ends if at <= end))))

    def keep_contact(self, digest: bytes, start: datetime, until: datetime) -> None:
        """Keep that a contact point which was given up was an erased person's between two times."""
        self._keep(digest, start, until, is_living=True)

    def owe(self, name: Subject, start: datetime, owed: Suppression) -> None:
        """Keep what the erased person of a name is owed after an end of it: of one kind, for longest."""
        digest = self._records.keyring.name(name)
        self.owed_late.append((digest, start, owed))
        known = self._records.owed.get((digest, start), [])
        longest = min((owed.since, *(one.since for one in known if one.what == owed.what)))
        others = [one for one in known if one.what != owed.what]
        self._records.owed[digest, start] = [*others, owed._replace(since=longest)]

    def as_columns(self) -> dict[str, Any]:
        """Return the tombstones as the statement takes them."""
        return {
            "digests": [digest for digest, _, _ in self.until],
            "after_ends": [None if start == EVER else start for _, start, _ in self.until],
            "are_living": [is_living for _, _, is_living in self.until],
            "untils": list(self.until.values()),
        }

    def _keep(self, digest: bytes, start: datetime, until: datetime, *, is_living: bool = False) -> None:
        own = digest, start, is_living
        self.until[own] = max(until, self.until.get(own, until))

    def _digests(self, name: Subject) -> tuple[bytes, ...]:
        keyring = self._records.keyring
        own = keyring.name(name)
        return (own, keyring.contact(name)) if name.kind in CONTACT_KINDS else (own,)
