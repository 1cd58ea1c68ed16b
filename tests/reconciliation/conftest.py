"""A ledger with a few people, and `held`: a file held against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from adapters.ledger import Receipt
from adapters.queries.reconciliation import reconciliation
from adapters.reconciliation.mapping import FileKind, read_mapping
from domain.vocabulary import EMAIL
from tests.controls import RECIPIENTS, contest_entry, opt_out, order
from tests.reconciliation.outside_files import ADA, ADAS_ADDRESS, BEA, MAPPINGS, Held, addressed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from adapters.bootstrap import Installation
    from domain.facts import Fact


@pytest.fixture
def tell(installation: Installation) -> Callable[..., None]:
    """Append facts, each of which has to be stored; from the start these people are known.

    Ada entered a contest and ordered twice, and Bea, who is told of under an address, entered a contest and left.
    """

    def append(*facts: Fact) -> None:
        answers = installation.ledger.append_many(facts)
        assert all(isinstance(answer, Receipt) for answer in answers), answers

    append(
        *RECIPIENTS,
        contest_entry(1, subject=ADA, values={EMAIL: addressed(ADAS_ADDRESS)[EMAIL]}),
        order(2, "marked-O-1", subject=ADA, fact_id="o-1", values=addressed(ADAS_ADDRESS)),
        order(3, "marked-O-2", subject=ADA, fact_id="o-2", values=addressed(ADAS_ADDRESS)),
        contest_entry(1, subject=BEA, fact_id="bea"),
        opt_out(4, subject=BEA),
    )
    return append


@pytest.fixture
def held(installation: Installation, tmp_path: Path) -> Callable[..., Held]:
    """Hold rows against the ledger, under the mapping of their kind or another; nothing marked may come out of it."""

    def against(
        kind: FileKind,
        *rows: str | bytes,
        mapping: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Held:
        columns = tmp_path / "mapping.toml"
        columns.write_text(MAPPINGS[kind] if mapping is None else mapping)
        file = tmp_path / "rows.csv"
        file.write_bytes(b"".join((row.encode() if isinstance(row, str) else row) + b"\n" for row in rows))
        read = read_mapping(columns, kind)
        with installation.connect() as connection:
            document = reconciliation(installation, connection, file, read, since=since, until=until)
        assert "marked" not in json.dumps(document)
        return Held(document)

    return against
