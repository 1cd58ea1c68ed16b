"""JSON from outside, read as the wire contract says.

An object that gives a key twice is refused: readers disagree on which of the two counts. So are NaN, infinity and half
a character. The parser is the one that pydantic has inside; pydantic itself does not look for such keys.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from jiter import from_json

from domain.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPEAKABLE: Final = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_.\[\]-]{1,80}")
_TWICE_MAX: Final = 100
"""How many of the keys that are given twice are named."""


class NotJson(ValueError):
    """A text is not JSON; `problems` say where and why, without a value."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class _Pairs(list[tuple[str, Any]]):
    """An object with every key that its text gives."""


def read_json(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what a JSON text in UTF-8 says. Raises `NotJson`."""
    try:
        # Values are not cached: they can be personal. Keys are few, and mostly the same.
        return from_json(text, allow_inf_nan=False, cache_mode="keys", catch_duplicate_keys=True)
    except ValueError:
        pass
    # Raised outside the handler: the parser's error names the key.
    raise NotJson(_problems(text))


def shown_path(path: Iterable[str | int]) -> str:
    """Return a dotted path; a key that could be a name, a number or an address is not repeated."""
    return ".".join(step if _SPEAKABLE.fullmatch(step) else "(a key that is not shown)" for step in map(str, path))


def _problems(text: bytes) -> list[Problem]:
    try:
        from_json(text, allow_inf_nan=False, cache_mode="none")
    except ValueError as error:
        return [Problem("", f"is not valid JSON ({error})")]
    whole = json.loads(text, object_pairs_hook=_Pairs, parse_int=str)  # Python reads no integer of 5,000 digits.
    return [Problem(shown_path(path), "is given twice") for path in islice(_twice(whole), _TWICE_MAX)]


def _twice(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each key that an object gives more than once."""
    if isinstance(value, _Pairs):
        seen: dict[str, bool] = {}
        for key, inner in value:
            if seen.get(key) is False:
                yield (*path, key)
            seen[key] = key in seen
            yield from _twice(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _twice(inner, (*path, place))
