"""Periods as released cells name them, and the counts of several periods that are looked at together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from domain.statistics.dimensions import PERIOD, Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.statistics.cells import Cell
    from domain.statistics.exact import Work

_INSIDE: Final = "inside"
_IN_PERIOD: Final = "\0period "
"""What the name of a period's own dimension begins with; no name in a fact has this character."""


def read_period(text: str) -> Period | None:
    """Read a period as `Period` writes it; None for a text in another form."""
    since, slash, until = text.partition("/")
    try:
        ends = [None if end == ".." else datetime.fromisoformat(end) for end in (since, until)]
    except ValueError:
        return None
    if not slash or any(end is not None and not end.tzinfo for end in ends):
        return None
    return Period(*ends)


def period_of(text: str | None) -> Period:
    """Read a period; none, and one in another form, contain every period, to be safe."""
    return read_period(text or "") or Period()


def contains(wide: Period, narrow: Period) -> bool:
    """Return whether a period contains another, or is the same."""
    begins = wide.since is None or (narrow.since is not None and narrow.since >= wide.since)
    return begins and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))


def by_periods(before: Sequence[Cell], new: Sequence[Cell], work: Work) -> Iterator[tuple[list[Cell], list[Cell]]]:
    """Yield earlier and new cells that are looked at together, some new ones each time.

    A person can be counted in several periods, so periods do not exclude each other as the values of a dimension do.
    Who is counted in a period is counted in each that contains it. Looked at together are cells without a period, those
    of one, and those of one other that contains it or lies in it; each period is a dimension of its own there. What
    follows only from three periods or more, or from two that overlap, is not looked for.
    """
    known = {text: period for cell in (*before, *new) if (text := _text(cell)) and (period := read_period(text))}
    own = {text for text in map(_text, new) if text in known}
    work.take(len(own) * len(known))
    chosen: list[tuple[str, ...]] = []
    for text in sorted(own):
        nested = [
            tuple(sorted((text, other)))
            for other in sorted(known)
            if other != text and (contains(known[text], known[other]) or contains(known[other], known[text]))
        ]
        chosen += nested or [(text,)]
    if any(_text(cell) not in known for cell in new):
        paired = {text for several in chosen for text in several}
        chosen += [(text,) for text in sorted(known) if text not in paired] or ([] if chosen else [()])
    for texts in dict.fromkeys(chosen):
        work.take(len(before) + len(new))
        some = {text: known[text] for text in texts}
        yield _within(before, known, some), _within(new, known, some)


def as_released(cell: Cell) -> Cell:
    """Return a cell that `by_periods` gave as it was released."""
    others = {name: value for name, value in cell.where.items() if not name.startswith(_IN_PERIOD)}
    inside = [name.removeprefix(_IN_PERIOD) for name in cell.where if name.startswith(_IN_PERIOD)]
    for text in inside:
        if all(contains(period_of(other), period_of(text)) for other in inside):
            return cell._replace(where={**others, PERIOD: text})
    return cell


def _text(cell: Cell) -> str | None:
    return cell.where.get(PERIOD)


def _within(cells: Sequence[Cell], known: dict[str, Period], chosen: dict[str, Period]) -> list[Cell]:
    """Return the cells without a period and those of chosen ones, with a dimension for each chosen period."""
    found = []
    for cell in cells:
        text = _text(cell)
        if text is None or text not in known:
            found.append(cell)
        elif text in chosen:
            others = {name: value for name, value in cell.where.items() if name != PERIOD}
            inside = {_IN_PERIOD + name: _INSIDE for name, one in chosen.items() if contains(one, chosen[text])}
            found.append(cell._replace(where={**others, **inside}))
    return found
