"""What holds of every history: an audit works out once what several readings share, and finds what each finds alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from domain.audit.all_readings import AllReadings
from domain.events.customer import DataCollected, MessageSent
from domain.policy.judge import Judge
from domain.rules.common.addresses import is_tested
from domain.rules.common.by_kind import RulesByKind
from domain.vocabulary import Reading
from tests.laws.audit import audit
from tests.laws.histories import ACTS, KINDS, OF_CONTACT_POINTS, facts_of, steps
from tests.scenario import first_policy

if TYPE_CHECKING:
    from domain.audit.all_readings import Judged
    from domain.events import Event
    from tests.laws.histories import Step

_WITH_LEAVING = (*KINDS, *OF_CONTACT_POINTS, "out", "contest_entry", "catalog_request", "enroll", "mail", "mail")


def _judged_alone(judged: Judged, judge: Judge, given: tuple[Any, ...], number: int) -> None:
    """Compare what all readings found together with what the judge of one reading finds by itself."""
    rules, case = judged.questions.rules[number], judge.case(*given)
    assert judged.breaches[number] == judge.breaches_of(case, rules)
    tested = {promise for promise, rule in rules if is_tested(case, rule)}
    together = judged.cases[number]
    assert {promise for promise, rule in rules if is_tested(together, rule)} == tested
    shown = {promise: rule.rests_on(case) for promise, rule in rules if promise in tested}
    assert {promise: rule.rests_on(together) for promise, rule in rules if promise in tested} == shown


@settings(deadline=None)
@given(steps(kinds=_WITH_LEAVING))
def test_all_readings_together_find_what_each_finds_alone(taken: list[Step]) -> None:
    """An event breaks and tests under each reading what the judge of that reading finds on a case of its own."""
    whole = AllReadings.judge
    compared = 0

    def compare(self: AllReadings, *given: Any) -> Judged | None:  # noqa: ANN401 - as the method's own
        nonlocal compared
        given = (*given, *(None, ())[len(given) - 3 :])
        given = (*given[:4], tuple(given[4]))
        judged = whole(self, *given)
        for number, judge in enumerate(self.judges if judged else ()):
            assert judged is not None
            _judged_alone(judged, judge, given, number)
            compared += 1
        return judged

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AllReadings, "judge", compare)
        audit(*facts_of(taken), as_of=200)
    assert compared or not any(step.kind in ACTS for step in taken)


def test_what_readings_share_is_asked_once() -> None:
    """A rule that is the same under all readings is asked once of an event, and one that differs once each."""
    judges = [Judge(first_policy(), reading) for reading in Reading]
    kinds: tuple[type[Event], ...] = (DataCollected, MessageSent)
    for kind in kinds:
        rules = [RulesByKind(judge.rules) for judge in judges]
        asked = AllReadings(judges, rules).questions(kind)
        assert asked is not None
        questions, apart = asked
        for promise in dict.fromkeys(one.asked.promise for one in questions.each):
            own = [one for one in questions.each if one.asked.promise == promise]
            different = {id(rule) for by_kind in rules for name, rule in by_kind.of(kind) if name == promise}
            assert len(own) == len(different)
            assert sorted(number for one in own for number in one.readings) == [0, 1, 2]
        assert len(questions.each) <= len(apart.each) < sum(len(by_kind.of(kind)) for by_kind in rules)
