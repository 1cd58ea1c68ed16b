"""The particulars of statements: moved to other histories of the same signature, and as JSON.

A time that is a moment of the person's own events is another one in another history, and so is a fact or a reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from domain.moments import Moment, Turn
from domain.naming import Named, Recorded
from domain.rules.common.particulars import Particulars, Reference
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.audit.tally import Detail


class Summary(Protocol):
    """As much of an event as a particular is found by."""

    @property
    def at(self) -> datetime:
        """When it happened."""
        ...

    @property
    def fact(self) -> int:
        """The position of its fact's first event."""
        ...

    @property
    def reference(self) -> str | None:
        """The code of its reference."""
        ...


class _At(NamedTuple):
    """A particular of a history's own, by the place of its event; `kind` is how it is given."""

    kind: type[Named | Recorded | Moment | Reference]
    place: int


def moved(given: Particulars, facts: Mapping[int, int]) -> Particulars:
    """Return particulars with each fact by the position of its first event."""
    return tuple((name, _moved(value, facts)) for name, value in given)


def _moved(value: object, facts: Mapping[int, int]) -> object:
    match value:
        case Named():
            return Named(facts.get(value, value))
        case Moment() | Reference():
            return value._replace(position=facts.get(value.position, value.position))
        case _:
            return value


def placed(
    details: Iterable[Detail], history: Sequence[Summary], places: Mapping[int, int]
) -> tuple[Detail, ...] | None:
    """Return details by places in a history, for others of its signature; None: they hold for this one alone."""
    found = []
    for one in details:
        given = []
        for name, value in one.particulars:
            known = _placed(value, history, places)
            if known is None:
                return None
            given.append((name, known))
        found.append(one._replace(particulars=tuple(given)))
    return tuple(found)


def _placed(value: object, history: Sequence[Summary], places: Mapping[int, int]) -> object | None:
    """Return a value by its place; None: it is of this history alone. What the company did is the same for all."""
    if isinstance(value, datetime):
        return None
    if not isinstance(value, Named | Recorded | Moment | Reference):
        return value
    position = int(value) if isinstance(value, int) else value.position
    place = places.get(position)
    if place is None:
        return value if isinstance(value, Moment | Named) else None
    one = history[place]
    is_same = (
        isinstance(value, Named)
        or (isinstance(value, Moment) and value.at == one.at)
        or (isinstance(value, Reference) and value.code == one.reference)
    )
    return _At(type(value), place) if is_same else None


def found_again(details: Iterable[Detail], history: Sequence[Summary]) -> tuple[Detail, ...]:
    """Return details by places as those of another history."""
    return tuple(
        one._replace(particulars=tuple((name, _found_again(value, history)) for name, value in one.particulars))
        for one in details
    )


def _found_again(value: object, history: Sequence[Summary]) -> object:
    if not isinstance(value, _At):
        return value
    one = history[value.place]
    if value.kind is Named:
        return Named(one.fact)
    if value.kind is Moment:
        return Moment(one.at, Turn.ACT, one.fact)
    return Reference(one.reference or "", one.fact)


def as_json(details: Iterable[Detail]) -> dict[str, Any]:
    """Return the particulars of a statement as JSON, with names in place of positions still to come.

    Where two reasons give different values, both are listed.
    """
    found: dict[str, Any] = {}
    for one in details:
        for name, value in one.particulars:
            shown = _json(value)
            if name not in found or found[name] == shown:
                found[name] = shown
            else:
                known = found[name] if isinstance(found[name], list) else [found[name]]
                others = shown if isinstance(shown, list) else [shown]
                found[name] = [*known, *(each for each in others if each not in known)]
    return found


def _json(value: object) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case Moment():
            return rfc3339(value.at)
        case Reference():
            return value.code
        case datetime():
            return rfc3339(value)
        case tuple() | list():
            return [_json(one) for one in value]
        case dict():
            return {key: _json(one) for key, one in value.items()}
        case Named() | Recorded() | bool() | int():
            return value
        case _:
            return str(value)
