"""How the cells of rows are read as a mapping says: codes by their tables, times on the file's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from adapters.contract import OWN
from adapters.imports.mapping import CODES
from adapters.imports.rows import Reason
from adapters.imports.times import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.contract import Contract
    from adapters.imports.mapping import ImportMapping

ANY: Final = "*"
"""In a table of cells it ends a prefix; alone it is every cell that the table does not list."""


class CellTable:
    """What the cells of one column mean: the cell itself counts first, then the longest prefix of it."""

    def __init__(self, table: Mapping[str, Any], *, match_case: bool) -> None:
        self._match_case = match_case
        cells = {self._folded(cell): meaning for cell, meaning in table.items()}
        self._exact = {cell: meaning for cell, meaning in cells.items() if not cell.endswith(ANY)}
        prefixes = [(cell[: -len(ANY)], meaning) for cell, meaning in cells.items() if cell.endswith(ANY)]
        self._prefixes = sorted(prefixes, key=lambda one: -len(one[0]))

    def __getitem__(self, cell: str) -> Any:  # noqa: ANN401 - a code of the column's vocabulary
        """Return what a cell means, or None if the table does not say."""
        cell = self._folded(cell)
        if (meaning := self._exact.get(cell)) is not None:
            return meaning
        return next((meaning for prefix, meaning in self._prefixes if cell.startswith(prefix)), None)

    def _folded(self, cell: str) -> str:
        return cell.strip() if self._match_case else cell.strip().casefold()


class Interpreter:
    """Reads the cells of rows as a mapping says.

    `notice` is the version that was shown if neither mapping nor row names one. `at` is the time of rows without one.
    `digest` makes ids of what must not be in the clear. `contract` is how names are read.
    """

    def __init__(
        self,
        mapping: ImportMapping,
        *,
        notice: str,
        at: datetime | None,
        digest: Callable[[str], str],
        contract: Contract = OWN,
    ) -> None:
        self.mapping = mapping
        self.notice = notice
        self.digest = digest
        self.contract = contract
        self.columns = {field: column for field, column in mapping.columns if column is not None}
        self._zone = ZoneInfo(mapping.time.zone)
        self._at = at or mapping.time.constant
        self._constants = {field: getattr(mapping.constants, field) for field in CODES}
        match_case = mapping.maps.match_case
        self._tables = {
            field: CellTable(getattr(mapping.maps, field), match_case=match_case) for field in ("status", *CODES)
        }

    def code(self, field: str, cells: dict[str, str]) -> Any:  # noqa: ANN401 - a code of the field's vocabulary
        """Return the code of a field: the constant, or what its cell means; None if the table does not list it."""
        column = self.columns.get(field)
        return self._constants[field] if column is None else self._tables[field][cells[column]]

    def time(self, field: str, cells: dict[str, str]) -> datetime | None:
        """Return the time of a field, or None if it has none. Raise ValueError if it cannot be read."""
        column = self.columns.get(field)
        text = cells[column] if column is not None else ""
        if not text:
            return self._at if field == "time" else None
        return read_time(text, self.mapping.time.format, self._zone, is_local=self.mapping.time.local)


def not_listed(field: str, column: str) -> Reason:
    """Return the reason for a cell that has no meaning in the mapping."""
    return Reason("cell_not_listed", f"{column} holds a cell that [maps.{field}] of the mapping does not list.")
