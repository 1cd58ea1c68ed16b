"""Reading mapping files, those that come along and others.

Promise: a file is read as a whole or refused as a whole, and a refusal lists everything that is wrong with it, each
with its line. Refused: files over 256 KiB, what is not TOML, and what `mapping` refuses.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from adapters.imports.mapping import Mapping, disagreements, model_keys
from domain.errors import PledgerError
from domain.policy.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

MAPPINGS: Final = Path(__file__).parent / "mappings"
_BYTES_MAX: Final = 262_144
_KEY_PARTS_MAX: Final = 100
"""Reading a key takes time by the square of its parts."""


class ImportMappingUnreadable(PledgerError):
    """A mapping of an import cannot be read, or none of that name comes along."""

    code = "import_mapping_unreadable"


class MappingProblem(NamedTuple):
    """One thing that is wrong with a mapping: its line (from 1), where, as `columns.time`, and what."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        """Give it as one line of text."""
        return f"line {self.line}: {self.where}: {self.what}" if self.where else f"line {self.line}: {self.what}"


class ImportMappingInvalid(PledgerError):
    """A mapping of an import does not say what it has to; `problems` lists all that is wrong with it, by line."""

    code = "import_mapping_invalid"

    def __init__(self, problems: Iterable[MappingProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "The mapping cannot be used.",
            "; ".join(map(str, self.problems)) + ".",
            "Mend it, and look at it with pledger import check; adapters/imports/README.md lists the keys.",
        )


def names() -> tuple[str, ...]:
    """Give the names of the mappings that come along."""
    return tuple(sorted(path.stem for path in MAPPINGS.glob("*.toml")))


def read_mapping(name: str) -> Mapping:
    """Read the mapping of a name that comes along, or of a path. Raises the two errors of this module."""
    is_path = name.endswith(".toml") or "/" in name or "\\" in name
    if not is_path and name not in names():
        near = get_close_matches(name, names(), n=1)
        raise ImportMappingUnreadable(
            "There is no such mapping.",
            f"those that come along are {', '.join(names())}.",
            f"Did you mean {near[0]}?" if near else "Name one of these, or give the path of a file that ends in .toml.",
        )
    path = Path(name) if is_path else MAPPINGS / f"{name}.toml"
    try:
        with path.open("rb") as file:
            raw = file.read(_BYTES_MAX + 1)
        text = raw.decode()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8"
        raise ImportMappingUnreadable(
            "The mapping cannot be read.", f"{path}: {why}.", "Give the path of a mapping file."
        ) from error
    if len(raw) > _BYTES_MAX:
        raise ImportMappingInvalid([MappingProblem(1, "", f"it has more than {_BYTES_MAX:,} bytes")])
    return parse_mapping(text)


def parse_mapping(text: str) -> Mapping:
    """Give the mapping that a TOML text states. Raises `ImportMappingInvalid`."""
    told, lines = _parse(text)
    try:
        mapping = Mapping.model_validate(told)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [_problem(one, lines) for one in found]
    else:
        problems = [
            MappingProblem(lines.at(path), ".".join(map(str, path)), what) for path, what in disagreements(mapping)
        ]
        if not problems:
            return mapping
    raise ImportMappingInvalid(problems)


def _parse(text: str) -> tuple[dict[str, Any], Lines]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.split("=", 1)[0].count(".") > _KEY_PARTS_MAX:
            raise ImportMappingInvalid([MappingProblem(number, "", "a key has too many parts")])
    try:
        return tomllib.loads(text), Lines(text)
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    except ValueError:
        problem = "a number is too long to be read"
    raise ImportMappingInvalid([MappingProblem(_line_of(problem, text), "", f"this is not TOML: {problem}")])


def _line_of(problem: str, text: str) -> int:
    """Give the line that a TOML error names; the last one where it names none."""
    _, _, place = problem.partition("(at line ")
    number = place.partition(",")[0]
    return int(number) if number.isdecimal() else text.rstrip("\n").count("\n") + 1


def _problem(error: ErrorDetails, lines: Lines) -> MappingProblem:
    path = tuple(step for step in error["loc"] if step != "[key]")
    where = ".".join(map(str, path))
    return MappingProblem(lines.at(path), where, _in_words(error, path))


def _in_words(error: ErrorDetails, path: tuple[str | int, ...]) -> str:
    kind, message = error["type"], error["msg"]
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            known = model_keys(path[:-1])
            near = get_close_matches(str(path[-1]), known, n=1)
            return "is not a key of a mapping" + (f"; did you mean {near[0]}?" if near else "")
        case "literal_error" if "user.payment" in message:
            return "is not a fideslang 3 data category under user"
        case _:
            return message[:1].lower() + message[1:]
