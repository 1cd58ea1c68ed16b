"""Pieces of SQL that several statements share stand in one table, and are written out nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from projections.fragments import FRAGMENTS, with_fragments

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "projections" / "fragments.py"


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\b(event|erased|change|total|events)\.", "", text)).strip()


def _statements() -> dict[str, str]:
    """Return the files that hold SQL, but the schema's: those are applied as they are."""
    folders = [ROOT / "projections", ROOT / "adapters"]
    paths = [path for folder in folders for end in ("*.py", "*.sql") for path in folder.rglob(end) if path != TABLE]
    applied = {"schema", "migrations"}
    return {
        str(path.relative_to(ROOT)): _in_one_line(path.read_text(encoding="utf-8"))
        for path in paths
        if not applied & {*path.parts}
    }


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_named_piece_is_written_out_nowhere_else(name: str) -> None:
    """No statement repeats the text of a piece that has a name, however it breaks the lines or names its tables."""
    written = {_in_one_line(FRAGMENTS[name]), _in_one_line(with_fragments(FRAGMENTS[name]))}
    found = [path for path, text in _statements().items() if any(piece in text for piece in written)]
    assert found == []


def test_every_piece_is_used() -> None:
    """Each piece stands in some statement, or in a piece that does."""
    everything = " ".join([*_statements().values(), *FRAGMENTS.values()])
    assert [name for name in FRAGMENTS if f"{{{name}}}" not in everything] == []


def test_a_repeated_piece_is_noticed() -> None:
    """The comparison passes over line breaks and the names of tables."""
    assert _in_one_line("event.topic =\n  'A'") == _in_one_line("topic = 'A'")


def test_every_piece_is_filled_in_whole() -> None:
    """A piece may name those after it in the table, so nothing of our own is left in braces."""
    for name, piece in FRAGMENTS.items():
        assert not re.findall(r"\{(\w+)\}", with_fragments(piece)), name
