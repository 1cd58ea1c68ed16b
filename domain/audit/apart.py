"""What was permitted only by a link that was undone since, and so cannot be decided any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.events.customer import DataUsed, MessageSent
from domain.policy.judge import ONLY_LINKED, AttributedBreach, relies_on_collections
from domain.policy.status import Status
from domain.rules.common.addresses import is_tested
from domain.rules.common.base import Breach, Rule
from domain.rules.common.grounds import used_categories
from domain.vocabulary import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.customer import Customer
    from domain.rules.common.base import Case, Rules


class Apart(NamedTuple):
    """A person's record without the links that were undone, and the position of the first unlink that undid one."""

    customer: Customer
    holders: tuple[Customer, ...]
    undone_by: tuple[int, ...]


def only_linked(
    judge: Judge, rules: Rules, judged: Case, breaches: Sequence[AttributedBreach], apart: Apart
) -> Iterator[AttributedBreach]:
    """Yield what cannot be decided of an event: it breaks a promise without a link by which it was permitted.

    So does what rests on nothing recorded without that link, if the promise limits what collections serve.
    """
    against = {one.promise for one in breaches}
    event = _on_own_grounds(judge, apart.customer, judged.company, judged.event)
    case = judge.case(apart.customer, judged.company, event, holders=apart.holders)
    for promise, breach, excused in judge.breaches_of(case, rules):
        if promise not in against and not excused:
            undecided = Breach(ONLY_LINKED, apart.undone_by, breach.about, Status.INDETERMINATE)
            yield AttributedBreach(promise, undecided)
            against.add(promise)
    for promise, rule in rules if _has_lost_ground(judged, case) else ():
        if promise not in against and _limits_grounds(rule) and is_tested(judged, rule):
            yield AttributedBreach(promise, Breach(ONLY_LINKED, apart.undone_by, status=Status.INDETERMINATE))


def _on_own_grounds(judge: Judge, person: Customer, company: Company, event: Event) -> Event:
    """Return an event that relies on the person's own collections: those cited, and the best in place of others'."""
    if not isinstance(event, DataUsed | MessageSent) or not relies_on_collections(event):
        return event
    own = [place for place in event.relies_on if place in person.by_position]
    if len(own) == len(event.relies_on):
        return event
    chosen = (held.position for held in judge.choose_grounds(person, company, event))
    return event.model_copy(update={"relies_on": tuple(dict.fromkeys((*own, *chosen)))})


def _has_lost_ground(joined: Case, apart: Case) -> bool:
    """Return whether an event uses a category that only the other person's collections held."""
    event = joined.event
    if not isinstance(event, DataUsed | MessageSent) or not relies_on_collections(event):
        return False
    before, after = list(joined.cited()), list(apart.cited())
    return any(
        any(holds(held.categories, category) for held in before)
        and not any(holds(held.categories, category) for held in after)
        for category in used_categories(event)
    )


def _limits_grounds(rule: Rule) -> bool:
    """Return whether a rule limits what collections serve."""
    return type(rule).forbids is not Rule.forbids
