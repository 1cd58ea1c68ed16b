"""Who was parted from whom: by an unlink, or since one record alone was erased; also who is one person again since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.records.as_joined import joined_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.records import Customer
    from domain.store import Store


class Parted(NamedTuple):
    """A stream that was one person's with another, and was parted from it."""

    stream: UUID
    at: datetime | None
    """When an unlink parted the two; None: one of them was erased alone, and the person went on."""
    by: Customer
    """From whom: the person, or the one with whom they went on."""


def parted_from(store: Store, person: Customer) -> Iterator[Parted]:
    """Yield the streams that were parted from a person, in the order in which they went on.

    What was told of a record that was erased alone stands, as if told before, on the first of the others. Where these
    were parted later, it binds the others from then on.
    """
    parted, alone = person.joins.parted, person.joins.by_erasure
    main: Customer | None = None
    for stream in sorted(parted, key=lambda one: (one not in alone, alone.get(one, 0), str(one))):
        if stream in person.streams:
            continue
        at = None if stream in alone else parted[stream]
        if at is None and left_alone(person, store.person(stream)):
            main = main or store.person(stream)
            if stream not in main.streams and stream not in main.joins.by_erasure:
                at = main.joins.parted.get(stream)
        yield Parted(stream, at, person if at is None or main is None else main)


def left_alone(person: Customer, other: Customer) -> bool:
    """Return whether of two who were parted by the erasure of one alone it was the first that was erased so."""
    return person.erased and not (other.erased and other.erased_by < person.erased_by)


def rejoined(person: Customer) -> Iterator[tuple[Customer, Customer, UUID, datetime]]:
    """Yield two records that an unlink parted and a later link made one again, each pair in both directions.

    Each comes as it stood from the unlink up to that link, with a stream of the second one, and when they were parted.
    """
    parted, joins = person.joins.parted, person.joins
    again = sorted((one for one in parted if one in person.streams and one not in joins.by_erasure), key=str)
    for stream in again:
        at = parted[stream]
        for other in again:
            if parted[other] == at and other not in joins.streams_at(stream, at):
                yield joined_at(person, other, at), joined_at(person, stream, at), stream, at
