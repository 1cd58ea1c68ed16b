"""Undoing a link: streams that were taken for one person's are two persons' again.

The stream to which the other name leads leaves the person alone; the others stay together. What protected one of the
two through the link goes on binding it; nothing else that is the other's counts for it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.decide import react
from domain.deletion import destroys
from domain.errors import PledgerError
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.facts.company_data import VisitorEntryCorrectionData
from domain.facts.data import ACTS, Data, EntryCorrectionData, ReasonedAnswerData
from domain.facts.name_data import NameEndedData, UnlinkData
from domain.folding import fold, recall, state_of
from domain.lifting import take_back_lifts
from domain.meant import stream_meant
from domain.moments import Moment, Turn
from domain.number_opt_outs import reach
from domain.owed_points import release
from domain.records.customer import LAST
from domain.records.rights import ERASURE
from domain.suppressed import Suppression
from domain.suppressions import owed_at, source_of
from domain.vocabulary import LinkRefusal
from domain.waiting import waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from domain.events import Event
    from domain.facts import CustomerFact, Fact, VisitorFact
    from domain.records import Customer, Visitor
    from domain.state import State
    from domain.store import Sender, Store
    from domain.suppressed import Suppressed
    from domain.suppressions import Owed


class OfficerOnly(PledgerError):
    """A sender would undo what protects a person, or destroy values, and is no officer."""

    code = "officer_only"


def check_is_officers(store: Store, fact: CustomerFact, sender: Sender) -> None:
    """Raise `OfficerOnly` where a fact undoes something, or destroys values, and no officer sends it.

    What is annulled may be told only later; then it is annulled by an officer's word alone (`annulled_before`).
    """
    if not sender.is_officer and (undoes := _undoes(store, fact)) is not None:
        raise OfficerOnly(
            "The fact was not stored.",
            f"it {undoes}, and only an officer may decide that.",
            "Send it with the key of an officer, or let an officer tell it on the command line.",
        )


def check_corrects_no_refusal(store: Store, fact: VisitorFact, browser: Visitor, sender: Sender) -> None:
    """Raise `OfficerOnly` where a fact corrects that a browser refused something, and no officer sends it."""
    data = fact.data
    if sender.is_officer or not isinstance(data, VisitorEntryCorrectionData):
        return
    stream, position = store.fact_at(data.entry.source, data.entry.id) or (None, 0)
    if stream == browser.stream and browser.protection(position):
        raise OfficerOnly(
            "The fact was not stored.",
            "it annuls what protects a browser (a refusal of cookies, a signal), and only an officer may decide that.",
            "Send it with the key of an officer, or let an officer tell it on the command line.",
        )


def _undoes(store: Store, fact: CustomerFact) -> str | None:
    """Return what a fact undoes, in words; None: nothing that only an officer may undo."""
    data = fact.data
    if type(data) in ACTS:
        return None
    if _ends_waiting(store, fact):
        return "denies a request to be forgotten, which would end the person's time to think it over"
    if destroys(data):
        return "destroys values that the ledger holds (what another system deleted is told with held_in, by any key)"
    if isinstance(data, EntryCorrectionData):
        stream, position = store.fact_at(data.entry.source, data.entry.id) or (None, 0)
        own = stream_meant(store, fact)
        if own is not None and stream in store.person(own).streams:
            is_protection = position in store.person(own).protections.facts
            return "annuls what protects a person (an opt-out, an objection, an age)" if is_protection else None
    return _UNDOES.get(type(data))


def _ends_waiting(store: Store, fact: Fact) -> bool:
    """Return whether a fact denies a request to be forgotten whose waiting period runs at its time."""
    if not isinstance(fact.data, ReasonedAnswerData) or not fact.type.startswith(_DENIAL) or fact.subject is None:
        return False
    stream = store.stream_of(fact.subject, fact.time)
    person = store.person(stream) if stream is not None else None
    if person is None or waits(store.judge.policy, person, fact.time) is None:
        return False
    codes = {person.stands_for(store.code(own, fact.data.request)) for own in person.streams}
    return any(
        one.kind == ERASURE
        for code in codes & person.rights.matters.keys()
        for one in person.rights.matters[code].requests
    )


_DENIAL: Final = "pledger.request_denied."
_UNDOES: Final[Mapping[type[Data], str]] = {
    UnlinkData: "parts two people who are on record as one",
    NameEndedData: "lets a name lead to another person from then on",
}


def part(store: Store, state: State, fact: Fact, actor: str, made: list[Event]) -> LinkRefusal | None:
    """Part the person of a fact from the one of another name; return why nothing was undone, or None."""
    data, joined = fact.data, state.customer
    assert isinstance(data, UnlinkData), "only such a fact parts people"
    leaving = store.stream_of(data.with_, fact.time)
    if leaving is None or leaving == state.stream or leaving not in joined.streams:
        streams = tuple(stream for stream in joined.streams if stream != state.stream)
        said: dict[str, Any] = {"method": data.verified, "reason": data.reason, "evidence": data.evidence}
        fold(state, (state.make(CustomersUnlinked, person=joined.person, together=streams, **said),), made)
        return LinkRefusal.NOT_LINKED
    rest = tuple(stream for stream in joined.streams if stream != leaving)
    said = {"reports": _reports(joined, leaving), "method": data.verified, "reason": data.reason}
    said["evidence"] = data.evidence
    fold(state, unlinked(store, state, leaving, rest, lambda _: said), made)
    owed = owed_at(state.judge, joined, LAST)
    told = {event.originator_id: event for event in made if isinstance(event, CustomersUnlinked)}
    store.part((rest, (leaving,)), made)
    for stream in (state.stream, leaving):
        side = state_of(store, fact, store.person(stream), stream, actor)
        side.place, side.first = state.place, state.first
        _recall_lost(side, joined, owed, made)
        fold(side, react(side, told[stream]), made)
        _recall_lost(side, joined, owed, made)  # What counted as told again for the two can be news for one of them.
        take_back_lifts(store, side)
        reach(store, side)
        state.place = side.place
    for point in dict.fromkeys(joined.contacts.points.values()):  # It may have been theirs by the link alone.
        release(store, point, Moment(state.time, Turn.UNDOING, state.place))
    return None


def _reports(joined: Customer, leaving: UUID) -> tuple[int, ...]:
    """Return the reports that were issued since a stream had been linked with the others."""
    since = joined.linked.get(leaving, 0)
    reported = (one.position for matter in joined.rights.matters.values() for one in matter.reported)
    return tuple(sorted(position for position in reported if position > since))


def unlinked(
    store: Store,
    state: State,
    leaving: UUID,
    rest: tuple[UUID, ...],
    said: Callable[[UUID], Mapping[str, Any]],
) -> Iterator[Event]:
    """Yield the events that part one stream from the others, the fact's own first; `said` says more for each stream.

    Those of the others that are joined by a link of a later time are said to be one person from there on.
    """
    joins = state.customer.joins.without(leaving)
    for stream in sorted((*rest, leaving), key=state.stream.__ne__):
        together = joins.streams_at(stream, state.time)
        side = (leaving,) if stream == leaving else tuple(one for one in rest if one in together)
        yield state.make(
            CustomersUnlinked,
            on=stream,
            person=min(side, key=str),
            together=tuple(other for other in side if other != stream),
            parted=leaving,
            others=rest if stream == leaving else (leaving,),
            same_codes=tuple(store.own_codes(stream, (leaving,) if stream == leaving else rest)),
            **said(stream),
        )
    for at, streams in joins.after(state.time, rest):
        for stream in (one for one in rest if one in streams):
            others = tuple(other for other in rest if other in streams and other != stream)
            linked = {"person": min(streams, key=str), "others": others, "direct": others, "follows": True}
            yield state.make(CustomersLinked, on=stream, at=at, **linked)


def _recall_lost(side: State, joined: Customer, owed: Mapping[Suppressed, Owed], made: list[Event]) -> None:
    """Let what protected two people go on binding one of them, where it does not do so of itself."""
    own = owed_at(side.judge, side.customer, LAST)
    lost = {
        what: one for what, one in owed.items() if what not in own or (own[what].is_elsewhere and not one.is_elsewhere)
    }
    for what, one in lost.items():
        source, said = source_of(joined, one), one.since.at
        passed = Suppression(what, max(side.time, said), source, said=said, of_contact=one.of_contact)
        fold(side, (recall(side, passed),), made)
