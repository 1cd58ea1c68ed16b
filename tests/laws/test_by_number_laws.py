"""What holds of opt-outs under a number, in any order of telling: whom they reach follows from the times alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given, settings, strategies as st

from domain.ledger import ask
from domain.store import Sender
from domain.vocabulary import EMAIL
from tests.controls import collection, fact, message
from tests.laws.audit import audit
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from random import Random

    from domain.facts import Fact

ADDRESSES = ("one@example.com", "two@example.com")
NUMBERED, GUESTS = ("customer:1", "customer:2"), ("guest:F-1", "order:O-2")
MAILED_ON = 200.0
LEAST = least_of(20)
often = settings(max_examples=part_of(200), deadline=None, derandomize=True)


class Move(NamedTuple):
    """What somebody did on a day: entered a contest or ordered with an address, corrected it, or left."""

    kind: str
    who: str
    address: str
    on: int


def moves() -> st.SearchStrategy[list[Move]]:
    """Return histories of people with and without a number, who share two addresses; each day has one fact."""
    of_numbered = st.builds(
        Move,
        st.sampled_from(("entry", "entry", "order", "correct", "out", "out")),
        st.sampled_from(NUMBERED),
        st.sampled_from(ADDRESSES),
        st.integers(1, 100),
    )
    of_guests = st.builds(
        Move,
        st.sampled_from(("entry", "order")),
        st.sampled_from(GUESTS),
        st.sampled_from(ADDRESSES),
        st.integers(1, 100),
    )
    return st.lists(st.one_of(of_numbered, of_guests), min_size=3, max_size=14, unique_by=lambda move: move.on)


def told(move: Move) -> Fact:
    """Return the fact of a move."""
    kind, who, address, on = move
    if kind == "out":
        return fact("opt_out", on, {"program": "email_marketing", "via": "portal"}, subject=who, fact_id=f"{on}")
    if kind == "correct":
        said = {"request": f"R-{on}", "category": EMAIL, "value": address}
        return fact("correction", on, said, subject=who, fact_id=f"{on}")
    act = {"entry": "contest_entry", "order": "order"}[kind]
    return collection(act, on, subject=who, fact_id=f"{on}", reference=f"R-{on}", values={EMAIL: address})


def current(history: list[Move], who: str, until: int) -> str | None:
    """Return the address that somebody gave last, up to a day."""
    own = (move for move in history if move.who == who and move.kind != "out" and move.on <= until)
    return max(((move.on, move.address) for move in own), default=(0, None))[1]


def is_reached(history: list[Move], guest: str) -> bool:
    """Return whether somebody's opt-out reaches a guest in the end, as the wire contract says it."""
    address = current(history, guest, 100)
    entries = [move for move in history if move.kind == "entry"]
    for out in (move for move in history if move.kind == "out"):
        asked_anew = any(move.who == out.who and move.on > out.on for move in entries)
        had_it = any(m.who == guest and m.address == address and m.on <= out.on for m in history)
        lifted = had_it and any(m.who == guest and m.address == address and m.on > out.on for m in entries)
        if address and current(history, out.who, out.on) == address and not asked_anew and not lifted:
            return True
    return False


def test_whom_they_reach_follows_from_the_times() -> None:
    """A decision says no for exactly those guests whom an opt-out reaches, however it was told; so does an audit."""
    coverage: Counter[str] = Counter()

    @often
    @given(moves(), st.randoms(use_true_random=False))
    def holds(history: list[Move], chance: Random) -> None:
        telling = [*history]
        chance.shuffle(telling)
        facts = [told(move) for move in telling]
        shop = Shop().given(*facts)
        mails = {guest: message(MAILED_ON, subject=guest, fact_id=f"mail {guest}") for guest in GUESTS}
        judged = audit(*facts, *mails.values())
        reached = {guest: is_reached(history, guest) for guest in GUESTS}
        for guest, mail in mails.items():
            doubted = {found.promise for found in ask(shop.store, mail, Sender("test", vouches=True))}
            assert ({"P17", "P18"} <= doubted) is reached[guest]
            is_known = current(history, guest, 100) is not None
            coverage[f"{'reached' if reached[guest] else 'free'} {'known' if is_known else 'unknown'}"] += 1
        assert judged.status("P17") == ("indeterminate" if any(reached.values()) else "kept")

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("reached known", "free known", "free unknown")) >= LEAST
