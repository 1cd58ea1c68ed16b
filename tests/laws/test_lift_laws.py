"""What binds an address, and who lifts it, goes by time: in any order of telling, also of people who were joined."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from domain.moments import end_of
from domain.vocabulary import EMAIL, Program
from tests.controls import collection, day, fact, link, message, unlink
from tests.laws.audit import audit
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.facts import Fact

PEOPLE: Final = ("customer:1", "customer:2", "guest:F-1", "customer:4")
ADDRESSES: Final = ("one@example.com", "two@example.com")
KINDS: Final = ("contest_entry", "contest_entry", "promotional_request", "order", "out_at", "out_at", "link", "confirm")
DAYS: Final = 30
LEAST: Final = least_of(20)
"""How many histories of each sort there are."""
often = settings(max_examples=part_of(150), deadline=None, derandomize=True)


class Move(NamedTuple):
    """What somebody did on a day with one of two addresses; a link joins them with the next one of the people."""

    kind: str
    who: int
    where: int
    on: int


def moves() -> st.SearchStrategy[list[Move]]:
    """Return histories in which each day has one fact."""
    one = st.builds(Move, st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 1), st.integers(1, DAYS))
    return st.lists(one, min_size=5, max_size=14, unique_by=lambda move: move.on)


def told(move: Move) -> Fact:
    """Return the fact of a move."""
    kind, who, where, on = move
    subject, address = PEOPLE[who], ADDRESSES[where]
    if kind == "out_at":
        out = {"program": "email_marketing", "via": "portal"}
        return fact("opt_out", on, out, subject=f"email:{address}", fact_id=f"{on}")
    if kind == "link":
        return link(on, PEOPLE[(who + 1) % len(PEOPLE)], subject=subject, fact_id=f"{on}")
    if kind == "confirm":
        said = {"contact": f"email:{address}", "method": "contact_confirmed"}
        return fact("contact_confirmed", on, said, subject=subject, fact_id=f"{on}")
    return collection(kind, on, subject=subject, fact_id=f"{on}", reference=f"R-{on}", values={EMAIL: address})


def are_out(shop: Shop) -> list[tuple[str, list[tuple[bool, bool]]]]:
    """Return for each person, day by day, whether they are out, and whether an address of theirs is."""
    found = []
    for name in PEOPLE:
        person = shop.customer(name)
        days = [end_of(day(on + 0.5)) for on in range(1, DAYS + 1)]
        standings = [shop.judge.standing(person, Program.EMAIL_MARKETING, at) for at in days]
        found.append((name, [(one.opted_out is not None, one.of_address) for one in standings]))
    return found


def test_the_order_of_telling_changes_nothing() -> None:
    """Who may be mailed on which day follows from the times alone, also where links are told late."""
    coverage: Counter[str] = Counter()

    @often
    @given(moves(), st.integers(0, 10**6))
    def holds(history: list[Move], seed: int) -> None:
        in_time = [told(move) for move in sorted(history, key=lambda one: one.on)]
        shuffled = list(in_time)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - any order will do
        one, other = Shop().given(*in_time), Shop().given(*shuffled)
        assert are_out(one) == are_out(other)
        lifts = [lift for known in one.store.bound.values() for lift in known if lift.source and not lift.is_out]
        coverage["lifted"] += bool(lifts)
        people = {id(person): person for person in one.store.people.values()}.values()
        coverage["joined and lifted"] += bool(lifts) and any(len(person.streams) > 1 for person in people)

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("lifted", "joined and lifted")) >= LEAST


@pytest.mark.slow
def test_nothing_that_only_a_link_let_in_is_kept() -> None:
    """A mail to anybody that would have broken a promise without the links is undecided once these are undone."""
    coverage: Counter[str] = Counter()

    @often
    @given(moves(), st.sampled_from(PEOPLE[:1] + PEOPLE[3:]))
    def holds(history: list[Move], mailed: str) -> None:
        facts = [told(move) for move in sorted(history, key=lambda one: one.on)]
        links = [one for one in facts if one.type == "pledger.link.v1"]
        alone = [one for one in facts if one not in links]
        mail = message(DAYS + 1, subject=mailed, fact_id="mail")
        parts = _undone()
        for promise in ("P11", "P17", "P18"):
            before, without, after = (
                _verdict(audit_of, promise) for audit_of in ([*facts, mail], [*alone, mail], [*facts, mail, *parts])
            )
            assert (before == "broken") == (after == "broken")
            if without == "broken" and before != "broken":
                assert after == "indeterminate"
                coverage[promise] += 1
        coverage["linked"] += bool(links)

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("P11", "P17", "P18", "linked")) >= least_of(5)


def _undone() -> list[Fact]:
    """Return the unlinks of everybody from everybody, behind everything else."""
    return [
        unlink(DAYS + 2 + number / 100, other, subject=own, fact_id=f"part {number}")
        for number, (own, other) in enumerate(combinations(PEOPLE, 2))
    ]


def _verdict(facts: Sequence[Fact], promise: str) -> str:
    """Return what an audit says of the mail under a promise: broken, indeterminate or something else."""
    verdict = audit(*facts, as_of=DAYS + 10).verdict(promise)
    kinds = {"broken": verdict["violations"], "indeterminate": verdict.get("indeterminate", ())}
    return next((kind for kind, said in kinds.items() if any(one["event"] == "/shop mail" for one in said)), "kept")
