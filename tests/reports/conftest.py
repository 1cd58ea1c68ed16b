"""A ledger, and the report of whoever a fact was about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from adapters.ledger import Receipt
from projections import engine, people
from projections.access_report import AccessReport, access_report
from tests.controls import fact, point, posted
from tests.reading import events_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from projections.as_of import PositionOrTime


class Desk:
    """Facts go in; reports come out."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._positions: dict[str, int] = {}

    def tell(self, word: str, fact_id: str, time: str, subject: str = "customer:1", /, **data: Any) -> Receipt:  # noqa: ANN401
        """Append one fact from /shop, which is stored or refused."""
        (answer,) = self.installation.ledger.append_many([fact(word, time, data, subject=subject, fact_id=fact_id)])
        assert isinstance(answer, Receipt), answer
        self._positions[fact_id] = answer.position
        return answer

    def stream(self, fact_id: str) -> UUID:
        """Return the stream that a fact went to, also after an erasure."""
        with self.installation.connect() as connection:
            ((stream,),) = connection.execute(
                "SELECT stream_id FROM events WHERE position = %s", (self._positions[fact_id],)
            ).fetchall()
        assert isinstance(stream, UUID)
        return stream

    def report(self, fact_id: str, as_of: PositionOrTime = None) -> AccessReport:
        """Return the report of the person whom a fact was about."""
        with self.installation.connect() as connection:
            engine.catch_up(connection)
            streams = people.streams_of(connection, self.stream(fact_id), as_of=as_of)
        opened = [event for stream in streams for event in events_of(self.installation, stream)]
        return access_report(
            opened,
            person=streams[0],
            policy=self.installation.policy,
            asked_by=["customer:1"],
            as_of=as_of,
        )


@pytest.fixture
def desk(installation: Installation) -> Desk:
    """Return a fresh ledger to tell facts to and ask reports of; the collection point of its stories has its notice."""
    installation.ledger.append_many([point(-60, "checkout"), posted(-60, "checkout")])
    return Desk(installation)
