"""The patterns of texts that a fact may hold, each with its words for an error.

What stays in the clear outlives an erasure, so it is a code: no address, no number of somebody and no sentence fits.
pydantic's patterns look neither ahead nor behind, so "no five digits in a row" is written out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN_WORD_MAX: Final = 64
CODE_MAX: Final = 64
NO_NUL: Final = r"^[^\x00]*$"
SOURCE: Final = r"^[^\x00\s]+$"
AREA: Final = r"^[a-z][a-z_/-]*$"
OPEN_WORD: Final = r"^(?:[a-z]|[0-9]{1,4}(?:[a-z_.-]|$))(?:[0-9]{0,4}[a-z_.-])*[0-9]{0,4}$"
CODE: Final = r"^(?:[A-Za-z/]|[0-9]{1,4}(?:[A-Za-z_./:-]|$))(?:[0-9]{0,4}[A-Za-z_./:-])*[0-9]{0,4}$"
COOKIE: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
DIGEST: Final = r"^[0-9A-Za-z][0-9A-Za-z:+/=_.-]*$"

_CLEAR: Final = "without five digits in a row: it stays in the clear"
IN_WORDS: Final[Mapping[str, str]] = {
    NO_NUL: "holds a NUL character, which the database cannot store",
    SOURCE: "holds white space or a NUL character, which a source cannot",
    AREA: "is not a name of small letters, with -, _ and / between them",
    OPEN_WORD: f"is not a word of small letters, digits, _, . and -, beginning with a letter or digit, {_CLEAR}",
    CODE: f"is not a code of letters, digits, _, ., /, : and -, beginning with a letter, a digit or /, {_CLEAR}",
    COOKIE: "is not the name of a cookie: it holds a character that no such name has",
    DIGEST: "is not a digest in hexadecimal or base64",
}
"""What is wrong with a text that does not match a pattern."""


def is_open_word(text: str) -> bool:
    """Return whether a text can be the name of a purpose or a recipient."""
    return _fits(text, OPEN_WORD, OPEN_WORD_MAX)


def is_code(text: str) -> bool:
    """Return whether a text can be the name of a collection point, a notice or another thing of the company's."""
    return _fits(text, CODE, CODE_MAX)


def stays_clear(source: str) -> bool:
    """Return whether the source of a fact stands in the log as it is: a code without capitals; any other is sealed."""
    return source == source.lower() and is_code(source)


def _fits(text: str, pattern: str, length: int) -> bool:
    # Python's "$" also matches before a line break at the end.
    return len(text) <= length and re.fullmatch(pattern, text) is not None and not text.endswith("\n")
