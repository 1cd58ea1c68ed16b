"""Cells that stand for nothing: what no program means as a number, and what may be a name, a town or a value."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from adapters.imports.null_cells import MARKS, NOBODY, SPELLINGS, ColumnUse, NullCells, is_null

BLANKS = [one for one in map(chr, range(sys.maxunicode + 1)) if one.isspace() or unicodedata.category(one) == "Cf"]
NULLS = [
    *(
        "\\N",
        "NULL",
        "null",
        "Null",
        "nan",
        "NaN",
        "None",
        "none",
        "0",
        "0.0",
        "0,00",
        "00",
        "-1",
        "-1.0",
        "n/a",
        "N/A",
    ),
    *(
        "#N/A",
        "-",
        "--",
        "\u2014",
        "\u2212" + "1",
        "(none)",
        "<NA>",
        "NA",
        "undefined",
        "guest",
        "Guest",
        "GUEST",
        "0E+0",
    ),
    *(
        "'NULL'",
        "\u201cnull\u201d",
        "\uff2e\uff35\uff2c\uff2c",
        "00000000-0000-0000-0000-000000000000",
        "0000-00-00",
        "?",
    ),
    *("\u3164", "\u2800", "\ufe0f", "[NULL]", "#VALUE!", "-nan", "1.#IND", "walk-in customer", "\u0660", "$0.00"),
]
"""What stands for no number of a person or an order."""


@pytest.mark.parametrize("cell", sorted({*NULLS, *MARKS, *NOBODY, *SPELLINGS}))
@pytest.mark.parametrize(
    "spell", [str, str.upper, str.title, "\u200b{}\ufeff".format, "\u3000{}\xa0".format, "({})".format]
)
def test_what_stands_for_no_number_is_none(cell: str, spell: type[str]) -> None:
    """In any case, between blanks that cannot be seen, in brackets."""
    if len(spell("x")) == 1 or "\\" not in cell:  # A bracket is no part of an escape.
        assert is_null(spell(cell), ColumnUse.IDENTIFIER)


def test_blanks_of_every_kind_are_none() -> None:
    """One character or several, in a column of any use."""
    assert {"\u200b", "\ufeff", "\xad", "\u2060", "\u180e", "\u3000", "\xa0"} <= set(BLANKS)
    for use in ColumnUse:
        assert [f"U+{ord(one):04X}" for one in BLANKS if not is_null(one, use)] == []
        assert is_null("".join(BLANKS), use)


@pytest.mark.parametrize(
    "cell",
    [
        "1",
        "17850",
        "#1001",
        "-17",
        "000123",
        "A0",
        "10.0",
        "ada@example.org",
        "0x1F",
        "\u4e8c",
        "\u0661",
        "Y-0",
        "nullo",
        "guesthouse",
    ],
)
def test_a_number_is_a_number(cell: str) -> None:
    """A digit other than 0, or a letter that is no such word."""
    assert not is_null(cell, ColumnUse.IDENTIFIER)


VALUES = [
    *(
        "0",
        "-1",
        "0.0",
        "NA",
        "Nan",
        "Null",
        "Nil",
        "Guest",
        "Unknown",
        "No",
        "\u2665",
        "Nanna",
        "None, Turin",
        "X",
        "+",
    ),
]
NOTHING = [
    "NULL",
    "null",
    "NaN",
    "nan",
    "None",
    "none",
    "\\N",
    "n/a",
    "N/A",
    "#N/A",
    "-",
    "--",
    ".",
    "?",
    "(none)",
    "<NA>",
]


@pytest.mark.parametrize("cell", sorted(VALUES))
def test_a_value_is_kept_where_it_may_be_one(cell: str) -> None:
    """0 may be a number of children, NA is Namibia and Naples, Nan a province, Null a name."""
    assert not is_null(cell, ColumnUse.VALUE)
    assert not is_null(cell, ColumnUse.PERSON_NAME)


@pytest.mark.parametrize("cell", sorted(NOTHING))
def test_a_value_that_is_spelt_as_programs_do_is_none(cell: str) -> None:
    """Programs write these for nothing."""
    assert is_null(cell, ColumnUse.VALUE)


CELLS = NullCells({"first": ColumnUse.PERSON_NAME, "last": ColumnUse.PERSON_NAME}, [("first", "last")])
NAMES = {
    ("Jennifer", "Null"): (), ("JENNIFER", "NULL"): (), ("None", "Okafor"): (), ("nan", "li"): (), ("Nan", ""): (),
    ("NULL", "NULL"): ("first", "last"), ("None", "None"): ("first", "last"), ("", "nan"): ("last",),
    ("NULL", "-"): ("last", "first"), ("Ada", "\\N"): ("last",), ("Ada", "n/a"): ("last",),
    ("Ada", "(null)"): ("last",),
}  # fmt: skip


@pytest.mark.parametrize(("name", "nulls"), NAMES.items())
def test_a_name_is_nothing_only_as_a_whole(name: tuple[str, str], nulls: tuple[str, ...]) -> None:
    """Null, None and Nan are names of people, unless every part of the name is such a word."""
    assert CELLS.read(dict(zip(("first", "last"), name, strict=True))) == nulls


def test_a_mapping_says_otherwise() -> None:
    """It keeps some cells, and adds others; what it adds counts for any column."""
    cells = NullCells({"town": ColumnUse.VALUE, "no": ColumnUse.IDENTIFIER}, (), {"no": ["9999 "]}, {"town": ["None"]})
    assert cells.read({"town": "None", "no": "9999"}) == ("no",)
    assert cells.read({"town": "none", "no": "0"}) == ("town", "no")
    assert NullCells({}, (), {"other": ["x"]}).read({"other": "x"}) == ("other",)


@given(st.text(max_size=30), st.sampled_from(ColumnUse))
def test_what_is_nothing_as_a_value_is_nothing_as_a_number(cell: str, use: ColumnUse) -> None:
    """The rule for columns that identify is the strictest of all, and a blank around a cell changes nothing."""
    assert not is_null(cell, use) or is_null(cell, ColumnUse.IDENTIFIER)
    assert is_null(f"\u200b {cell}\t", use) == is_null(cell, use)
