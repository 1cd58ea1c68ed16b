"""An address that everybody types: what is told of a few people reads few, and an erasure lets the others be.

How many people are remembered shows how many were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from adapters.ledger.receipt import Receipt
from domain.vocabulary import EMAIL, HOLDERS_MOST
from tests.controls import fact, link, name_ended, opt_out, order, unlink

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.facts import Fact

MANY: Final = 3 * HOLDERS_MOST
SHARED: Final = {EMAIL: "shared@marker.test"}
FEW: Final = HOLDERS_MOST + 10


def guest(number: int) -> str:
    """Return the name of one of the many."""
    return f"guest:{number}"


@pytest.fixture
def shared(installation: Installation) -> Installation:
    """Return a ledger in which many people are known to have one address, two are linked, and one was erased."""
    told = [order(1, f"O-{n}", subject=guest(n), fact_id=f"o-{n}", values=SHARED) for n in range(MANY)]
    answers = {"contact": "email:shared@marker.test", "method": "contact_confirmed"}
    told += [fact("contact_confirmed", 1.5, answers, subject=guest(n), fact_id=f"c-{n}") for n in range(MANY)]
    assert all(isinstance(one, Receipt) for one in installation.ledger.append_many(told))
    installation.ledger.append(link(2, guest(2), subject=guest(1)))
    installation.ledger.append(fact("erasure", 3, {"reason": "asked for it"}, subject=guest(0)))
    return installation


def read_by(it: Installation, told: Fact) -> int:
    """Append a fact where nobody is remembered, and return how many people's streams were read for it."""
    records = it.ledger._appender.records
    records.drop_all()
    it.ledger.append(told)
    return len(records.people)


@pytest.mark.parametrize(
    "told",
    [
        unlink(4, guest(2), subject=guest(1)),
        opt_out(4, subject="email:shared@marker.test"),
    ],
    ids=["unlink", "opt-out of the address"],
)
def test_few_are_read(shared: Installation, told: Fact) -> None:
    """It takes no more of the many to know that somebody living has the address."""
    assert read_by(shared, told) <= FEW


def test_all_are_asked_once_whose_name_ends(shared: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each of them was owed binds who has the address next; they are read under the lock alone."""
    records = shared.ledger._appender.records
    loaded: list[int] = []
    load_new = records._load_new

    def counted(streams: list[UUID]) -> None:
        loaded.append(len(streams))
        load_new(streams)

    monkeypatch.setattr(records, "_load_new", counted)
    records.drop_all()
    shared.ledger.append(name_ended(5, "email:shared@marker.test", subject=guest(3)))
    assert sum(loaded) <= MANY + 1


def test_an_erasure_lets_the_others_be(installation: Installation) -> None:
    """Whoever else a batch with an erasure is about is not read again."""
    told = [
        order(1, f"O-{n}", subject=guest(n), fact_id=f"o-{n}", values={EMAIL: f"{n}@marker.test"}) for n in range(9)
    ]
    installation.ledger.append_many(told)
    people = installation.ledger._appender.records.people
    known = dict(people)
    orders = [order(2, f"P-{n}", subject=guest(n), fact_id=f"p-{n}") for n in range(1, 9)]
    installation.ledger.append_many([*orders, fact("erasure", 3, {"reason": "asked for it"}, subject=guest(0))])
    assert len(people) == len(known) - 1
    assert all(person is known[stream] for stream, person in people.items())
