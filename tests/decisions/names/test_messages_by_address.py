"""A message told under an address, which is all that a mail service knows, is judged by all who have the address."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING, Final

import pytest

from domain.ledger import ask
from domain.store import Sender
from domain.vocabulary import EMAIL, HOLDERS_MOST
from tests.controls import contest_entry, fact, gift, message, opt_out, verified
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

MAILBOX: Final = "email:ada@example.com"
ENROLLED: Final = (contest_entry(1, subject="customer:1"),)
KNOWN: Final = (gift(1, subject="guest:G-1/1"),)
OWED: Final = (
    contest_entry(1.5, subject="customer:3"),
    fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}, subject="customer:3"),
)
HOLDERS: Final = {"enrolled": ENROLLED, "known": KNOWN, "owed": OWED}
SENT: Final = message(5, subject=MAILBOX)
BOUND: Final = opt_out(3, subject=MAILBOX)


def expected(holders: frozenset[str], *, bound: bool) -> dict[str, str]:
    """Return what the wire contract says of a message to an address that these people have."""
    enrolled, owed = "enrolled" in holders and not bound, "owed" in holders or bound
    peace = "kept" if not owed else "indeterminate" if enrolled else "broken"
    way_in = "indeterminate" if owed else "kept" if enrolled else "broken"
    return {"P11": way_in, "P17": peace, "P18": peace}


EVERY: Final = [frozenset(some) for size in range(1, 4) for some in combinations(HOLDERS, size)]


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("holders", EVERY, ids=lambda some: "+".join(sorted(some)))
def test_everybody_who_has_the_address_counts(holders: frozenset[str], *, bound: bool) -> None:
    """The audit of a trace, what is found at append, and a decision agree, whoever has the address."""
    facts = [*chain.from_iterable(HOLDERS[one] for one in sorted(holders)), *((BOUND,) if bound else ())]
    right = expected(holders, bound=bound)
    judged = audit(*facts, SENT)
    assert {promise: judged.status(promise) for promise in right} == right
    shop = Shop().given(*facts)
    against = ask(shop.store, SENT, Sender())
    assert bool(against) is (set(right.values()) != {"kept"})
    found = {one.promise for one in shop.when(SENT).findings} & right.keys()
    assert found == {promise for promise, status in right.items() if status == "broken"}


def test_the_order_of_telling_does_not_matter_to_an_audit() -> None:
    """Told before the person who has the address, the message is judged by them all the same."""
    assert audit(SENT, *ENROLLED).status("P11") == "kept"
    assert audit(SENT, *OWED).breaches("P17") == [SENT.name]


def test_an_address_that_was_corrected_since() -> None:
    """Whoever had the address counts: it was theirs, also where they gave another one since."""
    moved = (
        *ENROLLED,
        fact("identity_verification", 2, {"request": "R-1", "method": "mail", "passed": True}, subject="customer:1"),
        fact("correction", 3, {"request": "R-1", "category": EMAIL, "value": "new@example.com"}, subject="customer:1"),
    )
    assert audit(*moved, SENT).status("P11") == "kept"


def test_a_linked_address_is_its_persons() -> None:
    """Once the address is somebody's, they are among the people that count, with all of their streams."""
    linked = contest_entry(2, subject="customer:4", values={EMAIL: "other@example.com"}, also=[verified(MAILBOX)])
    assert audit(opt_out(1, subject="customer:4"), linked, SENT).status("P11") == "kept"
    left = opt_out(3, subject="customer:4")
    assert audit(linked, left, SENT).breaches("P17") == [SENT.name]


def test_an_erasure_changes_no_verdict() -> None:
    """Who let the message in is erased, or was owed peace, or it is the stream under which it was told: all stays.

    A message that was told after the erasure is not theirs; of one of an earlier time nobody knows.
    """
    erased = fact("erasure", 6, {"reason": "asked"}, subject="customer:1")
    late, later = (message(on, subject=MAILBOX, fact_id=f"at {on}") for on in (5.5, 6.5))
    assert audit(*ENROLLED, SENT, erased).status("P11") == "kept"
    assert audit(*OWED, SENT, erased).breaches("P17") == [SENT.name]
    of_address = fact("erasure", 7, {"reason": "asked"}, subject=MAILBOX, fact_id="gone")
    assert audit(*ENROLLED, SENT, of_address).status("P11") == "kept"
    assert audit(*OWED, SENT, of_address).breaches("P17") == [SENT.name]
    assert audit(*OWED, SENT, erased, of_address).breaches("P17") == [SENT.name]
    assert audit(*ENROLLED, SENT, of_address, erased).status("P11") == "kept"
    assert audit(*ENROLLED, SENT, erased, later).breaches("P11") == [later.name]
    told_late = audit(*ENROLLED, SENT, erased, late)
    assert (told_late.status("P11"), told_late.breaches("P17")) == ("indeterminate", [])


def test_nobody_elses_record_is_shown() -> None:
    """What is found of the message names no event of another person."""
    shop = Shop().given(*OWED)
    outcome = shop.when(SENT)
    assert {one.promise for one in outcome.findings} == {"P17", "P18"}
    assert all(one.events == () for one in outcome.findings)


@pytest.mark.parametrize("told", [SENT, message(5, subject="customer:9", to=MAILBOX)])
def test_a_message_by_number_is_its_persons(told: Fact) -> None:
    """Only a message under the address asks who else has it: by number, the person is known."""
    found = {one.promise for one in Shop().given(*ENROLLED).when(told).findings}
    assert found == (set() if told is SENT else {"P11"})


def test_a_message_that_went_elsewhere_vouches_for_nothing() -> None:
    """An address that is not on the person's record can be anybody's: nothing is kept, and a decision says no."""
    told = (*ENROLLED, contest_entry(1, subject="customer:4", values={EMAIL: "other@example.com"}, fact_id="four"))
    elsewhere = message(5, subject="customer:4", to=MAILBOX)
    judged = audit(*told, elsewhere)
    assert {judged.status(promise) for promise in ("P11", "P17")} == {"indeterminate"}
    assert ask(Shop().given(*told).store, elsewhere, Sender("test", vouches=True))
    assert audit(*told, message(5, subject="customer:4", to="email:other@example.com")).status("P11") == "kept"


@pytest.mark.parametrize(("objects", "status"), [(False, "kept"), (True, "indeterminate")])
def test_somebody_else_who_has_the_address_objects(objects: bool, status: str) -> None:  # noqa: FBT001 - a parameter
    """The offer was made under the address; it is unknown whether the one who objects got the message."""
    offered = fact("opt_out_offer", 1, {"purpose": "posters"}, subject=MAILBOX, fact_id="offer")
    told = fact("objection", 2, {"purpose": "posters"}, subject="customer:1", fact_id="object")
    known = (*ENROLLED, offered, *((told,) if objects else ()))
    sent = message(60, subject=MAILBOX, purpose="posters")
    judged = audit(*known, sent)
    assert judged.status("P14") == status
    assert bool([one for one in ask(Shop().given(*known).store, sent, Sender()) if one.promise == "P14"]) is objects


@pytest.mark.parametrize("bound", [False, True])
def test_an_address_that_everybody_types(bound: bool) -> None:  # noqa: FBT001 - a parameter
    """Of more people than can be asked nobody is: what the address itself says stands, and nothing else is known."""
    typed = [contest_entry(1 + n / 100, subject=f"guest:{n}", fact_id=f"typed-{n}") for n in range(HOLDERS_MOST + 1)]
    facts = [*typed, *((BOUND,) if bound else ())]
    peace = "broken" if bound else "indeterminate"
    judged = audit(*facts, SENT)
    assert [judged.status(one) for one in ("P11", "P17", "P18")] == ["indeterminate", peace, peace]
    assert ask(Shop().given(*facts).store, SENT, Sender())
    assert audit(*facts[1:], SENT).status("P17") == ("broken" if bound else "kept")
