"""The messages and shares in a ledger, with the keys by which the rows of a file can match them.

The log is read up to a position: the acts of a period, and those that the rows name. Of messages their ids are opened,
because each is sealed under its person's own key.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.postgres.queries import query
from adapters.reconciliation.addressees import Addressee, Addressees
from adapters.reconciliation.mapping import ROLE
from adapters.reconciliation.matching import KeyedAct, RecordedAct
from domain.events.customer import MessageSent
from domain.records.contacts import KIND_OF_PROGRAM
from domain.records.customer import LAST
from domain.rules.common.programs import marketing_program
from domain.vocabulary import PROGRAM_OF_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from adapters.reconciliation.mapping import ReconciliationMapping
    from adapters.reconciliation.parsed_rows import ParsedRow
    from adapters.reconciliation.people import People
    from domain.records.company import Company
    from domain.vocabulary import Channel


class TimeSpan(NamedTuple):
    """A stretch of time, with both its ends."""

    low: datetime
    high: datetime

    def has(self, at: datetime) -> bool:
        """Return whether a time lies in it."""
        return self.low <= at <= self.high


EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)
NEVER: Final = TimeSpan(LATEST, EARLIEST)
"""A period without any time in it."""


class RecordedMessage(NamedTuple):
    """A message in the ledger, with its message id; that of an erased person is not known.

    `is_said`: its fact says where it went.
    """

    message_id: str | None
    act: RecordedAct
    is_said: bool = False


def messages(
    people: People, mapping: ReconciliationMapping, channel: Channel, period: TimeSpan, ids: Iterable[str]
) -> list[RecordedMessage]:
    """Return the messages by a channel: those of a period, and those with one of these ids."""
    wanted = set(ids)
    sent = [
        event
        for event in people.opened("reconcile_messages", channel=channel)
        if isinstance(event, MessageSent) and (period.has(event.occurred_at) or event.message_id in wanted)
    ]
    kind = KIND_OF_PROGRAM[PROGRAM_OF_CHANNEL[channel]]
    addressees = Addressees(people, kind, (event.originator_id for event in sent)) if kind else None
    return [_recorded(people, mapping, event, addressees.of(event) if addressees else Addressee()) for event in sent]


def _recorded(
    people: People, mapping: ReconciliationMapping, event: MessageSent, addressee: Addressee
) -> RecordedMessage:
    program = marketing_program(event)
    act = RecordedAct(
        event.moment.position,
        event.fact_position,
        people.person(event.originator_id),
        event.occurred_at,
        _agrees(mapping.constants.purpose, event.purpose) and _agrees(mapping.constants.program, program),
        addressee.digest,
    )
    return RecordedMessage(event.message_id, act, addressee.is_said)


def with_unique_ids(found: Sequence[RecordedMessage]) -> list[KeyedAct]:
    """Return the messages whose id no other message has, with that id as their key."""
    often = Counter(one.message_id for one in found if one.message_id is not None)
    return [KeyedAct((one.message_id,), one.act) for one in found if one.message_id and often[one.message_id] == 1]


def recipients(company: Company, mapping: ReconciliationMapping, rows: Iterable[ParsedRow]) -> list[str]:
    """Return the recipients whose shares a file should show: its own, or all of its role and all that it names."""
    if mapping.constants.recipient is not None:
        return [mapping.constants.recipient]
    role = ROLE[mapping.kind]
    entries_of = company.standing(LAST).recipients
    registered = {name for name, entries in entries_of.items() if any(role in one.roles for one in entries)}
    return sorted(registered | {row.recipient for row in rows if row.recipient is not None})


def shares(people: People, to: Sequence[str], period: TimeSpan, persons: Iterable[UUID]) -> list[KeyedAct]:
    """Return the shares with these recipients: those of a period, and those of these persons.

    The keys of a share are its person and recipient, with or without the reference of an order: the one that it names,
    or else those of the collections that it relies on.
    """
    streams = [each for person in set(persons) for each in people.streams(person)]
    wanted = {"position": people.position, "recipients": list(to), **period._asdict(), "streams": streams}
    rows = people.connection.execute(query("reconcile_shares"), wanted).fetchall()
    unnamed = {stream for _, stream, _, _, _, code, _ in rows if code is None}
    relied = _codes(people, unnamed)
    found = []
    for position, stream, at, fact, recipient, code, relies_on in rows:
        codes = [code] if code is not None else [relied[one] for one in relies_on or () if one in relied]
        person = people.person(stream)
        keys: list[tuple[UUID, str | None, str | None]] = [(person, recipient, None), (person, None, None)]
        for one in dict.fromkeys(codes):
            keys += [(person, recipient, one), (person, None, one)]
        found.append(KeyedAct(tuple(keys), RecordedAct(position, fact, person, at, is_expected=True)))
    return found


def share_keys(
    people: People, row: ParsedRow, persons: Sequence[UUID]
) -> tuple[tuple[UUID, str | None, str | None], ...]:
    """Return the keys by which a row matches a share."""
    if row.reference is None:
        return tuple((person, row.recipient, None) for person in persons)
    return tuple(
        (person, row.recipient, code) for person in persons for code in sorted(people.codes(person, row.reference))
    )


def corrections(people: People) -> Mapping[int, int]:
    """Return the facts that were declared wrong, each with the fact that says so, by position."""
    return dict(people.connection.execute(query("reconcile_corrections"), {"position": people.position}).fetchall())


def _codes(people: People, streams: Iterable[UUID]) -> Mapping[int, str]:
    joined = sorted({each for stream in streams for each in people.streams(stream)})
    if not joined:
        return {}
    wanted = {"position": people.position, "streams": joined}
    return dict(people.connection.execute(query("reconcile_collections"), wanted).fetchall())


def _agrees(wanted: str | None, found: str | None) -> bool:
    return wanted is None or wanted == found
