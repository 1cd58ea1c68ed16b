"""What holds after two people were taken for one and parted again: all is as if they had never been linked.

But what protected one of them through the link goes on protecting it; and what was done meanwhile was judged as it was.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given, settings, strategies as st

from domain.events.customer import CustomerOptedOut
from domain.events.suppressions import SuppressionRecalled
from domain.policy.status import Status
from domain.records.customer import LAST
from domain.rules.common.base import Rule
from domain.suppressed import Age, Objection, Suppressed
from domain.suppressions import owed_at
from domain.vocabulary import Program
from tests.controls import RECIPIENTS, link, message, unlink
from tests.laws.audit import audit
from tests.laws.histories import ACTS, Step, facts_of, steps
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer

ACTED: Final = (*ACTS, *ACTS, "cancel", "object")
LIVED: Final = (*ACTED, *("object",) * 3, *("out",) * 6, *("mail",) * 3, "use", "share", "access", "verify", "report")
ONE, TWO = "customer:a1", "customer:a2"
LEAST: Final = least_of(20)
"""How many histories of each sort there are."""
often = settings(max_examples=part_of(60), deadline=None, derandomize=True)


def lives(kinds: tuple[str, ...] = LIVED) -> st.SearchStrategy[list[Step]]:
    """Return histories of two people, in order of time."""
    return steps(kinds=kinds, least=6).map(
        lambda taken: sorted((one._replace(who=one.who % 2 + 1) for one in taken), key=_on)
    )


def _on(step: Step) -> float:
    return step.on


def told(taken: Sequence[Step], linked: int, parted: int) -> tuple[list[Fact], list[Fact]]:
    """Return a history without a link, and the same with a link early in it and an unlink late in it."""
    facts = facts_of(taken)[len(RECIPIENTS) :]
    first = linked % (len(facts) // 2 + 1)
    last = max(first, len(facts) - parted % (len(facts) // 3 + 1))
    days = [one.on for one in taken]
    joins = link((days[first - 1] if first else 0) + 0.001, TWO, subject=ONE, fact_id="link")
    parts = unlink((days[last - 1] if last else 0) + 0.002, TWO, subject=ONE, fact_id="unlink")
    return facts, [*facts[:first], joins, *facts[first:last], parts, *facts[last:]]


def held(person: Customer) -> dict[str, Any]:
    """Return what stands on a record, but for what changed a subscription, and for objections."""
    matters = person.rights.matters
    return {
        "collections": sorted(
            (one.moment.at, one.act, one.reference, one.categories, one.requests) for one in person.by_position.values()
        ),
        "cancelled": {code: told[0].at for code, told in person.cancellations.items()},
        "contacts": set(person.contacts.points.values()),
        "given": [(one.moment.at, one.recipient, one.categories) for one in person.given],
        "requests": {code: [one.moment.at for one in matter.requests] for code, matter in matters.items()},
        "verified": {code: [one.moment.at for one in matter.verified] for code, matter in matters.items()},
        "streams": len(person.streams),
    }


def owed(shop: Shop, name: str) -> set[Suppressed]:
    """Return the programs that a person is out of, and the purposes that they object to."""
    return set(owed_at(shop.judge, shop.customer(name), LAST)) - set(Age)


def enrolled(shop: Shop, name: str) -> set[Program]:
    """Return the programs that a person is lawfully enrolled in."""
    return {program for program in Program if shop.judge.is_enrolled(shop.customer(name), program, LAST)}


def protected(shop: Shop, name: str) -> set[Suppressed]:
    """Return in what something that came of the link protects a person: recalled, or ended by it."""
    events: list[Event] = [
        event for stream in shop.customer(name).streams for event in shop.store.events.get(stream, ())
    ]
    recalled: set[Suppressed] = set()
    for event in events:
        if isinstance(event, SuppressionRecalled):
            recalled |= {event.program} if event.program else set()
            recalled |= {Objection(event.purpose)} if event.purpose else set()
    ended = {event.program for event in events if isinstance(event, CustomerOptedOut) and event.part}
    return recalled | ended


def test_a_parted_person_is_as_if_never_linked() -> None:
    """Records, what is owed and who is enrolled are the same, but where something protects."""
    coverage: Counter[str] = Counter()

    @often
    @given(lives(), st.integers(0, 30), st.integers(0, 30))
    def holds(taken: list[Step], linked: int, parted: int) -> None:
        facts, joined = told(taken, linked, parted)
        alone, apart = Shop().given(*facts), Shop().given(*joined)
        for name in (ONE, TWO):
            assert held(apart.customer(name)) | {"streams": 1} == held(alone.customer(name)) | {"streams": 1}
            assert len(apart.customer(name).streams) == 1
            owes = protected(apart, name)
            assert owed(alone, name) <= owed(apart, name)
            assert owed(apart, name) - owes == owed(alone, name) - owes
            assert enrolled(apart, name) - owes == enrolled(alone, name) - owes
            assert enrolled(apart, name) <= enrolled(alone, name)
            coverage["protected" if owes else "free"] += 1
            coverage["objects"] += any(isinstance(one, Objection) for one in owes)
            coverage["enrolled" if enrolled(apart, name) else "not enrolled"] += 1

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("protected", "objects", "free", "enrolled", "not enrolled")) >= LEAST


@often
@given(lives(), st.integers(0, 30), st.integers(0, 30))
def test_whoever_was_out_of_a_program_still_is(taken: list[Step], linked: int, parted: int) -> None:
    """Just after the unlink, both are out of what either was out of just before it."""
    _, joined = told(taken, linked, parted)
    number = next(number for number, one in enumerate(joined) if one.id == "unlink")
    shop = Shop().given(*joined[:number])
    before = owed(shop, ONE)
    was_child = shop.customer(ONE).protections.ages != []
    shop.given(joined[number])
    for name in (ONE, TWO):
        assert owed(shop, name) >= before
        assert (shop.customer(name).protections.ages != []) == was_child


@often
@given(lives((*LIVED, "age", "correct", "enroll")), st.integers(0, 30), st.integers(0, 30))
def test_what_is_later_is_judged_apart(taken: list[Step], linked: int, parted: int) -> None:
    """Nothing that only the link permitted is kept: a mail to each of them behind the unlink shows it."""
    facts, joined = told(taken, linked, parted)
    mails = [message(300 + number, subject=name, fact_id=f"m{number}") for number, name in enumerate((ONE, TWO))]
    alone, apart = (audit(*RECIPIENTS, *those, *mails, as_of=400) for those in (facts, joined))
    for promise in ("P11", "P17", "P18"):
        before, after = (
            {one["event"] for one in document.verdict(promise)["violations"] if one["event"].startswith("/shop m")}
            for document in (alone, apart)
        )
        assert before <= after
    assert [one["event"] for one in apart.document["undone"]] == ["/shop unlink"]


@often
@given(lives((*LIVED, "age", "enroll", "correct")), st.integers(0, 30), st.integers(0, 30))
def test_what_was_found_while_they_were_one_stays(taken: list[Step], linked: int, parted: int) -> None:
    """What an audit finds broken of earlier facts it finds with the unlink as well; what it kept may be undecided.

    Deadlines are another matter: each is settled for the person whose it is.
    """
    _, joined = told(taken, linked, parted)
    number = next(number for number, one in enumerate(joined) if one.id == "unlink")
    earlier = {f"{one.source} {one.id}" for one in joined[:number]}
    one, two = (audit(*RECIPIENTS, *those, as_of=400) for those in (joined[:number], joined[: number + 1]))
    for promise in _judged_by_event():
        before, after = (set(document.breaches(promise)) & earlier for document in (one, two))
        undecided = {each["event"] for each in two.verdict(promise).get(Status.INDETERMINATE.value, ())}
        assert before == after
        assert not undecided & after


def _judged_by_event() -> list[str]:
    """Return the promises of which time alone decides nothing."""
    rules = ((promise.id, promise.rule) for promise in first_policy().promises)
    return [name for name, rule in rules if isinstance(rule, Rule) and type(rule).settle is Rule.settle]
