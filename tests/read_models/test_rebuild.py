"""A rebuild: made beside the live table, swapped in one step, stopped, continued, cancelled, and refused twice."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from domain.errors import PledgerError
from projections import checkpoints, engine, people, sharing_history, subscription_history
from projections.checkpoints import ProjectionOutdated
from projections.engine import shadows
from projections.engine.rebuild import RebuildStopped
from projections.engine.shadows import RebuildCancelled, RebuildRunning
from projections.engine.swap import RebuildHeldUp, swap
from projections.projection import Projection

if TYPE_CHECKING:
    from projections.engine import Progress
    from tests.read_models.conftest import History

SUBSCRIPTIONS = subscription_history.PROJECTION


def _crowd(history: History, count: int, first: int = 0) -> int:
    """Tell of `count` customers who order and opt out; give the position of the last event."""
    receipts = history.tell(
        *(
            fact
            for number in range(first, first + count)
            for fact in (
                history.collection("order", f"customer:{number}", 1, f"O-{number}"),
                history.fact("opt_out", f"customer:{number}", 2, program="email_marketing", via="portal"),
            )
        )
    )
    return receipts[-1].position


def _rows(history: History) -> list[tuple[Any, ...]]:
    return history.connection.execute("SELECT * FROM subscriptions ORDER BY position").fetchall()


def _shadows(history: History) -> list[str]:
    rows = history.connection.execute(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema AND tablename LIKE '%%\\_shadow'"
    ).fetchall()
    return [name for (name,) in rows]


def _tamper(history: History) -> None:
    """Take a row out of a table that is read, as a fault might."""
    history.connection.execute("DELETE FROM subscriptions WHERE position = (SELECT max(position) FROM subscriptions)")


def test_a_rebuild_makes_what_catching_up_made(history: History) -> None:
    """A table that lost a row is whole again, in windows of any size, and nothing is left of the shadows."""
    end = _crowd(history, 30)
    engine.catch_up(history.connection)
    before = history.rows()
    for window in (7, 50_000):
        _tamper(history)
        assert history.rows() != before
        outcomes = engine.rebuild(history.installation.connect, window=window)
        assert history.rows() == before
        rebuilt = outcomes["subscriptions"]
        assert isinstance(rebuilt, engine.Rebuilt)
        assert (rebuilt.position, rebuilt.rows) == (end, len(before["subscriptions"]))
    assert _shadows(history) == []
    assert history.connection.execute("SELECT count(*) FROM projection_rebuilds").fetchone() == (0,)


def test_one_is_rebuilt_and_the_others_are_left_alone(history: History) -> None:
    """Only the named read model is made again."""
    _crowd(history, 5)
    engine.catch_up(history.connection)
    _tamper(history)
    before = history.rows()
    assert list(engine.rebuild(history.installation.connect, [people.PROJECTION])) == ["people"]
    assert history.rows() == before


def test_a_rebuild_before_anything_was_read_reads_everything(history: History) -> None:
    """Where no read model has a table yet, a rebuild makes them."""
    end = _crowd(history, 3)
    engine.rebuild(history.installation.connect)
    assert set(engine.positions(history.connection).values()) == {end}
    engine.catch_up(history.connection)
    assert _rows(history)


def test_progress_says_how_far_and_how_fast(history: History) -> None:
    """Each window is reported, with the rows so far and a rate; at the end nothing is left to do."""
    end = _crowd(history, 20)
    told: list[Progress] = []
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=10, told=told.append)
    assert [one.position for one in told] == [*range(10, end, 10), end]
    assert [one.rows for one in told] == sorted(one.rows for one in told)
    assert told[-1].rows == 40
    assert all(one.goal == end and one.events_per_second > 0 for one in told)
    assert told[0].seconds_left > told[-1].seconds_left == 0


def test_one_that_was_stopped_goes_on_where_it_was(history: History) -> None:
    """The live table stays as it was; the next rebuild does not read again what the first has read."""
    end = _crowd(history, 20)
    engine.catch_up(history.connection)
    _tamper(history)
    before, stop = history.rows(), Event()
    outcomes = engine.rebuild(
        history.installation.connect, [SUBSCRIPTIONS], window=10, told=lambda _: stop.set(), stop=stop
    )
    assert isinstance(outcomes["subscriptions"], RebuildStopped)
    assert history.rows() == before
    (standing,) = engine.status(history.connection, [SUBSCRIPTIONS])
    assert standing.rebuild is not None
    assert (standing.rebuild.position, standing.rebuild.is_running) == (10, False)
    told: list[Progress] = []
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=10, told=told.append)
    assert told[0].position == 20
    assert told[-1].position == end
    assert told[-1].rows == len(_rows(history)) == 40


def test_one_of_another_definition_is_begun_anew(history: History) -> None:
    """A shadow that another version of the program left half full is not continued."""
    _crowd(history, 20)
    stop = Event()
    other = replace(SUBSCRIPTIONS, statement=SUBSCRIPTIONS.statement + " AND event.version < 2")
    engine.rebuild(history.installation.connect, [other], window=10, told=lambda _: stop.set(), stop=stop)
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS])
    assert len(_rows(history)) == 40


def test_two_at_once_are_refused(history: History) -> None:
    """While one rebuild runs, a second one of the same read model is refused before it touches anything."""
    _crowd(history, 5)
    refused: list[RebuildRunning] = []

    def second(_: Progress) -> None:
        with pytest.raises(RebuildRunning) as raised:
            engine.rebuild(history.installation.connect, [people.PROJECTION, SUBSCRIPTIONS])
        refused.append(raised.value)

    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], told=second)
    assert "subscriptions is being rebuilt already" in refused[0].what
    assert _shadows(history) == []


def test_one_whose_program_died_is_taken_up(history: History) -> None:
    """A holder whose database session is gone holds nothing up, and changes nothing if it comes back."""
    _crowd(history, 20)
    engine.prepare(history.connection)
    gone = uuid4()
    with history.installation.connect() as dying:
        shadows.claim(dying, [SUBSCRIPTIONS], gone)
        shadows.advance(dying, SUBSCRIPTIONS, gone, 0, 10)
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS])
    assert len(_rows(history)) == 40
    with pytest.raises(RebuildCancelled):
        shadows.advance(history.connection, SUBSCRIPTIONS, gone, 10, 20)


def test_cancelling_throws_the_shadow_away_and_ends_the_rebuild(history: History) -> None:
    """A running rebuild ends with an error, the live table stays, and a second cancel finds nothing."""
    _crowd(history, 20)
    engine.catch_up(history.connection)
    _tamper(history)
    before = history.rows()

    def cancel(_: Progress) -> None:
        if SUBSCRIPTIONS.shadow in _shadows(history):
            assert engine.cancel(history.connection, [SUBSCRIPTIONS]) == ["subscriptions"]

    outcomes = engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=10, told=cancel)
    assert isinstance(outcomes["subscriptions"], RebuildCancelled)
    assert history.rows() == before
    assert _shadows(history) == []
    assert engine.cancel(history.connection, engine.PROJECTIONS) == []


def test_appends_and_readers_go_on_meanwhile(history: History) -> None:
    """Between any two windows facts are appended and the old table answers; in the end nothing is missing."""
    _crowd(history, 30)
    engine.catch_up(history.connection)
    stream = _rows(history)[0][1]

    def more(progress: Progress) -> None:
        if progress.position < 120:
            _crowd(history, 2, first=100 + progress.position)
            assert subscription_history.current(history.connection, [stream])["email_marketing"].state == "opted_out"

    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=20, told=more)
    end = checkpoints.size(history.connection)
    assert engine.positions(history.connection, [SUBSCRIPTIONS]) == {"subscriptions": end}
    rebuilt = _rows(history)
    history.start_over()
    engine.catch_up(history.connection)
    assert _rows(history) == rebuilt


def test_the_swap_never_goes_back_behind_the_live_table(history: History) -> None:
    """What catching up read while the shadow was behind is taken into the shadow before the swap."""
    _crowd(history, 10)
    engine.prepare(history.connection)
    holder = uuid4()
    shadows.claim(history.connection, [SUBSCRIPTIONS], holder)
    shadows.advance(history.connection, SUBSCRIPTIONS, holder, 0, 10)
    reached = engine.catch_up(history.connection)["subscriptions"]
    before = _rows(history)
    assert swap(history.connection, SUBSCRIPTIONS, holder, 10)[0] == reached
    assert _rows(history) == before
    assert subscription_history.of(history.connection, [before[-1][1]], at_least=reached)


def test_a_long_reader_holds_up_the_swap_and_nobody_else(history: History) -> None:
    """A long reading transaction goes on; others read in between; the shadow waits and is not lost."""
    _crowd(history, 10)
    engine.catch_up(history.connection)
    _tamper(history)
    before = _rows(history)
    holder = uuid4()
    end = checkpoints.size(history.connection)
    with history.installation.connect() as reader, history.installation.connect() as other:
        with reader.transaction():
            reader.execute("SELECT count(*) FROM subscriptions")
            shadows.claim(history.connection, [SUBSCRIPTIONS], holder)
            shadows.advance(history.connection, SUBSCRIPTIONS, holder, 0, end)
            with pytest.raises(RebuildHeldUp):
                swap(history.connection, SUBSCRIPTIONS, holder, end, retry_seconds=0.5)
            assert other.execute("SELECT count(*) FROM subscriptions").fetchone() == (len(before),)
            # What appends and catches up is not held up either.
            _crowd(history, 1, first=50)
            assert engine.catch_up(other)["subscriptions"] > end
        shadows.let_go(history.connection, holder)
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS])
    assert len(_rows(history)) == 22


def test_an_erased_person_is_in_no_shadow_either(history: History) -> None:
    """A person who is erased while a shadow has their rows is not in it after the swap."""
    _crowd(history, 10)
    engine.catch_up(history.connection)
    holder = uuid4()
    shadows.claim(history.connection, [SUBSCRIPTIONS], holder)
    end = checkpoints.size(history.connection)
    shadows.advance(history.connection, SUBSCRIPTIONS, holder, 0, end)
    (receipt,) = history.tell(history.fact("erasure", "customer:3", 5, reason="asked"))
    erased = history.stream(receipt)
    assert erased not in {
        stream for (stream,) in history.connection.execute("SELECT stream_id FROM subscriptions_shadow").fetchall()
    }
    swap(history.connection, SUBSCRIPTIONS, holder, end)
    engine.catch_up(history.connection)
    assert erased not in {row[1] for row in _rows(history)}
    assert len(_rows(history)) == 18


def test_an_erasure_and_a_window_of_the_shadow_wait_for_each_other(history: History) -> None:
    """A window that is open when somebody is erased commits first, and the erasure then finds its rows."""
    _crowd(history, 3)
    engine.catch_up(history.connection)
    holder = uuid4()
    end = checkpoints.size(history.connection)
    shadows.claim(history.connection, [SUBSCRIPTIONS], holder)
    with history.installation.connect() as slow, slow.transaction():
        shadows.advance(slow, SUBSCRIPTIONS, holder, 0, end)
        erasing = Thread(target=history.tell, args=(history.fact("erasure", "customer:1", 5, reason="asked"),))
        erasing.start()
        erasing.join(0.5)
        assert erasing.is_alive()
    erasing.join(10)
    assert not erasing.is_alive()
    (count,) = history.connection.execute("SELECT count(*) FROM subscriptions_shadow").fetchall()[0]
    assert count == 4


def test_rows_of_another_definition_are_not_read_on(history: History) -> None:
    """A read model whose definition changed is neither moved along nor answered from, until it is rebuilt."""
    end = _crowd(history, 3)
    older = replace(SUBSCRIPTIONS, statement=SUBSCRIPTIONS.statement + " AND event.version < 2")
    engine.catch_up(history.connection, [people.PROJECTION, older, sharing_history.PROJECTION])
    _crowd(history, 1, first=10)
    assert engine.catch_up(history.connection)["subscriptions"] == end
    with pytest.raises(ProjectionOutdated, match="pledger rebuild subscriptions"):
        subscription_history.counts(history.connection, at_least=end)
    assert any(isinstance(one.obstacle, ProjectionOutdated) for one in engine.status(history.connection))
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS])
    assert subscription_history.counts(history.connection, at_least=end + 1)["email_marketing"]["opted_out"] == 4


def test_what_fails_leaves_the_old_table_and_the_other_rebuilds(history: History) -> None:
    """A statement that PostgreSQL refuses ends its own rebuild with an error; the rest take their places."""
    end = _crowd(history, 5)
    engine.catch_up(history.connection)
    before = history.rows()
    broken = Projection(SUBSCRIPTIONS.name, SUBSCRIPTIONS.tables, "INSERT INTO {table} SELECT nothing FROM events")
    outcomes = engine.rebuild(history.installation.connect, [broken, people.PROJECTION])
    failed = outcomes["subscriptions"]
    assert isinstance(failed, PledgerError)
    assert (failed.code, "42703" in failed.why) == ("projection_broken", True)
    assert isinstance(outcomes["people"], engine.Rebuilt)
    assert history.rows() == before
    assert subscription_history.counts(history.connection, at_least=end)


def test_a_connection_cut_in_the_middle_leaves_a_rebuild_to_be_taken_up(history: History) -> None:
    """Every session of a rebuild is ended by the server; the next one goes on where it was."""
    end = _crowd(history, 20)

    def cut(progress: Progress) -> None:
        if progress.position == 20:
            with history.installation.database.connect_as_owner() as owner:
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> ALL (%s) AND datname = current_database()",
                    ([owner.info.backend_pid, history.connection.info.backend_pid],),
                )

    with pytest.raises(psycopg.OperationalError):
        engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=10, told=cut)
    told: list[Progress] = []
    engine.rebuild(history.installation.connect, [SUBSCRIPTIONS], window=10, told=told.append)
    assert told[0].position == 30
    assert told[-1].position == end
    assert len(_rows(history)) == 40
