"""Messages outside programs: a catalog needs a request for it, and an address that nobody gave permits nothing."""

from __future__ import annotations

from typing import Final

import pytest

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import catalog_request, collection, contest_entry, message, order
from tests.laws.audit import audit

POSTAL: Final = {NAME: "Ada", ADDRESS: "1 Lane"}
REGISTERED: Final = collection("registration", 1, reference="F-1", values=POSTAL, requests=["catalog"])
CATALOG: Final = message(3, channel="post", purpose="fulfil_catalog_request", fact_id="catalog")
ANSWER: Final = {"purpose": "answer_message", "fact_id": "answer"}


def test_a_catalog_that_nobody_asked_for() -> None:
    """It breaks the way in as well as what the order's data may be used for."""
    found = audit(order(1, values=POSTAL), CATALOG)
    assert found.breaches("P11") == found.breaches("P04") == ["/shop catalog"]
    assert found.verdict("P11")["violations"][0]["codes"] == ["no_catalog_request"]
    assert audit(CATALOG).breaches("P11") == ["/shop catalog"]


@pytest.mark.parametrize("asked", [catalog_request(2, values=POSTAL), REGISTERED], ids=["request", "registration"])
def test_a_catalog_that_was_asked_for(asked: object) -> None:
    """By a request or on the registration form; one that is asked for only later comes too late."""
    assert audit(order(1, values=POSTAL), asked, CATALOG).status("P11") == "kept"  # type: ignore[arg-type]
    late = catalog_request(4, values=POSTAL)
    assert audit(order(1, values=POSTAL), late, CATALOG).breaches("P11") == ["/shop catalog"]


def test_an_answer_to_an_address_that_the_person_never_gave() -> None:
    """It rests on nothing recorded, whoever else has that address."""
    asked = collection("inbound_message", 1, reference="M-1", values={EMAIL: "ada@example.com"})
    other = contest_entry(1.5, subject="customer:2", fact_id="other", values={EMAIL: "bea@example.com"})
    own = audit(asked, other, message(2, to="email:ada@example.com", **ANSWER))
    assert own.document["ungrounded"] == []
    for address in ("bea@example.com", "nobody@example.com"):
        found = audit(asked, other, message(2, to=f"email:{address}", **ANSWER))
        assert [one["event"] for one in found.document["ungrounded"]] == ["/shop answer"]
        undecided = {
            promise
            for promise, verdict in found.document["readings"]["harmonised"].items()
            if any(one["event"] == "/shop answer" for one in verdict.get("indeterminate", ()))
        }
        assert undecided
        assert not any(own.status(promise) == "indeterminate" for promise in undecided)


def test_an_address_that_was_corrected_since_is_still_theirs() -> None:
    """The message uses a superseded value, which is another promise's matter."""
    first = collection("inbound_message", 1, reference="M-1", values={EMAIL: "ada@example.com"})
    second = collection("inbound_message", 2, reference="M-2", values={EMAIL: "new@example.com"})
    assert audit(first, second, message(3, to="email:ada@example.com", **ANSWER)).document["ungrounded"] == []


def test_where_the_address_is_held_in_another_system() -> None:
    """Nobody knows whether it is theirs, so it is taken for the one that they gave."""
    asked = collection("inbound_message", 1, reference="M-1", values={EMAIL: None}, held_in="crm")
    assert audit(asked, message(2, to="email:ada@example.com", **ANSWER)).document["ungrounded"] == []
