"""Numbers that were given up and used again: who is meant by a name when, and by what the next one is met.

An end counts for what is both later in time and told later; until then a name leads to whom it led.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.reference.grounds import Grounds
from tests.reference.history import History
from tests.reference.messages import Messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.reference.history import Line


class Renamed:
    """What breaks what, where names lead to one person after another."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.told = sorted(lines, key=lambda one: one.number)
        self.ends = [one for one in self.told if one.kind == "name_ended"]
        self.lived = [replace(one, subject=f"{one.subject}/{self.life(one)}") for one in self.told]
        for name in sorted({one.subject for one in self.ends}):
            for life, end in enumerate(one for one in self.ends if one.subject == name):
                # "Whoever is named so next is met by what the last was owed."
                owed = list(self._owed(f"{name}/{life}", end))
                self.lived += [replace(one, subject=f"{name}/{life + 1}") for one in owed]
        history = History(self.lived)
        self.messages, self.grounds = Messages(history), Grounds(history)

    def life(self, line: Line) -> int:
        """Return how often a name had been given up for a fact: "by their `time`, to whom the name led then"."""
        return sum(one.subject == line.subject and one.at < line.at and one.number < line.number for one in self.ends)

    def statements(self) -> dict[str, dict[str, str]]:
        """Return what each message and use breaks, or leaves undecided."""
        messages = {one.name: self.messages.broken_by(one) for one in self.lived if one.kind == "message"}
        return messages | {one.name: self.grounds.broken_by(one) for one in self.lived if one.kind == "use"}

    def to_retell(self, end: Line) -> set[str]:
        """Return "facts already told with later times", which "are listed, to be annulled and retold"."""
        told = (one for one in self.told if one.subject == end.subject and one.number < end.number)
        return {one.name for one in told if one.at > end.at}

    def _owed(self, name: str, end: Line) -> Iterator[Line]:
        """Yield what the last one was owed when the name was given up."""
        messages = Messages(History(self.lived))
        for one in messages.opt_outs:
            if one.subject == name and not any(messages.asked(name, one.data["program"], one.when, end.when)):
                yield one
