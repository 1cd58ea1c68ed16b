"""What a batch is to store of people who are erased: until when names were theirs, and what they are owed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from domain.facts.fields import CONTACT_KINDS
from domain.name_spans import UNKNOWN, since, span_at
from domain.records.contacts import EVER
from domain.suppressed import Suppression, Tombstone, suppressed_by

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
    from datetime import datetime

    from adapters.ledger.records import Records
    from domain.facts.fields import Subject
    from domain.name_spans import Spans
    from domain.records.contacts import Point


class Grave(NamedTuple):
    """What tells one tombstone from the others: of which digest, after which end of it, of which erasure."""

    digest: bytes
    start: datetime
    code: UUID
    is_contact: bool = False
    is_held: bool = False
    """Whether living people are known to have the contact point, so that it says nothing yet."""
    by: str = ""
    named: datetime | None = None
    is_typed: bool = False
    """The rest is as in `domain.suppressed.Tombstone`."""


class Waiting(NamedTuple):
    """What begins to wait at a contact point that living people hold, or waits there no longer."""

    point: Point
    owed: Suppression
    is_settled: bool = False


class Tombstones:
    """The tombstones of a batch, over those of the log that were looked up.

    `late_streams` are those of facts about people who were erased before: no key of theirs is kept. `code` is that of
    the batch's erasure. It is random, and says only which tombstones are of one erasure.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self.code = uuid4()
        self.until: dict[Grave, datetime] = {}
        self.waits: list[Waiting] = []
        """What begins and ends to wait at contact points, in order."""
        self.released: list[tuple[Point, Collection[datetime]]] = []
        """The contact points whose tombstones say whose they were from now on, but those after these ends."""
        self.owed_late: list[tuple[bytes, datetime, Suppression]] = []
        self.late_streams: list[UUID] = []

    def find(self, name: Subject, at: datetime) -> Sequence[Tombstone]:
        """Return the tombstones of a name or contact point that was an erased person's at a time."""
        if not self:
            return ()
        keyring = self._records.keyring
        found = list(self._of(keyring.name(name), is_contact=False))
        if name.kind in CONTACT_KINDS:
            found += self._of(keyring.contact(name), is_contact=True)
        return [left for left in found if left.start < at <= left.until]

    def __bool__(self) -> bool:
        """Return whether any name or contact point that the batch is about was an erased person's."""
        return bool(self._records.gone or self.until)

    def of_name(self, name: Subject) -> Iterable[Tombstone]:
        """Return the tombstones of a name that say whose it was."""
        return self._of(self._records.keyring.name(name), is_contact=False)

    def left_with(self, codes: Iterable[Hashable]) -> Sequence[Tombstone]:
        """Return all tombstones of the erasures that have these codes, and look up what binds the contact points."""
        codes = list(codes)
        rows = self._records.fetch("tombstones_of_codes", codes=codes)
        stored = [Tombstone(digest, start or EVER, until, *left) for digest, start, until, *left in rows]
        known = {(left.key, left.start, left.code) for left in stored}
        planned = [
            left for left in self._planned() if left.code in codes and (left.key, left.start, left.code) not in known
        ]
        found = [*stored, *planned]
        self._records.find_bindings(left.key for left in found if left.is_contact and isinstance(left.key, bytes))
        return found

    def keep(  # noqa: PLR0913 - of which erasure what name was whose, and until when
        self,
        name: Subject,
        spans: Spans | None,
        at: datetime,
        until: datetime,
        code: Hashable,
        *,
        named: datetime | None = None,
        is_typed: bool = False,
    ) -> None:
        """Keep that a name was an erased person's in the span of a time, up to another time at least."""
        assert isinstance(code, UUID), "the ledger made it"
        spans = spans or UNKNOWN
        grave = Grave(self._records.keyring.name(name), since(spans, at), code, named=named, is_typed=is_typed)
        self._keep(grave, min(until, span_at(spans, at).until))

    def keep_contact(self, left: Tombstone, *, is_held: bool) -> None:
        """Keep that a contact point was an erased person's between two times."""
        assert isinstance(left.key, bytes), "the key of a contact point is its digest"
        grave = Grave(left.key, left.start, self.code, left.is_contact, is_held, left.by, left.named)
        self._keep(grave, left.until)

    def owe(self, digest: bytes, start: datetime, owed: Suppression) -> None:
        """Keep what the erased person of a name is owed after an end of it: of one kind, for longest."""
        self.owed_late.append((digest, start, owed))

    @property
    def owes(self) -> bool:
        """Whether anything is owed to any name that the batch is about."""
        return bool(self._records.owed or self.owed_late)

    def owed(self, digest: bytes, start: datetime) -> Sequence[Suppression]:
        """Return what is owed after an end of a name: what the log has, and what this batch keeps, for longest."""
        found = {one.what: one for one in self._records.owed.get((digest, start), ())}
        for key, end, owed in self.owed_late:
            if (key, end) == (digest, start):
                known = found.get(owed.what, owed)
                found[owed.what] = owed._replace(since=min(owed.since, known.since))
        return list(found.values())

    def waiting(self, point: Point) -> Sequence[Suppression]:
        """Return what waits at a contact point."""
        rows = self._records.fetch("waiting_suppressions", digest=point.key)
        found = dict.fromkeys(Suppression(suppressed_by(word), since, code=code) for word, since, code in rows)
        for one in self.waits:
            if one.point.key == point.key and one.is_settled:
                found.pop(one.owed, None)
            elif one.point.key == point.key:
                found[one.owed] = None
        return list(found)

    def as_columns(self) -> dict[str, Any]:
        """Return the tombstones as the statement takes them."""
        return {
            "digests": [grave.digest for grave in self.until],
            "after_ends": [None if grave.start == EVER else grave.start for grave in self.until],
            "codes": [grave.code for grave in self.until],
            "are_contacts": [grave.is_contact for grave in self.until],
            "are_held": [grave.is_held for grave in self.until],
            "by_codes": [grave.by for grave in self.until],
            "named": [grave.named for grave in self.until],
            "are_typed": [grave.is_typed for grave in self.until],
            "untils": list(self.until.values()),
        }

    def _keep(self, grave: Grave, until: datetime) -> None:
        self.until[grave] = max(until, self.until.get(grave, until))

    def _of(self, digest: bytes, *, is_contact: bool) -> Iterator[Tombstone]:
        """Yield the tombstones of a digest that say whose it was."""
        for (start, code), (until, is_typed, named) in self._records.gone.get(digest, {}).items():
            yield Tombstone(digest, start, until, code, is_contact, named=named, is_typed=is_typed)
        yield from (left for left in self._planned() if left.key == digest)

    def _planned(self) -> Iterator[Tombstone]:
        """Yield the tombstones that this batch keeps."""
        for grave, until in self.until.items():
            more = grave.by, grave.named, grave.is_typed, grave.is_held
            yield Tombstone(grave.digest, grave.start, until, grave.code, grave.is_contact, *more)
