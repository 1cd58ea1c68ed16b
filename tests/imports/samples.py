"""Mappings for files of the tests, and what becomes of a file's rows under one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from adapters.imports.catalog import parse_mapping
from adapters.imports.converter import Conversion, Converter
from adapters.imports.interpreter import Interpreter
from adapters.imports.reader import open_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

ORDERS = """kind = "orders"
source = "/import/shop"
[columns]
reference = "number"
email = "mail"
time = "at"
[values]
"user.contact.email" = "mail"
"user.contact.address" = ["street", "town"]
[constants]
collection_point = "checkout"
"""
PEOPLE = """kind = "subscribers"
source = "/import/people"
[columns]
customer = "no"
email = "mail"
time = "at"
[values]
"user.contact.email" = "mail"
[constants]
act = "promotional_request"
collection_point = "form"
"""
LEFT = """kind = "opt_outs"
source = "/import/left"
[columns]
email = "mail"
time = "at"
[constants]
program = "email_marketing"
via = "customer_service"
"""
HEADER = "number,mail,at,street,town\n"
ADA = "1,ada@example.org,2016-05-01T10:00:00Z,1 Quay Lane,Port\n"


def converted(folder: Path, mapping: str, content: str | bytes, at: datetime | None = None) -> list[Conversion]:
    """Take the rows of a file under a mapping."""
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    read = parse_mapping(mapping)
    interpreter = Interpreter(
        read, notice="2016-03-14", at=at, digest=lambda text: hashlib.sha256(text.encode()).hexdigest()[:12]
    )
    with open_table(path, read) as table:
        return [one.parsed() for one in Converter(interpreter).convert(table.rows)]


def facts(found: Sequence[Conversion]) -> list[dict[str, Any]]:
    """Give the facts of rows as dicts."""
    return [json.loads(fact.content()) for one in found for fact in one.facts]


def codes(found: Sequence[Conversion]) -> list[tuple[int, str]]:
    """Give the line and the code of each rejected row."""
    return [(row.line, one.reasons[0].code) for one in found if one.reasons for row in one.rows]
