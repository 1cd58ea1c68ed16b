"""The reference: a slow second reading of the wire contract, written from it alone. It shares no code with `domain`.

Here: lines of a trace, who they are about, in which order they are read, and whose addresses they give.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EMAIL: Final = "user.contact.email"
POST: Final = "user.contact.address"
ORDER_AT_ONE_INSTANT: Final = (
    (
        *("policy_published", "notice_posted", "notice_removed", "collection_point_registered"),
        *("collection_point_closed", "security_attested", "site_reviewed", "incident"),
        *("recipient_registered", "recipient_ended", "purpose_registered", "aggregate_released"),
    ),
    ("link",),
    ("collection", "correction", "enrollment", "opt_out_offer"),
    (
        *("opt_out", "objection", "age_learned", "order_cancelled", "order_completed"),
        *("cookies_refused", "signal"),
    ),
    ("use", "share", "message", "record_read", "cookie_set", "analytics_forwarded", "identifier_linked"),
    ("access_request", "correction_request", "erasure_request"),
    ("identity_verification", "contact_confirmed"),
    ("access_report_issued", "correction_declined", "request_denied", "request_withdrawn"),
    ("entry_correction", "unlink", "name_ended"),
    ("erasure",),
)
ANSWERS: Final = ORDER_AT_ONE_INSTANT.index(
    ("access_report_issued", "correction_declined", "request_denied", "request_withdrawn")
)
LINKS: Final = ORDER_AT_ONE_INSTANT.index(("link",))
When = tuple[str, int, float]
END: Final[When] = ("9999", 0, inf)
"""After all that is told."""


@dataclass(frozen=True)
class Line:
    """A fact: its line, when it was, of which type, about whom, and what it says."""

    number: int
    at: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    name: str = ""
    """Its id, by which a correction names it."""

    @property
    def when(self) -> When:
        """Its place in history: time, the order at one instant, the line."""
        turn = next(place for place, kinds in enumerate(ORDER_AT_ONE_INSTANT) if self.kind in kinds)
        return self.at, turn, self.number

    @property
    def as_answer(self) -> When:
        """The place of what it answers: the value that a correction puts right was given before."""
        return self.at, ANSWERS, self.number


class History:
    """All lines, and what they say of names, links and addresses."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = sorted(lines, key=lambda one: one.when)
        self.links: list[tuple[When, str, str]] = []
        self.unlinks = self.of_kind("unlink")
        linked: set[str] = set()
        for one in sorted(self.lines, key=lambda one: one.number):
            # "A contact name's stream links to one person, a second link goes to the officer." By telling.
            for other in self.linked_with(one):
                ends = {one.subject, other}
                contacts = {end for end in ends if end.startswith("email:")}
                if len(ends) < 2 or contacts & linked:
                    continue
                linked |= contacts
                # At one instant, links come before all that is done: the short form is a link, whatever its fact is.
                self.links.append(((one.at, LINKS, one.number), one.subject, other))

    def of_kind(self, kind: str) -> list[Line]:
        """Return the lines of one type."""
        return [one for one in self.lines if one.kind == kind]

    def linked_with(self, line: Line) -> list[str]:
        """Return with which names a line links its person: by the fact `link`, or "`also` …, which is short for it"."""
        if line.kind == "link":
            return [line.data["with"]]
        return [one["name"] for one in line.data.get("also", ()) if isinstance(one, dict) and one.get("verified")]

    def standing(self, line: Line) -> History:
        """Return the history without the entries that were corrected before a fact, in time and in telling."""
        told = [one for one in self.lines if one.kind == "entry_correction"]
        wrong = {one.data["entry"]["id"] for one in told if one.at < line.at and one.number < line.number}
        return History(one for one in self.lines if one.name not in wrong) if wrong else self

    def joined(self, name: str, until: When, *, undone: Iterable[Line] | None = None) -> frozenset[str]:
        """Return the names that are one person's at a moment: links join from their own time on.

        Undoings go by telling: of a moment told at a line, those count that are earlier in time and told before it.
        `undone`: those that count instead.
        """
        if undone is None:
            undone = [one for one in self.unlinks if one.when <= until and one.number < until[2]]
        steps = [(when, one, other, False) for when, one, other in self.links if when <= until]
        steps += [(one.when, one.subject, one.data["with"], True) for one in undone]
        found: dict[str, frozenset[str]] = {}
        for _, one, other, is_unlink in sorted(steps, key=lambda step: step[0]):
            first, second = found.get(one, frozenset({one})), found.get(other, frozenset({other}))
            if not is_unlink:
                found |= dict.fromkeys(first | second, first | second)
            elif first == second:
                # "`unlink` parts streams": the one to which the other name leads leaves the rest.
                found |= dict.fromkeys(first - {other}, first - {other}) | {other: frozenset({other})}
        return found.get(name, frozenset({name}))

    def of(self, name: str, until: When, linked: When | None = None) -> list[Line]:
        """Return what had happened to a person before a moment, on all of their streams, by time.

        `linked`: on the streams that are one person's then. After a link, both histories are "merged by time".
        """
        names = self.joined(name, linked or until)
        return [one for one in self.lines if one.subject in names and one.when < until]

    def people(self, until: When) -> Iterator[frozenset[str]]:
        """Yield everybody of whom anything had been told by a moment."""
        seen: set[str] = set()
        for one in self.lines:
            if one.when < until and one.subject not in seen:
                person = self.joined(one.subject, until)
                seen |= person
                yield person

    def given(self, line: Line) -> list[str]:
        """Return the e-mail addresses that a line puts on the record of whom it is about."""
        if line.kind == "collection":
            address = line.data["values"].get(EMAIL)
            return [address] if address else []
        return []

    def on_record(self, names: Iterable[str], until: When) -> list[tuple[When, str]]:
        """Return the addresses on a person's record before a moment, with when each was given."""
        names = set(names)
        found = []
        for one in self.lines:
            if one.subject in names and one.when < until:
                found += [(one.when, address) for address in self.given(one)]
        return found

    def current(self, name: str, until: When) -> str | None:
        """Return the address that a person had last given before a moment."""
        found = self.on_record(self.joined(name, until), until)
        return found[-1][1] if found else None

    def current_as_told(self, name: str, line: Line) -> str | None:
        """Return the address that was current for a person at a line's time, of what earlier lines tell."""
        earlier = History(one for one in self.lines if one.number < line.number)
        return earlier.current(name, line.when)
