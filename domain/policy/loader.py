"""Reading a policy file.

A file is loaded whole or not at all. `PolicyInvalid` lists everything that is wrong with it, each with its line and in
plain words: a text over 1 MiB, unknown keys and codes, wrong types, and rules that name what the file's own tables
lack. A TOML error hides what follows it, so it is listed alone; so is a number that TOML does not allow.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from domain.policy.lines import Lines, Path
from domain.policy.model import FORMS, UNKNOWN_WORD, Parameters, Policy, PolicyHeader, PromiseHeader, Tables
from domain.policy.problems import PolicyInvalid, PolicyProblem
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

MOST_KEY_PARTS: Final = 200  # The time to read a key grows with the square of its parts.
LARGEST_BYTES: Final = 1024 * 1024
# An error lists the valid words only if they are few enough to read.
MOST_WORDS_LISTED: Final = 40
MOST_CHARACTERS_SHOWN: Final = 60

# Tables of a promise with the parameters that differ under a reading; `parameters` belong to the harmonised one.
_OTHER_READINGS: Final = (Reading.STRICT.value, Reading.PERMISSIVE.value)
_PLACE_IN_MESSAGE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_LONG_NUMBER: Final = re.compile(r"[0-9][0-9_]{4000,}")
_WHOLE_NUMBERS: Final = range(-(2**63), 2**63)

_WANTED: Final[Mapping[str, str]] = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "datetime_type": "a date and time with a zone, such as 2016-03-14T09:18:33Z, without quotes",
    "date_type": "a date such as 2016-03-14, without quotes",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
}
_SORTS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number with a fraction",
    bool: "true or false",
    datetime: "a date and time",
    date: "a date",
    time: "a time",
    list: "a list",
    dict: "a table",
}


def load_policy(text: str, *, name: str, kinds: Mapping[str, type[BaseModel]]) -> Policy:
    """Load the policy file `text`, whose promises may be of these rule `kinds`; errors call the file `name`.

    The policy's digest is that of `text` in UTF-8: decode the file's bytes without changing line ends. Raises
    PolicyInvalid.
    """
    raw, lines, digest = _parse(text, name)
    check = _Check(raw, lines, kinds)
    check.header()
    promises = check.promises()
    if check.problems:
        raise PolicyInvalid(name, check.problems)
    rest = {key: value for key, value in raw.items() if key != "promise"}
    return Policy.model_validate({**rest, "digest": digest, "promises": promises})


def _parse(text: str, name: str) -> tuple[dict[str, Any], Lines, str]:
    """Return the file's tables, the lines of their keys, and the digest (hexadecimal SHA-256) of its bytes."""

    def refuse(offset: int, where: str, what: str) -> PolicyInvalid:
        return PolicyInvalid(name, [PolicyProblem(text.count("\n", 0, offset) + 1, where, what)])

    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise refuse(error.start, "text", "has a character that UTF-8 cannot hold") from error
    if len(content) > LARGEST_BYTES:
        raise refuse(0, "text", f"is {len(content)} bytes long; at most {LARGEST_BYTES} are read")
    for number, row in enumerate(text.split("\n"), 1):
        if row.split("=", 1)[0].count(".") > MOST_KEY_PARTS and not row.lstrip().startswith("#"):
            raise PolicyInvalid(name, [PolicyProblem(number, "text", "a key has too many parts")])
    try:
        raw = tomllib.loads(text)
        lines = Lines(text)
        too_large = [path for path, leaf in leaves(raw) if isinstance(leaf, int) and leaf not in _WHOLE_NUMBERS]
    except tomllib.TOMLDecodeError as error:
        place = _PLACE_IN_MESSAGE.search(str(error))
        line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
        problem = PolicyProblem(line, "syntax", f"this is not TOML: {_PLACE_IN_MESSAGE.sub('', str(error))}")
        raise PolicyInvalid(name, [problem]) from error
    except RecursionError as error:
        raise refuse(0, "syntax", "lists or tables are nested too deeply") from error
    except ValueError as error:
        # Python refuses to read numbers of thousands of digits, and does not say where they are.
        found = _LONG_NUMBER.search(text)
        raise refuse(found.start() if found else 0, "syntax", "a number is too long to be read") from error
    if too_large:
        what = "a whole number must fit into 64 bits"
        raise PolicyInvalid(name, [PolicyProblem(lines.at(path), "syntax", what) for path in too_large])
    return raw, lines, hashlib.sha256(content).hexdigest()


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Return every value inside `value` that is neither a list nor a table, with its path."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from leaves(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from leaves(inner, (*path, index))
        case _:
            yield path, value


class _Check:
    """One pass over a parsed file, which collects its problems."""

    def __init__(self, raw: dict[str, Any], lines: Lines, kinds: Mapping[str, type[BaseModel]]) -> None:
        self.raw, self.lines, self.kinds = raw, lines, kinds
        self.problems: list[PolicyProblem] = []
        self._first_use: dict[str, int] = {}
        roles, purposes = raw.get("roles", {}), raw.get("purposes", {})
        # A table of the wrong type is one problem; the promises that refer to it must not report another each.
        usable = isinstance(roles, dict) and isinstance(purposes, dict)
        self._tables = Tables(frozenset(roles), frozenset(purposes)) if usable else None

    def header(self) -> None:
        """Check everything but the promises."""
        rest = {key: value for key, value in self.raw.items() if key != "promise"}
        try:
            PolicyHeader.model_validate(rest)
        except ValidationError as error:
            for found in error.errors():
                loc = found["loc"]
                in_parameters = loc[0] == "parameters"
                known = Parameters.model_fields if in_parameters else (*PolicyHeader.model_fields, "promise")
                is_table = len(loc) > 1 and loc[0] in {"parameters", "purposes", "roles"}
                depth = 1 if is_table else 0
                self._add(loc, f"[{loc[0]}]" if is_table else "policy", _explain(found, rest, known, depth=depth))

    def promises(self) -> list[dict[str, Any]]:
        """Check the promises, and return them as `Promise` takes them; usable only if nothing was wrong."""
        raw = self.raw.get("promise", [])
        if not isinstance(raw, list) or not all(isinstance(promise, dict) for promise in raw):
            self._add(("promise",), "policy", "'promise' must be written as tables: [[promise]]")
            return []
        if not raw:
            self._add(("promise",), "policy", "there is no [[promise]]; a policy must have at least one")
        return [self._promise(index, promise) for index, promise in enumerate(raw)]

    def _promise(self, index: int, raw: dict[str, Any]) -> dict[str, Any]:
        promise_id, base = raw.get("id"), ("promise", index)
        where = f"promise {index + 1}"
        if isinstance(promise_id, str) and promise_id.isprintable():
            where += f" ({promise_id[:MOST_CHARACTERS_SHOWN]})"
        rest = {key: value for key, value in raw.items() if key not in {"parameters", *_OTHER_READINGS}}
        try:
            PromiseHeader.model_validate(rest)
        except ValidationError as error:
            known = (*PromiseHeader.model_fields, "parameters", *_OTHER_READINGS)
            for found in error.errors():
                self._add((*base, *found["loc"]), where, _explain(found, rest, known))
        if isinstance(promise_id, str):
            first = self._first_use.setdefault(promise_id, index)
            if first != index:
                line = self.lines.at(("promise", first, "id"))
                self._add((*base, "id"), where, f"the id is used already, by promise {first + 1} on line {line}")
        start, end = raw.get("start"), raw.get("end")
        if type(start) is int and type(end) is int and end <= start:
            self._add((*base, "end"), where, f"'end' ({end}) must come after 'start' ({start})")
        return {**rest, **self._rules(base, where, raw)}

    def _rules(self, base: Path, where: str, raw: dict[str, Any]) -> dict[str, Any]:
        """Return the promise's rule, and the rules of the readings that have other parameters."""
        name = raw.get("kind")
        if not isinstance(name, str):
            return {}
        if name not in self.kinds:
            what = f"there is no rule kind {_shown(name)}{_options(name, sorted(self.kinds))}"
            self._add((*base, "kind"), where, what)
            return {}
        tables = {key: raw[key] for key in ("parameters", *_OTHER_READINGS) if key in raw}
        wrong = [key for key, table in tables.items() if not isinstance(table, dict)]
        for key in wrong:
            self._add((*base, key), where, f"'{key}' must be a table, not {_SORTS[type(tables[key])]}")
        if wrong:
            return {}
        common = tables.pop("parameters", {})
        rule = self._rule((*base, "parameters"), where, self.kinds[name], common)
        if rule is None:
            return {}
        changed = {
            Reading(key): self._rule((*base, key), where, self.kinds[name], {**common, **table})
            for key, table in tables.items()
        }
        return {"rule": rule, "otherwise": changed}

    def _rule(self, base: Path, where: str, kind: type[BaseModel], parameters: dict[str, Any]) -> BaseModel | None:
        known = sorted(kind.model_fields)
        for key in parameters.keys() - kind.model_fields.keys():
            what = f"parameter {_shown(key)} is not one of this kind's parameters{_options(key, known)}"
            self._add((*base, key), where, what)
        given = {key: value for key, value in parameters.items() if key in kind.model_fields}
        try:
            # Through JSON, since there "strict" still lets a list be a tuple and a text a code.
            return kind.model_validate_json(
                json.dumps(given, default=lambda moment: moment.isoformat()), strict=True, context=self._tables
            )
        except ValidationError as error:
            for found in error.errors():
                self._add((*base, *found["loc"]), where, _explain(found, given, (), noun="parameter "))
        return None

    def _add(self, path: Path, where: str, what: str) -> None:
        self.problems.append(PolicyProblem(self.lines.at(path), where, what))


def _explain(error: ErrorDetails, raw: object, known: Iterable[str], *, depth: int = 0, noun: str = "") -> str:
    """Say what is wrong in plain words, without the first `depth` steps of the path, which are named elsewhere."""
    kind, context = error["type"], error.get("ctx", {})
    names, value = _follow(error["loc"], raw)
    if kind == "missing":
        names.append(_shown(error["loc"][-1]))
    place = ", ".join(names[depth:])
    place = f"{noun}{place}" if place else "this"
    match kind:
        case "missing":
            what = " is missing"
        case "extra_forbidden":
            what = f" is not known here{_options(names[-1], list(known))}"
        case "enum" | "literal_error":
            words = re.findall(r"'([^']*)'", str(context["expected"]))
            what = f": {_shown(value)} is not one of the words that may stand here{_options(value, words)}"
        case "value_error":
            what = f": {context['error']}"
        case "timezone_aware":
            what = " has no zone: write it such as 2016-03-14T09:18:33Z"
        case "string_pattern_mismatch" if context["pattern"] in FORMS:
            what = f" must be {FORMS[context['pattern']]}, not {_shown(value)}"
        case _ if kind == UNKNOWN_WORD:
            what = f": {_shown(value)} is not {context['sort']}{_options(value, context['known'])}"
        case _ if kind in _WANTED:
            what = f" must be {_WANTED[kind]}, not {_SORTS[type(value)]}"
        case _:
            what = f" {re.sub(r'^[A-Z][a-z]+ should', 'must', error['msg'])}"
    return f"{place}{what}"


def _follow(loc: tuple[str | int, ...], raw: object) -> tuple[list[str], Any]:
    """Follow a pydantic path as far as the file has it; return the names of its steps, and the value at its end."""
    names: list[str] = []
    for step in loc:
        if isinstance(raw, dict) and step in raw:
            names.append(_shown(step))
            raw = raw[step]
        elif isinstance(raw, list) and isinstance(step, int) and step < len(raw):
            names.append(f"item {step + 1}")
            raw = raw[step]
        elif step == "[key]":
            return [*names[:-1], "the key"], loc[-2]
    return names, raw


def _options(word: object, words: list[str]) -> str:
    """List the valid words, if they are few, and the one most like the wrong word."""
    listed = f": {', '.join(words)}" if 0 < len(words) <= MOST_WORDS_LISTED else ""
    near = get_close_matches(str(word)[:MOST_CHARACTERS_SHOWN], words, n=1)
    return f"{listed}; did you mean {near[0]!r}?" if near else listed


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float) else str(value)
    return text if len(text) <= MOST_CHARACTERS_SHOWN else f"{text[:MOST_CHARACTERS_SHOWN]}…"
