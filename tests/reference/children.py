"""Known children: P23."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.reference.history import END
from tests.reference.statuses import first_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.history import History, Line

WITHIN: Final = timedelta(days=30)
"""Of which what is held of a child is erased."""


class Children:
    """What was collected from known children, and whether they were erased in time. Erasures are told last."""

    def __init__(self, history: History, as_of: datetime) -> None:
        self.history = history
        self.as_of = as_of

    def broken_by(self) -> set[str]:
        """Return the collections from known children: "no collection, save a gift"."""
        return {one.name for one in self.history.lines if self._is_of_a_child(one)}

    def status(self) -> str:
        """Return the status of the promise."""
        due = [self.of_age(one) for one in self.history.lines if one.kind == "age_learned"]
        tested = ("broken" if self._is_of_a_child(one) else "kept" for one in self.history.lines if self._is_told(one))
        return first_of([*due, *tested])

    def of_age(self, age: Line) -> str:
        """Return what became of the duty to erase a person whose age was learned: on all of their streams."""
        due = datetime.fromisoformat(age.at) + WITHIN
        erased = [datetime.fromisoformat(one.at) for one in self._erasures(age)]
        if not any(one.kind in {"collection", "correction"} for one in self.history.of(age.subject, END)):
            return "untested"  # Nothing is held of them.
        if any(at <= due for at in erased):
            return "kept"
        if self._is_annulled(age, min([due, *erased])):
            return "untested"
        return "open" if self.as_of <= due and not erased else "broken"

    def _is_of_a_child(self, line: Line) -> bool:
        return self._is_told(line) and line.data["act"] != "gift"

    def _is_told(self, line: Line) -> bool:
        """Return whether a line is a collection about somebody known to be a child."""
        if line.kind != "collection":
            return False
        return any(one.kind == "age_learned" for one in self.history.standing(line).of(line.subject, line.when))

    def _erasures(self, age: Line) -> Iterator[Line]:
        person = self.history.joined(age.subject, END)
        return (one for one in self.history.lines if one.kind == "erasure" and one.subject in person)

    def _is_annulled(self, age: Line, before: datetime) -> bool:
        """Return whether an officer corrected the entry of an age before a time: it ages nobody from then on."""
        return any(
            one.kind == "entry_correction"
            and one.data["entry"]["id"] == age.name
            and one.number > age.number
            and age.at <= one.at
            and datetime.fromisoformat(one.at) < before
            for one in self.history.lines
        )
