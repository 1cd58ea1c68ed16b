"""Mapping files: TOML that says what the columns of a file of another system mean.

Imports and reconciliations have mappings of their own. This module holds what they share: how the file is written, and
how a mapping file is read. Every problem of a mapping file is reported at once, with its line.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from adapters.imports.times import TimeFormat, Zone
from domain.errors import PledgerError
from domain.facts.patterns import IN_WORDS
from domain.policy.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

_BYTES_MAX: Final = 262_144
_KEY_PARTS_MAX: Final = 100
"""The time to parse a key grows with the square of its parts."""

KeyPath = tuple[str | int, ...]
"""The keys that lead to a place in a mapping, such as ("columns", "time")."""


class MappingUnreadable(PledgerError):
    """A mapping file cannot be read, or no mapping has this name."""

    code = "mapping_unreadable"


class MappingProblem(NamedTuple):
    """One problem of a mapping: its line (from 1), the path of its key such as `columns.time`, and what is wrong."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        """Return the problem as one line of text."""
        return f"line {self.line}: {self.where}: {self.what}" if self.where else f"line {self.line}: {self.what}"


class MappingInvalid(PledgerError):
    """A mapping file has problems; `problems` lists all of them by line."""

    code = "mapping_invalid"

    def __init__(self, problems: Iterable[MappingProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "The mapping cannot be used.",
            "; ".join(map(str, self.problems)) + ".",
            "Correct it. The READMEs of adapters/imports and adapters/reconciliation list the keys.",
        )


def as_list(value: object) -> object:
    """Return a list of one where a mapping gives a single text."""
    return [value] if isinstance(value, str) else value


Column = Annotated[str, Field(min_length=1, max_length=255)]
"""The name of a column, or a key of JSON Lines with dots between the keys of nested objects."""


class FrozenModel(BaseModel):
    """A part of a mapping: immutable, and without keys that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Times(FrozenModel):
    """How a file writes times: the `zone` of times without an offset, and their formats; ISO 8601 without a format."""

    zone: Zone = "UTC"
    format: Annotated[tuple[TimeFormat, ...], Field(max_length=10), BeforeValidator(as_list)] = ()


class TableMapping(FrozenModel):
    """How a file of rows is written, and which columns are read."""

    skips_empty_rows: ClassVar[bool] = True
    """Whether rows whose cells are all empty are skipped; blank lines always are."""
    format: Literal["csv", "jsonl"] = "csv"
    delimiter: Literal["auto", ",", ";", "\t", "|"] = "auto"
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1"] = "utf-8"
    optional: tuple[Column, ...] = ()
    """Columns that the file may lack."""

    columns: FrozenModel

    def wanted(self) -> tuple[str, ...]:
        """Return every column that the mapping names, once, in its order."""
        return self.single_line()

    def single_line(self) -> tuple[str, ...]:
        """Return the columns under `columns`: numbers, names and times, which hold no line break."""
        return tuple(dict.fromkeys(column for _, column in self.columns if column is not None))


MappingT = TypeVar("MappingT", bound=TableMapping)


def read_text(path: Path) -> str:
    """Read a mapping file. Raise `MappingUnreadable`, and `MappingInvalid` if it is too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(_BYTES_MAX + 1)
        text = raw.decode()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8"
        raise MappingUnreadable(
            "The mapping cannot be read.", f"{path}: {why}.", "Give the path of a mapping file."
        ) from error
    if len(raw) > _BYTES_MAX:
        raise MappingInvalid([MappingProblem(1, "", f"it has more than {_BYTES_MAX:,} bytes")])
    return text


def parse_text(
    text: str,
    model: type[MappingT],
    conflicts: Callable[[MappingT], Iterable[tuple[KeyPath, str]]],
    defaults: Mapping[str, Any] | None = None,
) -> MappingT:
    """Return the mapping of a TOML text. Raise `MappingInvalid`.

    `conflicts` returns what is wrong between the keys of a mapping whose every key is right by itself. `defaults` are
    the values of keys that the text leaves out.
    """
    document, lines = _parse_toml(text)
    try:
        mapping = model.model_validate({**(defaults or {}), **document})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [_problem(one, lines, model) for one in found]
    else:
        problems = [MappingProblem(lines.at(path), ".".join(map(str, path)), what) for path, what in conflicts(mapping)]
        if not problems:
            return mapping
    raise MappingInvalid(problems)


def _parse_toml(text: str) -> tuple[dict[str, Any], Lines]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.split("=", 1)[0].count(".") > _KEY_PARTS_MAX:
            raise MappingInvalid([MappingProblem(number, "", "a key has too many parts")])
    try:
        return tomllib.loads(text), Lines(text)
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    except ValueError:
        problem = "a number is too long to be read"
    raise MappingInvalid([MappingProblem(_line_of(problem, text), "", f"this is not TOML: {problem}")])


def _line_of(problem: str, text: str) -> int:
    """Return the line that a TOML error names, or the last line if it names none."""
    _, _, place = problem.partition("(at line ")
    number = place.partition(",")[0]
    return int(number) if number.isdecimal() else text.rstrip("\n").count("\n") + 1


def _problem(error: ErrorDetails, lines: Lines, model: type[BaseModel]) -> MappingProblem:
    path = tuple(step for step in error["loc"] if step != "[key]")
    return MappingProblem(lines.at(path), ".".join(map(str, path)), _in_words(error, path, model))


def _in_words(error: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    kind, message = error["type"], error["msg"]
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            near = get_close_matches(str(path[-1]), _keys_at(path[:-1], model), n=1)
            return "is not a key of a mapping" + (f"; did you mean {near[0]}?" if near else "")
        case "string_pattern_mismatch":
            found = (words for pattern, words in IN_WORDS.items() if f"'{pattern}'" in message)
            return next(found, message[:1].lower() + message[1:])
        case "literal_error" if "user.payment" in message:
            return "is not a fideslang 3 data category under user"
        case _:
            return message[:1].lower() + message[1:]


def _keys_at(path: KeyPath, model: type[BaseModel]) -> list[str]:
    """Return the keys that may stand at a path of a mapping."""
    for step in path:
        if isinstance(step, int):  # A place in a list, whose items the step before has led to.
            continue
        if step not in model.model_fields:
            return []
        annotation = model.model_fields[step].annotation
        models = [one for one in (annotation, *get_args(annotation)) if isinstance(one, type)]
        model = next((one for one in models if issubclass(one, BaseModel)), BaseModel)
    return [field.alias or name for name, field in model.model_fields.items()]
