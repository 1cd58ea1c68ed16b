"""What is wrong with a fact, in words: where, why, and the words that would be right; never a value that was sent."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from domain.errors import Problem
from domain.facts.fields import ALSO_FORMS, DIMENSION_FORMS
from domain.facts.patterns import IN_WORDS
from domain.json_text import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    Shapes = Mapping[str, tuple[type[BaseModel], type[BaseModel]]]

_OF_TYPE: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_WORDS_LISTED: Final = 16
"""So many valid words are all given; of more, the nearest."""
_FORMS: Final = frozenset({*ALSO_FORMS, *DIMENSION_FORMS})
_HINTS_MAX: Final = 10
"""So many problems of one fact name the nearest word: looking for it takes a hundred times as long as parsing."""
_COMPARED_MAX: Final = 64
_IN_QUOTES: Final = re.compile(r"'([^']*)'")


def problems_of(error: ValidationError, shapes: Shapes) -> list[Problem]:
    """Return every problem that pydantic found; `shapes` has the models of each type of fact."""
    found_ones = error.errors(include_url=False)
    problems = list[Problem]()
    for found in found_ones:
        kind, place = found["type"], found["loc"]
        # A list whose only items are wrong is not too short besides.
        if kind == "too_short" and any(one["loc"][: len(place)] == place for one in found_ones if one is not found):
            continue
        # The type is what tells facts apart, so pydantic says of the whole fact what is wrong with that field.
        path = ["type"] if kind in _OF_TYPE else [step for step in place if step not in shapes and step not in _FORMS]
        hint = _hint(found, shapes) if len(problems) < _HINTS_MAX else ""
        problems.append(Problem(shown_path(path), _in_words(found) + hint))
    return problems


def _in_words(found: ErrorDetails) -> str:
    message = found["msg"]
    match found["type"]:
        case "string_pattern_mismatch":
            return IN_WORDS[found["ctx"]["pattern"]]
        case "missing" | "union_tag_not_found":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of this fact"
        case "union_tag_invalid":
            return "is not one of the facts of the wire contract"
        case "literal_error" | "enum":
            is_category = "user.payment" in message
            return "is not a fideslang 3 data category under user" if is_category else "is not a valid word"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "is not a JSON object"
        case _:
            return message[:1].lower() + message[1:]


def _hint(found: ErrorDetails, shapes: Shapes) -> str:
    """Return the words that would be right, as the end of a sentence; empty if any would be."""
    context = found.get("ctx", {})
    match found["type"]:
        case "extra_forbidden":
            words, sent = _fields_at(found["loc"][:-1], shapes), found["loc"][-1]
            return _nearest(sent, words, or_all=False)
        case "union_tag_invalid":
            return _nearest(context.get("tag"), list(shapes), or_all=False) or "; the contract lists them"
        case "literal_error" | "enum":
            return _nearest(found["input"], _IN_QUOTES.findall(context["expected"]), or_all=True)
    return ""


def _nearest(sent: Any, words: Sequence[str], *, or_all: bool) -> str:  # noqa: ANN401 - any JSON
    text = sent[:_COMPARED_MAX].lower() if isinstance(sent, str) else ""
    if or_all and len(words) <= _WORDS_LISTED:
        return f"; it is one of {', '.join(words)}" if len(words) > 1 else f"; it is {words[0]}"
    nearest = get_close_matches(text, words, 1) or (get_close_matches(text, words, 1, 0) if or_all else [])
    return f"; the nearest is {nearest[0]}" if nearest else ""


def _fields_at(place: Sequence[str | int], shapes: Shapes) -> list[str]:
    """Return the fields of the object at a place in a fact; the place begins with the fact's type."""
    model: type[BaseModel] | None = shapes[str(place[0])][1]
    for step in place[2:]:
        field = model.model_fields.get(str(step)) if model is not None else None
        model = _model_in(field.annotation) if field is not None else model
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for one in get_args(annotation) if (model := _model_in(one)) is not None), None)
