"""The references of streams that become one person's: one that was on several of them has a code on each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from adapters.postgres.mapper import to_event
from domain.events.customer import DataCollected
from domain.events.deletions import DataDeleted
from domain.facts.fields import likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from adapters.keys.keyring import StreamKey
    from adapters.ledger.person import Person
    from adapters.postgres.rows import EventRow
    from domain.events import Event


def own_codes(keys: Sequence[StreamKey], rows: Iterable[EventRow]) -> tuple[tuple[str, str], ...]:
    """Open the references and requests in one stream's rows; return their codes that are under none of these keys.

    The first key is the stream's own. Each code comes with the one under that key.
    """
    found: dict[str, str] = {}
    for row in rows:
        for sent, code in _sent(to_event(row, keys[0].dek)):
            if all(key.code(sent) != code for key in keys):
                found[code] = keys[0].code(sent)
    return tuple(sorted(found.items()))


def same_codes(people: Iterable[Person], rows: Iterable[EventRow]) -> tuple[tuple[str, str], ...]:
    """Open the references and requests in people's rows; return pairs of codes that stand for the same one.

    Each pair is a code and the first, in their order, of its reference.
    """
    person_of = {stream: person for person in people for stream in person.customer.streams}
    codes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        person = person_of[row.stream_id]
        key = person.keys.get(row.stream_id)
        for sent, code in _sent(to_event(row, key.dek)) if key else ():
            codes[sent].add(person.customer.stands_for(code))
    return tuple((code, min(same)) for same in codes.values() for code in sorted(same) if code != min(same))


def _sent(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the references and requests of an opened event, each with its code."""
    for name in ("reference", "request"):
        sent, code = getattr(event, name, None), getattr(event, f"{name}_code", None)
        if sent is not None and code is not None:
            yield sent, code
    if isinstance(event, DataCollected) and event.reference is not None and event.alike_code is not None:
        yield likeness(event.reference), event.alike_code
    if isinstance(event, DataDeleted):
        yield from ((sent, code) for code, sent in (event.references or {}).items() if sent is not None)
