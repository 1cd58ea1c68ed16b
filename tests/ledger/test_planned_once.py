"""A batch that rests on who has an address: planned once while nobody else appends, and anew where somebody has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.ledger import appender
from adapters.ledger.planning import plan
from tests.ledger.test_messages_by_address import MAILBOX, broken, mailed

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.ledger.batch import Batch
    from tests.ledger.conftest import Say


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the number of requests of each plan from now on."""
    sizes: list[int] = []

    def counted(records: Any, judge: Any, latest: Any, requests: Any, **how: Any) -> Batch:  # noqa: ANN401 - passed on
        sizes.append(len(requests))
        return plan(records, judge, latest, requests, **how)

    monkeypatch.setattr(appender, "plan", counted)
    return sizes


def alone(it: Installation, say: Say) -> None:
    """Enroll people with one address, and erase one after another, so that the others' records are read again.

    What is read for the first time is planned anew: it is not known yet who else appends.
    """
    numbers = (1, 2, 3, 4)
    it.ledger.append_many([say.collection(f"entry-{number}", f"customer:{number}") for number in numbers])
    for gone in numbers[:2]:
        assert broken(it, mailed(say, f"before {gone}")) == set()
        living = [say.message(f"{number} before {gone}", f"customer:{number}") for number in numbers[gone:]]
        it.ledger.append_many([*living, say.erasure(f"gone {gone}", f"customer:{gone}")])


def test_planned_once_while_nobody_else_appends(installation: Installation, say: Say, planned: list[int]) -> None:
    """What the batch itself has to read does not let it be planned twice."""
    alone(installation, say)
    planned.clear()
    assert broken(installation, mailed(say, "second")) == set()
    assert planned == [1]


@pytest.mark.parametrize("is_noticed", [False, True])
def test_planned_anew_where_somebody_else_appended(
    installation: Installation, other: Installation, say: Say, planned: list[int], *, is_noticed: bool
) -> None:
    """An opt-out that another process took is known, also where that process was noticed by something else before."""
    alone(installation, say)
    other.ledger.append_many(
        [say.opt_out("out", MAILBOX), say.collection("entry-9", "customer:9", values={"user": "x"})]
    )
    if is_noticed:
        installation.ledger.append(say.fact("late", "objection", "customer:9", "2016-05-03T10:15:00Z", purpose="x"))
    planned.clear()
    assert {"P17", "P18"} <= broken(installation, mailed(say, "second"))
    assert planned == [1, 1]


def test_one_more_who_has_the_address(
    installation: Installation, other: Installation, say: Say, planned: list[int]
) -> None:
    """Whom another process put on record with the address was not asked, so the message is judged anew."""
    alone(installation, say)
    values = {"user.contact.email": MAILBOX.removeprefix("email:")}
    other.ledger.append(say.collection("asks", "customer:9", act="inbound_message", values=values))
    out = {"program": "email_marketing", "via": "portal"}
    other.ledger.append(say.fact("leaves", "opt_out", "customer:9", "2016-05-03T10:15:00Z", **out))
    planned.clear()
    installation.ledger.append(mailed(say, "second"))
    assert planned == [1, 1]
