"""What doctor says of the tables of facts: all is well after links and erasures, and each fault is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import pytest

from adapters.ledger import Receipt
from adapters.queries.doctor import installation_checks
from tests.controls import contest_entry, fact, opt_out, order

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.queries.doctor import Check

ERASED = "customer:2"
FACTS = (
    *(order(1), contest_entry(2), opt_out(3)),
    *(order(4, subject=ERASED), opt_out(5, subject=ERASED)),
    fact("erasure", 6, {"reason": "asked"}, subject=ERASED),
    *(order(7, "O-2", subject="customer:3"), fact("cookies_refused", 8, {}), opt_out(9, subject="customer:3")),
)
FAULTS: dict[str, LiteralString] = {
    "1 facts are in fact_places only": (
        "ALTER TABLE facts DISABLE TRIGGER facts_stay; "
        "DELETE FROM facts WHERE fact = (SELECT fact FROM fact_places ORDER BY position DESC LIMIT 1)"
    ),
    "1 facts claim the same events": (
        "UPDATE fact_places SET events = events + 1 WHERE position = (SELECT max(position) FROM fact_places)"
    ),
    "1 facts of erased customers still say where they stand": (
        "ALTER TABLE facts DISABLE TRIGGER facts_stay; INSERT INTO facts VALUES ('\\x01', '\\x02'); "
        "INSERT INTO fact_places SELECT '\\x01', stream_id, position, 1, false FROM events "
        "WHERE topic = 'CustomerErased.v1'"
    ),
    "1 events belong to no fact": "DELETE FROM fact_places WHERE position = (SELECT max(position) FROM fact_places)",
    "4 events belong to no fact": "DELETE FROM fact_places WHERE position BETWEEN 2 AND 5",
}


def _check(it: Installation) -> Check:
    (found,) = [check for check in installation_checks(it.settings) if check.what == "facts"]
    return found


@pytest.fixture(autouse=True)
def _told(installation: Installation) -> None:
    assert all(isinstance(answer, Receipt) for answer in installation.ledger.append_many(FACTS))


def test_all_is_well(installation: Installation) -> None:
    """Facts of the erased have no place any more, and that is as it should be."""
    assert _check(installation).is_well
    with installation.connect() as connection:
        ((facts, places),) = connection.execute(
            "SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM fact_places)"
        ).fetchall()
    assert (facts, places) == (len(FACTS) + 1, len(FACTS) - 2)


@pytest.mark.parametrize(("found", "fault"), FAULTS.items(), ids=FAULTS.keys())
def test_a_fault_is_found(installation: Installation, found: str, fault: LiteralString) -> None:
    """Each way in which a fact could be stored twice, or lead to the erased, is told with how many there are."""
    with installation.database.connect_as_owner() as owner:
        owner.execute(f"SET search_path = pledger; {fault}")
        owner.commit()
    check = _check(installation)
    assert not check.is_well
    assert found in check.found
