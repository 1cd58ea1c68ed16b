"""One reference under two names has two codes, until a join shows that it is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger import Receipt
from tests.controls import verified

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say

NAME, EMAIL = "user.name", "user.contact.email"
ONE, OTHER = "customer:S1", "email:s1@example.org"


def order(say: Say, name: str, subject: str, reference: str, categories: tuple[str, ...] = (NAME, EMAIL)) -> Fact:
    """Return an order of 1 April."""
    values = dict.fromkeys(categories, "x")
    time = "2016-04-01T10:00:00Z"
    return say.collection(name, subject=subject, time=time, act="order", reference=reference, values=values)


def cancelled(say: Say, name: str, subject: str, reference: str, day: int = 2) -> Fact:
    """Return a cancellation."""
    return say.fact(name, "order_cancelled", subject, f"2016-04-0{day}T10:00:00Z", reference=reference)


def joined(say: Say, day: int = 4) -> Fact:
    """Return a fact that says that both names are one person's."""
    data: dict[str, Any] = {"reader": "desk", "purpose": "answer_message", "also": [verified(OTHER)]}
    return say.fact("join", "record_read", ONE, f"2016-04-0{day}T10:00:00Z", **data)


def broken(installation: Installation, fact: Fact) -> set[str]:
    """Append a fact and give the promises that it breaks."""
    receipt = installation.ledger.append(fact)
    assert isinstance(receipt, Receipt)
    return {found.promise for found in receipt.findings}


def test_a_cancellation_under_the_other_name(installation: Installation, say: Say) -> None:
    """An order cancelled under the person's other name ends its enrollment, once both are known to be one."""
    ledger = installation.ledger
    for fact in (order(say, "o", OTHER, "O1"), cancelled(say, "c", ONE, "O1"), joined(say)):
        ledger.append(fact)
    assert broken(installation, say.message("m", subject=ONE, time="2016-04-05T10:00:00Z")) == {"P11"}


def test_an_order_under_both_names(installation: Installation, other: Installation, say: Say) -> None:
    """An order that was told under both names is one order, also to a process that reads the join from the log."""
    for fact in (order(say, "o1", ONE, "9"), order(say, "o2", OTHER, "9"), joined(say, 2)):
        installation.ledger.append(fact)
    other.ledger.append(cancelled(say, "c", ONE, "9", day=3))
    for it, name in ((installation, ONE), (other, OTHER)):
        assert broken(it, say.message(f"m{name}", subject=name, time="2016-04-04T10:00:00Z")) == {"P11"}


def test_a_citation_finds_the_collection_on_either_stream(installation: Installation, say: Say) -> None:
    """What a share relies on does not depend on the name that it uses, nor on the order within a batch."""
    ledger = installation.ledger
    contest = say.collection("k", subject=ONE, reference="7", values={NAME: "x"})
    answers = ledger.append_many([contest, order(say, "o", OTHER, "7", (NAME,)), joined(say)])
    assert all(isinstance(answer, Receipt) for answer in answers)
    for name in (ONE, OTHER):
        data = {"recipient": "ads", "purpose": "deliver_ads", "categories": [NAME]}
        cited = {"act": "order", "reference": "7"}
        share = say.fact(f"s{name}", "share", name, "2016-04-05T10:00:00Z", **data, relying_on=cited)
        assert "P05" in broken(installation, share)


def test_an_order_under_three_names(installation: Installation, other: Installation, say: Say) -> None:
    """One join after another leaves one code, whichever of the three codes each of them chose."""
    names = [ONE, OTHER, "email:s2@example.org"]
    for number, name in enumerate(names):
        installation.ledger.append(order(say, f"o{number}", name, "9"))
    for number, name in enumerate(names[1:], 2):
        data: dict[str, Any] = {"reader": "desk", "purpose": "answer_message", "also": [verified(name)]}
        installation.ledger.append(say.fact(f"j{number}", "record_read", ONE, f"2016-04-0{number}T10:00:00Z", **data))
    for number, name in enumerate(names):
        installation.ledger.append(order(say, f"again{number}", name, "9"))
    other.ledger.append(cancelled(say, "c", OTHER, "9", day=5))
    for it, name in ((installation, ONE), (other, OTHER)):
        assert broken(it, say.message(f"m{name}", subject=name, time="2016-04-06T10:00:00Z")) == {"P11"}
