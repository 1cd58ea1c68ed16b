"""What is refused when a fact is sent with mode `enforce`, and the event that stands in its place.

A refusal names the promises that would have been broken, with the codes and without the values. What a service reports
rather than asks for, such as an opt-out or an incident, is never refused: it is on record with what is found wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events import Event, Finding, Refusal, company, customer, refused, visitor
from domain.policy.judge import NO_GROUND, is_refused_without_ground
from domain.waiting import objection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.state import State

NOT_REGISTERED: Final = "registry"
"""Replaces the promise's id in a finding about an unregistered purpose or recipient."""
UNGROUNDED: Final = "ground"
"""Replaces the promise's id in a finding about what rests on nothing recorded."""
NO_PROMISES: Final[Mapping[str, str]] = {
    NOT_REGISTERED: "a purpose or recipient that is not registered",
    UNGROUNDED: "data of which no collection is on record",
}
"""What stands in the place of a promise's id, in words."""

REFUSALS: Final[dict[type[Event], tuple[type[Refusal], str]]] = {
    customer.DataCollected: (refused.CollectionRefused, "collection"),
    customer.DataUsed: (refused.UseRefused, "use"),
    customer.MessageSent: (refused.UseRefused, "message"),
    customer.DataShared: (refused.ShareRefused, "share"),
    customer.CustomerEnrolled: (refused.EnrollmentRefused, "enrollment"),
    customer.AccessReportIssued: (refused.UseRefused, "access_report"),
    customer.DataCorrected: (refused.UseRefused, "correction"),
    visitor.CookieSet: (visitor.VisitorActRefused, "cookie"),
    visitor.AnalyticsForwarded: (visitor.VisitorActRefused, "forwarding"),
    visitor.IdentifierLinked: (visitor.VisitorActRefused, "link"),
    company.AggregateReleased: (company.ReleaseRefused, "release"),
}
"""For each event that can be refused: the refusal that is stored instead, and the word for what was refused."""

_HAVE_PURPOSE = customer.DataUsed | customer.MessageSent | visitor.CookieSet
_HAVE_RECIPIENT = customer.DataShared | visitor.AnalyticsForwarded | company.AggregateReleased


def objections(state: State, event: Event, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return why an enforced fact is refused: broken promises and unregistered names."""
    if type(event) not in REFUSALS:
        return ()
    company = state.company
    broken = [found for found in findings if found.promise in state.judge.enforced and found.is_breach]
    if wait := objection(state.judge.policy, state.customer, event, state.holders):
        broken.append(wait)
    doubts = state.judge.doubts(state.customer, company, event, state.holders)
    broken += [found for found in doubts if found.promise in state.judge.enforced and found.code != NO_GROUND]
    if is_refused_without_ground(state.judge.case(state.customer, company, event, None, state.holders)):
        broken.append(Finding(promise=UNGROUNDED, code=NO_GROUND))
    if isinstance(event, _HAVE_PURPOSE) and not company.knows_purpose(event.purpose, event.moment):
        broken.append(Finding(promise=NOT_REGISTERED, code="purpose_not_registered"))
    to = event.recipient if isinstance(event, _HAVE_RECIPIENT) else None
    if to is not None and not company.recipient(to, event.moment):
        broken.append(Finding(promise=NOT_REGISTERED, code="recipient_not_registered"))
    return tuple(broken)


def refusal(state: State, event: Event, because: tuple[Finding, ...]) -> Refusal:
    """Return the event that is stored instead of a refused one: with its codes, and none of its values."""
    cls, word = REFUSALS[type(event)]
    known = {"categories", "purpose", "recipient", "program"} & set(type(event).coded)
    return state.make(cls, refused=word, because=because, **{name: getattr(event, name) for name in known})
