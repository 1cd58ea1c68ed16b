"""An event that a statement fails on is named, and stops only that read model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

import pytest

from projections import engine, people, subscription_history
from projections.checkpoints import PoisonEvent, ProjectionBroken
from projections.projection import Projection

if TYPE_CHECKING:
    from tests.read_models.conftest import History

# Fails where a customer's opt-out came by the portal: text that is no number.
POISONED: LiteralString = """
INSERT INTO {table} (position, stream_id, amount)
SELECT position, stream_id, CASE data ->> 'via' WHEN 'portal' THEN (data ->> 'via')::integer ELSE 0 END
FROM events
WHERE {window}
"""
FRAGILE = Projection(
    name="fragile",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL, stream_id uuid NOT NULL, amount integer NOT NULL, PRIMARY KEY (stream_id, position)
)
""",
    statement=POISONED,
)
MENDED = replace(FRAGILE, statement=POISONED.replace("'portal'", "'nowhere'"))


def _history(history: History) -> int:
    """Tell of orders with one opt-out by the portal among them; give the opt-out's position."""
    orders = [history.collection("order", f"customer:{number}", 1, f"O-{number}") for number in range(20)]
    poison = history.fact("opt_out", "customer:3", 2, program="email_marketing", via="portal")
    receipts = history.tell(*orders[:10], poison, *orders[10:])
    return receipts[10].position


@pytest.mark.parametrize("window", [1, 3, 50_000])
def test_the_event_is_named_and_the_others_go_on(history: History, window: int) -> None:
    """Everything before it is taken, the other read models reach the end, and the error names the event."""
    poison = _history(history)
    projections = [people.PROJECTION, FRAGILE, subscription_history.PROJECTION]
    reached = engine.catch_up(history.connection, projections, window=window)
    end = reached["subscriptions"]
    assert reached == {"people": end, "fragile": poison - 1, "subscriptions": end}
    obstacles = {one.projection: one.obstacle for one in engine.status(history.connection, projections)}
    assert [name for name, obstacle in obstacles.items() if obstacle] == ["fragile"]
    error = obstacles["fragile"]
    assert isinstance(error, PoisonEvent)
    assert f"position {poison}: CustomerOptedOut.v1 from /test." in error.what
    assert "22P02" in error.why


def test_it_is_tried_again_and_a_mended_statement_rebuilds(history: History) -> None:
    """A second run stops at the same place; a corrected definition is rebuilt, and continues from there."""
    poison = _history(history)
    for _ in range(2):
        assert engine.catch_up(history.connection, [FRAGILE])["fragile"] == poison - 1
    outcomes = engine.rebuild(history.installation.connect, [FRAGILE])
    assert isinstance(outcomes["fragile"], PoisonEvent)
    assert history.connection.execute("SELECT count(*) FROM fragile").fetchone() == (poison - 1,)
    assert isinstance(engine.rebuild(history.installation.connect, [MENDED])["fragile"], engine.Rebuilt)
    assert engine.status(history.connection, [MENDED])[0].obstacle is None
    history.tell(history.fact("opt_out", "customer:4", 3, program="email_marketing", via="portal"))
    assert engine.catch_up(history.connection, [MENDED])["fragile"] > poison


def test_one_that_passes_after_all_clears_the_stop(history: History) -> None:
    """Once a fault of the table is repaired, catching up continues by itself and forgets the fault."""
    _history(history)
    fits = replace(FRAGILE, statement=FRAGILE.statement.replace("(data ->> 'via')::integer", "70000"))
    engine.prepare(history.connection, [fits])
    history.connection.execute("ALTER TABLE fragile ADD CONSTRAINT small CHECK (amount < 70000)")
    engine.catch_up(history.connection, [fits])
    assert engine.status(history.connection, [fits])[0].obstacle
    history.connection.execute("ALTER TABLE fragile DROP CONSTRAINT small")
    reached = engine.catch_up(history.connection, [fits])
    (standing,) = engine.status(history.connection, [fits])
    assert (standing.obstacle, standing.behind, standing.position) == (None, 0, reached["fragile"])


def test_a_statement_that_always_fails_blames_no_event(history: History) -> None:
    """A table that lost a column stops its read model with an error about the statement, at the place where it was."""
    engine.prepare(history.connection, [FRAGILE])
    history.connection.execute("ALTER TABLE fragile DROP COLUMN amount")
    _history(history)
    assert engine.catch_up(history.connection, [FRAGILE]) == {"fragile": 0}
    (standing,) = engine.status(history.connection, [FRAGILE])
    assert isinstance(standing.obstacle, ProjectionBroken)


def test_who_waits_for_a_stopped_read_model_is_told_at_once(history: History) -> None:
    """`at_least` beyond the event raises the error that names it, without waiting; before it, there is an answer."""
    _history(history)
    engine.catch_up(history.connection)
    history.connection.execute("ALTER TABLE subscriptions ADD CONSTRAINT none CHECK (via <> 'portal') NOT VALID")
    (receipt,) = history.tell(history.fact("opt_out", "customer:4", 3, program="email_marketing", via="portal"))
    engine.catch_up(history.connection)
    stream = history.stream(receipt)
    with pytest.raises(PoisonEvent, match=f"position {receipt.position}"):
        subscription_history.current(history.connection, [stream], at_least=receipt.position)
    known = subscription_history.current(history.connection, [stream], at_least=receipt.position - 1)
    assert known["email_marketing"].state == "enrolled"
