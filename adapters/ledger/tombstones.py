"""What a batch is to store of people who are erased: until when names were theirs, and what they are owed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.facts.fields import CONTACT_KINDS

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.records import Records
    from domain.facts.fields import Subject
    from domain.store import Suppression


class Tombstones:
    """The tombstones of a batch, over those of the log that were looked up.

    `late_streams` are those of facts about people who were erased before: no key of theirs is kept.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self.until: dict[bytes, datetime] = {}
        """By digest of a name or contact point, until when it was an erased person's."""
        self.owed_late: list[tuple[bytes, Suppression]] = []
        self.late_streams: list[UUID] = []

    def find(self, name: Subject) -> datetime | None:
        """Return until when a name or contact point was an erased person's; None: no such person had it."""
        known = self._records.gone
        found = [one for digest in self._digests(name) if (one := self.until.get(digest) or known.get(digest))]
        return max(found, default=None)

    def keep(self, name: Subject, until: datetime) -> None:
        """Keep that a name was an erased person's up to a time at least."""
        for digest in self._digests(name):
            self.until[digest] = max(until, self.until.get(digest, until))

    def owe(self, name: Subject, owed: Suppression) -> None:
        """Keep what the erased person of a name is owed: of one kind, what they are owed for longest."""
        self.owed_late.append((self._records.keyring.name(name), owed))
        known = self._records.owed.get(name, [])
        since = min((owed.since, *(one.since for one in known if one.program == owed.program)))
        others = [one for one in known if one.program != owed.program]
        self._records.owed[name] = [*others, owed._replace(since=since)]

    def as_columns(self) -> dict[str, Any]:
        """Return the tombstones as the statement takes them."""
        return {"digests": list(self.until), "untils": list(self.until.values())}

    def _digests(self, name: Subject) -> tuple[bytes, ...]:
        keyring = self._records.keyring
        own = keyring.name(name)
        return (own, keyring.contact(name)) if name.kind in CONTACT_KINDS else (own,)
