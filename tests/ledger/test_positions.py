"""Events name each other by position, also where a batch comes to stand elsewhere than it was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.keys.sealing import event_key, unseal_event
from adapters.ledger import Receipt
from adapters.ledger.insertion import COPY_FROM
from domain.events.customer import CustomerEnrolled, DataCollected, DataUsed, EntryCorrected
from tests.reading import opened_log, rows_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say

NOON = "2016-05-02T12:00:00Z"


def _uses(say: Say, count: int) -> list[object]:
    """Return an entry, and uses that rely on it, in one list, so that they share a batch."""
    cited = {"purpose": "run_contest", "categories": ["user.contact.email"]}
    return [say.collection("entry"), *(say.fact(f"use{n}", "use", "customer:1", NOON, **cited) for n in range(count))]


@pytest.mark.parametrize("count", [3, COPY_FROM], ids=["one statement", "COPY"])
@pytest.mark.parametrize("others", [0, 4], ids=["as planned", "moved"])
def test_what_an_event_relies_on_is_where_it_stands(
    installation: Installation, other: Installation, say: Say, count: int, others: int
) -> None:
    """Where others append meanwhile, what a batch names of itself moves along, under a new seal."""
    ledger = installation.ledger
    ledger.append(say.opt_out("first", subject="customer:9"))
    for n in range(others):
        other.ledger.append(say.opt_out(f"other{n}", subject=f"customer:{n + 100}"))
    receipts = ledger.append_many(_uses(say, count))  # type: ignore[arg-type]
    assert all(isinstance(one, Receipt) for one in receipts)
    log = opened_log(installation)
    at = {event.fact_id: event.position for event in log if isinstance(event, DataCollected)}
    uses = [event for event in log if isinstance(event, DataUsed)]
    assert [event.relies_on for event in uses] == [(at["entry"],)] * count
    # What is decided next rests on records that know where the batch came to stand.
    cited = {"purpose": "run_contest", "categories": ["user.contact.email"]}
    ledger.append(say.fact("later", "use", "customer:1", NOON, **cited))
    assert opened_log(installation)[-1].relies_on == (at["entry"],)  # type: ignore[attr-defined]
    # The library's order of reading opens the same rows: their headers are those under which they were sealed.
    with installation.connect() as connection:
        wrapped = dict(connection.execute("SELECT stream_id, wrapped FROM stream_keys").fetchall())
    for row in rows_of(installation):
        if row.sealed is not None:
            key = event_key(
                installation.keyring.unwrap(row.stream_id, wrapped[row.stream_id]).dek, row.stream_id.bytes, row.version
            )
            assert unseal_event(key, row.sealed, row.header(), row.key_commitment or b"", row.value_keys)[0]


def test_what_follows_from_a_fact_is_counted_back(installation: Installation, say: Say) -> None:
    """An enrollment names the collection of its own fact by how far back it is: both are stored at once, wherever."""
    installation.ledger.append(say.collection("entry"))
    stored = next(row for row in rows_of(installation) if row.topic == CustomerEnrolled.topic)
    assert '"relies_on": [-1]' in stored.data or '"relies_on":[-1]' in stored.data
    enrolled = next(event for event in opened_log(installation) if isinstance(event, CustomerEnrolled))
    assert enrolled.position is not None
    assert (enrolled.relies_on, enrolled.part) == ((enrolled.position - 1,), 1)


def test_an_entry_is_found_by_its_name(installation: Installation, say: Say) -> None:
    """A correction names the position of its entry, in the log or the same batch, and never another person's."""
    entry = {"entry": {"source": "/shop", "id": "entry"}, "reason": "wrong"}
    facts = [
        say.fact("before", "entry_correction", "customer:1", NOON, **entry),
        say.collection("entry"),
        say.fact("same", "entry_correction", "customer:1", NOON, **entry),
        say.fact("other", "entry_correction", "customer:2", NOON, **entry),
    ]
    installation.ledger.append_many(facts)
    installation.ledger.append(say.fact("later", "entry_correction", "customer:1", NOON, **entry))
    log = opened_log(installation)
    at = next(event.position for event in log if isinstance(event, DataCollected))
    corrections = [event for event in log if isinstance(event, EntryCorrected)]
    corrected = {event.fact_id: event for event in corrections if event.waited is None}
    (waited,) = (event for event in corrections if event.waited is not None)
    assert (waited.fact_id, waited.entry, waited.waited) == ("entry", at, corrected["before"].position)
    assert {name: event.entry for name, event in corrected.items()} == {
        "before": None,
        "same": at,
        "other": None,
        "later": at,
    }
    assert {event.entry_name for event in corrected.values()} == {"/shop entry"}
    # The code is the person's own: the same name has another one under another key.
    assert corrected["before"].entry_code == corrected["later"].entry_code != corrected["other"].entry_code
