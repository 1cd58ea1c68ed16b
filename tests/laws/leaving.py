"""Generated histories of people who are all erased in the end, in any order, and of whom something is told late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import strategies as st

from tests.controls import fact, message, order
from tests.laws.histories import PEOPLE, Step, facts_of, name_of, own_address, steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.facts import Fact

LIVED: Final = (
    *("order", "contest_entry", "contest_entry", "promotional_request", "registration"),
    *("out", "out", "out", "object", "out_to", "mail", "mail_at", "mail_at", "mail_to"),
    *("link", "link", "unlink", "beside", "confirm", "age", "end"),
)
ERASED_ON, BACK_ON, MAILED_ON = 150.0, 250, 350
PORTAL: Final = {"program": "email_marketing", "via": "portal"}


class Leaving(NamedTuple):
    """A history, the order in which its people are erased, and what is told late: of whom, on which day, what."""

    taken: list[Step]
    order: list[int]
    late: list[tuple[int, int, str]]

    def names(self, crowd: str = "a") -> list[str]:
        """Return the names under which the people are told of."""
        return sorted({name_of(step.who, crowd) for step in self.taken})

    def told(self, crowd: str = "a") -> list[Fact]:
        """Return what is told before anybody is erased, in order of time."""
        return facts_of(sorted(self.taken, key=lambda step: step.on), crowd)[len(facts_of([])) :]

    def erasures(self, names: Iterable[str]) -> list[Fact]:
        """Return the erasures of names, and of the addresses, in this order of them."""
        names = list(names)
        places = [place for place in self.order if place < len(names)]
        return [erasure(names[place]) for place in places]

    def told_late(self, crowd: str = "a") -> list[Fact]:
        """Return what is told late, of a time before the erasures, under names and addresses of the people."""
        under = [*self.names(crowd), *(f"email:{address}" for address in addresses(crowd))]
        return [
            told_late(what, day + number / 10, under[who % len(under)])
            for number, (who, day, what) in enumerate(self.late)
        ]


def leaving(kinds: Iterable[str] = LIVED) -> st.SearchStrategy[Leaving]:
    """Return histories of up to three people, of whom most give the address that all share."""
    late = st.tuples(st.integers(0, 6), st.integers(1, 140), st.sampled_from(["out", "out", "object"]))
    kinds = list(kinds)
    taken = steps(14, kinds, least=5, of_any_name=True).map(
        lambda taken: [step._replace(way=4 if step.way in {0, 2} else step.way) for step in taken]
    )
    several = st.one_of(taken, taken.map(lambda taken: [*_two_at_one_address(taken, kinds), *taken]))
    return st.builds(Leaving, several, st.permutations(range(2 * PEOPLE + 1)), st.lists(late, max_size=3))


def _two_at_one_address(taken: Iterable[Step], kinds: Iterable[str]) -> list[Step]:
    """Return steps in which two people give the address that all share, and one of them leaves."""
    who = {step.place: step.who for step in taken}
    one, two = who.get(1, 1), who.get(2, 2)
    began = [Step("contest_entry", one, 0.1, 4), Step("contest_entry", two, 0.2, 4), Step("out", one, 0.3, 4)]
    return [step for step in began if step.kind in kinds]


def addresses(crowd: str = "a") -> list[str]:
    """Return the addresses of a crowd: the one that all share, and each one's own."""
    return [f"{crowd}.all@example.com", *(own_address(place, crowd) for place in range(1, PEOPLE + 1))]


def erasure(name: str) -> Fact:
    """Return an erasure."""
    return fact("erasure", ERASED_ON, {"reason": "asked"}, subject=name, fact_id=f"erase {name}")


def told_late(what: str, on: float, name: str) -> Fact:
    """Return an opt-out or an objection of a time before the erasures."""
    word, data = ("opt_out", PORTAL) if what == "out" else ("objection", {"purpose": "print_posters"})
    return fact(word, on, data, subject=name, fact_id=f"late {on} {name}")


def back(name: str, number: int = 0) -> Fact:
    """Return what somebody buys who comes back under a name, with another address."""
    values: Any = {"user.contact.email": f"back.{number}@example.com"}
    return order(BACK_ON + number, "back", subject=name, values=values, fact_id=f"back {name}")


def mail_to(address: str, number: int = 0, on: float = MAILED_ON) -> Fact:
    """Return mail that is told under an address after all."""
    return message(on + number, subject=f"email:{address}", fact_id=f"mail {on:g} {address}")
