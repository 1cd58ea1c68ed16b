"""No erasure changes a verdict: what an audit said of every fact before anybody was erased, it says after it.

Histories are of people of every kind of name, with messages under addresses, opt-outs of addresses and under numbers,
links, unlinks, names given up, and addresses that several people share.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings, strategies as st

from domain.events.customer import CustomerErased, MessageSent
from domain.rules.never_from_children import NeverFromChildren
from domain.rules.requests_answered import RequestsAnswered
from tests.controls import collection, fact, message
from tests.laws.audit import audit
from tests.laws.histories import ACTS, Step, facts_of, name_of, steps
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.facts import Fact

KINDS: Final = (
    *ACTS,
    *("contest_entry", "promotional_request", "contest_entry", "registration"),
    *("out", "out", "out", "mail", "mail", "use", "share", "lawful_share", "cancel", "enroll", "object", "offer"),
    *("out_at", "out_at", "out_to", "out_to", "mail_at", "mail_at", "mail_at", "mail_at", "mail_to", "mail_to"),
    *("confirm", "confirm", "beside", "correct", "wrong_entry", "age", "delete"),
    *("access", "verify", "report", "ask_erasure"),
    *("link", "link", "link", "link_form", "unlink", "end", "end"),
)
OF_ADDRESSES: Final = (
    *("order", "contest_entry", "contest_entry", "promotional_request"),
    *("out", "out", "out_at", "out_to", "mail", "mail_at", "mail_at", "mail_at", "mail_to"),
    *("confirm", "link", "link", "unlink", "end"),
)
OF_NUMBERS: Final = (*("contest_entry",) * 4, *("out",) * 2, *("mail",) * 4, "mail_at", "correct", "link", "end")
LISTS: Final = ("violations", "open", "excused", "indeterminate", "attested")
AS_OF: Final = 400.0
ERASED_ON: Final = 150.0
ENDED: Final = {
    promise.id for promise in first_policy().promises if isinstance(promise.rule, RequestsAnswered | NeverFromChildren)
}
"""What an erasure ends: requests, and the duty to erase a child. What of these is broken stays broken."""
EXCLUDED: Final[frozenset[str]] = frozenset()
"""Promises that this law does not hold for yet."""
CODES: Final = ("holders_differ", "out_by_number", "mailed_after_opt_out", "not_enrolled", "sent_elsewhere")
"""What must be found in histories of which people are erased."""
LEAST: Final = 8


def said(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return all that an audit says of each promise under each reading."""
    return {
        (reading, promise): (
            verdict["status"],
            verdict["exercised"],
            [[(one["event"], one["at"], one["codes"]) for one in verdict.get(kind, ())] for kind in LISTS],
        )
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
        if promise not in EXCLUDED
    }


def check_same(before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]) -> None:
    """Check that an erasure changed nothing but what it ends."""
    for (reading, promise), verdict in before.items():
        if promise not in ENDED:
            assert after[reading, promise] == verdict, (reading, promise)
        else:
            broken, still = ({one[:2] for one in lists[0]} for _, _, lists in (verdict, after[reading, promise]))
            assert broken <= still, (reading, promise)


def erasure(name: str) -> Fact:
    """Return the erasure of somebody."""
    return fact("erasure", ERASED_ON, {"reason": "asked"}, subject=name, fact_id=f"erase {name}")


def names_in(taken: Iterable[Step], facts: Iterable[Fact]) -> list[str]:
    """Return the names of the people of a history, and those of the mailboxes that something was told of."""
    mailboxes = {str(one.subject) for one in facts if one.subject is not None and one.subject.kind == "email"}
    return sorted({name_of(step.who, "a") for step in taken} | mailboxes)


def shared_addresses() -> st.SearchStrategy[list[Step]]:
    """Return histories in which most addresses are the one that all share, and most messages are advertising mail.

    In some, one person has a number and leaves under it; the others have none, and are mailed.
    """
    several = steps(16, OF_ADDRESSES, least=8, of_any_name=True)
    numbers = steps(10, OF_NUMBERS).map(lambda taken: list(map(_of_number, [*_LEFT_AS_NUMBER, *taken])))
    return st.one_of(several, numbers).map(
        lambda taken: [step._replace(way=4 if step.way % 4 else step.way) for step in taken]
    )


_LEFT_AS_NUMBER: Final = (
    *(Step("contest_entry", 1, 0.1, 4), Step("contest_entry", 2, 0.2, 4), Step("contest_entry", 3, 0.3, 4)),
    *(Step("out", 1, 0.4, 4), Step("mail", 2, 20.5, 4), Step("mail", 3, 40.5, 4)),
)
"""Three people give one address; the one with a number leaves, and the two without are mailed."""


def _of_number(step: Step) -> Step:
    """Return a step of one who has a number and leaves, and of others who have none and are mailed."""
    who = {"out": 1, "mail": 2 + step.place % 2}.get(step.kind, step.place)
    return step._replace(who=who).named(("customer", "guest", "order"))


def test_an_erasure_changes_no_verdict() -> None:
    """Each person of a history is erased by themself, and then all of them, one after the other."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=250, deadline=None, derandomize=True)
    @given(st.one_of(steps(16, KINDS, least=5, of_any_name=True), shared_addresses()))
    def holds(taken: list[Step]) -> None:
        facts = facts_of(sorted(taken, key=lambda step: step.on))
        before = audit(*facts, as_of=AS_OF).document
        erasures = [erasure(name) for name in names_in(taken, facts)]
        for told in (*([one] for one in erasures), erasures):
            check_same(said(before), said(audit(*facts, *told, as_of=AS_OF).document))
        coverage.update(_codes(before))
        coverage.update(_sorts([*facts, *erasures]))

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    wanted = (*CODES, "same points", "linked", "messages under an address")
    assert min(coverage[sort] for sort in wanted) >= LEAST, coverage


def _codes(document: dict[str, Any]) -> set[str]:
    verdicts = document["readings"]["harmonised"].values()
    return {code for verdict in verdicts for kind in LISTS for one in verdict.get(kind, ()) for code in one["codes"]}


def _sorts(facts: Sequence[Fact]) -> set[str]:
    """Return which sorts of erased people there are in a history."""
    shop = Shop().given(*facts)
    events = [one for events in shop.store.events.values() for one in events]
    erased = [one for one in events if isinstance(one, CustomerErased) and not one.is_late]
    by_address = any(isinstance(one, MessageSent) and one.by_address for one in events)
    return {
        *(["same points"] if any(one.same_points for one in erased) else ()),
        *(["linked"] if len(erased) > len({one.fact_position for one in erased}) else ()),
        *(["messages under an address"] if by_address else ()),
    }


PORTAL: Final = {"program": "email_marketing", "via": "portal"}
ADDRESS_OF_BOTH: Final = {"values": {"user.contact.email": "both@example.com"}}
OUT_AS_NUMBER: Final = (
    collection("contest_entry", 1, subject="guest:F-1", fact_id="guest", **ADDRESS_OF_BOTH),
    collection("contest_entry", 2, subject="customer:1", fact_id="number", **ADDRESS_OF_BOTH),
    fact("opt_out", 3, PORTAL, subject="customer:1", fact_id="out"),
)
GONE: Final = fact("erasure", 4, {"reason": "asked"}, subject="customer:1", fact_id="gone")
MAILED: Final = message(9, subject="guest:F-1", fact_id="mailed")


@pytest.mark.parametrize(
    ("act", "address", "expected"),
    [
        ("contest_entry", "both@example.com", "kept"),
        ("order", "both@example.com", "indeterminate"),
        ("contest_entry", "other@example.com", "indeterminate"),
    ],
)
def test_who_comes_back_under_the_number_lifts_what_it_reached(act: str, address: str, expected: str) -> None:
    """Where they give the address, and ask anew; of their other addresses nobody knows any more."""
    back = collection(
        act, 5, subject="customer:1", fact_id="back", reference="B", values={"user.contact.email": address}
    )
    assert audit(*OUT_AS_NUMBER, GONE, back, MAILED).status("P17") == expected


def test_nobody_else_lifts_what_a_number_reached() -> None:
    """Neither another customer with the address, nor one who opted out at the same time."""
    other = collection("contest_entry", 5, subject="customer:2", fact_id="other", reference="B", **ADDRESS_OF_BOTH)
    assert audit(*OUT_AS_NUMBER, GONE, other, MAILED).status("P17") == "indeterminate"
    left = fact("opt_out", 3, PORTAL, subject="customer:2", fact_id="left")
    assert audit(*OUT_AS_NUMBER, GONE, left, other, MAILED).status("P17") == "indeterminate"
