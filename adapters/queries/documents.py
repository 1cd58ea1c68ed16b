"""Values and records as JSON has them."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from domain.naming import Named
from domain.times import rfc3339


def plain(value: Any) -> Any:  # noqa: ANN401 - any value, and its JSON
    """Return a value as JSON has it: times as RFC 3339, ids as texts, a named tuple as an object."""
    match value:
        case Named():
            return value
        case datetime():
            return rfc3339(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case tuple() if hasattr(value, "_asdict"):
            return {name: plain(one) for name, one in value._asdict().items()}
        case tuple() | list():
            return [plain(one) for one in value]
        case _:
            return value


def fields(record: object, names: str) -> Any:  # noqa: ANN401 - of the type of the document that it is part of
    """Return fields of a record as an object; `names` are separated by blanks, `key=name` gives a field another key."""
    pairs = (name.partition("=") for name in names.split())
    return {key: plain(getattr(record, name or key)) for key, _, name in pairs}
