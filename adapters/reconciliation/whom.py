"""Whom a row is about: names lead to a person, contact points only match."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from adapters.contract import parse_name
from domain.facts.fields import CONTACT_KINDS, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from adapters.reconciliation.parsed_rows import ParsedRow
    from adapters.reconciliation.people import People


class Whom(NamedTuple):
    """The person whom a row's number leads to, and the people on whose records its address stands."""

    led: UUID | None = None
    address: bytes | None = None
    """The digest of the row's address."""
    holders: tuple[UUID, ...] = ()
    ordered: tuple[UUID, ...] = ()
    """Who placed the row's order, or got a gift under it."""

    @property
    def persons(self) -> tuple[UUID, ...]:
        """Everybody whom the row may be about."""
        return tuple(dict.fromkeys((*((self.led,) if self.led else self.holders), *self.ordered)))

    @property
    def person(self) -> UUID | None:
        """The person of the row; None if that is nobody known, or one of several."""
        return self.led or (self.persons[0] if len(self.persons) == 1 else None)


def find_whom(people: People, rows: Iterable[ParsedRow]) -> dict[int, Whom]:
    """Return whom each row is about, by line. The first of its numbers that the ledger knows leads to its person."""
    rows = list(rows)
    names = {row.line: [*row.names, *_as_guest(row)] for row in rows}
    every = {name for several in names.values() for name in several}
    known = people.find(every)
    digests = {name: people.keyring.contact(name) for name in every if name.kind in CONTACT_KINDS}
    holders = people.holders(digests.values())
    return {row.line: _whom(names[row.line], known, digests, _at(row.at, holders)) for row in rows}


def _at(at: datetime, holders: Mapping[bytes, Mapping[UUID, datetime]]) -> dict[bytes, list[UUID]]:
    """Return who has each address at a time."""
    return {digest: [person for person, until in persons.items() if at <= until] for digest, persons in holders.items()}


def _whom(
    names: Sequence[Subject],
    known: Mapping[Subject, UUID],
    digests: Mapping[Subject, bytes],
    holders: Mapping[bytes, Sequence[UUID]],
) -> Whom:
    led = next((known[name] for name in names if name in known and name not in digests), None)
    address = next((name for name in names if name in digests), None)
    if address is None:
        return Whom(led)
    # An address leads only to the stream that was opened under it, if one was.
    opened = (known[address],) if address in known else ()
    return Whom(led, digests[address], tuple(dict.fromkeys((*opened, *holders.get(digests[address], ())))))


def _as_guest(row: ParsedRow) -> Sequence[Subject]:
    """Return the name that a guest has by the order of a row."""
    if row.reference is None:
        return ()
    name = parse_name(f"order:{row.reference}")
    assert isinstance(name, Subject), "a reference is no longer than a name can be"
    return (name,)
