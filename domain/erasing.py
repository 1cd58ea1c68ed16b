"""Erasing one stream of a person who has several: it leaves the others, with which the person goes on.

The others are folded anew without it. What it alone held, and what rested on that alone, is gone from the person. What
protects the person, what cancelled their orders, and what answered their requests was told of the person, on whichever
stream: it stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.decide import react
from domain.elsewhere import settled_by_others, streams_elsewhere
from domain.events.customer import OrderCancelled
from domain.events.links import CustomersUnlinked
from domain.events.past_answers import PastAnswer
from domain.facts.data import ErasureData
from domain.folding import fold, recall, state_of
from domain.number_opt_outs import reach
from domain.parting import unlinked
from domain.records.customer import LAST
from domain.records.entries import OPTED_OUT
from domain.records.rights import ERASURE, Corrected, Denied, Reported
from domain.resolution import code_of
from domain.same_points import same_points
from domain.suppressed import Age, Suppression
from domain.suppressions import owed_at
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from domain.events import Event
    from domain.events.past_answers import Answered
    from domain.facts import Fact
    from domain.moments import Moment
    from domain.records import Customer
    from domain.records.rights import Entry, Matter
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Suppressed
    from domain.suppressions import Owed

    Told = Entry | Corrected | Denied | Reported


def erased_of(store: Store, state: State, fact: Fact, made: list[Event]) -> State:
    """Return the state of what an erasure erases: the whole person, or one stream, which leaves the person first."""
    assert isinstance(fact.data, ErasureData), "only such a fact erases"
    if fact.data.only and len(state.customer.streams) > 1:
        state = _leave(store, state, fact, made)
    person = state.customer
    named = (person.contacts.points[state.stream, one] for one in state.contacts)
    state.elsewhere = tuple(dict.fromkeys((*state.left, *streams_elsewhere(store, person, named))))
    state.same_points = same_points(store, person, state.left)
    state.settled = settled_by_others(store, person)
    return state


def _leave(store: Store, state: State, fact: Fact, made: list[Event]) -> State:
    """Part the fact's stream from the person's others, and let these go on; return the state of the one that leaves."""
    joined, leaving, data, actor = state.customer, state.stream, fact.data, str(state.envelope["actor"])
    assert isinstance(data, ErasureData), "only such a fact erases"
    rest = tuple(stream for stream in joined.streams if stream != leaving)
    named = None if data.request is None else code_of(state, data.request)
    asked = list(joined.rights.asks_for_erasure(named))
    was_asked = any(one.stream == leaving for one in asked) or joined.asked_under_another
    owed = owed_at(state.judge, joined, LAST)
    told_of = {stream: _told_of(joined, stream, leaving) for stream in joined.streams}
    for stream in rest:
        told_of[stream]["was_asked"] = True if was_asked else None
    if named is not None and data.request is not None:
        _pass_request_on(joined, told_of, (leaving, rest[0]), named, state.keys.code(rest[0], data.request))
    fold(state, unlinked(store, state, leaving, rest, told_of.__getitem__), made)
    told = {event.originator_id: event for event in made if isinstance(event, CustomersUnlinked)}
    store.part((rest, (leaving,)), made)
    living = state_of(store, fact, store.person(rest[0]), rest[0], actor)
    living.place, living.first = state.place, state.first
    _go_on(living, joined, owed, told[rest[0]], made)
    reach(store, living)
    gone = state_of(store, fact, store.person(leaving), leaving, actor)
    gone.place, gone.first = living.place, state.first
    gone.contacts, gone.left, gone.was_asked = state.contacts, rest, bool(asked) or joined.asked_under_another
    if Age.UNDER_13 in owed and owed_at(gone.judge, gone.customer, LAST).get(Age.UNDER_13) != owed[Age.UNDER_13]:
        fold(
            gone, (_recalled(gone, Age.UNDER_13, owed[Age.UNDER_13].since),), made
        )  # The duty was one to erase it, too.
    return gone


def _go_on(
    living: State, joined: Customer, owed: Mapping[Suppressed, Owed], parted: CustomersUnlinked, made: list[Event]
) -> None:
    """Let what was told of the person on the stream that leaves go on counting, but for what it gave and permitted."""
    fold(living, _opt_outs(living, joined), made)
    _recall_lost(living, owed, made)
    for code, moment in list(_cancelled(living.customer, joined)):
        told = living.make(OrderCancelled, at=moment.at, reference_code=code)
        fold(living, (told,), made)
        fold(living, react(living, told), made)
    fold(living, react(living, parted), made)
    _recall_lost(living, owed, made)


def _opt_outs(living: State, joined: Customer) -> Iterator[Event]:
    """Yield the opt-outs that stood on the stream which leaves, each since its own time, for the streams that stay."""
    for program in list(joined.programs):
        own = {change.position for change in living.customer.programs.get(program, ())}
        for change in joined.counted(program, LAST):
            if change.state == OPTED_OUT and change.position not in own:
                yield _recalled(living, program, change.moment)


def _recall_lost(living: State, owed: Mapping[Suppressed, Owed], made: list[Event]) -> None:
    """Let what the person was owed bind them since then, where it does not do so of itself."""
    own = owed_at(living.judge, living.customer, LAST)
    lost = [
        what
        for what, one in owed.items()
        if what not in own or (own[what].is_elsewhere and not one.is_elsewhere) or own[what].since.at > one.since.at
    ]
    fold(living, (_recalled(living, what, owed[what].since) for what in lost), made)


def _recalled(state: State, what: Suppressed, since: Moment) -> Event:
    return recall(state, Suppression(what, since.at)).model_copy(update={"told": since.position})


def _cancelled(living: Customer, joined: Customer) -> Iterator[tuple[str, Moment]]:
    """Yield the codes of those orders on the streams that stay whose cancellation stood on the one that leaves."""
    for held in living.by_position.values():
        known = joined.by_position.get(held.position)
        moment = joined.cancelled(known.reference) if known and held.act is Act.ORDER else None
        if moment is not None and (living.cancelled(held.reference) or LAST) > moment:
            yield held.reference, moment


def _told_of(joined: Customer, stream: UUID, leaving: UUID) -> dict[str, Any]:
    """Return what the event that parts a stream says besides: what the other side told of its requests."""
    others = joined.streams.keys() - {leaving} if stream == leaving else {leaving}
    matters = joined.rights.matters.values()
    found = [one for matter in matters for one in _of_matter(matter, stream, others, goes_on=stream != leaving)]
    of_requests = {place for place, past in found if past.what == "correction"}
    found += [
        (one.position, PastAnswer(what="correction", at=one.moment.at, category=one.category))
        for one in joined.rights.corrections
        if one.stream in others and one.position not in of_requests
    ]
    found.sort(key=lambda one: one[0])
    return {
        "by_erasure": True,
        "answers": tuple(past for _, past in found),
        "answered_by": tuple(place for place, _ in found),
    }


def _pass_request_on(
    joined: Customer, told_of: Mapping[UUID, dict[str, Any]], streams: tuple[UUID, UUID], named: str, code: str
) -> None:
    """Let the request to be forgotten that an erasure names go on with the person, who told it on what is erased alone.

    There it can be answered, denied and withdrawn. Its code on the other stream is another one.
    """
    (leaving, goes_on), matter = streams, joined.rights.matters.get(named)
    requests = [one for one in matter.requests if one.kind == ERASURE] if matter else []
    if not requests or any(one.stream != leaving for one in requests):
        return
    passed: tuple[tuple[UUID, Answered, str], ...]
    passed = ((goes_on, "asked", code), (leaving, "asked_there", requests[0].code))
    for stream, what, of in passed:
        past = [
            PastAnswer(what=what, at=one.moment.at, request_code=of, kind=ERASURE, shows_error=one.shows_error)
            for one in requests
        ]
        told = told_of[stream]
        told["answers"] = (*told["answers"], *past)
        told["answered_by"] = (*told["answered_by"], *(one.position for one in requests))


def _of_matter(
    matter: Matter, stream: UUID, others: Collection[UUID], *, goes_on: bool
) -> Iterator[tuple[int, PastAnswer]]:
    """Yield what other streams hold about the requests of one stream, each with its position."""
    own = [one for one in matter.requests if one.stream == stream]
    if not own:
        return
    code, kinds = own[0].code, {one.kind for one in own}
    known = {one.position for one in own}
    for asked in matter.requests:
        if asked.stream in others and asked.kind in kinds and asked.position not in known:
            known.add(asked.position)
            what: Answered = "asked" if goes_on else "asked_there"
            yield (
                asked.position,
                PastAnswer(
                    what=what,
                    at=asked.moment.at,
                    request_code=code,
                    kind=asked.kind,
                    shows_error=asked.shows_error,
                    category=asked.category,
                ),
            )
    told: tuple[tuple[Answered, list[Any]], ...] = (
        ("verified", matter.verified),
        ("report", matter.reported),
        ("correction", matter.corrected),
        ("declined", matter.declined),
        ("denied", matter.denied),
        ("withdrawn", matter.withdrawn),
    )
    for what, entries in told:
        known = {one.position for one in entries if one.stream == stream}  # From a record that was erased before.
        for one in entries:
            if one.stream in others and one.position not in known:
                known.add(one.position)
                yield one.position, _past(what, code, one)


def _past(what: Answered, code: str, one: Told) -> PastAnswer:
    return PastAnswer(
        what=what,
        at=one.moment.at,
        request_code=code,
        category=one.category if isinstance(one, Corrected) else None,
        by_officer=isinstance(one, Denied) and one.by_officer,
        elsewhere=one.elsewhere if isinstance(one, Reported) else (),
    )
