"""The rows of a file to reconcile, parsed as its mapping says.

A row says what a fact of the ledger could say, and is checked against the same contract. Every problem of a row is
found at once, and none repeats a cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError

from adapters.contract import OWN, parse_fact
from adapters.imports.null_cells import ColumnUse, NullCells
from adapters.imports.reader import open_table
from adapters.imports.times import read_time
from adapters.own_facts import own_fact
from adapters.reconciliation.mapping import IDENTIFIERS, NAMES, FileKind, ReconciliationMapping
from domain.errors import MalformedFact
from domain.vocabulary import Channel

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.contract import Contract
    from domain.facts.fields import Subject

SOURCE: Final = "/pledger/reconciliation"


class ParsedRow(NamedTuple):
    """One good row: its line, its time, the names of its person, and what it says.

    Of `names` the numbers come first. `message_id`, `reference` and `recipient` are None if the row has none. `data` is
    that of a fact that says the same.
    """

    line: int
    at: datetime
    names: tuple[Subject, ...]
    message_id: str | None
    reference: str | None
    recipient: str | None
    data: dict[str, Any]


class RejectedRow(NamedTuple):
    """One row that cannot be compared with anything: its first line, and every problem in it."""

    line: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class ParsedFile:
    """What a file holds; `sha256` is of its bytes, in hex."""

    rows: list[ParsedRow] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    sha256: str = ""


def assumed_fact(mapping: ReconciliationMapping, row: ParsedRow, subject: str) -> dict[str, Any]:
    """Return the fact that would tell the ledger of a row about `subject`, and of a message where it went."""
    word = "share" if mapping.kind is FileKind.CARRIER else "message"
    address = next((name for name in row.names if name.kind == "email"), None)
    data = row.data
    if address is not None and mapping.channel is Channel.EMAIL:
        data = {**data, "to": str(address)}
    return own_fact(word, SOURCE, f"line-{row.line}", row.at, data, subject)


def parse_file(path: Path, mapping: ReconciliationMapping, contract: Contract = OWN) -> ParsedFile:
    """Read a file. Raise what `open_table` raises."""
    parsed = ParsedFile()
    parse = _RowParser(mapping, contract)
    with open_table(path, mapping) as table:
        for row in table.rows:
            found = (
                RejectedRow(row.line, (row.problem.text.removesuffix("."),))
                if row.problem
                else parse(row.line, row.cells)
            )
            if isinstance(found, ParsedRow):
                parsed.rows.append(found)
            else:
                parsed.rejected.append(found)
        parsed.sha256 = table.sha256
    return parsed


class _RowParser:
    """Parses the cells of one row."""

    def __init__(self, mapping: ReconciliationMapping, contract: Contract) -> None:
        self.mapping = mapping
        self._contract = contract
        self._zone = mapping.zone
        self._columns = {name: column for name, column in mapping.columns if column is not None}
        identifiers = {self._columns[name]: ColumnUse.IDENTIFIER for name in IDENTIFIERS if name in self._columns}
        self._null_cells = NullCells({self._columns["time"]: ColumnUse.TIME, **identifiers})

    def __call__(self, line: int, by_column: dict[str, str]) -> ParsedRow | RejectedRow:
        by_column |= dict.fromkeys(self._null_cells.read(by_column), "")
        cells = {name: by_column[column] or None for name, column in self._columns.items()}
        problems: list[str] = []
        at = self._time(cells["time"], problems)
        names = self._names(cells, problems)
        row = ParsedRow(
            line,
            at or datetime.max.replace(tzinfo=UTC),
            names,
            cells.get("message_id"),
            cells.get("reference"),
            self.mapping.constants.recipient or cells.get("recipient"),
            self._data(line, cells),
        )
        if not problems:
            problems += self._contract_problems(row)
        return RejectedRow(line, tuple(problems)) if problems else row

    def _time(self, text: str | None, problems: list[str]) -> datetime | None:
        if text is None:
            problems.append("time: is missing")
            return None
        try:
            return read_time(text, self.mapping.time.format, self._zone)
        except ValueError:
            problems.append("time: is not in the form that the mapping names")
            return None

    def _names(self, cells: dict[str, str | None], problems: list[str]) -> tuple[Subject, ...]:
        names = []
        for kind in NAMES:
            if (text := cells.get(kind)) is None:
                continue
            try:
                name = self._contract.name(f"{kind}:{text}")
            except PydanticCustomError as error:
                problems.append(f"{kind}: {error.message()}")
                continue
            names.append(name)
        if not names and not problems and cells.get("message_id") is None and cells.get("reference") is None:
            problems.append("names no person")
        return tuple(names)

    def _data(self, line: int, cells: dict[str, str | None]) -> dict[str, Any]:
        mapping, constants = self.mapping, self.mapping.constants
        if mapping.kind is FileKind.CARRIER:
            return {
                "recipient": constants.recipient or cells.get("recipient") or "",
                "purpose": mapping.purpose,
                "categories": list(constants.categories),
                "reference": cells["reference"] or "",
            }
        program = constants.program or cells.get("program")
        return {
            "channel": mapping.channel,
            "purpose": mapping.purpose,
            "unsubscribe_link": constants.unsubscribe_link,
            "message_id": cells.get("message_id") or f"line-{line}",
            **({"program": program} if program else {}),
        }

    def _contract_problems(self, row: ParsedRow) -> list[str]:
        try:
            parse_fact(assumed_fact(self.mapping, row, "customer:somebody"))
        except MalformedFact as error:
            return [str(problem).removeprefix("data.") for problem in error.problems]
        return []
