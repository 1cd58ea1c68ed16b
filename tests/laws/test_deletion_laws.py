"""What holds of deletions in part: they change no verdict on what was told before, and take what they name alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings

from adapters.contract import OWN
from domain import ledger
from domain.audit.trace import MemoryStore
from domain.events.customer import DataCollected, DataCorrected
from domain.events.deletions import DataDeleted
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.store import Sender
from domain.vocabulary import covers, holds
from tests.laws.audit import audit
from tests.laws.histories import ACTS, KINDS, OF_CONTACT_POINTS, Step, facts_of, steps
from tests.laws.numbers import least_of, part_of
from tests.laws.test_laws import LAST as LAST_DAY, said
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.events import Event
    from domain.facts import Fact

often = settings(max_examples=80, deadline=None, derandomize=True)
GIVING: Final = (*ACTS, *ACTS[:3] * 2, "correct", *("delete",) * 6, "link", "link", "unlink", "erase", "age")
DELETIONS: Final = ("pledger.data_deleted.v1", "pledger.data_anonymised.v1")
LEAST: Final = least_of(20)
"""How many deletions of each sort there are at least, over all histories."""


def told(facts: Sequence[Fact]) -> list[Event]:
    """Tell facts in their order, and return all events in the order of the log."""
    store = MemoryStore(Judge(first_policy()), LAST.at, OWN.addresses)
    log: list[Event] = []
    for fact in facts:
        made = ledger.handle(store, fact, Sender("test", vouches=True, is_officer=True)).events
        store.keep(made)
        store.place += len(made)
        log += made
    return log


@often
@given(steps(kinds=(*KINDS, *OF_CONTACT_POINTS, *("delete",) * 4)))
def test_no_deletion_changes_a_verdict_on_what_was_told_before(taken: list[Step]) -> None:
    """With its deletions told last and without them, the same is said of everything else in a history.

    What is later than a deletion and told later rests no more on what it deleted, and may be judged otherwise.
    """
    facts = sorted(facts_of(taken), key=lambda fact: fact.type in DELETIONS)
    without = [fact for fact in facts if "data_deleted" not in fact.type and "data_anonymised" not in fact.type]
    one, other = (audit(*each, as_of=LAST_DAY).document for each in (facts, without))
    assert said(one) == said(other)
    statuses = [
        {name: verdict["status"] for name, verdict in document["readings"]["harmonised"].items()}
        for document in (one, other)
    ]
    assert statuses[0] == statuses[1]


def test_what_goes_and_what_stays() -> None:
    """A value goes exactly once, by the first deletion told after it that means it; a slow reading agrees."""
    seen: Counter[str] = Counter()

    @settings(often, max_examples=part_of(700))
    @given(steps(40, GIVING, least=20))
    def check(taken: list[Step]) -> None:
        facts = facts_of(taken)
        log = told(facts)
        gone = [
            (event.moment.position, place, category)
            for event in log
            if isinstance(event, DataDeleted)
            for place, category in zip(event.gone_from, event.gone, strict=True)
        ]
        assert len({(place, category) for _, place, category in gone}) == len(gone)
        assert {(place, category): by for by, place, category in gone} == _slow(log)
        due = {sort: set(_due(log, sort)) for sort in (True, False)}
        assert due[True] | due[False] <= {(place, category) for _, place, category in gone}
        seen["waited for, elsewhere"] += len(due[True])
        seen["waited for, ours"] += len(due[False])
        seen["gone"] += len(gone)
        seen["in vain"] += sum(isinstance(one, DataDeleted) and not one.gone for one in log)
        seen["awaited"] += sum(isinstance(one, DataDeleted) and one.awaited_by is not None for one in log)
        more = (one for one in log if isinstance(one, DataDeleted) and one.part > 0)
        seen["of another stream"] += sum(one.awaited_by is None for one in more)
        seen["elsewhere"] += sum(len(one.gone) for one in log if isinstance(one, DataDeleted) and one.elsewhere)

    check()
    assert min(seen.values()) >= LEAST, seen


def _due(log: Sequence[Event], is_elsewhere: bool) -> Iterator[tuple[int, str]]:  # noqa: FBT001 - which sort
    """Yield what collections gave that a deletion of their stream had waited for, worked out from what both name."""
    for number, event in enumerate(log):
        if not isinstance(event, DataDeleted) or bool(event.elsewhere) != is_elsewhere:
            continue
        named = {(act, (event.references or {}).get(code)) for act, code in event.awaits}
        for other in log[number:]:
            if not isinstance(other, DataCollected) or other.originator_id != event.originator_id:
                continue
            is_meant = (other.act.value, other.reference) in named and other.occurred_at <= event.occurred_at
            if not is_meant or (is_elsewhere and other.held_in != event.held_in):
                continue
            for category, text in (other.values or {}).items():
                if (text is None) == is_elsewhere and holds(event.categories, category):
                    yield other.moment.position, category


def _slow(log: Sequence[Event]) -> dict[tuple[int, str], int]:
    """Return by which event each value should have gone, worked out event by event from what deletions name."""
    found: dict[tuple[int, str], int] = {}
    for event in log:
        if not isinstance(event, DataDeleted):
            continue
        for other in log:
            if other.originator_id != event.originator_id or other.moment.position >= event.moment.position:
                continue
            if not isinstance(other, DataCollected | DataCorrected):
                continue
            if event.names_collections and event.awaited_by is None and other.moment.position not in event.collections:
                continue
            if event.awaited_by is not None and other.moment.position != event.fact_position:
                continue
            values = other.values if isinstance(other, DataCollected) else {other.category: other.value}
            for category, text in (values or {}).items():
                meant = any(covers(one, category) or covers(category, one) for one in event.categories)
                of_system = text is None and isinstance(other, DataCollected) and other.held_in == event.held_in
                if meant and (of_system if event.elsewhere else text is not None):
                    found.setdefault((other.moment.position, category), event.moment.position)
    return found
