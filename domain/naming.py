"""Names of events in documents: the fact's source and id as sent, where that is known, and else the position.

Events name each other by position. A document holds such a position as a `Named`, apart from plain numbers, until
`named` puts the name in its place. All of a document's names are looked up at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from domain.events.base import place_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    Names = Callable[[Collection[int]], Mapping[int, str]]
    """Returns the names of the facts of the events at these positions; those without a known name may be missing."""
    Times = Callable[[Collection[int]], Mapping[int, str]]
    """Returns when the events at these positions were told."""


class Named(int):
    """The position of an event that a document shows by name."""

    __slots__ = ()


class Recorded(int):
    """The position of an event of which a document shows when it was told; None where nothing says when."""

    __slots__ = ()


class Written(NamedTuple):
    """A part of a document that `write` makes of `content` once that has its names."""

    content: Any
    write: Callable[[Any], Any]


def by_name(positions: Iterable[int | str]) -> list[Named | str]:
    """Return positions to be shown by name. A text is shown as it is."""
    return [one if isinstance(one, str) else Named(one) for one in positions]


def named(document: Any, names: Names | None = None, times: Times | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Return a document with each `Named` as the name of its event; without `names`, by position.

    Without `times` nothing says when a fact was told.
    """
    positions: set[int] = set()
    recorded: set[int] = set()
    _collect(document, positions, recorded)
    known = names(positions) if names and positions else {}
    return _replaced(document, known, times(recorded) if times and recorded else {})


def names_events(document: object) -> bool:
    """Return whether a document holds a `Named`."""
    positions: set[int] = set()
    _collect(document, positions, set())
    return bool(positions)


def _collect(value: object, into: set[int], recorded: set[int]) -> None:
    if isinstance(value, Named):
        into.add(int(value))
    elif isinstance(value, Recorded):
        recorded.add(int(value))
    elif isinstance(value, Written):
        _collect(value.content, into, recorded)
    elif isinstance(value, dict):
        for one in value.values():
            _collect(one, into, recorded)
    elif isinstance(value, list | tuple):
        for one in value:
            _collect(one, into, recorded)


def _replaced(value: Any, known: Mapping[int, str], times: Mapping[int, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Named):
        return known.get(value) or place_name(value)
    if isinstance(value, Recorded):
        return times.get(value)
    if isinstance(value, Written):
        return value.write(_replaced(value.content, known, times))
    if isinstance(value, dict):
        return {key: _replaced(one, known, times) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(one, known, times) for one in value]
    return value
