"""What an erased person is owed at their names and addresses, in any order of erasures.

Histories are of people of every kind of name who share an address or have their own, who leave, object, are linked,
parted and erased, and of whom an opt-out or objection is told after that.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings, strategies as st

from domain.records.customer import LAST
from domain.suppressed import Objection
from domain.suppressions import owed_at
from domain.vocabulary import Program
from tests.laws.audit import audit
from tests.laws.leaving import LIVED, addresses, back, erasure, leaving, mail_to, told_late
from tests.laws.numbers import least_of, part_of
from tests.laws.test_erasure_laws import AS_OF, check_same, ends_of, said
from tests.scenario import Shop

if TYPE_CHECKING:
    from uuid import UUID

    from domain.facts import Fact
    from domain.facts.fields import Subject
    from tests.laws.leaving import Leaving

LEAST: Final = least_of(20)
SAYS_NOTHING: Final = [kind for kind in LIVED if not kind.startswith(("out", "object"))]
LINKED: Final = [*SAYS_NOTHING, *("link",) * 12]
often = settings(max_examples=part_of(100), deadline=None, derandomize=True)


def names_of(shop: Shop) -> dict[UUID, list[Subject]]:
    """Return the names that lead to each person of a shop now, by the person's first stream."""
    found: dict[UUID, list[Subject]] = {}
    for name in list(shop.store.names):
        stream = shop.store.stream_of(name, LAST.at)
        if stream is not None:
            found.setdefault(min(shop.store.person(stream).streams), []).append(name)
    return found


def addresses_of(shop: Shop, person: UUID) -> set[str]:
    """Return the addresses on a person's record that they did not give up."""
    held = shop.store.person(person).contacts.held(LAST)
    return {str(point.key).removeprefix("email:") for point in held if point.kind == "email"}


def held(shop: Shop) -> set[str]:
    """Return the addresses on the records of living people: those whose name ended cannot be named, nor erased."""
    living = {one.person for one in shop.store.people.values() if not one.erased}
    return {address for person in living for address in addresses_of(shop, person)}


def all_erased(shop: Shop, history: Leaving) -> list[Fact]:
    """Return the erasures of all people of a shop, and of what was told under addresses, in the history's order."""
    names = sorted(str(name) for several in names_of(shop).values() for name in several)
    found = history.erasures(names)
    return [*found, *(one for one in map(erasure, names) if one not in found)]


def breaks(shop: Shop, told: Fact) -> bool:
    """Tell of mail, and return whether it breaks an opt-out."""
    return not shop.when(told).codes("P17").isdisjoint({"mailed_after_opt_out"})


def test_whoever_left_is_left_in_peace_when_all_are_gone() -> None:
    """Mail to any address of theirs breaks the opt-out, also where others had it, in any order of erasures."""
    coverage: Counter[str] = Counter()

    @often
    @given(leaving())
    def holds(history: Leaving) -> None:
        shop = Shop().given(*history.told())
        owed: dict[str, set[str]] = {}
        for person in names_of(shop):
            is_out = shop.judge.opted_out(shop.store.person(person), Program.EMAIL_MARKETING, LAST) is not None
            for address in addresses_of(shop, person):
                owed.setdefault(address, set()).add("out" if is_out else "in")
        shop.given(*all_erased(shop, history))
        for number, address in enumerate(sorted(owed.keys() - held(shop))):
            is_broken = breaks(shop, mail_to(address, number))
            assert is_broken or "out" not in owed[address], address
            coverage[" and ".join(sorted(owed[address]))] += 1

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("out", "in", "in and out")) >= LEAST, coverage


@often
@given(leaving(SAYS_NOTHING))
def test_nobody_is_met_by_what_nobody_said(history: Leaving) -> None:
    """Without an opt-out none is found after any erasure."""
    shop = Shop().given(*history.told())
    shop.given(*all_erased(shop, history))
    assert not any(breaks(shop, mail_to(address, number)) for number, address in enumerate(addresses()))


def test_the_order_of_the_erasures_decides_nothing() -> None:
    """What is found of mail to an address after all are gone is the same in every order of the erasures."""
    coverage: Counter[bool] = Counter()

    @often
    @given(leaving())
    def holds(history: Leaving) -> None:
        told = history.told()
        erasures = all_erased(Shop().given(*told), history)
        found = []
        for order in (erasures, erasures[::-1]):
            shop = Shop().given(*told, *order)
            found.append([breaks(shop, mail_to(address, number)) for number, address in enumerate(addresses())])
        assert found[0] == found[1]
        coverage.update(found[0])

    holds()
    assert min(coverage[True], coverage[False]) >= LEAST


def test_what_is_told_late_reaches_all_that_was_theirs() -> None:
    """Under whichever name of theirs it is told, after all were erased: each other name, and each address."""
    coverage: Counter[str] = Counter()

    @often
    @given(leaving(LINKED), st.integers(0, 20), st.sampled_from(["out", "object"]))
    def holds(history: Leaving, which: int, what: str) -> None:
        shop = Shop().given(*history.told())
        people = names_of(shop)
        if not people:  # All gave up their names.
            return
        person, names = sorted(people.items())[which % len(people)]
        theirs = addresses_of(shop, person)
        shop.given(*all_erased(shop, history), told_late(what, 130, str(names[which % len(names)])))
        expected = Program.EMAIL_MARKETING if what == "out" else Objection("print_posters")
        if what == "out":
            for number, address in enumerate(sorted(theirs - held(shop))):
                assert breaks(shop, mail_to(address, number, on=200))
        for number, name in enumerate(names):
            shop.given(back(str(name), number))
            assert expected in owed_at(shop.judge, shop.customer(str(name)), LAST), name
        coverage.update(["several names"] if len(names) > 1 else [], addresses=len(theirs))

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("several names", "addresses")) >= LEAST, coverage


@pytest.mark.slow
def test_no_erasure_after_another_changes_a_verdict() -> None:
    """Mail that is told between two erasures is judged after the second one as it was before it."""
    coverage: Counter[str] = Counter()

    @often
    @given(leaving())
    def holds(history: Leaving) -> None:
        told = history.told()
        erasures = all_erased(Shop().given(*told), history)
        mails = [
            mail_to(address, number, on=200 + 10 * nth)
            for nth in range(len(erasures))
            for number, address in enumerate(addresses())
        ]
        each = len(addresses())
        facts = [*told, *erasures[:1], *mails[:each], *history.told_late()]
        for nth, (_, following) in enumerate(pairwise(erasures), 1):
            before, after = (audit(*facts, *more, as_of=AS_OF).document for more in ((), [following]))
            check_same(said(before), said(after), ends_of(facts, [following]))
            coverage.update(
                code for one in before["readings"]["harmonised"]["P17"]["violations"] for code in one["codes"]
            )
            facts += [following, *mails[nth * each : (nth + 1) * each]]

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert coverage["mailed_after_opt_out"] >= LEAST
