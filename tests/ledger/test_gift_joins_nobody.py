"""What a buyer says of a recipient's addresses joins no two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import gift, order
from tests.reading import stream_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

GIVEN = {NAME: "Ada", ADDRESS: "1 Lantern Row", EMAIL: "customer2@example.com"}


@pytest.mark.parametrize("recipient", ["customer:1", "customer:3"])
def test_gift_joins_nobody(installation: Installation, recipient: str) -> None:
    """The addresses of a gift's recipient that are somebody's already stay theirs, whether or not both are known."""
    ledger = installation.ledger
    for number in (1, 2):
        values = {NAME: "Ada", EMAIL: f"customer{number}@example.com"}
        ledger.append(order(number, subject=f"customer:{number}", fact_id=f"order-{number}", values=values))
    also = ["email:customer2@example.com", "email:customer4@example.com"]
    receipt = ledger.append(gift(3, subject=recipient, fact_id="gift", values=GIVEN, also=also))
    ledger.append(order(4, subject="customer:4", fact_id="order-4", also=also))
    assert (receipt.events, receipt.not_linked) == (1, ())
    with installation.connect() as connection:
        topics = {topic for (topic,) in connection.execute("SELECT DISTINCT topic FROM events")}
        points = connection.execute("SELECT count(DISTINCT stream_id) FROM contact_points GROUP BY digest").fetchall()
    assert topics == {"PolicyPublished.v1", "DataCollected.v1", "CustomerEnrolled.v1"}
    streams = {name: stream_of(installation, name) for name in ("order-1", "order-2", "order-4", "gift")}
    assert len(set(streams.values())) == (3 if recipient == "customer:1" else 4)
    assert (streams["gift"] == streams["order-1"]) is (recipient == "customer:1")
    # An address stands on one record or on several, and leads to none of them.
    assert sorted(count for (count,) in points) == [1, 1, 2, 3]
