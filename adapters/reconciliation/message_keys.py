"""The keys by which the rows of a log match the messages of a ledger, pass by pass, the surest first.

A row that names an address matches messages to that address, on whosever's record they are. A row whose number leads to
a person matches that person's, and besides only what was told under the address itself, by somebody who knew no number.
An id is proof, so it also finds a message that the ledger believes to have gone elsewhere. A time is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from adapters.reconciliation.matching import KeyedAct, KeyedRow

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from adapters.reconciliation.parsed_rows import ParsedRow
    from adapters.reconciliation.recorded import RecordedMessage
    from adapters.reconciliation.whom import Whom

    Keys = tuple[tuple[Hashable, ...], ...]


class Pass(NamedTuple):
    """One pass of matching. With `at_any_time` its keys are proof, beyond the tolerance as well."""

    rows: list[KeyedRow]
    acts: list[KeyedAct]
    at_any_time: bool


class MessageKeys:
    """The keys of messages and of rows; `by_address`: the messages go to addresses that rows can name."""

    def __init__(
        self,
        found: Sequence[RecordedMessage],
        whom: Mapping[int, Whom],
        known_by_address: set[UUID],
        *,
        by_address: bool,
    ) -> None:
        self._whom = whom
        self._by_address = by_address
        keyed = [(one, self._of_message(one, known_by_address)) for one in found]
        self._by_id = [
            KeyedAct(tuple((one.message_id, *key) for key in keys), one.act) for one, keys in keyed if one.message_id
        ]
        self._by_time = [KeyedAct(keys, one.act) for one, keys in keyed]

    def by_id(self, rows: Iterable[ParsedRow]) -> Iterator[Pass]:
        """Yield the passes by ids."""
        named = [row for row in rows if row.message_id]
        for keys in (self._first, self._further):
            keyed = [KeyedRow(tuple((row.message_id, *key) for key in keys(row)), row) for row in named]
            yield Pass(keyed, self._by_id, at_any_time=True)

    def by_time(self, rows: Iterable[ParsedRow]) -> Iterator[Pass]:
        """Yield the passes by times: rows with a number before rows with an address alone."""
        rows = list(rows)
        for is_led in (True, False):
            keyed = [KeyedRow(self._at_times(row), row) for row in rows if bool(self._whom[row.line].led) == is_led]
            yield Pass(keyed, self._by_time, at_any_time=False)
        keyed = [KeyedRow(self._further(row), row) for row in rows if self._whom[row.line].led]
        yield Pass(keyed, self._by_time, at_any_time=False)

    def _of_message(self, one: RecordedMessage, known_by_address: set[UUID]) -> Keys:
        person, sent_to = one.act.person, one.act.sent_to
        keys: list[tuple[Hashable, ...]] = [("person", person)]
        if not one.is_said:
            keys.append(("unsaid", person))
        elif sent_to:
            keys.append(("said", person, sent_to))
        if sent_to:
            keys.append(("address", sent_to))
            if person in known_by_address:
                keys.append(("address alone", sent_to))
        return tuple(keys)

    def _first(self, row: ParsedRow) -> Keys:
        """Return the keys of what a row names: its person's messages, or those to its address."""
        whom = self._whom[row.line]
        if self._by_address and whom.address and not whom.led:
            return (("address", whom.address),)
        return tuple(("person", person) for person in whom.persons)

    def _further(self, row: ParsedRow) -> Keys:
        """Return the keys of what a row may be about besides."""
        whom = self._whom[row.line]
        if not self._by_address or not whom.address:
            return ()
        if whom.led:
            return (("address alone", whom.address),)
        return tuple(("person", person) for person in whom.persons)

    def _at_times(self, row: ParsedRow) -> Keys:
        """Return the keys for a match by time, which a message that says that it went elsewhere does not have."""
        whom = self._whom[row.line]
        if not self._by_address or not whom.address or not whom.led:
            return self._first(row)
        return (("said", whom.led, whom.address), ("unsaid", whom.led))
