"""PostgreSQL's transient errors stand in one table, and nothing else tells transient errors by lists of its own."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from psycopg import errors

from adapters.postgres.connection import ConnectionLost, translated
from adapters.transient import is_transient
from domain.errors import PledgerError
from projections.transient import CREATED_MEANWHILE, TRANSIENT, transient

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "projections" / "transient.py"
STATES: Final[dict[str, str]] = {
    one.sqlstate: name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, psycopg.Error) and isinstance(one.sqlstate, str)
}
"""Every SQLSTATE that the driver knows, with the name of its error."""
NAMES: Final = {name: state for state, name in STATES.items()}
"""The SQLSTATE of each of those errors."""
LOST: Final = {"08", "40"}
"""Classes after which the transaction is gone."""


def test_no_other_list_of_sqlstates_or_of_transient_errors() -> None:
    """Outside the table no collection holds SQLSTATEs or classes of them, and no except names several transients."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, node in _nodes()
        if path != TABLE and (_lists_states(node) or _lists_errors(node))
    ]
    assert found == []


def test_such_lists_are_noticed() -> None:
    """The search finds the table itself, and the other spellings that there were."""
    assert any(path == TABLE and _lists_states(node) for path, node in _nodes())
    for text in ("state.startswith(('08', '25P0'))", "{'40001'}", "except_in((errors.QueryCanceled, errors.IoError))"):
        assert any(_lists_states(node) or _lists_errors(node) for node in ast.walk(ast.parse(text))), text
    for text in ("(200, 404)", "('20', 'A4')", "(errors.UndefinedTable, errors.UndefinedColumn)", "('name', '08')"):
        assert not any(_lists_states(node) or _lists_errors(node) for node in ast.walk(ast.parse(text))), text


def test_the_library_s_own_retry_is_not_used() -> None:
    """The library's decorator tells transient errors by their kind alone; `adapters.transient.tried_again` asks."""
    imports = (node for _, node in _nodes() if isinstance(node, ast.ImportFrom))
    assert not [
        one for one in imports if one.module == "eventsourcing.utils" for name in one.names if name.name == "retry"
    ]


@pytest.mark.parametrize("state", sorted(STATES))
def test_what_is_asked_of_the_table(state: str) -> None:
    """All who ask say the same of every SQLSTATE: only what is transient is a lost transaction or is held up."""
    error = errors.lookup(state)("a text")
    row = transient(state)
    assert is_transient(error) is (row is not None)
    raised: PledgerError | None = None
    try:
        with translated():
            raise error
    except PledgerError as translation:
        raised = translation
    assert isinstance(raised, ConnectionLost) is (row is not None and row.is_lost)
    assert (state[:2] in LOST) <= (row is not None and row.is_lost)
    assert state not in CREATED_MEANWHILE or row is None


def test_every_row_is_of_errors_that_there_are() -> None:
    """Each row of the table begins some SQLSTATE of the driver's, and is what that one gets."""
    for beginning, row in TRANSIENT.items():
        assert any(state.startswith(beginning) and transient(state) is row for state in STATES), beginning
    assert {*CREATED_MEANWHILE} <= STATES.keys()


def _nodes() -> Iterator[tuple[Path, ast.expr | ast.ImportFrom]]:
    for folder in ("domain", "projections", "adapters"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.expr | ast.ImportFrom):
                    yield path, node


def _elements(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else []


def _lists_states(node: ast.AST) -> bool:
    elements = _elements(node)
    texts = [one.value for one in elements if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return bool(texts) and len(texts) == len(elements) and all(map(_begins_a_state, texts))


@cache
def _begins_a_state(text: str) -> bool:
    return len(text) > 1 and any(state.startswith(text) for state in STATES)


def _lists_errors(node: ast.AST) -> bool:
    """Return whether a tuple names errors of the driver's, and one of them is transient."""
    names = [one.attr for one in _elements(node) if isinstance(one, ast.Attribute)]
    return any(name in NAMES and transient(NAMES[name]) for name in names)
