"""Rows of the log in PostgreSQL's binary COPY format. Written by hand: a large batch spends most of its time here.

The bytes are what COPY … (FORMAT BINARY) reads (PostgreSQL documentation, "COPY", Binary Format):

    header    50 47 43 4f 50 59 0a ff 0d 0a 00   flags 00000000   extension length 00000000
    row       field count (2 bytes), then each field: its length (4 bytes; ffffffff for NULL) and its bytes
    trailer   ff ff

Integers are big-endian; a timestamptz is microseconds since 2000-01-01T00:00:00Z; jsonb is the byte 01 and its text.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from domain.canonical import microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.postgres.rows import EventRow

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH: Final = microseconds(datetime(2000, 1, 1, tzinfo=UTC))
_START: Final = struct.Struct(">hiqi16siq").pack
_TIMES: Final = struct.Struct(">iqiq").pack
_SIZE: Final = struct.Struct(">i").pack
_PART: Final = struct.Struct(">ii").pack
_COLUMNS: Final = 13


def copy_bytes(rows: Sequence[EventRow], *, base: int, recorded_at: datetime) -> bytes:
    """Return the whole stream for these rows, at the positions after `base`, in the column order of `EventRow`."""
    recorded = microseconds(recorded_at) - _EPOCH
    parts = [_HEADER]
    for position, row in enumerate(rows, base + 1):
        data = row[10].encode()
        parts += (
            _START(_COLUMNS, 8, position, 16, row[1].bytes, 8, row[2]),
            _text(row[3]),
            _TIMES(8, microseconds(row[4]) - _EPOCH, 8, recorded),
            _text(row[6]),
            _text(row[7]),
            _PART(4, row[8]),
            _text(row[9]),
            _SIZE(len(data) + 1),
            b"\x01",
            data,
            _NULL if row[11] is None else _SIZE(len(row[11])) + row[11],
            _NULL if row[12] is None else _SIZE(len(row[12])) + row[12],
        )
    parts.append(_TRAILER)
    return b"".join(parts)


def _text(text: str) -> bytes:
    data = text.encode()
    return _SIZE(len(data)) + data
