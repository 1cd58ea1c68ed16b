"""What the annotation of an event's field says of its values."""

from __future__ import annotations

from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin


def is_annotated(kind: str, hint: object) -> bool:
    """Return whether an annotation says that a field is of a kind, such as sealed."""
    return get_origin(hint) is Annotated and kind in get_args(hint)


def holds_plain(hint: Any) -> bool:  # noqa: ANN401 - the type of a field
    """Return whether values of a type are texts, integers, booleans, None, or tuples of these."""
    if get_origin(hint) is Annotated:
        return holds_plain(get_args(hint)[0])
    if parts := get_args(hint):
        is_known = get_origin(hint) in {tuple, UnionType}
        return is_known and all(part is Ellipsis or holds_plain(part) for part in parts)
    return isinstance(hint, type) and (hint in {str, int, bool, NoneType} or issubclass(hint, StrEnum))


def is_code(hint: Any) -> bool:  # noqa: ANN401 - the type of a field
    """Return whether values of a type are members of a `StrEnum`, or None."""
    parts = [part for part in get_args(hint) if part is not NoneType] or [hint]
    return all(isinstance(part, type) and issubclass(part, StrEnum) for part in parts)
