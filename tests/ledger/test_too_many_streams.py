"""A name that many people share does not make them one person without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ledger import Receipt
from domain.linking import STREAMS_MAX
from domain.vocabulary import LinkRefusal
from tests.controls import verified

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say


def test_a_shared_name_joins_only_so_many(installation: Installation, say: Say) -> None:
    """Beyond the bound the fact is stored, its answer says that nobody was joined, and its customer stays alone."""
    ledger = installation.ledger
    ledger.append_many([say.collection(f"c{n}", subject=f"customer:{n}") for n in range(STREAMS_MAX)])
    shared = [verified("customer:everybody")]
    answers = ledger.append_many(
        [say.opt_out(f"o{n}", subject=f"customer:{n}", also=shared) for n in range(STREAMS_MAX)]
    )
    assert [one.not_linked for one in answers if isinstance(one, Receipt)] == [
        *[()] * (STREAMS_MAX - 1),
        (LinkRefusal.TOO_MANY_STREAMS,),
    ]
    with installation.connect() as connection:
        (joined,) = connection.execute(
            "SELECT count(DISTINCT stream_id) FROM events WHERE topic = 'CustomersLinked.v1'"
        ).fetchone() or (0,)
    assert joined == STREAMS_MAX
