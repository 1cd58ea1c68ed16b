"""Putting what somebody typed on a page.

Promise: text comes out as text. It is escaped; a character that would not show, or that would turn the text around it,
is replaced by its number in a box (U+202E), a run of one by its number and length; what is not plain ASCII stands in an
element of its own direction, so that it moves nothing beside it. Line breaks and tabs stay. Nothing is cut.
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
"""Line breaks and tabs; and the joiners, without which Persian names and composed emoji are misspelt."""
_STACKED_MAX: Final = 4
"""How many marks one letter may carry. Beyond what any script needs, they climb over the lines above."""


def safe(text: str) -> Markup:
    """Give a text as markup that shows it."""
    if text.isascii() and text.isprintable():
        return escape(text)
    return Markup("<bdi>{}</bdi>").format(Markup("").join(_pieces(text)))


def finalized(value: Any) -> Markup:  # noqa: ANN401 - whatever a template puts out
    """Take every value that a template puts out through `safe`, unless it is markup already.

    Raises `UndefinedError` for what is not there, and TypeError for what is neither text nor a whole number: a page
    that says None or False would be a mistake.
    """
    if isinstance(value, Markup):
        return value
    if isinstance(value, Undefined):
        return escape(str(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = f"{type(value).__name__} is nothing that a page can show"
        raise TypeError(message)
    return safe(str(value))


def _pieces(text: str) -> Iterator[Markup]:
    """Give runs of what shows, and runs of one character that does not: its number, and how often it stands there."""
    for unseen, run in groupby(_marked(text), key=itemgetter(1)):
        characters = [character for character, _ in run]
        if not unseen:
            yield escape("".join(characters))
            continue
        often = f" \u00d7 {len(characters)}" if len(characters) > 1 else ""
        yield Markup('<span class="unseen">{}{}</span>').format(unseen, often)


def _marked(text: str) -> Iterator[tuple[str, str]]:
    """Give each character with an empty text, or with its number where it is not to be shown as it is."""
    stacked = 0
    for character in text:
        category = unicodedata.category(character)
        stacked = stacked + 1 if category in {"Mn", "Me"} else 0
        shows = character.isprintable() or character in _KEPT or category == "Zs"
        yield character, "" if shows and stacked <= _STACKED_MAX else f"U+{ord(character):04X}"
