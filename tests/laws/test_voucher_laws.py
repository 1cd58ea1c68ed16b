"""What holds whatever anybody tells under an address: they may ask and protect there, and settle nothing of its holder.

Histories are of people known under e-mail addresses, by senders who vouch; then a form tells what it likes of them.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings

from domain.contact_points import NotVouched
from domain.parting import OfficerOnly
from domain.policy.status import Status
from domain.store import Sender
from tests.laws.histories import NAME_KINDS, PEOPLE, Step, facts_of, name_of, steps
from tests.scenario import Shop

often = settings(max_examples=100, deadline=None, derandomize=True)
ASKED = ("access", "access", "ask_erasure", "ask_correction", "verify", "report", "deny", "order", "offer", "age")
TOLD = (*ASKED, "decline", "correct", "delete", "cancel", "contest_entry", "use", "mail", "out", "object", "enroll")
LEAST = 50


def of_mailboxes(taken: list[Step], later: float = 0) -> list[Step]:
    """Return steps about the same people, each under an e-mail address."""
    return [step._replace(on=step.on + later).named(("email",) * PEOPLE) for step in taken]


def open_requests(shop: Shop) -> set[tuple[str, Status]]:
    """Return the requests that nobody answered, of all people, with what time says of them."""
    people = [name_of(place + PEOPLE * NAME_KINDS.index("email"), "a") for place in range(1, PEOPLE + 1)]
    settled = (one for name in people for one in shop.settled(1_000, name))
    return {(one.event, one.status) for one in settled if one.status in {Status.OPEN, Status.BROKEN} and one.event}


def test_who_does_not_vouch_settles_nothing() -> None:
    """Whatever is open under an address stays open, whoever else says that it was answered, denied or taken back."""
    seen: Counter[str] = Counter()

    @often
    @given(steps(kinds=ASKED), steps(kinds=TOLD))
    def holds(known: list[Step], told: list[Step]) -> None:
        shop = Shop().given(*facts_of(of_mailboxes(known), "a"))
        before = open_requests(shop)
        shop.sender = Sender("form")
        for one in facts_of(of_mailboxes(told, later=200), "a", source="/a/form")[len(facts_of([])) :]:
            try:
                shop.when(one)
            except (NotVouched, OfficerOnly):
                seen["refused"] += 1
            else:
                seen["stored"] += 1
        assert before <= open_requests(shop)
        seen["open"] += len(before)

    holds()
    assert min(seen["refused"], seen["stored"], seen["open"]) >= LEAST, seen
