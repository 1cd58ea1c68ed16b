"""Names of events in documents: the fact's source and id as sent, where that is known, and else the position.

Events name each other by position. A document holds such a position as a `Named`, apart from plain numbers, until
`named` puts the name in its place. All of a document's names are looked up at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

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


class NamedIfKnown(int):
    """The position of an event on somebody else's stream, which a list shows by name, or leaves out."""

    __slots__ = ()


class Recorded(int):
    """The position of an event of which a document shows when it was told; None where nothing says when."""

    __slots__ = ()


class Written(NamedTuple):
    """A part of a document that `write` makes of `content` once that has its names."""

    content: Any
    write: Callable[[Any], Any]

    def written(self) -> Any:  # noqa: ANN401 - any JSON
        """Return what is made of content that holds no position."""
        return self.write(self.content)


class Shared(NamedTuple):
    """A part of a document that stands in several places of it: its names are put in once."""

    content: Any


def by_name(positions: Iterable[int | str]) -> list[Named | str]:
    """Return positions to be shown by name. A text is shown as it is."""
    return [one if isinstance(one, str) else Named(one) for one in positions]


def named(document: Any, names: Names | None = None, times: Times | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Return a document with each `Named` as the name of its event; without `names`, by position.

    Without `times` nothing says when a fact was told.
    """
    positions: set[int] = set()
    recorded: set[int] = set()
    _collect(document, positions, recorded, set())
    known = names(positions) if names and positions else {}
    return _Naming(known, times(recorded) if times and recorded else {}).replaced(document)


def names_events(document: object) -> bool:
    """Return whether a document holds a `Named`."""
    positions: set[int] = set()
    _collect(document, positions, set(), set())
    return bool(positions)


# Most of a document is plain; what is plain holds no position, and is not looked into.
PLAIN: Final = frozenset({str, int, bool, type(None)})


def _collect(value: Any, into: set[int], recorded: set[int], seen: set[int]) -> None:  # noqa: ANN401 - any JSON
    kind = type(value)
    if kind is Shared:
        if id(value) not in seen:
            seen.add(id(value))
            _collect(value.content, into, recorded, seen)
    elif kind is Written:
        _collect(value.content, into, recorded, seen)
    elif kind is Recorded:
        recorded.add(int(value))
    elif kind is Named or kind is NamedIfKnown:
        into.add(int(value))
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            if type(one) is Named:  # Lists of events are most of what is looked into.
                into.add(int(one))
            elif type(one) not in PLAIN:
                _collect(one, into, recorded, seen)


class _Naming:
    """Puts names and times in the place of positions."""

    def __init__(self, names: Mapping[int, str], times: Mapping[int, str]) -> None:
        self._names, self._times = names, times
        self._shared: dict[int, Any] = {}

    def replaced(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return a part of a document with the names and times in their places."""
        kind = type(value)
        if kind is dict:
            return {key: one if type(one) in PLAIN else self.replaced(one) for key, one in value.items()}
        if kind is Named:
            return self._name(value)
        if kind is Shared:
            if id(value) not in self._shared:
                self._shared[id(value)] = self.replaced(value.content)
            return self._shared[id(value)]
        if kind is Written:
            return value.write(self.replaced(value.content))
        if kind is Recorded:
            return self._times.get(value)
        if isinstance(value, list | tuple):
            return [
                one if type(one) in PLAIN else self._name(one) if type(one) is Named else self.replaced(one)
                for one in value
                if type(one) is not NamedIfKnown or one in self._names
            ]
        return self._names[value] if kind is NamedIfKnown else value

    def _name(self, position: Named) -> str:
        return self._names.get(position) or place_name(position)
