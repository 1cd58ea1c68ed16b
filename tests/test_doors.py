"""The command line and the server are doors: they read what is asked, ask one function, and show its answer.

The answers are gathered in `adapters/queries`, and the actions are done by the other folders. So a door runs no SQL,
imports nothing from which it could gather an answer itself, and puts no two answers together.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from tests.test_architecture import ROOT, SQL, functions, modules, parsed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOORS: Final = ("adapters/cli", "adapters/http")
DATABASE_CALLS: Final = {"execute", "executemany", "fetchall", "fetchone", "fetchmany"}
DRIVERS: Final = {"psycopg", "psycopg_pool", "sqlite3"}

ALLOWED: Final = {
    "adapters.cli": "the door itself",
    "adapters.http": "the door itself; the command line starts the server",
    "adapters.queries": "answers every question",
    "adapters.bootstrap": "opens, creates and migrates a ledger",
    "adapters.settings": "what the environment says",
    "adapters.reports": "renders reports, audits and words",
    "adapters.audits.view": "what the text of an audit shows",
    "adapters.audits.explanation.parse_fact_name": "reads an argument",
    "adapters.audits.ledgers": "judges what a question has fixed, in a process of its own",
    "adapters.audits.changes": "works out what changed of what a question has fixed, in a process of its own",
    "adapters.audits.scope": "what a question has fixed",
    "adapters.report_reads": "gives a report, and records it",
    "adapters.receipt_notes": "says in words what a receipt holds",
    "adapters.api_keys": "makes, ends and checks keys",
    "adapters.ledger.Receipt": "the answer to an append",
    "adapters.ledger.Permission": "the answer to a question",
    "adapters.ledger.utc_now": "the clock",
    "adapters.contract": "reads facts and names",
    "adapters.imports": "reads files, and appends or sends what they hold",
    "adapters.reconciliation.mapping": "reads an argument",
    "adapters.notices.check": "checks a page, and records what it shows",
    "adapters.client": "talks to a server",
    "adapters.outbox": "relays an outbox",
    "adapters.unsubscribe": "makes links, and takes clicks",
    "adapters.told_services": "says what a service is told of findings",
    "adapters.webhooks.messages": "reads an argument",
    "adapters.webhooks.registry": "adds, changes and removes webhooks",
    "adapters.webhooks.signing": "shows a secret",
    "adapters.webhooks.trial": "sends a test message",
    "adapters.workers": "follows the log, and rebuilds",
    "adapters.demo.life": "the limits of an argument",
    "adapters.demo.playing": "plays the demo",
    "adapters.own_facts": "the envelope of a signal that is appended",
    "adapters.statistics.releasing.SOURCE": "a name that is shown",
    "projections.as_of": "reads an argument",
    "projections.engine": "begins, ends and watches rebuilds",
    "projections.projection": "types",
    "projections.request_history": "the words and limits of arguments",
    "domain.audit.meanings": "words that are shown",
    "domain.audit.reasons": "words that are shown",
    "domain.errors": "what is shown of an error",
    "domain.facts": "reads facts, and the words of arguments",
    "domain.json_text": "reads a body",
    "domain.naming": "marks the events that an answer names",
    "domain.policy.status": "words that are shown",
    "domain.policy.problems": "what is wrong with an argument",
    "domain.statistics.dimensions": "reads arguments",
    "domain.suppressed": "says what is owed in words",
    "domain.times": "writes times",
    "domain.vocabulary": "the words of arguments",
}
"""What a door may import, a module or one name of it, and for what. None of it tells what is on record."""
EXCEPTIONS: Final = {
    ("adapters/cli/session.py", "adapters.postgres.connection.translated"): "opens the connection of a command",
    ("adapters/cli/projections.py", "adapters.postgres.connection.translated"): "opens the connections of a rebuild",
    ("adapters/http/service.py", "adapters.postgres.connection.translated"): "opens the connections of questions",
    ("adapters/http/service.py", "psycopg_pool.ConnectionPool"): "keeps the connections of questions",
    ("adapters/http/events.py", "adapters.ledger.opening.with_names"): "opens names only for a receipt that has some",
}
"""What one file may import beyond that, and for what."""
SEVERAL: Final = {
    "adapters/cli/demo.py _show": "prints three answers, one after the other",
    "adapters/cli/holdings.py holdings": "of one customer, or of everybody",
    "adapters/cli/statistics.py statistics": "a table, or releases counted again",
    "adapters/cli/suppressions.py suppressions": "the list, or what has changed of it",
}
"""Functions that name more than one question, each with how they keep the answers apart."""


def doors() -> list[Path]:
    """Return the modules of the doors."""
    return modules(*DOORS)


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Return what a module imports of this program or a driver when it runs; what only types need is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = []
            yield from imported_names(node)
        yield from (name for name in names if name.split(".")[0] in {"adapters", "projections", "domain", *DRIVERS})


def is_allowed(name: str) -> bool:
    """Return whether every door may import a name."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in ALLOWED for count in range(1, len(parts) + 1))


def calls_of_modules(tree: ast.AST) -> set[str]:
    """Return the functions that are called as parts of imported modules, such as `registry.add`."""
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported
    }


@cache
def reads() -> frozenset[str]:
    """Return the functions by which the questions read; `bootstrap` only opens a ledger."""
    found = {one for path in modules("adapters/queries") for one in calls_of_modules(parsed(path))}
    return frozenset(one for one in found if not one.startswith("bootstrap."))


def gathered(path: Path, tree: ast.AST) -> list[str]:
    """Return where a door runs SQL, reads as a question does, or imports what is not for doors."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DATABASE_CALLS:
            found.append(f"{node.func.attr}()")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            found.append("SQL")
    found += sorted(calls_of_modules(tree) & reads())
    names = set(imported_names(tree))
    return found + sorted(name for name in names if not is_allowed(name) and (shown(path), name) not in EXCEPTIONS)


@cache
def questions() -> frozenset[str]:
    """Return the functions of `adapters/queries` that look into a ledger, an outbox or an installation."""
    sources = {"connection", "ledger", "settings", "outbox"}
    return frozenset(
        node.name
        for path in modules("adapters/queries")
        if path.stem != "read_point"  # This says as of when a question is answered, and answers none.
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and sources & {one.arg for one in node.args.args}
    )


def asked(node: ast.AST, tree: ast.Module) -> frozenset[str]:
    """Return the questions that a function of a module names, by itself or through the functions inside it."""
    imported = {
        alias.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("adapters.queries")
        for alias in one.names
    }
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} & imported
    parts = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    return questions() & (names | {one.attr for one in parts if ast.unparse(one.value) in imported})


def test_doors_gather_nothing() -> None:
    """No module of the command line or the server runs SQL, or imports what tells it what is on record."""
    found = {shown(path): wrong for path in doors() if (wrong := gathered(path, parsed(path)))}
    assert not found


def test_doors_put_no_answers_together() -> None:
    """A function of a door asks one question, but for those that show several answers, or one of them."""
    several = {
        f"{shown(path)} {node.name}"
        for path in doors()
        for node in functions(parsed(path))
        if len(asked(node, parsed(path))) > 1
    }
    assert several == set(SEVERAL)


def test_every_exception_is_needed() -> None:
    """What is allowed to doors, to all or to one file, is what some door imports."""
    names = {(shown(path), name) for path in doors() for name in imported_names(parsed(path))}
    unused = [one for one in ALLOWED if not any(f"{name}.".startswith(f"{one}.") for _, name in names)]
    assert not unused
    assert set(EXCEPTIONS) <= names


@pytest.mark.parametrize(
    "text",
    [
        "from adapters.postgres.queries import query",
        "from adapters.ledger.records import Records",
        "from adapters.ledger import stream_reader",
        "from projections import suppression_list",
        "import psycopg",
        "from adapters.webhooks import registry\nfound = registry.list_webhooks(None, None)",
        "from adapters.api_keys import keys\nREAD = keys.list_keys",
        "def f(connection):\n    return connection.execute('head').fetchall()",
        "def f():\n    from domain.records.customer import Customer",
        "TEXT = 'SELECT size FROM head'",
    ],
)
def test_a_door_that_gathers_is_found(text: str) -> None:
    """A read of a table, a record or a read model is found, wherever a door makes it."""
    assert gathered(ROOT / "adapters/cli/status.py", ast.parse(text))


def test_answers_that_are_put_together_are_found() -> None:
    """A function that asks two questions is found, whichever way it names them."""
    text = """
from adapters.queries import lists
from adapters.queries.read_models import read_models

def show(connection):
    def listed():
        return lists.suppressions(connection)
    return {**listed(), **read_models(connection)}
"""
    tree = ast.parse(text)
    assert asked(tree.body[-1], tree) == {"suppressions", "read_models"}
