"""What a buyer says of a recipient's names joins no two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.controls import gift, opt_out, order

if TYPE_CHECKING:
    from adapters.bootstrap import Installation


@pytest.mark.parametrize("recipient", ["customer:1", "customer:3"])
def test_gift_joins_nobody(installation: Installation, recipient: str) -> None:
    """A gift's further names that are somebody's already stay theirs, whether or not its recipient is known."""
    ledger = installation.ledger
    for number in (1, 2):
        ledger.append(order(number, subject=f"customer:{number}"))
    ledger.append(gift(3, subject=recipient, also=["customer:2", "customer:4"]))
    ledger.append(opt_out(4, subject="customer:4"))
    with installation.connect() as connection:
        topics = [topic for (topic,) in connection.execute("SELECT topic FROM events")]
        found = connection.execute("SELECT topic, count(DISTINCT stream_id) FROM events GROUP BY topic")
        streams: dict[str, int] = dict(found.fetchall())
        (told,) = connection.execute(
            "SELECT count(DISTINCT stream_id) FROM events WHERE topic = 'CustomerOptedOut.v1' AND stream_id IN"
            " (SELECT stream_id FROM events WHERE data ->> 'act' = 'gift')"
        ).fetchone() or (0,)
    assert "CustomersLinked.v1" not in topics
    assert streams["DataCollected.v1"] == (2 if recipient == "customer:1" else 3)
    assert told == 1
