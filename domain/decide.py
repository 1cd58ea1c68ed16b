"""Deciding: one fact in, the events that it makes out.

Promise: pure. Given a fact, the person and the company so far and the judge, `decide` gives the events to append, in
order, with their findings; nothing is appended here. A fact sent with mode `record` has happened, so it is always kept.
One sent with mode `enforce` that would break an enforced promise becomes a refusal instead. What follows from a fact
(`domain.consequences`) is decided with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from domain.consequences import Consequences
from domain.events import Event, Finding, Refusal, customer as events
from domain.facts import data as facts
from domain.records import company as company_fold, customer as person, visitor as visitor_fold
from domain.records.customer import Customer
from domain.records.entries import ENROLLED
from domain.refusals import objections, refusal
from domain.rules.base import marketing_program
from domain.stamp import Stamp, company_event, plain_customer_event, visitor_event
from domain.vocabulary import ACT_OF_CAUSE, Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from domain.facts import Fact
    from domain.facts.fields import Citation
    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.entries import Held
    from domain.records.visitor import Visitor

    ReferenceCode = Callable[[UUID, str], str]
    """Digests a reference under the key of one stream."""

_U = TypeVar("_U", events.DataUsed, events.MessageSent)


@dataclass(frozen=True, slots=True)
class Decision:
    """The events to append. `refused`: the fact was not done, and the one event says so."""

    events: tuple[Event, ...]
    refused: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found wrong: with the fact, or, where it was refused, with what it would have been."""
        if self.refused:
            return tuple(found for event in self.events if isinstance(event, Refusal) for found in event.because)
        return tuple(found for event in self.events for found in event.findings)


@dataclass(slots=True)
class Decider:
    """What deciding about one person's facts needs."""

    judge: Judge
    customer: Customer
    company: Company
    digest: ReferenceCode

    def decide(self, fact: Fact, stamp: Stamp) -> Decision:
        """Decide one fact, and fold what it makes into the customer."""
        event: Event = self.main_event(fact, stamp)
        decision = _judged(self.judge, self.customer, self.company, fact, event, stamp)
        (event,) = decision.events
        person.evolve(self.customer, event)
        if decision.refused:
            return decision
        follows = Consequences(self.judge, self.customer, self.company)
        return Decision((event, *follows.of(event, stamp)))

    def main_event(self, fact: Fact, stamp: Stamp) -> events.CustomerEvent:
        """Give the event that a fact states, with what it relies on resolved, and without findings."""
        data = fact.data
        match data:
            case facts.Collection():
                return self._collected(data, stamp)
            case facts.Use():
                return self._used(data, stamp)
            case facts.Message():
                return self._sent(data, stamp)
            case facts.Enrollment():
                return self._enrolled(data, stamp)
            case facts.OrderCompletion():
                cls = events.OrderCancelled if fact.type == "pledger.order_cancelled.v1" else events.OrderCompleted
                return stamp.make(cls, reference=data.reference, reference_code=self._code(stamp, data.reference))
            case facts.Correction():
                child = self.customer.is_known_child(stamp.now)
                value = None if child else data.value
                return stamp.make(
                    events.DataCorrected,
                    request=data.request,
                    category=data.category,
                    value=value,
                    withheld=True if child else None,
                )
            case _:
                return plain_customer_event(fact, stamp)

    def _collected(self, data: facts.Collection, stamp: Stamp) -> events.DataCollected:
        child = data.act is not Act.GIFT and self.customer.is_known_child(stamp.now)
        return stamp.make(
            events.DataCollected,
            act=data.act,
            reference=data.reference,
            reference_code=self._code(stamp, data.reference),
            collection_point=data.collection_point,
            notice=data.notice,
            categories=tuple(data.values),
            values=None if child else data.values,
            withheld=True if child else None,
            held_in=data.held_in,
            requests=data.requests,
            online=data.online,
            buyer=str(data.source) if data.source else None,
        )

    def _used(self, data: facts.Use, stamp: Stamp) -> events.DataUsed:
        fields: dict[str, Any] = {
            "purpose": data.purpose,
            "categories": data.categories,
            "reference": data.reference,
            "reference_code": None if data.reference is None else self._code(stamp, data.reference),
            "value_from": self._value_from(data.value_from, stamp),
        }
        cls: type[events.DataUsed] = events.DataUsed
        if isinstance(data, facts.Share):
            cls = events.DataShared
            fields |= {"recipient": data.recipient, "kind": data.kind}
        relied = self._cited(data.relying_on, stamp) or self._same_reference(fields["reference_code"], stamp)
        event = stamp.make(cls, relies_on=relied, **fields)
        return event if relied else self._relying_best(event)

    def _sent(self, data: facts.Message, stamp: Stamp) -> events.MessageSent:
        fields: dict[str, Any] = {
            "channel": data.channel,
            "purpose": data.purpose,
            "unsubscribe_link": data.unsubscribe_link,
            "message_id": data.message_id,
            "program": data.program,
            "queued_at": data.queued_at,
            "value_from": self._value_from(data.value_from, stamp),
        }
        event = stamp.make(events.MessageSent, relies_on=self._cited(data.relying_on, stamp), **fields)
        program = marketing_program(event)
        if program is None:
            return event if event.relies_on else self._relying_best(event)
        change = self.customer.subscription(program, event.moment)
        enrolled = (change.name,) if change and change.state == ENROLLED else ()
        return event.model_copy(update={"relies_on": enrolled})

    def _relying_best(self, event: _U) -> _U:
        """Let an event that names no collection rely on those that permit it best."""
        chosen = self.judge.rely(self.customer, self.company, event)
        return event.model_copy(update={"relies_on": tuple(held.name for held in chosen)}) if chosen else event

    def _enrolled(self, data: facts.Enrollment, stamp: Stamp) -> events.CustomerEnrolled:
        act = ACT_OF_CAUSE.get(data.cause)
        code = None if data.reference is None else self._code(stamp, data.reference)
        now = stamp.now
        cited: Held | None = None
        if act is not None and code is not None:
            cited = max((held for held in self.customer.collections_under(code, now) if held.act is act), default=None)
        elif act is not None:
            standing = self.customer.collections_of(act, now)
            cited = next((held for held in standing if not self.customer.is_cancelled_order(held, now)), None)
        return stamp.make(
            events.CustomerEnrolled,
            program=data.program,
            cause=data.cause,
            reference=data.reference,
            reference_code=code,
            relies_on=(cited.name,) if cited else (),
        )

    def _code(self, stamp: Stamp, reference: str) -> str:
        """Give the code of a reference: one that this person has already, whichever of their streams it is on."""
        customer = self.customer
        own = customer.stands_for(self.digest(stamp.stream, reference))
        if own in customer.by_reference or len(customer.streams) < 2:  # noqa: PLR2004 - one stream, one key
            return own
        others = (customer.stands_for(self.digest(stream, reference)) for stream in customer.streams)
        return next((code for code in others if code in customer.by_reference or code in customer.cancelled), own)

    def _cited(self, citations: Iterable[Citation], stamp: Stamp) -> tuple[str, ...]:
        found = (self._collection(citation, stamp) for citation in citations)
        return tuple(held.name for held in found if held is not None)

    def _collection(self, citation: Citation, stamp: Stamp) -> Held | None:
        code = self._code(stamp, citation.reference)
        under = self.customer.collections_under(code, stamp.now)
        return max((held for held in under if held.act is citation.act), default=None)

    def _value_from(self, citation: Citation | None, stamp: Stamp) -> str | None:
        held = self._collection(citation, stamp) if citation else None
        return held.name if held else None

    def _same_reference(self, code: str | None, stamp: Stamp) -> tuple[str, ...]:
        if code is None:
            return ()
        return tuple(held.name for held in self.customer.collections_under(code, stamp.now))


def decide_of_company(judge: Judge, company: Company, fact: Fact, stamp: Stamp) -> Decision:
    """Decide one fact about the company, and fold what it makes into its record."""
    decision = _judged(judge, Customer(person=company.stream), company, fact, company_event(fact, stamp), stamp)
    company_fold.evolve(company, decision.events[0])
    return decision


def decide_of_visitor(judge: Judge, visitor: Visitor, company: Company, fact: Fact, stamp: Stamp) -> Decision:
    """Decide one fact about a browser, and fold what it makes into its record."""
    nobody = Customer(person=visitor.stream)
    decision = _judged(judge, nobody, company, fact, visitor_event(fact, stamp), stamp, visitor)
    visitor_fold.evolve(visitor, decision.events[0])
    return decision


def _judged(  # noqa: PLR0913, PLR0917 - an event, and all that it is judged by
    judge: Judge,
    customer: Customer,
    company: Company,
    fact: Fact,
    event: Event,
    stamp: Stamp,
    visitor: Visitor | None = None,
) -> Decision:
    """Give an event with what is found wrong with it; or, if that is to be enforced, the refusal in its place."""
    findings = judge.judge(customer, company, event, visitor)
    if fact.data.mode == "enforce" and (because := objections(judge, company, event, findings)):
        return Decision((refusal(stamp, event, because),), refused=True)
    return Decision((event.model_copy(update={"findings": findings}) if findings else event,))
