"""The read model that projections/README.md adds in ten minutes works as the page has it."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import projections
from projections import engine, registry

if TYPE_CHECKING:
    from types import ModuleType
    from uuid import UUID

    from tests.read_models.conftest import History

PAGE = (Path(__file__).parents[2] / "projections" / "README.md").read_text(encoding="utf-8")
ADA, BEA = "customer:1", "customer:2"
FIRST, SECOND, THIRD = (datetime(2016, 4, day, tzinfo=UTC) for day in (1, 2, 3))


def _block(name: str) -> str:
    """Return the code that follows a comment of the page."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.fixture
def objections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the page's module, where it would be if somebody had added it."""
    path = tmp_path / "objections.py"
    path.write_text(_block("projections/objections.py"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("projections.objections", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "projections.objections", module)
    monkeypatch.setattr(projections, "objections", module, raising=False)
    monkeypatch.setattr(registry, "PROJECTIONS", (*registry.PROJECTIONS, module.PROJECTION))
    return module


def _told(history: History) -> tuple[UUID, UUID]:
    """Tell of objections of two people who turn out to be one, and of a third who is erased; give two streams."""
    one, other, *_ = history.tell(
        history.fact("objection", ADA, 2, purpose="deliver_ads"),
        history.fact("objection", BEA, 1, purpose="deliver_ads"),
        history.fact("objection", ADA, 3, purpose="print_posters"),
        history.collection("order", ADA, 1, "O-1"),
        history.fact("objection", "customer:3", 1, purpose="deliver_ads"),
        history.fact("opt_out_offer", ADA, 4, purpose="deliver_ads", also=[BEA]),
        history.fact("erasure", "customer:3", 5, reason="asked"),
    )
    return history.stream(one), history.stream(other)


def _rows(history: History) -> list[tuple[Any, ...]]:
    return history.connection.execute(
        "SELECT stream_id, purpose, occurred_at FROM objections ORDER BY position"
    ).fetchall()


def test_the_pages_read_model_reads_a_real_history(history: History, objections: ModuleType) -> None:
    """Its rows are right in windows of any size and after a rebuild, and it answers as of any moment."""
    ada, bea = _told(history)
    expected = [(ada, "deliver_ads", SECOND), (bea, "deliver_ads", FIRST), (ada, "print_posters", THIRD)]
    assert registry.PROJECTIONS[-1] is objections.PROJECTION
    for window in (1, 3, 1000):
        engine.prepare(history.connection, registry.PROJECTIONS)
        for projection in registry.PROJECTIONS:
            history.connection.execute(projection.sql("DELETE FROM {table}"))
        history.connection.execute("UPDATE projection_checkpoints SET position = 0")
        engine.catch_up(history.connection, registry.PROJECTIONS, window=window)
        assert _rows(history) == expected, window
    history.connection.execute("DELETE FROM objections")
    rebuilt = engine.rebuild(history.installation.connect, [objections.PROJECTION], window=2)["objections"]
    assert isinstance(rebuilt, engine.Rebuilt)
    assert (rebuilt.rows, _rows(history)) == (3, expected)

    assert objections.of(history.connection, [bea]) == {"deliver_ads": FIRST, "print_posters": THIRD}
    assert objections.of(history.connection, [ada], as_of=FIRST) == {}
    end = history.events()[-1].position
    assert objections.of(history.connection, [ada], at_least=end) == objections.of(history.connection, [bea])


def test_what_the_page_says_to_try_works(
    history: History, objections: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines under "Try it" print the objections of the person whose stream is given."""
    ada, _ = _told(history)
    exec(_block("try it"), {"connection": history.connection, "stream": ada})  # noqa: S102 - the page's own lines
    assert "print_posters" in capsys.readouterr().out
    assert set(objections.of(history.connection, [ada])) == {"deliver_ads", "print_posters"}


def test_the_page_shows_a_statement_that_keeps_the_rules(objections: ModuleType) -> None:
    """The page's statement keeps the page's rules: it depends only on the events of the window."""
    text = f"{objections.PROJECTION.tables} {objections.PROJECTION.statement}".lower()
    for banned in ("now()", "default", "format(", "jsonb_build", "::timestamptz"):
        assert banned not in text
    assert "customererased.v1" in text
