"""What protects somebody is the same whether it is told in order or only after people were parted and erased.

Histories are of up to three people who are linked, parted by an unlink or by the erasure of one record alone, and
erased; what protects them is told in its place, or behind all of that.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import given, settings, strategies as st

from domain.records.customer import LAST
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL
from tests.controls import day, fact, link, message, order
from tests.laws.audit import audit
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

NAMES: Final = ("customer:1", "customer:2", "guest:g")
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
JUDGED: Final = ("P11", "P17", "P18", "P20", "P04")
LEAST: Final = least_of(20)


class Told(NamedTuple):
    """A fact, and whether it protects somebody, so that it may be told late."""

    fact: Fact
    protects: bool = False


def act(number: int, who: int, on: float, what: str, way: int) -> Told:
    """Return one fact of a history about one of the people."""
    subject, fact_id = NAMES[who], f"{number}-{what}"
    other = NAMES[(who + way % 2 + 1) % len(NAMES)]
    address = f"{who}@example.com" if way % 3 else "all@example.com"

    def told(word: str, **data: Any) -> Fact:  # noqa: ANN401 - a fact's data
        return fact(word, on, data, subject=subject, fact_id=fact_id)

    if what in {"order", "contest_entry"}:
        collected = order(on, f"R-{number}", subject=subject, fact_id=fact_id, values={EMAIL: address})
        data = {**collected.data.model_dump(mode="json", exclude_defaults=True), "act": what}
        return Told(fact("collection", on, data, subject=subject, fact_id=fact_id))
    made = {
        "out": lambda: told("opt_out", **PORTAL),
        "object": lambda: told("objection", purpose="posters"),
        "age": lambda: told("age_learned", under=13),
        "link": lambda: link(on, other, subject=subject, fact_id=fact_id),
        "unlink": lambda: told("unlink", **{"with": other, "reason": "two people"}),
        "only": lambda: told("erasure", reason="asked", only=True),
        "erase": lambda: told("erasure", reason="asked"),
    }[what]()
    return Told(made, protects=what in {"out", "object", "age"})


def histories() -> st.SearchStrategy[list[Told]]:
    """Return histories in order of time: people give something and are linked, and are parted and erased later."""
    who, way = st.integers(0, len(NAMES) - 1), st.integers(0, 5)

    def some(kinds: tuple[str, ...], first: int, last: int, least: int, most: int) -> st.SearchStrategy[list[Any]]:
        one = st.tuples(who, st.integers(first, last), st.sampled_from(kinds), way)
        return st.lists(one, min_size=least, max_size=most)

    known = st.just([(0, 1, "contest_entry", 1), (1, 2, "order", 1), (2, 3, "contest_entry", 1)])
    parts = (
        some(("link",), 4, 10, 1, 3),
        some(("out", "object", "age"), 11, 60, 1, 2),
        some(("order", "contest_entry", "contest_entry"), 11, 60, 0, 2),
        some(("only", "only", "unlink", "erase"), 30, 60, 1, 3),
    )

    def made(*several: list[Any]) -> list[Told]:
        steps = [step for some_of in several for step in some_of]
        told = [act(n, who, on + n / 100, what, way) for n, (who, on, what, way) in enumerate(steps)]
        # Which of a child's values are stored goes by telling.
        is_child = any(one.fact.type == "pledger.age_learned.v1" for one in told)
        told = [one for one in told if not (is_child and one.fact.time > day(11) and one.fact.id.endswith("entry"))]
        told.sort(key=lambda one: one.fact.time)
        # Whoever asks anew after an erasure asks as somebody of whom the ledger knows less.
        first = next((one.fact.time for one in told if one.fact.type == "pledger.erasure.v1"), day(100))
        return [one for one in told if one.fact.type != "pledger.collection.v1" or one.fact.time < first]

    return st.builds(made, known, *parts)


def late(history: list[Told]) -> list[Fact]:
    """Return a history with what protects behind all else."""
    return [one.fact for one in history if not one.protects] + [one.fact for one in history if one.protects]


def back(number: int, name: str) -> Fact:
    """Return an order of whoever has a name now."""
    values = {EMAIL: f"{number}@new.example.com"}
    return order(100 + number, f"back-{number}", subject=name, fact_id=f"back-{number}", values=values)


def mails() -> list[Fact]:
    """Return mail to everybody afterwards, by their names and by each address."""
    addresses = (*(f"email:{who}@example.com" for who in range(len(NAMES))), "email:all@example.com")
    return [message(200 + n, subject=name, fact_id=f"mail-{n}") for n, name in enumerate((*NAMES, *addresses))]


def owed(shop: Shop) -> dict[str, set[Any]]:
    """Return what the one who has each name is owed."""
    return {name: set(owed_at(shop.judge, shop.customer(name), LAST)) for name in NAMES}


def said(facts: list[Fact]) -> dict[tuple[str, str], list[Any]]:
    """Return the verdicts on what was told afterwards."""
    document = audit(*facts, as_of=400)
    kinds = ("violations", "indeterminate", "excused")
    return {
        (promise, kind): [
            (one["event"], one["codes"])
            for one in document.verdict(promise).get(kind, ())
            if one["event"].startswith(("/shop mail", "/shop back"))
        ]
        for promise in JUDGED
        for kind in kinds
    }


def test_late_is_as_in_order() -> None:
    """The same is owed to everybody who has a name, and the same is said of all that is told afterwards."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=part_of(150), deadline=None, derandomize=True)
    @given(histories())
    def holds(history: list[Told]) -> None:
        more = [back(number, name) for number, name in enumerate(NAMES)]
        in_order, told_late = [one.fact for one in history], late(history)
        shops = [Shop().given(*facts, *more) for facts in (in_order, told_late)]
        assert owed(shops[0]) == owed(shops[1])
        assert said([*in_order, *more, *mails()]) == said([*told_late, *more, *mails()])
        coverage.update(one.fact.type for one in history if in_order != told_late)

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[f"pledger.{word}.v1"] for word in ("unlink", "erasure", "age_learned", "objection")) >= LEAST
