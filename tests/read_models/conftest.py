"""A ledger that takes a history, with its read models."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, groupby
from typing import TYPE_CHECKING, Any

import pytest

from adapters.ledger import Receipt
from adapters.ledger.opening import names_of
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from projections import engine
from tests.controls import fact
from tests.laws.histories import is_vouched
from tests.read_models.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.errors import PledgerError
    from domain.events import Event
    from domain.facts import Fact
    from domain.records.contacts import ContactBook
    from projections.projection import Connection

CONTACT = {
    "user.name": "Ada Marker",
    "user.contact.address": "1 Marker Street",
    "user.contact.email": "ada@marker.test",
}


@dataclass
class History:
    """Facts go in by day of April 2016; questions go to `connection`."""

    installation: Installation
    connection: Connection
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _told: list[tuple[Fact, Receipt | PledgerError]] = field(default_factory=list)
    """What was told and is not in `_memory` yet."""

    def __post_init__(self) -> None:
        """Begin a memory of the contact points."""
        self._memory = Memory(self.installation.policy)

    def fact(self, word: str, subject: str | None, day: float, /, **data: Any) -> Fact:  # noqa: ANN401 - as the fact has them
        """Make a fact at the midnight that begins `day`; one about the company has no subject."""
        return fact(word, day - 1, data, subject=subject, fact_id=f"{word}-{next(self._ids)}", source="/test")

    def collection(self, act: str, subject: str, day: float, reference: str, **more: Any) -> Fact:  # noqa: ANN401 - as above
        """Make a collection of name, address and e-mail."""
        data = {"collection_point": "checkout", "notice": "2016-03-14", "values": CONTACT} | more
        return self.fact("collection", subject, day, act=act, reference=reference, **data)

    def tell(self, *facts: Fact) -> list[Receipt]:
        """Append facts; each must be stored."""
        answers = self.installation.ledger.append_many(facts)
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        assert len(receipts) == len(facts), [answer for answer in answers if not isinstance(answer, Receipt)]
        return receipts

    def take(self, facts: Sequence[Fact]) -> None:
        """Append facts, whatever comes of them; what a public form tells without a voucher."""
        for vouches, several in groupby(facts, is_vouched):
            own = list(several)
            self._told += zip(own, self.installation.ledger.append_many(own, vouches=vouches), strict=True)

    def contacts(self, log: Sequence[Event]) -> ContactBook:
        """Return the contact points of all streams and what binds them, as the facts of `take` said it."""
        self._memory.take(self._told, {event.moment.position: event for event in log})
        self._told.clear()
        return self._memory.book()

    def stream(self, receipt: Receipt) -> UUID:
        """Return the stream that a fact went to."""
        row = self.connection.execute(
            "SELECT stream_id FROM events WHERE position = %s", (receipt.position,)
        ).fetchone()
        assert row is not None
        stream: UUID = row[0]
        return stream

    def events(self) -> list[Event]:
        """Return the whole log, seals unopened."""
        wanted = {"start": 1, "stop": None, "topics": None, "limit": 1_000_000}
        rows = self.connection.execute(query("select_notifications"), wanted).fetchall()
        return [to_event(EventRow(*row)) for row in rows]

    def name(self, position: int | None) -> str | None:
        """Return the name of the fact of the event at a position."""
        if position is None:
            return None
        return names_of(self.connection, self.installation.keyring, [position])[position]

    def start_over(self) -> None:
        """Empty the read models, as if nothing had been read yet."""
        engine.prepare(self.connection)
        for projection in engine.PROJECTIONS:
            self.connection.execute(projection.sql("DELETE FROM {table}"))
        self.connection.execute("UPDATE projection_checkpoints SET position = 0")

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every read model's table in order: of positions, or of the keys of counts."""
        return {
            projection.name: sorted(self.connection.execute(projection.sql("SELECT * FROM {table}")).fetchall())
            for projection in engine.PROJECTIONS
        }

    def rows_about_people(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the tables that an erasure removes rows from."""
        rows = self.rows()
        return {one.name: rows[one.name] for one in engine.PROJECTIONS if one.purge is not None}


@pytest.fixture
def history(installation: Installation) -> Iterator[History]:
    """Return a fresh ledger, whose erasures purge the read models."""
    with installation.connect() as connection:
        yield History(installation, connection)
