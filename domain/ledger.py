"""The ledger's core: what one fact does.

The way of a fact, step by step:

1. who is meant: names lead to a stream, to the other streams of the same person, and to new names;
2. links: streams that turn out to be one person's become one (`domain.linking`);
3. recall: a new name may be that of somebody erased, who is still owed peace;
4. decide: the events that the fact makes, or a refusal (`domain.decide.decide`);
5. evolve: each event is folded into its record (`domain.records.evolve`), and nothing else changes a record;
6. react: what follows from each event (`domain.decide.react`), folded likewise.

What is told of somebody after their erasure goes another way (`domain.late_facts`). A deletion in part has a step 4 of
its own (`domain.deletion`).

`handle` takes these steps over a `domain.store.Store`: a batch of PostgreSQL's, a trace in memory, a test. None of them
has rules of its own. What can be wrong with a fact is found in step 1, before anything is changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.asked_before_ending import take_back
from domain.asked_before_parting import end_lifted
from domain.contact_points import (
    check_needs_no_voucher,
    contacts_given,
    links_in,
    names_beside,
    take_contacts,
)
from domain.decide import NEVER_REFUSED, objections_to
from domain.deletion import delete, delete_awaited, destroys
from domain.elsewhere import streams_elsewhere
from domain.ending import end, pass_on, pass_on_of_others, waiting_end
from domain.erasing import erased_of
from domain.errors import TimeInFuture, VersionConflict
from domain.events.links import NameEnded
from domain.facts import CompanyFact, CustomerFact, VisitorFact
from domain.facts.data import ACTS, DeletionData, EntryCorrectionData, ErasureData, ReportData
from domain.facts.name_data import LinkData, LinkRejectionData, NameEndedData, UnlinkData
from domain.folding import fold, fold_decided, opened, recalled, state_of, state_of_other
from domain.late_facts import set_aside_before, told_late, tombstones_of
from domain.linking import (
    as_one,
    check_methods,
    is_apart_from_erased,
    join,
    links_unless_refused,
    tell_apart,
    told_apart_beside,
)
from domain.meant import check_entry_is_kept, stream_meant
from domain.number_opt_outs import reach
from domain.owed_points import forget_points, release_unanswered, settle
from domain.parted_protection import protect_parted
from domain.parting import check_corrects_no_refusal, check_is_officers, part
from domain.passed_on import end_passed_on
from domain.records import Customer
from domain.records.customer import LAST
from domain.set_right_others import set_others_right
from domain.state import NoKeys, State
from domain.store import Handled
from domain.suppressed import Gone, Suppression
from domain.suppressions import owed_at
from domain.uncorrectable import check_correction, check_other_correction
from domain.vocabulary import LinkRefusal
from domain.waiting import check_waits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from domain.events import Event, Finding
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records import Company, Record, Visitor
    from domain.store import Sender, Store

_NOBODY: Final = UUID(int=0)
_DECIDED_OTHERWISE: Final = frozenset({DeletionData, LinkData, LinkRejectionData, NameEndedData, UnlinkData})


def handle(store: Store, fact: Fact, sender: Sender, expected_version: int | None = None) -> Handled:
    """Take in one fact and return the events that it makes, each folded into the store's records.

    Raises `TimeInFuture`, `MalformedFact`, `NotVouched`, `OfficerOnly`, `ErasureWaits`, `VersionConflict` and
    `UnknownCustomer`, and has then changed nothing.
    """
    if fact.time > store.latest:
        raise _in_future()
    made: list[Event] = []
    if not isinstance(fact, CustomerFact):
        record = _other_record(store, fact, sender)
        _expect(expected_version, record, record.stream)
        fold_decided(store, state_of_other(store, fact, record, sender), fact, made)
        return Handled(record.stream, made)
    beside = names_beside(fact)
    _check_sender(store, fact, sender)
    known = stream_meant(store, fact)
    if found := tombstones_of(store, fact):
        _expect(expected_version, None, None)
        return told_late(store, fact, found, sender)
    links = links_in(fact) if beside else ()
    for name in beside:
        if not is_apart_from_erased(store, fact, name):
            store.stream_of(name, fact.time)  # An unknown id is an error, and found before anything is changed.
    _expect_person(store, expected_version, known)
    _check_waits(store, fact, known, beside)
    stream = known or opened(store, fact.subject, fact.time)
    state = state_of(store, fact, store.person(stream), stream, sender.actor)
    if not known:
        _begin(store, state, fact.subject, made)
    state.by_officer = sender.is_officer
    links = links_unless_refused(store, state, fact, links, sender)
    refused = tuple(because for link in links if (because := join(store, state, link, made, sender)))
    given = contacts_given(store, state, fact, vouched=sender.vouches)
    take_contacts(store, state, fact, given)
    _see_others(store, state, fact)
    erases = type(fact.data) is ErasureData
    owed = _owed(state) if erases else []
    state = erased_of(store, state, fact, made) if erases else state
    refused += tuple(_decided(store, state, fact, made, sender.actor))
    refused += () if given.is_all else (LinkRefusal.NOT_VOUCHED,)
    if erases:
        gone = Gone(fact.subject, fact.time, _last_time(state.customer, fact.time))
        store.forget(state.customer, gone, owed)
        forget_points(store, state.customer, gone, owed, state.left)
    else:
        _protect_others(store, state, fact, made)
    later = next((event.later for event in made if type(event) is NameEnded), ())
    return Handled(stream, made, given.unread, refused, later)


def _begin(store: Store, state: State, name: Subject, made: list[Event]) -> None:
    """Put on a new stream what its name is owed, what waits for its end, and what was told of it before."""
    fold(state, recalled(store, state, name), made)
    fold(state, waiting_end(store, state, name, state.stream), made)
    fold(state, set_aside_before(store, state, name), made)


def _check_sender(store: Store, fact: CustomerFact, sender: Sender) -> None:
    """Raise where a fact takes another sender."""
    check_methods(store.judge.policy, fact, sender)
    check_is_officers(store, fact, sender)
    if type(fact.data) is EntryCorrectionData:
        check_entry_is_kept(store, fact.data, sender)
    check_correction(store, fact)
    if not sender.vouches:
        check_needs_no_voucher(store, fact)


def _check_waits(store: Store, fact: CustomerFact, known: UUID | None, beside: Iterable[Subject]) -> None:
    """Raise where a fact would destroy what somebody may still want back, until a waiting period ends.

    A link in the fact lets it reach the other's streams too.
    """
    if type(fact.data) not in ACTS and (isinstance(fact.data, ErasureData) or destroys(fact.data)):
        for stream in (known, *(store.stream_of(name, fact.time) for name in beside)):
            if stream is not None:
                check_waits(store.judge.policy, store.person(stream), fact)


def _see_others(store: Store, state: State, fact: Fact) -> None:
    """Let a state know of the other people whom its fact concerns."""
    if type(fact.data) in ACTS:
        return
    if isinstance(fact.data, LinkRejectionData):
        tell_apart(store, state, fact.data)
    elif isinstance(fact.data, ReportData):
        named = (state.customer.contacts.points[state.stream, one] for one in state.contacts)
        state.elsewhere = streams_elsewhere(store, state.customer, named)


def _protect_others(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Let what a fact says of what its person is owed reach whom else it concerns."""
    pass_on(store, state, fact, state.customer, made)
    if type(fact.data) in ACTS:
        return
    pass_on_of_others(store, state, fact, made)
    take_back(store, state, fact, made)
    protect_parted(store, state, fact, made)
    end_passed_on(store, state, fact, made)
    end_lifted(store, state, fact, made)
    release_unanswered(store, state, made)
    if type(fact.data) is not UnlinkData:
        reach(store, state)
        settle(store, state, state.customer)
        set_others_right(store, state, fact, made)


def _decided(store: Store, state: State, fact: Fact, made: list[Event], actor: str) -> Iterator[LinkRefusal]:
    """Decide what a fact says beside its links; yield why nobody was parted, where it should have parted somebody."""
    if type(fact.data) not in _DECIDED_OTHERWISE:
        fold_decided(store, state, fact, made)
        delete_awaited(store, state, made)
    elif isinstance(fact.data, UnlinkData):
        because = part(store, state, fact, actor, made)
        if because:
            yield because
    elif isinstance(fact.data, DeletionData):
        delete(store, state, fact, made)
    elif isinstance(fact.data, NameEndedData):
        end(store, state, fact, made)
    elif isinstance(fact.data, LinkRejectionData):
        fold_decided(store, state, fact, made)
        fold(state, told_apart_beside(state, made[-1]), made)


def ask(store: Store, fact: Fact, sender: Sender) -> tuple[Finding, ...]:
    """Return what stands against a fact, were its sender to have it enforced.

    Raises `NotVouched`, `OfficerOnly`, `ErasureWaits` and `UnknownCustomer`, as `handle` would; what may be done later
    may be asked. Nothing is kept.
    """
    if not isinstance(fact, CustomerFact):
        record = _other_record(store, fact, sender)
        return objections_to(state_of_other(store, fact, record, sender), fact)
    _check_sender(store, fact, sender)
    stream = stream_meant(store, fact)
    _check_waits(store, fact, stream, names_beside(fact))
    links = [link for link in links_in(fact) if store.stream_of(link.name, fact.time)]
    if isinstance(fact.data, NEVER_REFUSED):
        return ()
    person = store.person(stream) if stream else Customer(person=_NOBODY, streams={_NOBODY: 0})
    # The fact may give contact points that the record does not have, and what binds them counts.
    contacts = replace(person.contacts, points=dict(person.contacts.points), bound=store.bound)
    state = state_of(store, fact, replace(person, contacts=contacts), stream or _NOBODY, sender.actor)
    if not stream:
        state.keys = NoKeys()
        fold(state, recalled(store, state, fact.subject), [])
    for link in links:
        as_one(store, state, link, sender)
    take_contacts(store, state, fact, contacts_given(store, state, fact, vouched=sender.vouches, keeps=False))
    return objections_to(state, fact)


def ask_elsewhere(store: Store, name: Subject) -> tuple[UUID, ...]:
    """Return the streams of others on which contact points of a person stand, and about which nothing is settled.

    Raises `UnknownCustomer`.
    """
    stream = store.stream_of(name, store.latest)
    return streams_elsewhere(store, store.person(stream)) if stream else ()


def _expect(expected: int | None, record: Record | None, stream: UUID | None) -> None:
    """Raise `VersionConflict` where the sender expects the stream at another version; a new one is at version 0."""
    if expected is not None and expected != (actual := record.version_of(stream) if record and stream else 0):
        raise VersionConflict(expected=expected, actual=actual)


def _expect_person(store: Store, expected: int | None, known: UUID | None) -> None:
    if expected is not None:
        _expect(expected, store.person(known) if known else None, known)


def _other_record(store: Store, fact: Fact, sender: Sender) -> Company | Visitor:
    if isinstance(fact, CompanyFact):
        record: Company | Visitor = store.company()
    else:
        assert isinstance(fact, VisitorFact), "the contract gives every fact about a browser a subject"
        record = store.visitor(fact.subject)
        check_corrects_no_refusal(store, fact, record, sender)
    check_other_correction(store, fact, record)
    return record


def _last_time(person: Customer, erased: datetime) -> datetime:
    """Return until when a person's names were theirs: what happened later than the erasure and was told before it."""
    return max(erased, person.last_told or erased)


def _owed(state: State) -> list[Suppression]:
    """Return what must not be forgotten with a person."""
    owed = owed_at(state.judge, state.customer, LAST)
    return [Suppression(what, one.since.at) for what, one in owed.items()]


def _in_future() -> TimeInFuture:
    return TimeInFuture(
        "The fact was not stored.",
        "its time lies in the future, beyond the tolerance for clocks that differ.",
        "Send a fact when it has happened, and check the sender's clock and time zone.",
    )
