"""What holds of every history of a newsletter's reader: generated sign-ups, confirmations, leavings and shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings, strategies as st

from adapters.contract import parse_fact
from domain.vocabulary import Reading
from tests.controls import START
from tests.laws.audit import audit
from tests.laws.numbers import part_of
from tests.newsletter import (
    COMPANY,
    JUNE,
    collected,
    confirmation,
    issue,
    left,
    newsletter,
    partners_announced,
    said_no,
    sent,
    shared,
    sign_up,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.laws.audit import Audit

often = settings(max_examples=part_of(150), deadline=None, derandomize=True)
AS_OF = (JUNE - START).days + 200
NEW = {"N07", "N11"}
"""The promises of the two kinds of rule that no other policy uses."""


def _fact(kind: str, on: int, way: int) -> dict[str, Any]:
    reference = f"S-{way % 2}"
    facts = {
        "sign_up": lambda: sign_up(on, reference),
        "confirm": lambda: confirmation(on, reference, ("confirmation", "account")[way // 2]),
        "draw": lambda: collected("draw", "contest_entry", on, reference=reference, collection_point="draw"),
        "issue": lambda: issue(on),
        "left": lambda: left(on),
        "told": lambda: partners_announced(on),
        "no": lambda: said_no(on),
        "shared": lambda: shared(on),
        "enrol": lambda: sent(
            "enrol", "enrollment", on, program="email_marketing", cause="promotional_request", reference=reference
        ),
    }
    return facts[kind]()


KINDS = ("sign_up", "confirm", "confirm", "draw", "issue", "issue", "left", "told", "no", "shared", "shared", "enrol")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 120), st.integers(0, 3)),
    min_size=1,
    max_size=15,
    unique_by=lambda step: step[1],
)
Steps = list[tuple[str, int, int]]


def audited(facts: Sequence[dict[str, Any]]) -> Audit:
    """Audit a reader's facts, told in this order."""
    return audit(*map(parse_fact, (*COMPANY, *facts)), as_of=AS_OF, policy=newsletter())


def breaches(of: Audit) -> dict[tuple[str, str], list[str]]:
    """Return what broke the new promises, under each reading."""
    return {(reading, promise): of.breaches(promise, reading) for reading in Reading for promise in NEW}


@often
@given(STEPS, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(taken: Steps, chance: Any) -> None:  # noqa: ANN401 - random.Random
    """Late or not, each fact is judged by what had happened by its own time, and so is what follows from it."""
    facts = [_fact(*step) for step in taken]
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert breaches(audited(sorted(facts, key=_time))) == breaches(audited(shuffled))


@often
@given(STEPS)
def test_enforcing_leaves_nothing_to_find(taken: Steps) -> None:
    """Where every fact was asked for first, nothing that is judged at append is broken."""
    facts = sorted((_fact(*step) for step in taken), key=_time)
    asked = [{**fact, "data": {**fact["data"], "mode": "enforce"}} for fact in facts]
    assert audited(asked).broken() == set()


@often
@given(STEPS)
def test_what_is_broken_is_what_the_text_says(taken: Steps) -> None:
    """Told in words of their own, the two promises are broken by the very issues and shares that the text forbids."""
    happened = sorted(taken, key=lambda step: step[1])
    found = audited([_fact(*step) for step in happened])
    wrong_issues = {f"/letter issue-{on}" for kind, on, _ in happened if kind == "issue" and not _agreed(happened, on)}
    assert {name for name in found.breaches("N07") if "issue" in name} == wrong_issues
    wrong_shares = {
        f"/letter shared-partner-{on}" for kind, on, _ in happened if kind == "shared" and not _waited(happened, on)
    }
    assert set(found.breaches("N11", "permissive")) == wrong_shares


def _agreed(happened: Steps, on: int) -> bool:
    """Return whether the reader had confirmed since they last left."""
    before = [kind for kind, at, _ in happened if at < on and kind in {"confirm", "left"}]
    return bool(before) and before[-1] == "confirm"


def _waited(happened: Steps, on: int) -> bool:
    """Return whether the reader had been told thirty days before, and never said no."""
    was_told = any(kind == "told" and at <= on - 30 for kind, at, _ in happened)
    return was_told and not any(kind == "no" and at < on for kind, at, _ in happened)


def _time(fact: dict[str, Any]) -> str:
    return str(fact["time"])
