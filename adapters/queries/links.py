"""The list of possible links, and what is decided about them.

A link that a sender proposed and that was not made waits here for somebody to decide, and so do the people who share a
contact point: two to `SHARED_MOST` of them, for on more records it is shared and says nothing about who is who. A
decision is a fact: `link` joins the two, `link_rejected` keeps them off the list, and a later link by somebody who
vouches joins them all the same. The list is a question to what is on record now. Nobody is named on it but by `id:…`;
the name that was proposed, the method and the evidence are sealed values, for those who may read them.
"""

from __future__ import annotations

from itertools import combinations, islice
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from uuid import UUID, uuid4

from typing_extensions import TypedDict

from adapters.ledger import stream_reader
from adapters.ledger.opening import opened_at
from adapters.own_facts import own_fact
from adapters.postgres.queries import query
from adapters.queries.documents import plain
from domain.errors import PledgerError, UnknownCustomer
from domain.events.links import CustomersUnlinked, LinkProposed, LinkRejected
from domain.facts.fields import Subject
from domain.linking import OFFICER
from domain.stream_ids import parse_stream_id
from projections import people
from projections.at_least import settled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from adapters.bootstrap import Installation
    from adapters.ledger import Receipt
    from projections.projection import Connection

READS: Final = (people.PROJECTION,)
SHARED_MOST: Final = 5
"""On the records of more people than this a contact point is shared, and proposes nothing."""
SOURCE: Final = "/pledger/links"
"""The source of the facts that state such a decision."""
_CHUNK: Final = 500


class LinkNotDecided(PledgerError):
    """A decision about a possible link was not stored."""

    code = "link_not_decided"


class ProposedLink(TypedDict):
    """A link that was proposed and not made. `name`, `method` and `evidence` are null for those who read codes only."""

    position: int
    person: str
    other: str | None
    name: str | None
    because: str
    by: str
    method: str | None
    evidence: str | None
    time: str
    times: int


class SharedContactPoint(TypedDict):
    """A contact point on the records of several people; `position` is that of the event that last gave it to one."""

    position: int
    kind: str
    persons: int
    people: list[str]


class PossibleLinks(TypedDict):
    """What waits for a decision, the oldest first; decided rows are gone, so a list that is not whole moves up."""

    is_all: bool
    proposed: list[ProposedLink]
    contact_points: list[SharedContactPoint]


class LinkDecision(TypedDict):
    """What was decided about two people, and the fact that says so; null: they were one person already.

    `position` is that of the decision's last event, from which on the list knows of it.
    """

    person: str
    other: str
    decided: str
    fact: str | None
    position: int | None


class _Rejected(NamedTuple):
    """The pairs of persons, and of a person and a name, that somebody told apart."""

    persons: set[frozenset[UUID]]
    names: set[tuple[UUID, str]]


def possible_links(
    installation: Installation, connection: Connection, limit: int, *, at_least: int = 0, reveals: bool = True
) -> PossibleLinks:
    """Return what waits for a decision, of each kind at most so many; with `reveals`, sealed values too."""
    settled(connection, READS, at_least=at_least)
    rejected = _rejected(installation, connection)
    proposed = list(islice(_proposed(installation, connection, rejected, reveals=reveals), limit + 1))
    shared = list(islice(_shared(connection, rejected), limit + 1))
    return {
        "is_all": max(len(proposed), len(shared)) <= limit,
        "proposed": proposed[:limit],
        "contact_points": shared[:limit],
    }


def confirm(
    installation: Installation, connection: Connection, pair: tuple[str, str], evidence: str, actor: str
) -> LinkDecision:
    """Link two people, as somebody decided who vouches for it. Raises `UnknownCustomer` and `LinkNotDecided`."""
    person, other, are_one = _pair(installation, connection, pair)
    if are_one:
        return _decision((person, other), "confirmed", None)
    receipt = _stated(installation, "link", (person, other), {"verified": OFFICER, "evidence": evidence}, actor)
    if receipt.not_linked:
        because = receipt.not_linked[0]
        raise LinkNotDecided("The two were not linked.", f"{_WHY[because]}.", "See pledger links, which lists it.")
    return _decision((person, other), "confirmed", receipt)


def reject(
    installation: Installation, connection: Connection, pair: tuple[str, str], reason: str, actor: str
) -> LinkDecision:
    """Put on record that two people are not one, so that nobody is asked again.

    Raises `UnknownCustomer`, and `LinkNotDecided` for two that are one person already.
    """
    person, other, are_one = _pair(installation, connection, pair)
    if are_one:
        raise LinkNotDecided(
            "The two were not told apart.",
            "they are one person already.",
            "Look at the record of either by pledger report id:…, which says by which link they are one.",
        )
    receipt = _stated(installation, "link_rejected", (person, other), {"reason": reason}, actor)
    return _decision((person, other), "rejected", receipt)


_WHY: Final[Mapping[str, str]] = {
    "not_vouched": "the one who decided may not vouch for who somebody is",
    "too_many_streams": "one person would have more records than a person can have",
    "second_person": "the address is linked to one person already",
    "erased": "the person of the other name was erased",
}


def _rejected(installation: Installation, connection: Connection) -> _Rejected:
    positions = [position for (position,) in connection.execute(query("rejected_links")).fetchall()]
    events = [
        event
        for event in opened_at(connection, installation.keyring, positions).values()
        if isinstance(event, LinkRejected | CustomersUnlinked)
    ]
    streams = {stream for event in events for stream in (event.originator_id, *event.others)}
    person_of = people.persons_of(connection, streams)
    apart = _Rejected(set(), set())
    for event in events:
        person = person_of[event.originator_id]
        apart.persons.update(frozenset((person, person_of[other])) for other in event.others)
        if isinstance(event, LinkRejected) and event.name is not None:
            apart.names.add((person, event.name))
    return apart


def _proposed(
    installation: Installation, connection: Connection, rejected: _Rejected, *, reveals: bool
) -> Iterator[ProposedLink]:
    """Yield the proposed links that were neither made since nor rejected; each name once for a person."""
    rows = iter(connection.execute(query("proposed_links")).fetchall())
    seen: set[tuple[UUID, str]] = set()
    while chunk := list(islice(rows, _CHUNK)):
        times = {last: number for _, last, number in chunk}
        opened = opened_at(connection, installation.keyring, list(times))
        events = [event for last in times if isinstance(event := opened[last], LinkProposed)]
        leads_to = _streams_of(installation, connection, (event.name for event in events if event.name))
        person_of = people.persons_of(connection, {event.originator_id for event in events} | set(leads_to.values()))
        for event in events:
            person, name = person_of[event.originator_id], event.name
            if name is None or (person, name) in seen | rejected.names:
                continue
            seen.add((person, name))
            other = person_of[leads_to[name]] if name in leads_to else None
            if person == other or frozenset((person, other)) in rejected.persons:
                continue
            yield cast(
                "ProposedLink",
                {
                    "position": event.position,
                    "person": f"id:{person}",
                    "other": None if other is None else f"id:{other}",
                    "name": name if reveals else None,
                    "because": event.because.value,
                    "by": event.actor,
                    "method": event.method if reveals else None,
                    "evidence": event.evidence if reveals else None,
                    "time": plain(event.occurred_at),
                    "times": times[event.moment.position],
                },
            )


def _shared(connection: Connection, rejected: _Rejected) -> Iterator[SharedContactPoint]:
    """Yield the contact points on which it is undecided whether two of the people who have it are one."""
    wanted = {"most": SHARED_MOST, "position": None, "time": None}
    for kind, position, persons in connection.execute(query("shared_contact_points"), wanted).fetchall():
        if all(frozenset(pair) in rejected.persons for pair in combinations(persons, 2)):
            continue
        yield {
            "position": position,
            "kind": kind,
            "persons": len(persons),
            "people": [f"id:{person}" for person in persons],
        }


def _streams_of(installation: Installation, connection: Connection, names: Iterable[str]) -> dict[str, UUID]:
    """Return the streams that names lead to now, as far as they lead anywhere."""
    found: dict[str, UUID] = {}
    digests: dict[bytes, str] = {}
    for name in names:
        kind, _, value = name.partition(":")
        if kind == "id":
            found[name] = parse_stream_id(value)
        digests[installation.keyring.name(Subject(kind, value))] = name
    for digest, stream in connection.execute(query("names_now"), {"digests": list(digests)}).fetchall():
        found[digests[digest]] = stream
    return found


def _pair(installation: Installation, connection: Connection, pair: tuple[str, str]) -> tuple[str, str, bool]:
    """Return how a fact names two people, and whether they are one. Raises `UnknownCustomer`.

    They go by id, as the list names them; the second by their name where it leads to nobody yet.
    """
    first = _found(installation, connection, pair[0])
    try:
        second = _found(installation, connection, pair[1])
    except UnknownCustomer:
        subject = stream_reader.parse_customer(installation.contract, pair[1])
        if subject.kind == "id":
            raise
        return _id(first), str(subject), False
    return _id(first), _id(second), not set(first).isdisjoint(second)


def _found(installation: Installation, connection: Connection, name: str) -> tuple[UUID, ...]:
    subject = stream_reader.parse_customer(installation.contract, name)
    return stream_reader.find(connection, installation.keyring, subject)


def _id(streams: Collection[UUID]) -> str:
    return f"id:{min(streams)}"


def _stated(
    installation: Installation, word: str, pair: tuple[str, str], data: Mapping[str, str], actor: str
) -> Receipt:
    ledger = installation.ledger
    stated = own_fact(word, SOURCE, str(uuid4()), ledger.now(), {"with": pair[1], **data}, pair[0])
    return ledger.append(ledger.parse(stated), actor=actor)


def _decision(pair: tuple[str, str], decided: str, receipt: Receipt | None) -> LinkDecision:
    return {
        "person": pair[0],
        "other": pair[1],
        "decided": decided,
        "fact": receipt.fact if receipt else None,
        "position": receipt.position if receipt else None,
    }
