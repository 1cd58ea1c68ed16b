"""Who asked anew is enrolled but for what binds an address: an opt-out that somebody types changes no verdict of P11.

An opt-out of an address breaks P17 and P18 (wire contract, "An opt-out binds the person"); whether the person had a way
in is judged as if nobody had told it, in any order of telling, and also where a wish has to be confirmed first.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.contract import parse_fact
from domain.vocabulary import Reading
from tests.controls import cancellation, collection, contest_entry, fact, message, opt_out, order
from tests.laws.audit import audit
from tests.laws.numbers import least_of, part_of
from tests.newsletter import COMPANY, ONE_ADDRESS, confirmation, issue, left, newsletter, sent, sign_up
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.facts import Fact
    from domain.policy.model import Policy

HISTORIES: Final = part_of(200)
LEAST: Final = least_of(20)
ADDRESS: Final = next(iter(ONE_ADDRESS.values()))
OUT: Final = {"program": "email_marketing", "via": "portal"}


def in_shop(kind: str, on: int, way: int) -> Fact:
    """Return a fact under the web shop's policy."""
    named: dict[str, Any] = {"reference": f"R-{way}", "fact_id": f"{kind}-{on}"}
    return {
        "asks": lambda: contest_entry(on, **named),
        "confirms": lambda: collection("promotional_request", on, **named),
        "buys": lambda: order(on, **named),
        "cancels": lambda: cancellation(on, f"R-{way}", fact_id=f"{kind}-{on}"),
        "leaves": lambda: fact("opt_out", on, OUT, fact_id=f"{kind}-{on}"),
        "mail": lambda: message(on, fact_id=f"{kind}-{on}"),
        "typed": lambda: opt_out(on, subject="email:ada@example.com", fact_id=f"{kind}-{on}"),
    }[kind]()


def in_newsletter(kind: str, on: int, way: int) -> Fact:
    """Return a fact under the newsletter's policy, which enrolls nobody who did not confirm."""
    told: dict[str, Callable[[], dict[str, Any]]] = {
        "asks": lambda: sign_up(on, f"R-{way}"),
        "confirms": lambda: confirmation(on, f"R-{way}"),
        "buys": lambda: sign_up(on, f"R-{way}") | {"id": f"again-{on}"},
        "cancels": lambda: left(on) | {"id": f"link-{on}"},
        "leaves": lambda: sent("out", "opt_out", on, **OUT),
        "mail": lambda: issue(on),
        "typed": lambda: sent("typed", "opt_out", on, f"email:{ADDRESS}", **OUT),
    }
    return parse_fact(told[kind]())


KINDS: Final = ("asks", "asks", *("confirms",) * 4, "buys", "cancels", *("leaves", "mail", "typed") * 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "policy", "promise", "peace"),
    [(in_shop, first_policy(), "P11", "P17"), (in_newsletter, newsletter(), "N06", "N09")],
    ids=["shop", "newsletter"],
)
def test_what_somebody_types_changes_nothing_of_the_way_in(
    told: Callable[[str, int, int], Fact], policy: Policy, promise: str, peace: str
) -> None:
    """Under every reading the same mails to a bound address break it as without the opt-outs that bind it."""
    coverage: Counter[str] = Counter()
    company = [parse_fact(one) for one in COMPANY] if told is in_newsletter else []
    for seed in range(HISTORIES):
        chance = Random(seed)  # noqa: S311 - any history will do
        steps = [(chance.choice(KINDS), on, chance.randint(0, 7)) for on in range(1, chance.randint(8, 18))]
        chance.shuffle(steps)
        facts = [told(*step) for step in steps]
        alone = [one for one, (kind, *_) in zip(facts, steps, strict=True) if kind != "typed"]
        mails = {one.name: on for one, (kind, on, _) in zip(facts, steps, strict=True) if kind == "mail"}
        with_typed, without = (audit(*company, *some, as_of=3000, policy=policy) for some in (facts, alone))
        for reading in Reading:
            bound = mails.keys() & set(
                with_typed.breaches(peace, reading)
            )  # Who asked while it was bound is not let in.
            found, expected = (bound & set(one.breaches(promise, reading)) for one in (with_typed, without))
            assert found == expected, (seed, reading, sorted(steps, key=lambda step: step[1]))
        broken = set(without.breaches(promise))
        first = min((on for kind, on, _ in steps if kind == "leaves"), default=0)
        coverage["broken"] += bool(broken & mails.keys())
        coverage["kept after leaving"] += sum(0 < first < mails[name] for name in bound - broken)
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("broken", "kept after leaving")) >= LEAST, coverage
