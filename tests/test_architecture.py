"""The rules about the code itself: which way imports run, how long things are, and what is nowhere."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("domain", "projections", "adapters")
FOLDERS: Final = {*PACKAGES, "tests", "docker"}
SOURCE_TEXTS: Final = ROOT.parent / "shared" / "policy"
"""Where the company's own words lie on a developer's machine, if they do; never in the repository."""

LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 70
RUN_OF_WORDS: Final = 8

CLOCKS: Final = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
FORBIDDEN_IN_DOMAIN: Final = {
    *("random", "secrets", "time", "os", "socket", "subprocess", "threading", "asyncio", "sqlite3", "uuid1"),
    *("psycopg", "fastapi", "httpx", "typer", "rich", "structlog", "cryptography", "pydantic_settings"),
}
HAND_MADE: Final = re.compile(r'"specversion":|"type": f?\[?\{?"pledger\.')
MADE_BY_HAND: Final = {
    "tests/controls.py": "builds them for all others",
    "tests/facts/test_malformed_facts.py": "spoils their envelopes",
    "tests/facts/test_envelope.py": "misspells their types",
    "tests/http/test_facts.py": "sends texts that are not facts",
    "tests/cli/test_audit_trace.py": "has a line of an unknown type",
    "tests/webhooks/test_verdict_changes.py": "describes a whole message",
    "tests/cli/test_screens.py": "has a line of an unknown version of CloudEvents",
    "tests/hardening/test_openapi.py": "describes their schema, not one of them",
    "tests/verdicts/notation.py": "writes a line of a trace as the text that a file holds",
    "tests/webhooks/test_messages.py": "expects the messages that the ledger sends",
}
"""Test files that name the envelope of a CloudEvent themselves, each with the reason."""
FROM_ROWS: Final = {"projections/suppression_list/suppressed.py"}
"""A read model has no events: it fills the part of a record that the judge reads from its own rows."""
SQL: Final = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s+\w+\s+SET|DELETE FROM|CREATE TABLE)\b")


def tracked() -> list[Path]:
    """Return the files that belong to the repository: those that git tracks, or would once they are added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is found by PATH
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so there is no list of files")
    paths = (ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


@cache
def parsed(path: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*folders: str) -> list[Path]:
    """Return the Python modules of some packages."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def shown(path: Path) -> str:
    """Return the path of a file inside the repository."""
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    """Return the text of a file; what is not text gives nothing that could be searched."""
    return path.read_bytes().decode("utf-8", errors="replace")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(tree: ast.AST) -> Iterator[str]:
    """Return the first part of each module that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_imports_run_one_way() -> None:
    """Adapters import projections, projections import the domain, and nothing runs back."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported_files(path: Path) -> set[Path]:
    """Give the files of the program that a file imports, at its top, in functions, and for the type checker alone."""
    found = set()
    for node in ast.walk(parsed(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            place = ROOT / name.replace(".", "/")
            files = (place.with_suffix(".py"), place / "__init__.py", place.parent.with_suffix(".py"))
            found |= set([one for one in (*files, place.parent / "__init__.py") if one.is_file()][:1])
    return {one for one in found if one.is_relative_to(ROOT) and one.relative_to(ROOT).parts[0] in PACKAGES} - {path}


def test_no_files_import_each_other() -> None:
    """Files import in one direction: none leads back to itself by its imports, those for the type checker included."""
    graph = {path: imported_files(path) for path in modules(*PACKAGES)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(map(shown, error.args[1])))


def test_the_outbox_does_not_know_the_server() -> None:
    """A shop's outbox is relayed without the server's code: only a client of the server is in between."""
    imported = {shown(one) for path in modules("adapters/outbox") for one in imported_files(path)}
    assert not [path for path in imported if path.startswith("adapters/http/")]


def test_the_domain_imports_three_things() -> None:
    """The domain knows the standard library and pydantic, with the JSON parser that is inside it, and nothing else."""
    allowed = sys.stdlib_module_names | {"pydantic", "pydantic_core", "jiter", "domain"}
    wrong = {(shown(path), name) for path in modules("domain") for name in imports(parsed(path))}
    assert not {(path, name) for path, name in wrong if name not in allowed or name in FORBIDDEN_IN_DOMAIN}


def test_only_records_join_records() -> None:
    """A record takes over another one as it folds a link, and nobody else tells it to."""
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if not path.is_relative_to(ROOT / "domain" / "records") and shown(path) not in FROM_ROWS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr.strip("_") in {"absorb", "unify"}
    ]
    assert not wrong


def test_the_domain_reads_no_clock_and_throws_no_dice() -> None:
    """Time and chance come in as arguments: no call in the domain is one of a clock's, or of uuid's random ones."""
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in modules("domain")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS | {"uuid4", "uuid1", "urandom"}
    ]
    assert not wrong


def test_the_domain_has_no_floats() -> None:
    """No literal, annotation or conversion in the domain is a float, but where one is recognised to refuse it."""
    known = {"domain/canonical.py", "domain/policy/loader.py"}
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in modules("domain")
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in {"float", "Decimal"} and shown(path) not in known)
    ]
    assert not wrong


def test_the_domain_speaks_no_sql() -> None:
    """No text in the domain is a statement to a database."""
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in modules("domain")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert not wrong


def test_modules_are_short() -> None:
    """A module of the program has at most 300 lines, and opens by saying what it is."""
    long = {shown(path): count for path in modules(*PACKAGES) if (count := text_of(path).count("\n")) > LINES_MAX}
    assert not long
    assert not [shown(path) for path in modules(*PACKAGES) if not ast.get_docstring(parsed(path))]


def test_functions_are_short() -> None:
    """A function of the program has at most 70 lines."""
    wrong = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules(*PACKAGES)
        for node in functions(parsed(path))
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not wrong


def test_every_test_says_what_it_shows() -> None:
    """Each test opens with one sentence."""
    wrong = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in modules("tests")
        for node in functions(parsed(path))
        if node.name.startswith("test_") and not (ast.get_docstring(node) or "").endswith(".")
    ]
    assert not wrong


def test_tests_build_facts_with_controls() -> None:
    """A test takes its facts from `controls`; only those that spoil or describe the envelope write it themselves."""
    tests = [path for path in modules("tests") if path.parent.name != "benchmarks" and path != Path(__file__)]
    assert {shown(path) for path in tests if HAND_MADE.search(text_of(path))} == set(MADE_BY_HAND)


def test_folders_at_the_top() -> None:
    """The repository has the folders that it is to have, and beside them only those that begin with a dot."""
    tops = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    assert {top for top in tops if not top.startswith(".")} <= FOLDERS


def test_tests_are_no_packages() -> None:
    """No folder of tests holds an __init__.py or takes the name of a package, which would hide it."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not {path.name for path in (ROOT / "tests").rglob("*") if path.is_dir()} & set(PACKAGES)
    assert not (ROOT / "docker" / "__init__.py").exists()


def runs_of_words(text: str) -> set[str]:
    """Return every run of eight words, in small letters and without punctuation."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {" ".join(words[start : start + RUN_OF_WORDS]) for start in range(len(words) - RUN_OF_WORDS + 1)}


def test_the_policys_own_sentences_are_nowhere() -> None:
    """No run of eight words of the source text stands in any file: promises are in our own words."""
    sources = list(SOURCE_TEXTS.glob("*.md")) if SOURCE_TEXTS.is_dir() else []
    if not sources:
        pytest.skip("the source text is not on this machine")
    theirs = {run for path in sources for run in runs_of_words(text_of(path))}
    assert theirs
    found = {shown(path): sorted(runs_of_words(text_of(path)) & theirs) for path in tracked()}
    assert not {path: runs for path, runs in found.items() if runs}


def test_no_machine_and_no_registry_is_named() -> None:
    """No file names a package registry's host, nor a folder in which somebody works on this."""
    registries = r"\b(?:files\.python" + r"hosted|py" + r"pi|registry\.npm" + r"js|test\.py" + r"pi)\.(?:org|io|com)\b"
    here = "|".join(re.escape(f"{folder}/") for folder in {str(ROOT), str(ROOT.parent)} if folder.count("/") > 1)
    named = re.compile(registries + (f"|{here}" if here else "") + "|/ro" + "ot/|/ho" + "me/[a-z]+/")
    found = [f"{shown(path)}: {match[0]}" for path in tracked() if (match := named.search(text_of(path)))]
    assert not found
