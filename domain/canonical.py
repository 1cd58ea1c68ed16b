"""The one byte form of things that are hashed, sealed or compared: canonical JSON and the sealed header.

Canonical JSON: UTF-8, no white space, object keys in code point order, integers only. Refused: floats, whose text form
is not one. The sealed header is deterministic CBOR (RFC 8949, section 4.2.1) of one array:

    85..8c                                   array of 12 items
    68 "pledger1"                            text: format and version
    50 <16 bytes>                            byte string: stream id
    1a <n>                                   unsigned: stream version
    .. "DataCollected.v1"                    text: topic
    1b <n>                                   integer: occurred_at, microseconds since 1970-01-01T00:00:00Z
    .. actor .. source .. fact id .. policy  text, each
    .. correlation .. causation              text or null (f6)
    .. facts                                 text: canonical JSON of the coded facts

It holds all that is known of an event before it is appended, so it can be the additional data of its seal.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_FORMAT: Final = "pledger1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_defaults=True)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    message = f"a {type(value).__name__} has no canonical form"
    raise TypeError(message)


_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
).encode


def canonical_json(value: object) -> str:
    """Give the canonical JSON text of `value`: strings, integers, booleans, None, lists, tuples, dicts, UUID, datetime."""
    return _encode(value)


def microseconds(time: datetime) -> int:
    """Give an aware time as whole microseconds since 1970-01-01T00:00:00Z."""
    return (time - _EPOCH) // _MICROSECOND


def sealed_header(  # noqa: PLR0913 - the header is these twelve fields, spelled out where it is defined
    *,
    stream: UUID,
    version: int,
    topic: str,
    occurred_at: datetime,
    actor: str,
    source: str,
    fact_id: str,
    policy: str,
    correlation: str | None,
    causation: str | None,
    facts: str,
) -> bytes:
    """Give the sealed header of an event; `facts` is the canonical JSON text of its coded facts."""
    return cbor(
        (
            HEADER_FORMAT,
            stream.bytes,
            version,
            topic,
            microseconds(occurred_at),
            actor,
            source,
            fact_id,
            policy,
            correlation,
            causation,
            facts,
        )
    )


def cbor(items: Sequence[Any]) -> bytes:
    """Give deterministic CBOR of one array of text, byte strings, integers and None."""
    parts = [_head(4, len(items))]
    for item in items:
        if item is None:
            parts.append(b"\xf6")
        elif isinstance(item, str):
            text = item.encode()
            parts += (_head(3, len(text)), text)
        elif isinstance(item, bytes):
            parts += (_head(2, len(item)), item)
        elif isinstance(item, int) and not isinstance(item, bool):
            parts.append(_head(0, item) if item >= 0 else _head(1, -1 - item))
        else:
            message = f"a {type(item).__name__} does not belong in a header"
            raise TypeError(message)
    return b"".join(parts)


def _head(major: int, size: int) -> bytes:
    for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if size < 24:  # noqa: PLR2004 - RFC 8949, section 3: sizes below 24 stand in the first byte itself
            return bytes((major << 5 | size,))
        if size < 1 << (8 * width):
            return bytes((major << 5 | code,)) + size.to_bytes(width, "big")
    message = "an integer of more than 64 bits does not belong in a header"
    raise TypeError(message)
