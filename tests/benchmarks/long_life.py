"""The life of one customer of a shop, as long as is asked for: orders and what follows them, messages, opt-outs.

Promise: every fact is lawful, and the same one in every run. Of 27 facts, five are orders with their use and two shares
each, five are messages, one is an opt-out, and one is the contest entry that enrolls the customer again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Final

from adapters.contract import parse_fact
from tests.benchmarks.ledger_side import events_of
from tests.benchmarks.shop_day import EMAIL, NOTICE, OPENS, Order, fact, facts
from tests.benchmarks.side import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.ledger import Ledger
    from tests.benchmarks.workload import Workload

_ORDERS_AN_OPT_OUT: Final = 5
CYCLE: Final = 27
"""After how many facts the life repeats itself."""
LATER: Final = datetime(2018, 1, 1, tzinfo=UTC)
"""A time after everything else that any workload tells."""


def life(customer: str, begins: datetime = OPENS) -> Iterator[bytes]:
    """Yield the customer's facts as services send them, without end."""
    for number in count():
        at = begins + timedelta(hours=number)
        order = Order(customer, f"{customer}-{begins.year}-O-{number}", at, is_first=False)
        yield from facts(order)
        message = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True}
        yield fact(order, 4, "message", "message", {**message, "message_id": order.reference})
        if number % _ORDERS_AN_OPT_OUT == _ORDERS_AN_OPT_OUT - 1:
            yield fact(order, 5, "opt-out", "opt_out", {"program": "email_marketing", "via": "unsubscribe_link"})
            entry = {"act": "contest_entry", "reference": f"{order.reference}-C", "collection_point": "web"}
            yield fact(
                order, 6, "contest", "collection", {**entry, "notice": NOTICE, "values": {EMAIL: order.values[EMAIL]}}
            )


def live(ledger: Ledger, workload: Workload, customer: str, events: int) -> int:
    """Append a customer's life until it has made at least so many events; return how many it made."""
    facts_to_come = workload.life(customer, events)
    made = 0
    while made < events:
        # Hardly a fact makes more than two events, so half of what is lacking is never far too much.
        batch = list(map(parse_fact, islice(facts_to_come, max(1, min(BATCH, (events - made) // 2)))))
        made += sum(events_of(answer, workload) for answer in ledger.append_many(batch))
    return made
