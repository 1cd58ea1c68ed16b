"""Makes the changes: each module of a copy of the tree gets all its mutants beside the functions that they change.

mutmut makes them, and the switch that says which one runs. `tool.mutmut` of pyproject.toml lists the modules.
"""

from __future__ import annotations

import ast
import json
import subprocess
import tomllib
from difflib import unified_diff
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[2]
SETTINGS: Final[Mapping[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "mutmut"
]
_WAIT_SECONDS: Final = 60


class Mutant(NamedTuple):
    """One change: mutmut's name of it, the function that it is in, and the lines that went and came, without indent."""

    name: str
    function: str
    change: str
    place: str
    """The statement that it changes: the file of the changed copy, and its first and last line there."""


class Module(NamedTuple):
    """A module that is changed, the digest of its source, and its mutants."""

    name: str
    digest: str
    mutants: tuple[Mutant, ...]


def copy_tree(to: Path) -> None:
    """Make the folder hold what git knows, and what it would; what is the same already is not written again."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607 - git is found by PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=_WAIT_SECONDS,
    )
    names = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    for path in to.rglob("*.*"):
        if path.suffix in {".py", ".toml"} and str(path.relative_to(to)) not in names:
            path.unlink()
    for name in names:
        if not _is_changed(name):
            write_bytes(to / name, (ROOT / name).read_bytes())


def _is_changed(name: str) -> bool:
    is_in = any(Path(name).is_relative_to(place) for place in SETTINGS["source_paths"])
    return is_in and name not in SETTINGS["do_not_mutate"]


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, if it holds anything else, so that what was compiled of it stays good."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def change(tree: Path, made: Path) -> Iterator[Module]:
    """Write every module that is to be changed into the tree, with its mutants. `made` keeps them by source."""
    for place in SETTINGS["source_paths"]:
        found = ROOT / place
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            relative = path.relative_to(ROOT)
            if str(relative) in SETTINGS["do_not_mutate"]:
                continue
            source = path.read_text(encoding="utf-8")
            digest = sha256(source.encode()).hexdigest()
            kept = made / f"{digest}.json"
            if not kept.exists():
                kept.write_text(json.dumps(_changed(relative, source)), encoding="utf-8")
            changed = json.loads(kept.read_text(encoding="utf-8"))
            write_bytes(tree / relative, changed["code"].encode())
            if changed["mutants"]:
                name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
                yield Module(name, digest, tuple(Mutant(*one) for one in changed["mutants"]))


def _changed(relative: Path, source: str) -> dict[str, Any]:
    made = mutate_file_contents(str(relative), source)
    lines = made.code.splitlines()
    spans = {name: (span.start, span.end) for name, span in made.line_span_by_function_name.items()}
    statements = _statements(made.code)
    mutants = [_mutant(relative, name, lines, spans, statements) for name in made.mutant_names]
    return {"code": made.code, "mutants": mutants}


def _statements(code: str) -> list[tuple[int, int]]:
    """Return the first and last line of each statement; of one that holds others, those before them."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt) and node.end_lineno is not None:
            within = [child.lineno for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
            found.append((node.lineno, max(node.lineno, min(within, default=node.end_lineno + 1) - 1)))
    return sorted(found)


def _mutant(
    relative: Path,
    name: str,
    lines: Sequence[str],
    spans: Mapping[str, tuple[int, int]],
    statements: Sequence[tuple[int, int]],
) -> Mutant:
    unnumbered = name.rpartition("__mutmut_")[0]
    original = f"{unnumbered}__mutmut_orig"
    (first, last), (begins, ends) = spans[original], spans[name]
    before = [line.replace(original, unnumbered) for line in lines[first - 1 : last]]
    after = [line.replace(name, unnumbered) for line in lines[begins - 1 : ends]]
    at = first + next(place for place, pair in enumerate(zip_longest(before, after)) if pair[0] != pair[1])
    own = [one for one in statements if first <= one[0] <= last]
    is_changed = [one for one in own if one[0] <= at <= one[1]]
    # What changes a default is reached where the function is; its docstring, which comes first, is never run.
    is_of_head = not is_changed or max(is_changed) == own[0]
    start, end = (own[1][0], own[min(2, len(own) - 1)][1]) if is_of_head else max(is_changed)
    differing = list(unified_diff(before, after, n=0, lineterm=""))[2:]
    change = "\n".join(f"{line[0]} {line[1:].strip()}" for line in differing if line[0] in "-+")
    full = get_mutant_name(relative, name)
    function = full.rpartition("__mutmut_")[0].replace("ǁ", ".").replace(".x.", ".").replace(".x_", ".")
    return Mutant(full, function, change, f"{relative}:{start}:{end}")
