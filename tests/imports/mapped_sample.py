"""Mappings for files of the tests, and what becomes of a file's rows under one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from adapters.imports.draft import Terms
from adapters.imports.mapped import Reader, Taken
from adapters.imports.mapping_files import parse_mapping
from adapters.imports.rows import opened

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


def taken(folder: Path, mapping: str, content: str | bytes, at: datetime | None = None) -> list[Taken]:
    """Take the rows of a file under a mapping."""
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    read = parse_mapping(mapping)
    terms = Terms(read, notice="2016-03-14", at=at, digest=lambda text: hashlib.sha256(text.encode()).hexdigest()[:12])
    with opened(path, read) as rows:
        return list(Reader(terms).take(rows.stream))


def facts(found: Sequence[Taken]) -> list[dict[str, Any]]:
    """Return the facts of rows as dicts."""
    return [json.loads(fact.content()) for one in found for fact in one.facts]


def codes(found: Sequence[Taken]) -> list[tuple[int, str]]:
    """Return the line and the code of each rejected row."""
    return [(row.line, one.reason.code) for one in found if one.reason for row in one.rows]
