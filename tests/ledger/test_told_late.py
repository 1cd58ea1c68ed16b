"""What is told of the erased, of a time before: nothing of it can be read, and it is owed in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from adapters.audits import ledgers
from adapters.ledger import Receipt
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report
from domain.audit.question import Question
from domain.errors import UnknownCustomer
from domain.records.customer import LAST
from projections import engine
from tests.reading import opened_log, size_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say

BEFORE, AFTER = "2016-06-01T00:00:00Z", "2016-08-01T00:00:00Z"
"""Times before and after that of the erasure."""


def _count(it: Installation, table: str) -> int:
    with it.connect() as connection:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def test_nobody_comes_back(installation: Installation, other: Installation, say: Say) -> None:
    """A late fact leaves no name, no key, no contact point, no place and nothing sealed, in any process."""
    values = {"user.contact.email": "ada@example.org", "user.contact.address": "Resurrected Road 1"}
    other.ledger.append(say.collection("first", values=values))
    installation.ledger.append(say.erasure("e"))
    for n, it in enumerate((other, installation)):
        late = say.collection(f"late{n}", time=BEFORE, values=values, reference=f"R{n}")
        receipt = it.ledger.append(late)
        assert isinstance(receipt, Receipt)
        assert receipt.events == 2
        assert it.ledger.append(late).repeated
    for table in ("names", "contact_points"):
        assert _count(installation, table) == 0
    for table in ("stream_keys", "fact_places"):
        assert _count(installation, table) == 1  # The company's.
    last = opened_log(installation)[-4:]
    assert [type(event).__name__ for event in last] == ["DataCollected", "CustomerErased"] * 2
    assert all(event.fact_id is None for event in last)
    with installation.connect() as connection:
        engine.catch_up(connection, engine.PROJECTIONS)
        with pytest.raises(UnknownCustomer):
            customer_report(installation, connection, "customer:1")


def test_a_late_opt_out_meets_who_came_back(installation: Installation, other: Installation, say: Say) -> None:
    """It binds them whichever process tells it, and whether they come back before or after it."""
    for subject in ("customer:1", "customer:2"):
        installation.ledger.append(say.collection(f"of {subject}", subject, values={"user.name": "A"}))
        installation.ledger.append(say.erasure(f"erase {subject}", subject))
    installation.ledger.append(say.collection("back", "customer:1", AFTER, act="order"))
    other.ledger.append(say.opt_out("late", "customer:1", BEFORE))
    other.ledger.append(say.opt_out("later", "customer:2", BEFORE))
    installation.ledger.append(say.collection("back too", "customer:2", AFTER, act="order"))
    for it in (installation, other):
        for subject in ("customer:1", "customer:2"):
            assert not it.ledger.ask(say.message("m", subject, "2016-09-01T00:00:00Z")).allowed


def test_a_refusal_of_what_is_told_late(installation: Installation, say: Say) -> None:
    """What is to be enforced and told late of the erased is answered as refused, and so is the same again."""
    installation.ledger.append_many([say.collection("c"), say.opt_out("o", time="2016-05-20T00:00:00Z")])
    installation.ledger.append(say.erasure("e"))
    data = {"program": "email_marketing", "message_id": "m", "mode": "enforce"}
    late = say.fact("late", "message", "customer:1", BEFORE, **data)
    first, again = (installation.ledger.append_many([late])[0] for _ in range(2))
    assert [type(event).__name__ for event in opened_log(installation)[-2:]] == ["UseRefused", "CustomerErased"]
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert (first.refused, again.refused, again.repeated) == (True, True, True)
    assert {found.promise for found in first.findings} == {"P11", "P17", "P18"}


def test_processes_that_erase_and_tell_at_once(installation: Installation, other: Installation, say: Say) -> None:
    """A process that took the name for a living one finds out under the lock."""
    for n in range(10):
        name = f"customer:{n}"
        installation.ledger.append(say.collection(f"a{n}", name))
        other.ledger.append(say.opt_out(f"o{n}", name))
        installation.ledger.append(say.erasure(f"e{n}", name))
        before = size_of(installation)
        other.ledger.append(say.collection(f"l{n}", name, BEFORE))
        assert [type(event).__name__ for event in opened_log(installation)[before:]] == [
            "DataCollected",
            "CustomerErased",
        ]
    assert _count(installation, "names") == 0


def test_an_erasure_keeps_its_own_time_beside_what_is_told_late(installation: Installation, say: Say) -> None:
    """Until when a name was somebody's is not moved by what the same batch tells of others who were erased."""
    for subject, erased in (("customer:1", "2016-12-01T00:00:00Z"), ("customer:2", "2016-07-01T00:00:00Z")):
        installation.ledger.append(say.collection(f"of {subject}", subject, values={"user.name": "A"}))
        if subject == "customer:1":
            installation.ledger.append(say.erasure("e1", subject, erased))
    late = say.opt_out("late", "customer:1", "2016-11-01T00:00:00Z")
    installation.ledger.append_many([late, say.erasure("e2", "customer:2", "2016-07-01T00:00:00Z")])
    receipt = installation.ledger.append(say.collection("back", "customer:2", AFTER, values={"user.name": "A"}))
    assert [type(event).__name__ for event in opened_log(installation)[-receipt.events :]][-1] != "CustomerErased"


def test_what_is_owed_twice_is_recalled_once(installation: Installation, say: Say) -> None:
    """Who opted out and is told late to have opted out before is owed peace once, since the first time."""
    installation.ledger.append(say.collection("c", values={"user.name": "A"}))
    facts = [say.erasure("e"), say.opt_out("late", time="2016-06-02T00:00:00Z"), say.opt_out("later", time=BEFORE)]
    installation.ledger.append_many(facts)
    receipt = installation.ledger.append(say.collection("back", time=AFTER, act="order", values={"user.name": "A"}))
    recalled = [event for event in opened_log(installation)[-receipt.events :] if "Recalled" in type(event).__name__]
    assert [event.occurred_at.isoformat() for event in recalled] == ["2016-06-01T00:00:00+00:00"]


def test_an_audit_of_who_has_an_erased_persons_address_now(installation: Installation, say: Say) -> None:
    """The tombstone of the address binds nothing, and the opt-out that outlived the erasure is judged by."""
    values = {"user.contact.email": "ada@example.org"}
    installation.ledger.append(say.collection("c", values=values))
    installation.ledger.append(say.opt_out("o", time="2016-06-20T00:00:00Z"))
    installation.ledger.append(say.erasure("e"))
    installation.ledger.append(say.collection("new", "customer:2", AFTER, act="order", values=values))
    installation.ledger.append(say.message("m", "customer:2", "2016-09-01T00:00:00Z"))
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    assert document["readings"]["harmonised"]["P17"]["status"] == "broken"


def test_what_was_owed_binds_what_is_told_late(installation: Installation, other: Installation, say: Say) -> None:
    """Mail of before breaks the opt-out that was owed then, told under the name or under the address, in any process.

    The answer says so, and the audit. What stands before the mail is no opt-out that a webhook or a list shows.
    """
    values = {"user.contact.email": "ada@example.org"}
    installation.ledger.append(say.collection("c", values=values))
    installation.ledger.append(say.opt_out("o", time="2016-05-20T00:00:00Z"))
    installation.ledger.append(say.erasure("e"))
    for it, subject in ((installation, "customer:1"), (other, "email:ada@example.org"), (other, "customer:1")):
        receipt = it.ledger.append(say.message(f"{subject} {id(it)}", subject, BEFORE))
        assert isinstance(receipt, Receipt)
        assert {found.promise for found in receipt.findings} == {"P17", "P18"}
    with installation.connect() as connection:
        engine.catch_up(connection, engine.PROJECTIONS)
    assert _count(installation, "suppression_list") == 0
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    for promise, status in (("P17", "broken"), ("P18", "broken"), ("P11", "indeterminate")):
        assert document["readings"]["harmonised"][promise]["status"] == status
    assert len(document["readings"]["harmonised"]["P17"]["violations"]) == 3
