"""What is suppressed for a stream, as the judge says from the rows of the table.

The answer is what `Judge.opted_out` and `all_objected_to` give for the record of the stream's person, at the end of the
log or at any position before. The rows of many streams are read at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.events import event_class
from domain.events.links import ContactConfirmed
from domain.events.past_points import HeldBefore
from domain.moments import Moment, Turn
from domain.records.bindings import Binding, bound_when
from domain.records.contacts import Contacts, Named, Point
from domain.records.customer import LAST, Customer
from domain.records.entries import ENROLLED, OPTED_OUT, Change, Held, by_moment, place
from domain.records.objections import all_objected_to
from domain.records.rights import Entry
from domain.suppressed import Objection, bound_by, purpose_of, word_of
from domain.vocabulary import Act, Program
from projections.fragments import with_fragments
from projections.suppression_list.annulled import ANNULLED, CORRECTED, PARTS
from projections.suppression_list.table import UNDER_AGE

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.policy.judge import Judge
    from projections.projection import Connection

CONTACT_POINT: Final = "contact_point"
"""Why somebody is on the list of whom nothing was told but of an address that they have."""

_LINKS: Final = with_fragments("""
SELECT stream_id, position, others FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY position
""")

_ROWS: Final = with_fragments("""
SELECT position, stream_id, suppressed, lifts, because_of, relies_on, occurred_at, NOT told.data ? 'follows'
FROM suppression_list
CROSS JOIN LATERAL (
    SELECT event.data FROM events AS event WHERE event.position = suppression_list.position
) AS told
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
""")

_COLLECTED: Final = with_fragments("""
SELECT position, stream_id, act, occurred_at, reference_code, categories, coalesce(requests, '[]'),
    coalesce(told.data ->> 'alike_code', ''), coalesce(told.data -> 'unread', '[]'),
    coalesce(told.data ->> 'collection_point', ''), told.data ? 'withheld', coalesce(told.data -> 'held_before', '[]')
FROM holdings
CROSS JOIN LATERAL (SELECT event.data FROM events AS event WHERE event.position = holdings.position) AS told
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
    AND what = 'collection'
ORDER BY occurred_at, position
""")

# References that have a code on each of several streams.
_SAME_CODES: Final = with_fragments("""
SELECT position, stream_id, others, same_codes FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
    AND same_codes <> '[]'
ORDER BY position
""")

_POINTS: Final = """
SELECT stream_id, ordinal, kind, digest FROM contact_points WHERE stream_id = ANY (%(streams)s::uuid[])
"""

# Where each contact point was given, for streams on which something binds one.
_GIVEN: Final = with_fragments("""
SELECT position, stream_id, occurred_at, data -> 'contacts', topic, data ->> 'contact' FROM events
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
    AND (data ? 'contacts' OR topic = 'ContactConfirmed.v1')
ORDER BY occurred_at, position
""")

# The kind of the name under which each of them was opened.
_OPENED_AS: Final = """
SELECT stream_id, data ->> 'opened_as' FROM events WHERE stream_id = ANY (%(streams)s::uuid[]) AND version = 1
"""

_BINDINGS: Final = with_fragments("""
SELECT digest, what, is_out, occurred_at, position, by_code, coalesce(annuls, 0), coalesce(source, 0), since,
    coalesce(code::text, '')
FROM contact_bindings
WHERE digest = ANY (%(digests)s::bytea[])
    AND {as_of}
ORDER BY occurred_at, position, is_out
""")


class Suppression(NamedTuple):
    """One entry of the list: a person is out of a program, objects to a purpose, or is under age."""

    person: UUID
    streams: tuple[UUID, ...]
    suppressed: str
    """The program, objection: with the purpose, or under_13."""
    since: datetime
    because_of: str
    """The way by which the person left, objection, age_learned, contact_point for what binds an address of the person,
    or suppression_list for what outlived an erasure."""
    by: int
    """The position of the event behind it; of several opt-outs, the one that began the present state."""


class SuppressionRow(NamedTuple):
    """One row of the table."""

    position: int
    stream: UUID
    suppressed: str
    lifts: bool
    because_of: str
    relies_on: list[int]
    at: datetime
    is_told: bool = True
    """Whether somebody said so; else the ledger made it of an opt-out that was told late."""


class Evidence:
    """What the judge needs to know about some streams, within `limits`, the bounds of a question."""

    def __init__(
        self, connection: Connection, judge: Judge, streams: Iterable[UUID], limits: Mapping[str, Any]
    ) -> None:
        wanted = {**limits, "streams": list(streams)}
        self._judge = judge
        self._links: dict[UUID, list[tuple[int, list[UUID]]]] = defaultdict(list)
        for stream, position, others in connection.execute(_LINKS, wanted).fetchall():
            self._links[stream].append((position, others))
        self._rows: dict[UUID, list[SuppressionRow]] = defaultdict(list)
        rows = [SuppressionRow._make(row) for row in connection.execute(_ROWS, wanted).fetchall()]
        for row in rows:
            self._rows[row.stream].append(row)
        self._collected: dict[UUID, list[Held]] = defaultdict(list)
        collected = connection.execute(_COLLECTED, wanted).fetchall()
        for position, stream, act, at, code, categories, requests, alike, unread, point, withheld, before in collected:
            moment = Moment(at, Turn.GIVEN, position)
            held = Held(moment, Act(act), code, tuple(categories), tuple(requests), point=point, withheld=withheld)
            had = tuple((stream, HeldBefore.model_validate(one)) for one in before)
            held = held._replace(alike=alike, unread=tuple(unread), held_before=had)
            self._collected[stream].append(held)
        self._annulled = connection.execute(ANNULLED, wanted).fetchall()
        self._corrected = connection.execute(CORRECTED, wanted).fetchall()
        facts = [entry for entry, *_ in self._corrected]
        self._parts: dict[int, int] = (
            dict(connection.execute(PARTS, {**wanted, "facts": facts}).fetchall()) if facts else {}
        )
        self._same_codes = connection.execute(_SAME_CODES, wanted).fetchall() if self._links else []
        self._read_contacts(connection, wanted)

    def _read_contacts(self, connection: Connection, wanted: Mapping[str, Any]) -> None:
        """Read the contact points of the streams, and what binds them; where nothing does, no more is needed."""
        self._points: dict[tuple[UUID, int], Point] = {}
        self._opened_as: dict[UUID, str] = {}
        self._bindings: dict[Hashable, list[Binding]] = defaultdict(list)
        self._given: dict[UUID, list[Named]] = defaultdict(list)
        self._confirmed: dict[UUID, list[Named]] = defaultdict(list)
        points = {
            (stream, ordinal): Point(kind, digest)
            for stream, ordinal, kind, digest in connection.execute(_POINTS, wanted).fetchall()
        }
        digests = list({point.key for point in points.values()})
        for digest, what, is_out, at, position, *by in connection.execute(_BINDINGS, {**wanted, "digests": digests}):
            bound = what and bound_by(what)
            when = bound_when(bound, at, position, is_out=is_out, annuls=by[1])
            binding = Binding(bound, when, is_out, *by)
            place(self._bindings[digest], binding)
        bound = {stream for (stream, _), point in points.items() if point.key in self._bindings}
        bound = {other for stream in bound for other in self._ever_linked(stream)}
        if not bound:
            return
        self._points = points
        self._opened_as = dict(connection.execute(_OPENED_AS, {"streams": list(bound)}).fetchall())
        for position, stream, at, ordinals, topic, contact in connection.execute(
            _GIVEN, {**wanted, "streams": list(bound)}
        ):
            moment = Moment(at, event_class(topic).turn, position)
            self._given[stream] += [Named(moment, stream, ordinal) for ordinal in reversed(ordinals or ())]
            if topic == ContactConfirmed.topic:
                self._confirmed[stream].append(Named(moment, stream, int(contact)))

    def _ever_linked(self, stream: UUID) -> set[UUID]:
        """Return all streams that were one person's with this one at any time."""
        found, waiting = {stream}, [stream]
        while waiting:
            others = {other for _, known in self._links[waiting.pop()] for other in known} - found
            found |= others
            waiting += others
        return found

    def streams(self, stream: UUID, upto: int) -> list[UUID]:
        """Return all streams of the person whose stream this was at a position, in ascending order."""
        known = [others for position, others in self._links[stream] if position <= upto]
        return sorted({stream, *(known[-1] if known else ())})

    def suppressions(self, stream: UUID) -> list[Suppression]:
        """Return the entries of the person whose stream this is, at the end of the log."""
        streams = tuple(self.streams(stream, LAST.position))
        found = sorted(self.suppressed(stream, LAST.position).items())
        return [Suppression(streams[0], streams, name, row.at, row.because_of, row.position) for name, row in found]

    def suppressed(self, stream: UUID, upto: int) -> dict[str, SuppressionRow]:
        """Return what was suppressed at a position, by its word, each with the row behind it."""
        streams = self.streams(stream, upto)
        rows = [row for own in streams for row in self._rows[own] if row.position <= upto]
        rows.sort(key=lambda row: (row.at, not row.lifts, row.position))
        changes = [row for row in rows if row.suppressed != UNDER_AGE]
        customer = self._customer(streams, changes, upto)
        by_position = {row.position: row for row in rows}
        found: dict[str, SuppressionRow] = {}
        customer.protections.ages = [
            Moment(row.at, Turn.PROTECTION, row.position) for row in rows if row.suppressed == UNDER_AGE
        ]
        if (since := customer.protections.child_since(LAST)) is not None:
            found[UNDER_AGE] = by_position[since.position]
        for program in Program:
            standing = self._judge.standing(customer, program, LAST)
            opted_out, since = standing.opted_out, standing.out_since
            if since is not None and (opted_out is None or opted_out.is_elsewhere):
                found[program.value] = _of_contact(program.value, stream, since)
            elif opted_out is not None:
                found[program.value] = by_position[opted_out.moment.position]
        for purpose, objected in all_objected_to(customer, LAST).items():
            word, at = word_of(Objection(purpose)), objected.moment
            found[word] = _of_contact(word, stream, at) if objected.is_elsewhere else by_position[at.position]
        return found

    def _customer(self, streams: Sequence[UUID], changes: Iterable[SuppressionRow], upto: int) -> Customer:
        """Return the part of a person's record that the judge reads, from the streams that are linked by then."""
        customer = Customer(person=streams[0])
        for row in changes:
            turn, state = (Turn.GIVEN, ENROLLED) if row.lifts else (Turn.PROTECTION, OPTED_OUT)
            moment = Moment(row.at, turn, row.position)
            if (purpose := purpose_of(row.suppressed)) is not None:
                customer.rights.objections[purpose].append(Entry(moment))
                continue
            relies_on = tuple(row.relies_on)
            change = Change(moment, state, None, None, lawful=True, relies_on=relies_on, is_told=row.is_told)
            customer.programs[Program(row.suppressed)].append(change)
        collected = [held for own in streams for held in self._collected[own] if held.position <= upto]
        for held in sorted(collected, key=by_moment):
            customer.by_act[held.act].append(held)
            customer.by_reference[held.reference].append(held)
            customer.by_position[held.position] = held
        for position, stream, others, pairs in self._same_codes:
            if stream in streams and position <= upto and (not others or not set(streams).isdisjoint(others)):
                for code, into in pairs:
                    customer.unify(code, into)
        self._undo(customer, upto)
        customer.opened_as = {own: kind for own in streams if (kind := self._opened_as.get(own))}
        if self._points:
            customer.contacts = self._contacts_of(streams, upto)
        return customer

    def _undo(self, customer: Customer, upto: int) -> None:
        """Let a record know what was annulled, and what was corrected as a wrong entry."""
        for entry, at, told in self._annulled:
            if told <= upto:
                customer.protections.told[entry] = entry
                customer.protections.annulled.setdefault(entry, []).append(Moment(at, Turn.UNDOING, told))
        customer.corrections.facts = self._parts
        for entry, at, told in self._corrected:
            if told <= upto:
                customer.corrections.told.setdefault(entry, []).append(Moment(at, Turn.UNDOING, told))

    def _contacts_of(self, streams: Sequence[UUID], upto: int) -> Contacts:
        points = {key: point for key, point in self._points.items() if key[0] in streams}
        bound = {
            point.key: known
            for point in points.values()
            if (known := [one for one in self._bindings.get(point.key, ()) if one.moment.position <= upto])
        }
        named = [one for own in streams for one in self._given[own] if one.moment.position <= upto]
        confirmed = [one for own in streams for one in self._confirmed[own] if one.moment.position <= upto]
        return Contacts(points, bound, sorted(named, key=by_moment), sorted(confirmed, key=by_moment))


def _of_contact(suppressed: str, stream: UUID, since: Moment) -> SuppressionRow:
    """Return the row of somebody who is on the list for a contact point that they have."""
    return SuppressionRow(
        since.position, stream, suppressed, lifts=False, because_of=CONTACT_POINT, relies_on=[], at=since.at
    )
