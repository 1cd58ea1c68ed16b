"""What a ledger has on record of messages and shares, with the keys by which the rows of a file can meet it.

Promise: reads the coded log up to a position, of a period and of whatever the rows name besides. Nothing is opened.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.postgres.schema import query
from adapters.reconciliation.mapping import ROLE
from adapters.reconciliation.matching import Met, Recorded
from domain.vocabulary import DIRECT_MARKETING, PROGRAM_OF_CHANNEL, Channel, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping as Names, Sequence
    from uuid import UUID

    from adapters.reconciliation.mapping import Mapping
    from adapters.reconciliation.people import People
    from adapters.reconciliation.rows import Row
    from domain.records.company import Company


class Span(NamedTuple):
    """A stretch of time, both ends in it."""

    low: datetime
    high: datetime

    def has(self, at: datetime) -> bool:
        """Tell whether a time lies in it."""
        return self.low <= at <= self.high


EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)
NEVER: Final = Span(LATEST, EARLIEST)
"""Nothing lies in it."""


class Message(NamedTuple):
    """A message on record, with the id that it bears."""

    message_id: str
    fact: Recorded


def messages(people: People, mapping: Mapping, channel: Channel, span: Span, ids: Iterable[str]) -> list[Message]:
    """Give the messages by a channel: those of a span, and those that bear one of these ids."""
    rows = people.connection.execute(
        query("reconcile_messages"),
        {"position": people.position, "channel": channel, **span._asdict(), "message_ids": list(set(ids))},
    ).fetchall()
    found = []
    for position, stream, at, name, message_id, purpose, program in rows:
        of_program = PROGRAM_OF_CHANNEL[channel] if purpose == DIRECT_MARKETING else program and Program(program)
        is_expected = _agree(mapping.constants.purpose, purpose) and _agree(mapping.constants.program, of_program)
        fact = Recorded(position, name, people.person(stream), at, is_expected)
        found.append(Message(message_id, fact))
    return found


def once(found: Sequence[Message]) -> list[Met]:
    """Give the messages whose id no other bears, by that id."""
    often = Counter(one.message_id for one in found)
    return [Met((one.message_id,), one.fact) for one in found if often[one.message_id] == 1]


def recipients(company: Company, mapping: Mapping, rows: Iterable[Row]) -> list[str]:
    """Give the recipients whose shares a file should show: its own, or all of that role and all that it names."""
    if mapping.constants.recipient is not None:
        return [mapping.constants.recipient]
    role = ROLE[mapping.kind]
    registered = {name for name, entries in company.recipients.items() if any(role in one.roles for one in entries)}
    return sorted(registered | {row.recipient for row in rows if row.recipient is not None})


def shares(people: People, to: Sequence[str], span: Span, persons: Iterable[UUID]) -> list[Met]:
    """Give the shares with these recipients: those of a span, and those of these persons.

    A share can be met by its person, recipient and each reference that it is for (that it names, or else those of the
    collections that it relies on), or by less.
    """
    streams = [each for person in set(persons) for each in people.streams(person)]
    wanted = {"position": people.position, "recipients": list(to), **span._asdict(), "streams": streams}
    rows = people.connection.execute(query("reconcile_shares"), wanted).fetchall()
    unnamed = {stream for _, stream, _, _, _, code, _ in rows if code is None}
    relied = _codes(people, unnamed)
    found = []
    for position, stream, at, name, recipient, code, relies_on in rows:
        codes = [code] if code is not None else [relied[one] for one in relies_on or () if one in relied]
        person = people.person(stream)
        keys: list[tuple[UUID, str | None, str | None]] = [(person, recipient, None), (person, None, None)]
        for one in dict.fromkeys(codes):
            keys += [(person, recipient, one), (person, None, one)]
        found.append(Met(tuple(keys), Recorded(position, name, person, at, is_expected=True)))
    return found


def share_keys(people: People, row: Row, persons: Sequence[UUID]) -> tuple[tuple[UUID, str | None, str | None], ...]:
    """Give the keys by which a row meets a share."""
    if row.reference is None:
        return tuple((person, row.recipient, None) for person in persons)
    return tuple(
        (person, row.recipient, code) for person in persons for code in sorted(people.codes(person, row.reference))
    )


def corrections(people: People) -> Names[str, str]:
    """Give the entries that were declared wrong, each with the fact that says so."""
    return dict(people.connection.execute(query("reconcile_corrections"), {"position": people.position}).fetchall())


def _codes(people: People, streams: Iterable[UUID]) -> Names[str, str]:
    joined = sorted({each for stream in streams for each in people.streams(stream)})
    if not joined:
        return {}
    wanted = {"position": people.position, "streams": joined}
    return dict(people.connection.execute(query("reconcile_collections"), wanted).fetchall())


def _agree(wanted: str | None, found: str | None) -> bool:
    return wanted is None or wanted == found
