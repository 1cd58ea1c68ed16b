"""Deciding: which events a fact makes, and which events follow from an event.

Both functions are pure: they read the state and change nothing. They return events one at a time. The caller
(`domain.ledger`) folds each event into the state before it takes the next, because the next one rests on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from domain import consequences, resolution
from domain.events import REFUSALS, Event, Finding, Refusal, customer
from domain.events.past_points import PastBinding
from domain.facts.data import DeletionData, ErasureData
from domain.facts.name_data import LinkData, NameEndedData, UnlinkData
from domain.moments import Moment, Turn
from domain.refusals import objections, refusal
from domain.rules.requests_answered import asked_to_be_erased, unanswered
from domain.suppressed import word_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.facts import Fact
    from domain.state import State


def decide(state: State, fact: Fact) -> Iterable[Event]:
    """Return the events that a fact makes.

    A fact sent with mode `record` has happened, so it is always kept, with what is wrong with it. One sent with mode
    `enforce` that would break an enforced promise becomes a refusal.
    """
    data = fact.data
    if type(data) is ErasureData:
        return _erased(state, data)
    event = resolution.event_of(state, fact)
    findings = state.findings(event)
    if data.mode == "enforce":
        because = objections(state, event, findings) if state.as_told is None else state.as_told.because
        if because:
            return (refusal(state, event, because),)
    return (event.model_copy(update={"findings": findings}) if findings else event,)


def react(state: State, event: Event) -> Iterable[Event]:
    """Return the events that follow from an event that was just folded; each is one that the judge finds lawful.

    A collection enrolls, a cancellation can end an enrollment. A fact that arrives late can do more. For example, a
    person enters a contest on 10 May, while enrolled. An opt-out of 5 May arrives later: it ends the enrollment on
    5 May, and the contest entry enrolls the person again on 10 May.
    """
    follow = consequences.OF.get(type(event))
    return follow(state, event) if follow else ()


NEVER_REFUSED: Final = (DeletionData, ErasureData, LinkData, NameEndedData, UnlinkData)
"""The data of facts that no promise forbids, and of which nothing is judged before they take effect."""


def objections_to(state: State, fact: Fact) -> tuple[Finding, ...]:
    """Return the findings that would refuse this fact."""
    if isinstance(fact.data, NEVER_REFUSED):
        return ()
    event = resolution.event_of(state, fact)
    return objections(state, event, state.findings(event))


def refusal_in(events: Iterable[Event]) -> Refusal | None:
    """Return the refusal among a fact's events; None: it was not refused.

    It need not be the last of them: what is told late of somebody erased ends with the end of its stream.
    """
    return next((cast("Refusal", event) for event in events if type(event) in REFUSALS), None)


def findings_of(events: Sequence[Event]) -> tuple[Finding, ...]:
    """Return the findings of a fact's events; for a refused fact, the reasons for the refusal."""
    refused = refusal_in(events)
    if refused is not None and refused.because:
        return refused.because
    return tuple(one for event in events for one in event.findings)


def forgotten(event: Event) -> Event:
    """Return an event about somebody who has been erased, without anything personal."""
    return event.model_copy(update=dict.fromkeys((*event.sealed, *event.sealed_envelope)))


def erased_late(state: State, until: datetime) -> Event:
    """Return the end of a stream that holds one fact about a person erased before: it was theirs until then."""
    return _erased_event(state, state.stream, "", "", None, at=max(until, state.time), is_late=True)


def _erased(state: State, data: ErasureData) -> Iterator[Event]:
    later = True if state.customer.last_told and state.customer.last_told > state.time else None
    for number, stream in enumerate(list(state.customer.streams)):
        code = None if data.request is None else resolution.code_of(state, data.request)
        key_id, receipt = state.keys.destroyed(stream)
        event = _erased_event(state, stream, key_id, receipt, code)
        if not number:
            of_requests = _of_requests(state, event)
            was_asked = True if state.was_asked else None
            reach = {"elsewhere": state.elsewhere, "left": state.left, "took_later": later, "was_asked": was_asked}
            event = event.model_copy(update={**reach, **of_requests})
        yield event


def _of_requests(state: State, event: customer.CustomerErased) -> dict[str, Any]:
    """Return which requests an erasure answers, and which it leaves unanswered although nobody had asked for it.

    The latter it finds wrong with itself, as far as the policy promises to answer them.
    """
    person = state.customer
    others = dict.fromkeys(state.settled, Moment(state.time, Turn.ERASURE, state.place))
    left = replace(
        person,
        erased=True,
        erased_by=event.moment.position,
        erased_at=event.occurred_at,
        erased_for=event.request_code,
        asked_under_another=state.was_asked or person.asked_under_another,
        apart=replace(person.apart, settled={**others, **person.apart.settled}),
    )
    return {
        "asked": tuple(sorted(one.position for one in asked_to_be_erased(left))),
        "unanswered": tuple(sorted(unanswered(state.judge.policy, left))),
        "findings": state.judge.judge_erasure(left, event.occurred_at),
    }


def _erased_event(  # noqa: PLR0913, PLR0917 - what a forgotten stream leaves behind
    state: State,
    stream: UUID,
    key_id: str,
    receipt: str,
    request_code: str | None,
    at: datetime | None = None,
    *,
    is_late: bool = False,
) -> customer.CustomerErased:
    kinds, bindings = state.customer.contacts.of_stream(stream)
    codes = list(dict.fromkeys(["", *(one.code for _, one in bindings)]))
    return state.make(
        customer.CustomerErased,
        on=stream,
        at=at,
        key_id=key_id,
        receipt=receipt,
        request_code=request_code,
        kinds=kinds,
        bindings=tuple(
            PastBinding(
                ordinal=ordinal,
                what=one.what and word_of(one.what),
                annuls=bool(one.annuls),
                has_source=bool(one.source),
                is_out=one.is_out,
                at=one.moment.at,
                by=one.by,
                since=one.since,
                owed_to=codes.index(one.code),
            )
            for ordinal, one in bindings
        ),
        told=tuple(
            place for _, one in bindings for place in (one.moment.position, *filter(None, (one.annuls, one.source)))
        ),
        is_late=is_late,
        same_points=state.same_points.get(stream, ()),
    )
