"""A row that PostgreSQL refuses is taken out of its batch, and the others keep their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from adapters.ledger import Receipt
from domain.errors import PledgerError

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say


def test_also_where_an_erasure_divides_the_batch(installation: Installation, database_url: str, say: Say) -> None:
    """What an erasure gives back to be planned anew still comes before what was handed in after it."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE pledger.events ADD CONSTRAINT bad CHECK (occurred_at <> '2016-05-03T00:00:00Z')")
    facts = [
        say.opt_out("bad", subject="customer:9", time="2016-05-03T00:00:00Z"),
        say.collection("first"),
        say.erasure("erased"),
        say.collection("anew", time="2016-08-01T00:00:00Z"),
        *(say.opt_out(f"o{number}", subject=f"customer:1{number}") for number in range(4)),
        say.message("last", time="2016-09-01T00:00:00Z"),
    ]
    bad, *answers = installation.ledger.append_many(facts)
    assert isinstance(bad, PledgerError)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert [receipt.fact for receipt in receipts] == [fact.name for fact in facts[1:]]
    positions = [receipt.position for receipt in receipts]
    assert positions == sorted(positions)
    assert not receipts[-1].findings
