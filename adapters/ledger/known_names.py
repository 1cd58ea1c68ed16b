"""What the appending side remembers of names and contact points: where they lead, what binds them, what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.postgres.queries import query
from domain.name_spans import Span, only_stream, whole
from domain.records.bindings import Binding, bound_when
from domain.records.contacts import EVER, FOREVER
from domain.records.entries import place
from domain.suppressed import Suppression, bound_by, suppressed_by

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.facts.fields import Subject
    from domain.name_spans import Spans


class KnownNames:
    """The cache of names and contact points."""

    def __init__(self, connection: psycopg.Connection[Any], keyring: Keyring) -> None:
        self.connection = connection
        self.keyring = keyring
        self.names: dict[Subject, UUID] = {}
        self.spans: dict[Subject, Spans] = {}
        """To whom a name led when, for names that were given up; looked up for each batch."""
        self.owed: dict[tuple[bytes, datetime], list[Suppression]] = {}
        """What is owed to the one who has a name after an end of it, by its digest; looked up for each batch."""
        self.bindings: dict[Hashable, list[Binding]] = {}
        """What binds contact points, by digest; all records of people share it. One that nothing binds is not in it."""
        self.looked_up: set[bytes] = set()
        """The contact points of which it is known what binds them."""
        self.gone: dict[bytes, dict[tuple[datetime, UUID], tuple[datetime, bool, datetime | None]]] = {}
        """Until when names and contact points were an erased person's, by digest, as far as looked up.

        With each stand the end after which they were, and the code of the erasure; and whether only a contact point of
        theirs says that the name was theirs, and when that was which was told last under such a name and may permit.
        """
        self.erasures: dict[bytes, int | None] = {}
        """Where the last person of a name was erased, likewise."""

    def fetch(self, name: str, **wanted: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as the driver takes them
        """Run one of the stored queries."""
        return self.connection.execute(query(name), wanted, prepare=True).fetchall()

    def find(self, names: Iterable[Subject]) -> None:
        """Look up names that are not remembered; for one that leads nowhere now, read what its next holder is owed."""
        unknown = {self.keyring.name(name): name for name in names if name not in self.names}
        if not unknown:
            return
        found: dict[bytes, list[Span]] = {}
        rows = self.fetch("names", digests=list(unknown))
        for digest, stream, until, code, after_end, erased_by, *typed in rows:
            if code is not None:
                self.erasures[digest] = max(erased_by or 0, self.erasures.get(digest) or 0) or None
                self.gone.setdefault(digest, {})[after_end or EVER, code] = until, *typed
            else:
                found.setdefault(digest, []).append(Span(until or FOREVER, stream))
        for digest, spans in found.items():
            if (stream := only_stream(spans)) is not None:
                self.names[unknown.pop(digest)] = stream
            else:
                self.spans[unknown[digest]] = whole(spans)
        if unknown:
            # A plan that was given up may have owed more.
            known = {owed: several for owed, several in self.owed.items() if owed[0] not in unknown}
            self.owed = known | self.suppressions(unknown)

    def suppressions(self, digests: Iterable[bytes]) -> dict[tuple[bytes, datetime], list[Suppression]]:
        """Return what is owed to names, by digest, and by the end after which the one who has the name is owed it."""
        owed: dict[tuple[bytes, datetime], list[Suppression]] = {}
        for digest, what, since, after_end, source, ended, said in self.fetch("suppressions", digests=list(digests)):
            one = Suppression(suppressed_by(what), since, source, ended, by_last=said)
            owed.setdefault((digest, after_end or EVER), []).append(one)
        return owed

    def find_bindings(self, digests: Iterable[bytes]) -> None:
        """Look up what binds contact points of which that is not remembered."""
        unknown = set(digests) - self.looked_up
        if unknown:
            rows = self.fetch("contact_bindings", digests=list(unknown))
            for digest, what, is_out, at, position, *more, end, code in rows:
                if code is not None:
                    self.gone.setdefault(digest, {})[end or EVER, code] = at, False, None
                    continue
                bound = what and bound_by(what)
                when = bound_when(bound, at, position, is_out=is_out, annuls=more[1])
                place(self.bindings.setdefault(digest, []), Binding(bound, when, is_out, *more))
            self.looked_up |= unknown

    def look_up_again(self, digests: Iterable[bytes]) -> None:
        """Look up anew what binds contact points, and whether they were an erased person's."""
        known = self.looked_up.intersection(digests)
        for digest in known:
            self.bindings.pop(digest, None)
        self.looked_up -= known
        self.find_bindings(known)

    def drop_bindings(self) -> None:
        """Forget what binds contact points; it is looked up again."""
        self.bindings.clear()
        self.looked_up.clear()
