"""Which names the events of a batch propose as somebody's, or tell apart from them: their digests, to forget them by.

The texts stand in these events, each sealed under a key of its own. When the person of a name is erased, the keys of
what was said of it on other people's streams are destroyed with theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.postgres.queries import query
from domain.events.links import LinkProposed, LinkRejected
from domain.facts.fields import CONTACT_KINDS, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.events import Event


class ProposedNames:
    """The digests of the names that a batch's events propose or tell apart, each with the place of its event."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._rows: list[tuple[bytes, int]] = []

    def __bool__(self) -> bool:
        return bool(self._rows)

    def keep(self, events: Sequence[Event], rows: int) -> None:
        """Keep the names in events that are the batch's rows from the one after `rows` on."""
        for place, event in enumerate(events, rows + 1):
            if isinstance(event, LinkProposed | LinkRejected) and event.name is not None:
                self._rows += [(digest, place) for digest in self._digests(event.name)]

    def insert(self, connection: psycopg.Connection[Any], base: int) -> None:
        """Insert them, as of rows that stand after the position `base`."""
        columns = {
            "digests": [digest for digest, _ in self._rows],
            "positions": [base + place for _, place in self._rows],
        }
        connection.execute(query("insert_proposed_names"), columns)

    def _digests(self, text: str) -> Iterator[bytes]:
        """Yield the digests of a name: one as a name, and one as a contact point where it is one; none of an id."""
        kind, _, value = text.partition(":")
        if kind == "id":
            return
        name = Subject(kind, value)
        yield self._keyring.name(name)
        if kind in CONTACT_KINDS:
            yield self._keyring.contact(name)
