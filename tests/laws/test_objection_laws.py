"""What holds of whoever objected to a purpose: nothing that is done with their names lets it pass without a finding."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings, strategies as st

from domain.events.customer import CustomerErased, ObjectionRaised
from domain.events.links import CustomersLinked
from domain.facts.data import ErasureData
from domain.facts.name_data import NameEndedData, UnlinkData
from domain.records.customer import LAST
from domain.vocabulary import EMAIL, NAME
from tests.controls import RECIPIENTS, fact, objection, offer, order
from tests.laws.audit import audit
from tests.laws.histories import ACTS, facts_of, name_of, steps
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from domain.facts import Fact
    from domain.facts.fields import Subject
    from tests.laws.histories import Step
    from tests.scenario import Outcome

PURPOSE: Final = "print_posters"
UNDONE: Final = (*("erase",) * 5, *("link",) * 3, "unlink", "unlink", "end", "end")
LIVED: Final = (*ACTS, *("object",) * 5, "offer", "use", "out", "age", "cancel", "beside", "confirm", *UNDONE)
PATHS: Final = ("erased", "parted", "ended", "told late", "free")
LEAST: Final = least_of(20)
"""How many names of each sort there are."""
many = settings(max_examples=part_of(200), deadline=None, derandomize=True)
often = settings(max_examples=part_of(60), deadline=None, derandomize=True)


class Objecting:
    """Which names must be met by an objection, by what was told: written anew, from the contract and nothing else.

    It holds at least these. For each name it knows since when that is so: an end of the name before that time lets
    somebody have it next who is not met, since what was told already is listed, to be told again.
    """

    def __init__(self) -> None:
        self.since: dict[Subject, datetime] = {}
        self.sorts: dict[Subject, set[str]] = {}
        self.gone: list[set[Subject]] = []
        """The names of each person who was erased."""

    def take(self, told: Fact, came: Outcome, one_persons: Callable[[UUID], set[Subject]]) -> None:
        """Take note of a fact, with what came of it and all names that lead to the person of a stream now."""
        own, data = told.subject, told.data
        if own is None:
            return
        names = {own} | {name for event in came.events for name in one_persons(event.originator_id)}
        known = [self.since[name] for name in names if name in self.since]
        if any(isinstance(event, ObjectionRaised) for event in came.events):
            if isinstance(came.events[-1], CustomerErased):
                erasures = [gone for gone in self.gone if own in gone]
                others = erasures[0] - names if len(erasures) == 1 else set()
                others = {name for name in others if "ended" not in self.sorts.get(name, ())}
                self._sort(names, "told late")
                self._sort(others, "told late of another name")
                names |= others
            self._meet(names, min((told.time, *known)))
        elif isinstance(data, UnlinkData):
            for name in names & self.since.keys():
                self.since[name] = max(self.since[name], told.time)
            self._sort(names, "parted")
        elif isinstance(data, NameEndedData):
            if self.since.get(data.name, told.time) > told.time:
                del self.since[data.name]
            elif data.name in self.since:
                self.since[data.name] = told.time + timedelta.resolution
            self._sort([data.name], "ended")
        elif known and any(isinstance(event, CustomersLinked) and event.others for event in came.events):
            self._meet(names, min(known))

    def erased(self, names: Iterable[Subject]) -> None:
        """Take note of the names of a person who is erased; they stay met."""
        names = set(names)
        self.gone.append(names)
        self._sort(names, "erased")

    def _meet(self, names: Iterable[Subject], since: datetime) -> None:
        self.since |= dict.fromkeys(names, since)

    def _sort(self, names: Iterable[Subject], sort: str) -> None:
        for name in names:
            self.sorts.setdefault(name, set()).add(sort)


def told(shop: Shop, facts: Sequence[Fact]) -> Objecting:
    """Tell a shop of facts, and return which names must be met by an objection."""
    objecting = Objecting()

    def one_persons(stream: UUID) -> set[Subject]:
        if stream not in shop.store.people or shop.store.person(stream).erased:
            return set()
        streams = shop.store.person(stream).streams
        return {name for name in shop.store.names if shop.store.stream_of(name, LAST.at) in streams}

    for one in facts:
        if isinstance(one.data, ErasureData) and one.subject is not None:
            stream = shop.store.stream_of(one.subject, one.time)
            objecting.erased({one.subject} | (one_persons(stream) if stream else set()))
        objecting.take(one, shop.when(one), one_persons)
    return objecting


def served(names: Iterable[str]) -> list[Fact]:
    """Return what is done with each name at last: an order, a new offer, and a use once it has stood long enough."""
    made = []
    for number, name in enumerate(names):
        bought = order(200 + number, f"last {name}", subject=name, values={NAME: "A"}, fact_id=f"bought {name}")
        used = {"purpose": PURPOSE, "categories": [NAME], "reference": f"last {name}"}
        made += [bought, offer(220 + number, PURPOSE, subject=name, fact_id=f"offer {name}")]
        made.append(fact("use", 260 + number, used, subject=name, fact_id=f"used {name}"))
    return sorted(made, key=lambda one: one.time)


def names_of(taken: Sequence[Step]) -> list[str]:
    """Return the names of a history's people."""
    return sorted({name_of(step.who, "a") for step in taken})


def test_whoever_objected_is_not_used_for_it_without_a_finding() -> None:
    """Whatever was erased, joined, parted and given up, in whichever order it was told; and an audit says the same."""
    coverage: Counter[str] = Counter()

    @many
    @given(steps(20, LIVED, least=6, days=30, of_any_name=True), st.booleans())
    def holds(taken: list[Step], in_order: bool) -> None:  # noqa: FBT001 - drawn
        facts = facts_of(taken)[len(RECIPIENTS) :]
        shop, names = Shop().given(*RECIPIENTS), names_of(taken)
        if in_order:
            facts.sort(key=lambda one: one.time)
        else:
            facts.append(objection(0.5, PURPOSE, subject=names[0], fact_id="at last"))
        objecting = told(shop, facts)
        found = {}
        for one in served(names):
            came = shop.when(one)
            if one.id.startswith("used "):
                found[one.id] = came.codes("P14")
        met = {str(name): objecting.sorts.get(name, set()) for name in objecting.since}
        for name in names:
            assert found[f"used {name}"] <= {"objected"}
            if name in met:
                assert found[f"used {name}"] == {"objected"}, name
                coverage.update(met[name])
            elif not found[f"used {name}"]:
                coverage["free"] += 1
        if in_order:  # A trace is told in order of time.
            result = audit(*RECIPIENTS, *facts, *served(names), as_of=400)
            broken = {one.removeprefix("/shop ") for one in result.breaches("P14") if one.startswith("/shop used ")}
            assert broken == {used for used, codes in found.items() if codes}

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in PATHS) >= LEAST


@often
@given(steps(20, [kind for kind in LIVED if kind != "object"], least=4, days=60, of_any_name=True))
def test_nobody_is_met_by_what_nobody_said(taken: list[Step]) -> None:
    """Without an objection none is found, whatever was erased, joined, parted and given up."""
    shop = Shop().given(*RECIPIENTS, *facts_of(taken)[len(RECIPIENTS) :])
    for one in served(names_of(taken)):
        assert "objected" not in shop.when(one).codes("P14")


def test_an_address_of_the_erased_that_nobody_living_has() -> None:
    """The one who has it next is met, if somebody objected who had it when they were erased."""
    coverage: Counter[bool] = Counter()

    @often
    @given(
        steps(16, (*ACTS, *("object",) * 4, "beside", "erase", "erase", "end"), least=6, days=60),
        st.integers(1, 3),
    )
    def holds(taken: list[Step], who: int) -> None:
        shop = Shop().given(*RECIPIENTS, *facts_of(taken)[len(RECIPIENTS) :])
        name = name_of(who, "a")
        values = {NAME: "A", EMAIL: "last@example.com"}
        shop.given(order(150, "last", subject=name, values=values, fact_id="mine"))
        objects = bool(shop.customer(name).rights.objections.get(PURPOSE))
        shop.given(fact("erasure", 151, {"reason": "asked"}, subject=name, fact_id="last erasure"))
        shop.given(order(152, "next", subject="customer:next", values=values, fact_id="theirs"))
        *_, used = (shop.when(one) for one in served(["customer:next"]))
        # Who did not object can have been met by the objection of somebody erased before, at an address of theirs.
        assert not objects or used.codes("P14") == {"objected"}
        coverage[objects] += 1

    holds()
    assert coverage[True] >= LEAST
