"""A ledger to tell facts to, and to count; what people and browsers leave in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.ledger import Receipt
from adapters.postgres.queries import query
from adapters.statistics.counting import CountQuery, count
from adapters.statistics.releasing import TableQuery, table
from domain.statistics.dimensions import ALWAYS, Counted, dimension
from tests.controls import collection, fact

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.statistics.releasing import CountedTable
    from domain.facts import Fact
    from domain.statistics.dimensions import Period

PERSONS, VISITORS = Counted.PERSONS, Counted.VISITORS


@dataclass
class Shop:
    """A ledger, and short ways to tell and to ask it."""

    installation: Installation
    connection: psycopg.Connection[Any]

    def tell(self, *facts: Fact) -> int:
        """Append facts, each of which has to be stored, and give the position of the last event."""
        answers = self.installation.ledger.append_many(facts)
        assert all(isinstance(answer, Receipt) for answer in answers), answers
        return self.size

    @property
    def size(self) -> int:
        """Return how many events are in the log."""
        ((size,),) = self.connection.execute(query("head")).fetchall()
        return int(size)

    def asked(
        self,
        *by: str,
        of: Counted = PERSONS,
        position: int | None = None,
        span: Period = ALWAYS,
        time: datetime | None = None,
    ) -> CountQuery:
        """Ask for a table."""
        divided = tuple(dimension(of, name) for name in by)
        return CountQuery(of, divided, self.size if position is None else position, span, time)

    def count(self, *by: str, **asked: Any) -> dict[str, int]:  # noqa: ANN401 - as above
        """Count, and give what there is of each kind, its values joined by blanks."""
        tally = count(self.connection, self.installation.keyring, self.asked(*by, **asked))
        assert not tally.unsure
        return {" ".join(map(str, values)): persons for values, persons in tally.sure.items()}

    def table(self, *by: str, where: tuple[tuple[str, str], ...] = (), **asked: Any) -> CountedTable:  # noqa: ANN401 - as above
        """Count and suppress."""
        of = asked.get("of", PERSONS)
        fixed = tuple((dimension(of, name), value) for name, value in where)
        return table(self.installation, self.connection, TableQuery(self.asked(*by, **asked), fixed))


def registered(number: int, gender: str | None = None, on: float = 1, act: str = "registration", **more: Any) -> Fact:  # noqa: ANN401
    """Return what a person fills out, with or without their gender."""
    values = {"user.name": f"marked-{number}"} | ({} if gender is None else {"user.demographic.gender": gender})
    return collection(act, on, subject=f"customer:{number}", fact_id=f"{act}-{number}-{on}", values=values, **more)


def visited(number: int, area: str, on: float = 1) -> Fact:
    """Return what a browser's visit to an area leaves."""
    data = {"cookie": "c", "purpose": "track_visits", "categories": ["user.device.cookie_id"], "area": area}
    return fact("cookie_set", on, data, subject=f"visitor:{number}", fact_id=f"visit-{number}-{area}-{on}")
