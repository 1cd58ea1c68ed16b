"""Write text that somebody typed on a page, safely.

The text is escaped. A character that is invisible, or that changes the direction of text, is replaced by its number in
a box (U+202E), a run of one by its number and length. Text that is not plain ASCII gets an element of its own
direction, so that it moves nothing beside it. Line breaks and tabs stay. Nothing is cut.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Undefined
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Line breaks, tabs, and the joiners that Persian names and composed emoji need."""
_STACKED_MAX: Final = 4
"""How many marks one letter may carry; no script needs more, and more would cover the lines above."""


def safe(text: str) -> Markup:
    """Return a text as markup that shows it."""
    if text.isascii() and text.isprintable():
        return escape(text)
    return Markup("<bdi>{}</bdi>").format(Markup("").join(_pieces(text)))


def finalized(value: Any) -> Markup:  # noqa: ANN401 - whatever a template puts out
    """Return every value that a template writes as safe markup, unless it is markup already.

    Raises `UndefinedError` for a missing name, and TypeError for a value that is neither text nor a whole number: a
    page that says None or False would be a mistake.
    """
    if isinstance(value, Markup):
        return value
    if isinstance(value, Undefined):
        return escape(str(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = f"a page cannot show a value of type {type(value).__name__}"
        raise TypeError(message)
    return safe(str(value))


def _pieces(text: str) -> Iterator[Markup]:
    """Yield runs of visible characters, and for each run of an invisible one its number and length."""
    for unseen, run in groupby(_marked(text), key=itemgetter(1)):
        characters = [character for character, _ in run]
        if not unseen:
            yield escape("".join(characters))
            continue
        often = f" \u00d7 {len(characters)}" if len(characters) > 1 else ""
        yield Markup('<span class="unseen">{}{}</span>').format(unseen, often)


def _marked(text: str) -> Iterator[tuple[str, str]]:
    """Yield each character with an empty text, or with its number if it must not be shown as it is."""
    stacked = 0
    for character in text:
        category = unicodedata.category(character)
        stacked = stacked + 1 if category in {"Mn", "Me"} else 0
        shows = character.isprintable() or character in _KEPT or category == "Zs"
        yield character, "" if shows and stacked <= _STACKED_MAX else f"U+{ord(character):04X}"
