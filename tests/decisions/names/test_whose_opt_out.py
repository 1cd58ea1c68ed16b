"""Whose opt-out it is that binds an address: a list of opt-outs has one time, so a time says nothing of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from domain.vocabulary import EMAIL
from tests.controls import contest_entry, fact, link, message, name_ended, opt_out, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

VICTIM, OTHER, GUEST, THIRD = "customer:1", "customer:2", "guest:F-1", "customer:3"
THEIRS, OWN = {EMAIL: "victim@example.com"}, {EMAIL: "other@example.com"}
MAILBOX: Final = f"email:{THEIRS[EMAIL]}"
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
LIST: Final = (
    order(1, values=THEIRS, fact_id="victim"),
    order(1, values=OWN, subject=OTHER, fact_id="other"),
    fact("opt_out", 3, PORTAL, fact_id="victim out"),
    fact("opt_out", 3, PORTAL, subject=OTHER, fact_id="other out"),
)
"""Two people, and a list by which both leave at one instant."""


def erased(subject: str, on: float = 5) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id=f"erase {subject} {on:g}")


def asks(subject: str, address: dict[str, str], on: float = 8) -> Fact:
    """Return what somebody asks for with an address."""
    return contest_entry(on, values=address, subject=subject, reference=f"R-{on}", fact_id=f"asks {subject} {on:g}")


def mail(subject: str = MAILBOX) -> Fact:
    """Return mail, once the grace of any opt-out is over."""
    return message(40, subject=subject, fact_id=f"mail {subject}")


def is_broken(*facts: Fact, subject: str = MAILBOX) -> bool:
    """Return whether mail breaks an opt-out, as it is found when it is told and in an audit of all."""
    told = mail(subject)
    found = bool(Shop().given(*facts).when(told).codes("P17") & {"mailed_after_opt_out"})
    assert found == (told.name in audit(*facts, told).breaches("P17"))
    return found


GONE: Final = (*LIST, erased(VICTIM), erased(OTHER))


@pytest.mark.parametrize("program_of", [MAILBOX, GUEST])
def test_another_of_the_list_types_the_address(program_of: str) -> None:
    """Both were erased; who comes back and asks with the victim's address lifts nothing of the victim's."""
    guest = order(6, "F-1", values=THEIRS, subject=GUEST, fact_id="guest")
    assert is_broken(*GONE, guest, subject=program_of)
    assert is_broken(*GONE, guest, asks(OTHER, THEIRS), subject=program_of)
    assert not Shop().given(*GONE, asks(OTHER, THEIRS)).is_enrolled(subject=OTHER)


def test_the_victim_lifts_it() -> None:
    """They come back under their number, and ask anew with the address; with another one they lift nothing."""
    assert not is_broken(*GONE, asks(VICTIM, THEIRS))
    assert Shop().given(*GONE, asks(VICTIM, THEIRS)).is_enrolled(subject=VICTIM)
    assert is_broken(*GONE, asks(VICTIM, OWN))


def test_who_was_verified_for_the_address_lifts_it() -> None:
    """Whoever they are, the mailbox is theirs now."""
    answered = fact("contact_confirmed", 7, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=OTHER)
    assert not is_broken(*GONE, answered, asks(OTHER, THEIRS))


def test_an_opt_out_of_an_address_that_the_other_never_had() -> None:
    """It was told of the address itself at the same instant, and nobody who had it was erased."""
    told = (*LIST[1:2], LIST[3], fact("opt_out", 3, PORTAL, subject=MAILBOX, fact_id="address out"), erased(OTHER))
    assert is_broken(*told)
    assert is_broken(*told, asks(OTHER, THEIRS))
    assert not Shop().given(*told, asks(OTHER, THEIRS)).is_enrolled(subject=OTHER)


@pytest.mark.parametrize(("given_on", "may_lift"), [(2, True), (4, False)])
def test_an_opt_out_of_an_address_that_the_erased_had(given_on: float, *, may_lift: bool) -> None:
    """Who had it when it was opted out lifts it after an erasure as before; who typed it afterwards never does."""
    told = [order(given_on, "O-2", values=THEIRS, subject=OTHER), *LIST[3:]]
    told.append(fact("opt_out", 3, PORTAL, subject=MAILBOX, fact_id="address out"))
    assert is_broken(*told, asks(OTHER, THEIRS)) != may_lift
    assert is_broken(*told, erased(OTHER), asks(OTHER, THEIRS)) != may_lift


def test_an_opt_out_under_the_number_of_somebody_living() -> None:
    """It reaches a guest with their address: another of the same list, who was erased, does not lift that."""
    guest = order(6, "F-1", values=THEIRS, subject=GUEST, fact_id="guest")
    told = (*LIST, erased(OTHER), guest)
    for facts in (told, (*told, asks(OTHER, THEIRS))):
        assert audit(*facts, mail(GUEST)).status("P17") == "indeterminate"
        assert not Shop().given(*facts).is_enrolled(subject=GUEST)
    lifted = (*LIST, erased(VICTIM), asks(VICTIM, THEIRS), order(9, "F-1", values=THEIRS, subject=GUEST))
    assert Shop().given(*lifted).is_enrolled(subject=GUEST)


def test_an_opt_out_told_late_of_both() -> None:
    """Each is owed it at their own address, and lifts it there alone."""
    told = (*LIST[:2], erased(VICTIM), erased(OTHER), *LIST[2:])
    assert is_broken(*told)
    assert is_broken(*told, asks(OTHER, THEIRS))
    assert not is_broken(*told, asks(VICTIM, THEIRS))


def test_what_waits_at_an_address() -> None:
    """Somebody is known to have it. What waits there for one of two erased people the other does not end."""
    third = order(1, values=THEIRS, subject=THIRD, fact_id="third")
    known = fact("contact_confirmed", 2, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=THIRD)
    told = (*LIST, third, known, erased(VICTIM), erased(OTHER))
    assert is_broken(*told, asks(OTHER, THEIRS), erased(THIRD, 9), erased(OTHER, 10))
    assert not is_broken(*told, asks(VICTIM, THEIRS), erased(THIRD, 9), erased(VICTIM, 10))


def test_two_who_shared_the_address() -> None:
    """Each of them is owed peace there, and the one lifts nothing of the other."""
    shared = [order(1, values=THEIRS, subject=name, fact_id=f"order {name}") for name in (VICTIM, OTHER)]
    told = (*shared, *LIST[2:], erased(VICTIM), erased(OTHER))
    assert is_broken(*told, asks(OTHER, THEIRS))
    assert is_broken(*told, asks(VICTIM, THEIRS))
    assert not is_broken(*told, asks(VICTIM, THEIRS), asks(OTHER, THEIRS, 9))


def test_a_link_lifts_from_its_own_time_on() -> None:
    """Who was joined to the one who came back asks as them, and no longer once they are parted."""
    linked = (*GONE, order(6, values=OWN, fact_id="back"), link(7, OTHER, subject=VICTIM))
    assert is_broken(*GONE, order(6, values=OWN, fact_id="back"), link(9, OTHER), asks(OTHER, THEIRS))
    assert not is_broken(*linked, asks(OTHER, THEIRS))
    assert is_broken(*linked, asks(OTHER, THEIRS), unlink(12, OTHER, subject=VICTIM))


def test_a_guests_form_with_the_address_is_not_the_victim() -> None:
    """Anybody can type an address: whoever has the form's name is told what is owed, and lifts none of it."""
    form = order(2, "F-1", values=THEIRS, subject=GUEST, fact_id="form")
    late = fact("opt_out", 2.5, PORTAL, subject=GUEST, fact_id="form out")
    assert is_broken(*GONE, form, late, asks(GUEST, THEIRS))
    assert not is_broken(*GONE, form, late, asks(GUEST, THEIRS), asks(VICTIM, THEIRS, 9))


def test_names_that_were_given_up_at_one_instant() -> None:
    """Who has the number next lifts nothing of what was passed on to who has the address next."""
    told = [LIST[1], LIST[3], order(1, values=THEIRS, subject=MAILBOX), fact("opt_out", 3, PORTAL, subject=MAILBOX)]
    told += [name_ended(5, OTHER, subject=OTHER), name_ended(5, MAILBOX, subject=MAILBOX)]
    assert is_broken(*told)
    assert is_broken(*told, asks(OTHER, THEIRS))
    assert not is_broken(*told, asks(MAILBOX, THEIRS))


def test_a_link_of_a_message_is_the_persons_own() -> None:
    """It bound the address and the person: they lift both when they come back, and nobody else of that instant."""
    told = (*LIST[:2], opt_out(3, fact_id="victim out"), LIST[3], erased(VICTIM), erased(OTHER))
    assert is_broken(*told, asks(OTHER, THEIRS))
    assert not is_broken(*told, asks(VICTIM, THEIRS))


@pytest.mark.parametrize("only", [True, False])
@pytest.mark.parametrize("is_late", [True, False])
def test_an_address_that_was_no_longer_current(*, only: bool, is_late: bool) -> None:
    """Who comes back lifts the opt-out of an address that had been theirs, though it never was one of their own."""
    told = [
        order(1, values=THEIRS, fact_id="old address"),
        order(2, "O-2", values=OWN, fact_id="new address"),
        link(2.5, OTHER, fact_id="one person"),
    ]
    address_out = fact("opt_out", 3, PORTAL, subject=MAILBOX, fact_id="address out")
    gone = fact("erasure", 5, {"reason": "asked", **({"only": True} if only else {})}, fact_id="gone")
    told += [gone, address_out] if is_late else [address_out, gone]
    assert is_broken(*told)
    assert is_broken(*told, asks(THIRD, THEIRS))
    assert not is_broken(*told, asks(VICTIM, THEIRS))
    assert Shop().given(*told, asks(VICTIM, THEIRS)).is_enrolled(subject=VICTIM)
    mailed = mail(VICTIM)
    assert audit(*told, asks(VICTIM, THEIRS), mailed).status("P17") == "kept"
