"""The byte forms of what is hashed, sealed or compared: canonical JSON and the sealed header.

Canonical JSON is UTF-8 without white space, with object keys in code point order, and with integers only, because a
float has several text forms. The sealed header is deterministic CBOR (RFC 8949, section 4.2.1) of one array:

    8a                                       array of 10 items
    68 "pledger1"                            text: format and version
    50 <16 bytes>                            byte string: stream id
    1a <n>                                   unsigned: stream version
    .. "DataCollected.v1"                    text: topic
    1b <n>                                   integer: occurred_at, microseconds since 1970-01-01T00:00:00Z
    .. actor .. source                       text, each
    1a <n>                                   unsigned: which of its fact's events it is, counted from 0
    .. policy                                text
    .. data                                  text: canonical JSON of the coded data

It holds all that is known of an event before it is appended, so it serves as the additional data of its seal.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADER_FORMAT: Final = "pledger1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86_400


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_defaults=True)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    message = f"a {type(value).__name__} has no canonical form"
    raise TypeError(message)


_NOT_FLAT: Final = frozenset({dict, list, float})
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
).encode


def canonical_json(value: object) -> str:
    """Return the canonical JSON text of strings, integers, booleans, None, lists, tuples, dicts, UUIDs and datetimes.

    Raises TypeError on anything else. The types of all events exclude floats; a test checks that.
    """
    return _encode(value)


def canonical_again(text: str) -> str:
    """Return the canonical JSON text of an object that is given as JSON text of any form, such as PostgreSQL's."""
    fields = from_json(text)
    for value in fields.values():
        kind = type(value)
        if kind in _NOT_FLAT and (kind is not list or any(type(one) in _NOT_FLAT for one in value)):
            return canonical_json(fields)
    return canonical_flat_json({name: fields[name] for name in sorted(fields)})


def canonical_flat_json(fields: Mapping[str, object]) -> str:
    """Return the canonical JSON text of fields in order of their names, in a third of the time (measured).

    The values are strings, integers, booleans, members of a `StrEnum`, and tuples of these.
    """
    return to_json(fields).decode()


def microseconds(time: datetime) -> int:
    """Return an aware time as whole microseconds since 1970-01-01T00:00:00Z."""
    since = time - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * 1_000_000 + since.microseconds


def sealed_header(  # noqa: PLR0913 - the header is these ten fields, spelled out where it is defined
    *,
    stream: UUID,
    version: int,
    topic: str,
    occurred_at: datetime,
    actor: str,
    source: str,
    part: int,
    policy: str,
    data: str,
) -> bytes:
    """Return the sealed header of an event; `data` is the canonical JSON text of its coded data."""
    # The same bytes as `cbor` makes of the ten items, without looking at the type of each.
    return b"".join(
        (
            _HEADER_START,
            stream.bytes,
            _integer(version),
            _word(topic),
            _integer(microseconds(occurred_at)),
            _word(actor),
            _word(source),
            _integer(part),
            _word(policy),
            _text(data),
        )
    )


def cbor(items: Sequence[Any]) -> bytes:
    """Return deterministic CBOR of one array of text, byte strings, integers and None."""
    parts = [_head(4, len(items))]
    for item in items:
        if item is None:
            parts.append(b"\xf6")
        elif isinstance(item, str):
            parts.append(_text(item))
        elif isinstance(item, bytes):
            parts += (_head(2, len(item)), item)
        elif isinstance(item, int) and not isinstance(item, bool):
            parts.append(_integer(item))
        else:
            message = f"a {type(item).__name__} does not belong in a header"
            raise TypeError(message)
    return b"".join(parts)


def _head(major: int, size: int) -> bytes:
    if size < 24:  # noqa: PLR2004 - RFC 8949, section 3: sizes below 24 stand in the first byte itself
        return bytes((major << 5 | size,))
    if 1 << 32 <= size < 1 << 64:  # As a time is: looked at first.
        return bytes((major << 5 | 27,)) + size.to_bytes(8, "big")
    for code, width in ((24, 1), (25, 2), (26, 4)):
        if size < 1 << (8 * width):
            return bytes((major << 5 | code,)) + size.to_bytes(width, "big")
    message = "an integer of more than 64 bits does not belong in a header"
    raise TypeError(message)


_TEXT_HEADS: Final = tuple(_head(3, size) for size in range(256))


def _text(text: str) -> bytes:
    data = text.encode()
    size = len(data)
    return (_TEXT_HEADS[size] if size < len(_TEXT_HEADS) else _head(3, size)) + data


_word = lru_cache(maxsize=1024)(_text)
"""The same, for texts that stand in many headers."""


def _integer(number: int) -> bytes:
    return _head(0, number) if number >= 0 else _head(1, -1 - number)


_HEADER_START: Final = _head(4, 10) + _text(HEADER_FORMAT) + _head(2, 16)
