"""The rows of a file of another system (CSV, UTF-8), as its mapping reads them.

Promise: every row comes out once, as a row or as a bad row with every problem in it, under the number of the line on
which it begins; one bad row keeps no other from being read, not even where it opens a quote that it never closes. A row
is what a fact of the ledger could say, held against the same contract. No problem repeats what a cell holds. Refused,
for the whole file: one that cannot be opened, or whose first line does not name the mapped columns once each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError

from adapters.imports.records import LINE_BYTES_MAX, BadRecord, Records
from adapters.imports.times import read_time
from adapters.reconciliation.mapping import NAMES, Kind, Mapping
from domain.errors import MalformedFact, PledgerError
from domain.facts import parse_fact
from domain.facts.fields import Subject, parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE: Final = "/pledger/reconciliation"


class RowsUnreadable(PledgerError):
    """A file to reconcile cannot be read."""

    code = "rows_unreadable"


class ColumnsMissing(PledgerError):
    """The first line of a file to reconcile does not name the columns of the mapping."""

    code = "columns_missing"


class Row(NamedTuple):
    """One good row: its line, when it happened, who it says it was about, and what it says.

    `names` are tried in order; `message_id`, `reference` and `recipient` are None where the row has none. `data` is
    what a fact would hold that said the same.
    """

    line: int
    at: datetime
    names: tuple[Subject, ...]
    message_id: str | None
    reference: str | None
    recipient: str | None
    data: dict[str, Any]


class BadRow(NamedTuple):
    """One row that cannot be held against anything: the line on which it begins, and every problem in it."""

    line: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class Rows:
    """What a file holds; `sha256` is of its bytes, in hex."""

    good: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    sha256: str = ""


def hypothetical(mapping: Mapping, row: Row, subject: str) -> dict[str, Any]:
    """Give the fact that a row would be, were it about `subject` and told to the ledger."""
    word = "share" if mapping.kind is Kind.CARRIER else "message"
    return {
        "specversion": "1.0",
        "id": f"line-{row.line}",
        "source": SOURCE,
        "type": f"pledger.{word}.v1",
        "time": row.at.isoformat(),
        "subject": subject,
        "data": row.data,
    }


def read_rows(path: Path, mapping: Mapping) -> Rows:
    """Read a file. Raises `RowsUnreadable` and `ColumnsMissing`. Blank lines are passed over."""
    rows = Rows()
    digest = hashlib.sha256()
    records = Records(_lines(path, digest), mapping.delimiter)
    parse = _Parser(mapping, _header(records, mapping))
    records.places = parse.places.values()
    for line, record in records:
        if isinstance(record, BadRecord):
            rows.bad.append(BadRow(line, (record.problem,)))
        elif isinstance(row := parse(line, record), BadRow):
            rows.bad.append(row)
        else:
            rows.good.append(row)
    rows.sha256 = digest.hexdigest()
    return rows


def _lines(path: Path, digest: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401 - hashlib names no class for it
    """Give each line with its number; one that is too long is cut, and fails as a row."""
    number = 0
    try:
        with path.open("rb") as file:
            while raw := file.readline(LINE_BYTES_MAX):
                number += 1
                digest.update(raw)
                rest = raw
                while rest and not rest.endswith(b"\n"):
                    rest = file.readline(LINE_BYTES_MAX)
                    digest.update(rest)
                # A byte that is no UTF-8 becomes a lone surrogate, by which its row (and no other) is known as bad.
                text = raw.decode(errors="surrogateescape")
                yield number, text.removeprefix("\ufeff") if number == 1 else text
    except OSError as error:
        raise RowsUnreadable(
            "Nothing was reconciled: the file cannot be read.",
            f"{error.strerror or 'the operating system refused'}.",
            "Name a CSV file that this user may read.",
        ) from error


def _header(records: Records, mapping: Mapping) -> list[str]:
    _, record = next(iter(records), (0, None))
    header = [cell.strip() for cell in record] if isinstance(record, list) else []
    wanted = [column for _, column in mapping.columns if column is not None]
    missing = [column for column in wanted if header.count(column) != 1]
    if missing:
        # What does stand there is not told: without its first line, a file begins with somebody's data.
        raise ColumnsMissing(
            "Nothing was reconciled: the file does not begin with the names of its columns.",
            f"its first line lacks, or names more than once, {', '.join(missing)}.",
            "Name the columns in the mapping as the file does, and its delimiter; the file has to be UTF-8.",
        )
    return header


class _Parser:
    """Reads one row's cells."""

    def __init__(self, mapping: Mapping, header: list[str]) -> None:
        self.mapping = mapping
        self.header = header
        self._zone = mapping.zone
        self.places = {name: header.index(column) for name, column in mapping.columns if column is not None}

    def __call__(self, line: int, record: list[str]) -> Row | BadRow:
        if len(record) != len(self.header):
            problem = f"has {len(record)} columns, and the first line names {len(self.header)}"
            return BadRow(line, (problem,))
        if any("\x00" in cell or not _is_text(cell) for cell in record):
            return BadRow(line, ("holds a NUL character, or is not UTF-8",))
        cells = {name: record[place].strip() or None for name, place in self.places.items()}
        problems: list[str] = []
        at = self._time(cells["time"], problems)
        names = self._names(cells, problems)
        row = Row(
            line,
            at or datetime.max.replace(tzinfo=UTC),
            names,
            cells.get("message_id"),
            cells.get("reference"),
            self.mapping.constants.recipient or cells.get("recipient"),
            self._data(line, cells),
        )
        if not problems:
            problems += self._against_the_contract(row)
        return BadRow(line, tuple(problems)) if problems else row

    def _time(self, text: str | None, problems: list[str]) -> datetime | None:
        if text is None:
            problems.append("time: is missing")
            return None
        form = self.mapping.time.format
        try:
            return read_time(text, (form,) if form else (), self._zone)
        except ValueError:
            problems.append("time: is not written as the mapping says")
            return None

    def _names(self, cells: dict[str, str | None], problems: list[str]) -> tuple[Subject, ...]:
        names = []
        for kind in NAMES:
            if (text := cells.get(kind)) is None:
                continue
            try:
                name = parse_subject(f"{kind}:{text}")
            except PydanticCustomError as error:
                problems.append(f"{kind}: {error.message()}")
                continue
            assert isinstance(name, Subject), "what is parsed is a subject"
            names.append(name)
        if not names and not problems and cells.get("message_id") is None and cells.get("reference") is None:
            problems.append("names nobody")
        return tuple(names)

    def _data(self, line: int, cells: dict[str, str | None]) -> dict[str, Any]:
        mapping, constants = self.mapping, self.mapping.constants
        if mapping.kind is Kind.CARRIER:
            told: dict[str, Any] = {
                "recipient": constants.recipient or cells.get("recipient") or "",
                "purpose": mapping.purpose,
                "categories": list(constants.categories),
                "reference": cells["reference"] or "",
            }
            return told
        program = constants.program or cells.get("program")
        return {
            "channel": mapping.channel,
            "purpose": mapping.purpose,
            "unsubscribe_link": constants.unsubscribe_link,
            "message_id": cells.get("message_id") or f"line-{line}",
            **({"program": program} if program else {}),
        }

    def _against_the_contract(self, row: Row) -> list[str]:
        try:
            parse_fact(hypothetical(self.mapping, row, "customer:somebody"))
        except MalformedFact as error:
            return [str(problem).removeprefix("data.") for problem in error.problems]
        return []


def _is_text(cell: str) -> bool:
    return cell.isascii() or not any("\ud800" <= one <= "\udfff" for one in cell)
