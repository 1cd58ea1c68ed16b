"""A name that many people share does not make them one person without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.ledger import STREAMS_MAX, TooManyStreams

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say

SHARED = "email:noreply@shop.example"


def test_a_shared_name_joins_only_so_many(installation: Installation, say: Say) -> None:
    """Beyond the bound the fact is refused with a reason, and its customer stays by themself."""
    ledger = installation.ledger
    ledger.append_many([say.collection(f"c{n}", subject=f"customer:{n}") for n in range(STREAMS_MAX + 1)])
    ledger.append_many([say.opt_out(f"o{n}", subject=f"customer:{n}", also=[SHARED]) for n in range(STREAMS_MAX)])
    with pytest.raises(TooManyStreams, match="several people share"):
        ledger.append(say.opt_out("last", subject=f"customer:{STREAMS_MAX}", also=[SHARED]))
    with installation.connect() as connection:
        (joined,) = connection.execute(
            "SELECT count(DISTINCT stream_id) FROM events WHERE topic = 'CustomersLinked.v1'"
        ).fetchone() or (0,)
    assert joined == STREAMS_MAX
