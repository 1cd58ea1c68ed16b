"""People who were erased: what was told before, what is told late of them, and what they stay owed: P11, P17, P18, P04.

A name leads to one life after another: an erasure ends one, and "acts when it is told, on all told before". What is
told afterwards about a time up to it is late, and is of no life; what is of a later time is of the next one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.reference.grounds import USES, Grounds
from tests.reference.history import END, History
from tests.reference.messages import Messages
from tests.reference.newsletters import MAIL, Newsletters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.reference.history import Line

JUDGED: Final = {"message", "use"}


class Forgotten:
    """What breaks what, where people who are not linked are erased and come back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        told = sorted(lines, key=lambda one: one.number)
        erased: dict[str, list[Line]] = {}
        until: dict[str, str] = {}
        self.lived: list[Line] = []
        self.late: list[Line] = []
        for one in told:
            ended = erased.setdefault(one.subject, [])
            if one.kind == "erasure":
                ended.append(one)
                # "Until when it was theirs": also what went with the erasure though its time is later.
                of_name = [each.at for each in told if each.subject == one.subject and each.number <= one.number]
                until[one.subject] = max(of_name)
            elif one.at <= until.get(one.subject, ""):
                self.late.append(replace(one, subject=f"{one.subject}/{len(ended) - 1}"))
            else:
                self.lived.append(replace(one, subject=f"{one.subject}/{len(ended)}"))
        for name, ended in erased.items():
            for life in range(len(ended)):
                # "What protects the erased stays owed to their names", and "who returns … lifts it as themselves".
                owed = self._owed(f"{name}/{life}", self._late_of(f"{name}/{life}"))
                self.lived += [replace(one, subject=f"{name}/{life + 1}") for one in owed]
        history = History(self.lived)
        self.messages, self.grounds = Messages(history), Grounds(history)

    def statements(self) -> dict[str, dict[str, str]]:
        """Return what each message and use breaks, or leaves undecided."""
        found = {one.name: self._of_lived(one) for one in self.lived if one.kind in JUDGED}
        return found | {one.name: self._of_late(one) for one in self.late if one.kind in JUDGED}

    def _owed(self, name: str, late: Iterable[Line]) -> list[Line]:
        """Return the opt-outs of a life that were not lifted in it, also late ones: "owed as if told before"."""
        newsletters = Newsletters(History([*self.lived, *late]))
        return [
            one
            for one in newsletters.opt_outs
            if one.subject == name and not any(newsletters.asked(name, one.data["program"], one.when, END))
        ]

    def _late_of(self, name: str) -> list[Line]:
        return [one for one in self.late if one.kind == "opt_out" and one.subject == name]

    def _of_lived(self, line: Line) -> dict[str, str]:
        return self.grounds.broken_by(line) if line.kind == "use" else self.messages.broken_by(line)

    def _of_late(self, line: Line) -> dict[str, str]:
        """Return what is late breaks: "P11 and grounds are `indeterminate` for it, never broken for absence"."""
        if line.kind == "use":
            return dict.fromkeys((promise for limits in USES.values() for promise in limits), "indeterminate")
        late = [one for one in self._late_of(line.subject) if one.number < line.number]
        owed = [one for one in self._owed(line.subject, late) if one.when < line.when]
        is_owed = any(one.data["program"] == MAIL for one in owed)
        return {"P11": "indeterminate", **dict.fromkeys(("P17", "P18"), "broken" if is_owed else "indeterminate")}
