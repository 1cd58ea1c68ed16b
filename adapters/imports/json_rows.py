"""The rows of JSON Lines: one object a line, whose keys are the columns.

Promise: a number counts as it is written, true and false as these words, null and what is missing as nothing. Refused:
a line that is no object, and an object or a list where a mapped cell should be.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from adapters.imports.row import Reason, Row, cut_short, plain, unstorable

if TYPE_CHECKING:
    from collections.abc import Sequence


class _NoTextError(Exception):
    """A mapped key, which is named, has a value that is no text."""


def object_row(line: int, text: str, columns: Sequence[str]) -> Row:
    """Give the row that one line states."""
    if problem := cut_short([text]) or unstorable([text]):
        return Row(line, {}, text, problem)
    try:
        told = json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
        if not isinstance(told, dict):
            return Row(line, {}, text, Reason("not_json", "The line is no JSON object."))
        cells = {column: plain(_cell(told, column)) for column in columns}
    except _NoTextError as error:
        return Row(line, {}, text, Reason("not_text", f"{error} holds an object or a list, and not a text."))
    except (ValueError, RecursionError):
        return Row(line, {}, text, Reason("not_json", "The line is not JSON."))
    problem = unstorable(cells.values())
    return Row(line, {} if problem else cells, text, problem)


def _refuse(_: str) -> None:
    """Refuse NaN and infinity, which are no JSON."""
    raise ValueError


def _cell(told: dict[str, Any], column: str) -> str:
    """Give what stands under a key, or under keys inside each other with dots between them."""
    value: Any = told.get(column)
    if value is None and "." in column:
        value = told
        for step in column.split("."):
            value = value.get(step) if isinstance(value, dict) else None
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
    raise _NoTextError(column)
