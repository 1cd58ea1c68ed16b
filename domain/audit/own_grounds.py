"""What a use, share or message rests on once a link was undone: the collections that are the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import DataUsed, MessageSent
from domain.policy.judge import relies_on_collections
from domain.rules.common.base import Rule
from domain.rules.common.grounds import used_categories
from domain.vocabulary import holds

if TYPE_CHECKING:
    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.customer import Customer
    from domain.rules.common.base import Case


def on_own_grounds(judge: Judge, person: Customer, company: Company, event: Event) -> Event:
    """Return an event that relies on the person's own collections: those cited, and the best in place of others'."""
    if not isinstance(event, DataUsed | MessageSent) or not relies_on_collections(event):
        return event
    own = [place for place in event.relies_on if place in person.by_position]
    if len(own) == len(event.relies_on):
        return event
    chosen = (held.position for held in judge.choose_grounds(person, company, event))
    return event.model_copy(update={"relies_on": tuple(dict.fromkeys((*own, *chosen)))})


def has_lost_ground(joined: Case, apart: Case) -> bool:
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


def limits_grounds(rule: Rule) -> bool:
    """Return whether a rule limits what collections serve."""
    return type(rule).forbids is not Rule.forbids
