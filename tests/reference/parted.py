"""People whose link was undone: what goes on protecting each, and what only the link had permitted.

An unlink parts the streams from its own time on, for all that is later in time and told later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.reference.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.reference.history import Line, When

LAST: Final = 10**9
"""A line after all others."""
Said = dict[str, str]


def partings(history: History, name: str, until: When) -> Iterator[tuple[Line, frozenset[str], frozenset[str]]]:
    """Yield the unlinks that parted a name from others by a moment: each with whom it is left with, and the others."""
    told = [one for one in history.unlinks if one.when <= until and one.number < until[2]]
    for place, one in enumerate(told):
        before = history.joined(name, one.when, undone=told[:place])
        after = history.joined(name, one.when, undone=told[: place + 1])
        if before != after:
            yield one, after, before - after


def is_after(line: Line, unlink: Line) -> bool:
    """Return whether an unlink counts for a fact: "acts both later in time and told later"."""
    return line.at > unlink.at and line.number > unlink.number


def without_undone(history: History, line: Line) -> History | None:
    """Return the history without the links that were undone since, in time or in telling; None: none was."""
    before = history.joined(line.subject, line.when)
    for one in history.unlinks:
        if not is_after(line, one) and one.subject in before and one.data["with"] in before:
            ends = {one.subject, one.data["with"]}
            kept = [
                each
                for each in history.lines
                if not (each.kind in {"link", "unlink"} and each.when <= one.when and ends >= {each.subject})
            ]
            return History(kept)
    return None


def left_by_links(history: History, name: str, kind: str, until: When) -> Iterator[tuple[Line, list[Line], list[Line]]]:
    """Yield what protected a person through a link that was undone, and "goes on binding it".

    Each with what was told of both while they were one person, and with what was told of the person alone.
    """
    for unlink, person, others in partings(history, name, until):
        told = [one for one in history.lines if one.when < until and one.subject in person | others]
        both = [one for one in told if not is_after(one, unlink)]
        own = [one for one in told if one.subject in person]
        yield from ((one, both, own) for one in both if one.kind == kind and one.subject in others)


def reports(unlink: Line, history: History) -> set[str]:
    """Return the reports that were issued, as told, while those whom an unlink parts were one person."""
    before = (unlink.at, unlink.when[1], unlink.number - 0.5)
    person = history.joined(unlink.subject, before)
    if unlink.data["with"] not in person:
        return set()
    told = [one for one in history.lines if one.number < unlink.number]
    linked = min(one.number for one in told if one.kind == "link" and {one.subject, one.data["with"]} <= person)
    return {
        one.name for one in told if one.kind == "access_report_issued" and one.subject in person and one.number > linked
    }


def judged(line: Line, history: History, broken_by: Callable[[Line, History], Said]) -> Said:
    """Return what a fact breaks or leaves undecided: "what was permitted only through the link" is undecided."""
    found = broken_by(line, history)
    apart = without_undone(history, line)
    if apart is None:
        return found
    # Of a time after the unlink, and told before it: parted, the person is bound by what the link had left.
    parted = broken_by(replace(line, number=LAST), history)
    return {**dict.fromkeys({**broken_by(line, apart), **parted}, "indeterminate"), **found}
