r"""Cells that stand for nothing: one rule for every file of another system, in imports and reconciliations.

Programs write "no value" as a word: MySQL writes \N, SQL clients NULL, pandas nan, Python None, spreadsheets #N/A, and
shops give every guest the number 0. Taken for a number, such a word makes one person of strangers. So a column that
identifies is read strictly, and one that holds a value is read with care, because Null is a surname, Nan a province,
and None a town.

A word counts only if it is the whole cell. Case makes no difference where nothing is lost by it; elsewhere a word
counts only as programs spell it. A mapping can add words (`[empty]`) and keep some (`[kept]`).
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ColumnUse(StrEnum):
    """What a column is read for, which decides how careful the rule is."""

    IDENTIFIER = "identifier"
    """A person's number or address, the number of an order, the id of a message."""
    TIME = "time"
    PERSON_NAME = "person_name"
    VALUE = "value"


MARKS: Final = frozenset(
    {r"\n", r"\\n"}  # MySQL and PostgreSQL, once or twice escaped.
    | {"n/a", "n.a.", "n.a", "#n/a", "#na", "#n/a n/a", "na/na", "<na>", "not available", "not applicable", "not set"}
    | {"#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!", "#error!"}  # Spreadsheets.
    | {"-nan", "+nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}  # C.
    | {"undefined", "no value", "no data"}
)
"""What no person, place or thing is called: nothing in every column, in any case."""
SPELLINGS: Final = frozenset({"NULL", "null", "NaN", "nan", "None", "none", "NONE", "nil"})
"""How programs spell nothing. Other spellings, such as Null and Nan, are names."""
NOBODY: Final = frozenset(
    {"null", "nan", "none", "nil", "na", "nul", "void", "empty", "blank", "missing", "unknown", "unset", "unassigned"}
    | {"no", "false", "nobody", "no one", "nothing", "no customer", "no account", "no id", "no number", "tbd", "tba"}
    | {"guest", "guests", "guest user", "guest customer", "guest checkout", "guest order", "guest account"}
    | {"anonymous", "anon", "anonymous user", "unregistered", "not registered", "not logged in", "visitor"}
    | {"walk-in", "walk in", "walkin", "walk-in customer", "walk in customer", "cash", "cash customer", "cash sale"}
)
"""What is no number of a person or an order, in any case."""
_NO_NUMBER: Final = re.compile(r"-1([.,]0*)?|[-+]?0*[.,]?0*e[-+]?\d+", re.ASCII)
"""The number -1, and zero with an exponent."""
_WORDS: Final = MARKS | NOBODY | {one.casefold() for one in SPELLINGS}
_LONGEST: Final = max(map(len, MARKS | NOBODY)) + 8
_AROUND: Final = " ()[]{}<>'\"`‘’‚“”„‹›«»"  # noqa: RUF001 - each kind of quote
"""Brackets and quotes: (none), <NA>, 'NULL'."""
_FILLERS: Final = dict.fromkeys(map(ord, "\u115f\u1160\u2800\u3164\uffa0"))
"""Characters that are blank, and that Unicode counts as letters or symbols."""
_DIGITS: Final = frozenset("123456789")
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")  # noqa: RUF001 - each kind of dash
_NOT_SEEN: Final = frozenset({"Cf", "Cc", "Co", "Cn", "Zl", "Zp"})


def is_null(cell: str, use: ColumnUse) -> bool:
    """Return whether a cell stands for nothing in a column of this use.

    A column of persons' names keeps words that can be names; `NullCells` decides on these by the whole name.
    """
    identifies = use is ColumnUse.IDENTIFIER or use is ColumnUse.TIME
    says_something = not identifies or cell[:1].isalpha() or cell[:1] in _DIGITS
    if says_something and _is_ordinary(cell) and cell.casefold() not in _WORDS:
        return False  # Most cells end here.
    text = _plain(cell)
    if not (_is_number_or_word(text) if identifies else _is_readable(text)):
        return True
    if len(text) > _LONGEST:
        return False
    word = text.strip(_AROUND)
    folded = word.casefold()
    if text.casefold() in MARKS or folded in MARKS:
        return True
    if identifies:
        return folded in NOBODY or bool(_NO_NUMBER.fullmatch(folded))
    if use is ColumnUse.PERSON_NAME:
        return word != text and word in SPELLINGS  # In brackets it is no name.
    return word in SPELLINGS


def is_spelt_nothing(cell: str) -> bool:
    """Return whether a program may have written a cell for nothing, although it can be a name."""
    return _plain(cell).strip(_AROUND) in SPELLINGS


class NullCells:
    """Reads the cells of rows: what stands for nothing becomes an empty cell.

    `uses` are the columns that are read so. `names` are the columns that make up one person's name each: a word that
    can be a name stands for nothing only if the whole name does. `empty` and `kept` are cells, by column, for which a
    mapping says otherwise.
    """

    def __init__(
        self,
        uses: Mapping[str, ColumnUse],
        names: Iterable[tuple[str, ...]] = (),
        empty: Mapping[str, Iterable[str]] | None = None,
        kept: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._names = tuple(names)
        stripped = [
            {column: {one.strip() for one in cells} for column, cells in (said or {}).items()} for said in (empty, kept)
        ]
        self._empty, self._kept = stripped
        columns = dict.fromkeys((*uses, *self._empty))
        self._columns = {one: (uses.get(one), self._empty.get(one, ()), self._kept.get(one, ())) for one in columns}

    def is_null(self, column: str, cell: str) -> bool:
        """Return whether a cell of a column stands for nothing, whatever else is in its row."""
        if column not in self._columns:
            return False
        use, empty, kept = self._columns[column]
        return cell in empty or (use is not None and is_null(cell, use) and cell not in kept)

    def read(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Return the columns in which a row holds a cell that stands for nothing; a cell that is empty is not one."""
        found = [column for column in self._columns if (cell := cells[column]) and self.is_null(column, cell)]
        for name in self._names:
            parts = [column for column in name if cells[column] and column not in found]
            if parts and all(self._may_be_nothing(column, cells[column]) for column in parts):
                found += parts
        return tuple(found)

    def _may_be_nothing(self, column: str, cell: str) -> bool:
        return cell not in self._kept.get(column, ()) and is_spelt_nothing(cell)


def _is_ordinary(cell: str) -> bool:
    """Return whether a cell is its own plain spelling, and begins and ends with a letter or a digit."""
    if not cell or not (cell[0].isalnum() and cell[-1].isalnum() and cell.isprintable()):
        return False
    return cell.isascii() or (unicodedata.is_normalized("NFKC", cell) and ord(cell[0]) not in _FILLERS)


def _plain(cell: str) -> str:
    """Return a cell in one spelling: without what cannot be seen, with one kind of dash."""
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    text = unicodedata.normalize("NFKC", cell).translate(_FILLERS).translate(_DASHES)
    if not text.isprintable():
        text = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in _NOT_SEEN)
    return text.strip()


def _is_readable(text: str) -> bool:
    """Return whether a text holds more than blanks and punctuation."""
    return any(unicodedata.category(one)[0] not in "CMPZ" for one in text)


def _is_number_or_word(text: str) -> bool:
    """Return whether a text holds a letter, or a digit other than 0; 0.00 and a GUID of zeros do not."""
    return any(one.isalpha() or unicodedata.numeric(one, 0) != 0 for one in text)
