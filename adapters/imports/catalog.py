"""The import mappings that come with Pledger, and those that are read from a path."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Final

from adapters.imports.mapping import ImportMapping
from adapters.imports.mapping_conflicts import conflicts
from adapters.imports.mapping_file import MappingUnreadable, parse_text, read_text

MAPPINGS: Final = Path(__file__).parent / "mappings"


def names() -> tuple[str, ...]:
    """Return the names of the mappings that come with Pledger."""
    return tuple(sorted(path.stem for path in MAPPINGS.glob("*.toml")))


def read_mapping(name: str) -> ImportMapping:
    """Read a mapping by its name or its path. Raise `MappingUnreadable` and `MappingInvalid`."""
    is_path = name.endswith(".toml") or "/" in name or "\\" in name
    if not is_path and name not in names():
        near = get_close_matches(name, names(), n=1)
        raise MappingUnreadable(
            "There is no such mapping.",
            f"Pledger comes with {', '.join(names())}.",
            f"Did you mean {near[0]}?" if near else "Name one of these, or give the path of a file that ends in .toml.",
        )
    return parse_mapping(read_text(Path(name) if is_path else MAPPINGS / f"{name}.toml"))


def parse_mapping(text: str) -> ImportMapping:
    """Return the mapping of a TOML text. Raise `MappingInvalid`."""
    return parse_text(text, ImportMapping, conflicts)
