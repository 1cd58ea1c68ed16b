"""The engine: however history is cut into windows, and whoever cuts it, the tables are those of a plain fold."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from domain.events import customer as events
from domain.vocabulary import Program
from projections import checkpoints, engine, subscriptions
from projections.engine import catching_up

if TYPE_CHECKING:
    from uuid import UUID

    from domain.commands import Fact
    from domain.events import Event
    from projections.projection import Projection
    from tests.read_models.conftest import History

Step = tuple[str, int, int, int]
KINDS = ("order", "contest_entry", "catalog_request", "gift", "cancel", "out", "import", "share", "link", "erase")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 4), st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=25
)


def _fact(history: History, step: Step, crowd: str) -> Fact:
    kind, number, day, other = step
    who, program = f"customer:{crowd}-{number}", ("email_marketing", "physical_mailings")[other % 2]
    match kind:
        case "cancel":
            return history.fact("order_cancelled", who, day, reference=f"R-{other}")
        case "out":
            return history.fact("opt_out", who, day, program=program, via="portal")
        case "import":
            return history.fact("enrollment", who, day, program=program, cause="import")
        case "share":
            given_away: dict[str, Any] = {
                "recipient": f"r{other}",
                "purpose": "deliver_order",
                "categories": ["user.name", "user.payment"],
            }
            return history.fact("share", who, day, **given_away)
        case "link":
            return history.fact("objection", who, day, purpose="deliver_ads", also=[f"customer:{crowd}-{other}"])
        case "erase":
            return history.fact("erasure", who, day, reason="asked")
        case _:
            return history.collection(kind, who, day, f"R-{other}")


def _broken(event: Event, *, excused: bool = False) -> list[str]:
    return sorted({found.promise for found in event.findings if found.excused is excused})


def _fold(log: list[Event]) -> dict[str, list[tuple[Any, ...]]]:
    """Work the tables out event by event: slow, and obvious."""
    erased = {event.originator_id for event in log if isinstance(event, events.CustomerErased)}
    tables: dict[str, list[tuple[Any, ...]]] = {"people": [], "subscriptions": [], "sharing_history": []}
    for event in log:
        if event.originator_id in erased:
            continue
        key, origin = (event.position, event.originator_id), (event.occurred_at, event.source, event.fact_id)
        match event:
            case events.CustomersLinked():
                tables["people"].append((*key, event.person, list(event.others), *origin))
            case events.CustomerEnrolled():
                tables["subscriptions"].append(
                    (*key, event.program, "enrolled", event.cause, None, *origin, _broken(event))
                )
            case events.CustomerOptedOut():
                tables["subscriptions"].append(
                    (*key, event.program, "opted_out", None, event.via, *origin, _broken(event))
                )
            case events.SuppressionRecalled(program=Program() as program):
                tables["subscriptions"].append((*key, program, "opted_out", None, "suppression_list", *origin, []))
            case events.EnrollmentEnded():
                tables["subscriptions"].append((*key, event.program, "ended", None, None, *origin, _broken(event)))
            case events.DataShared():
                what = (event.recipient, event.kind, event.purpose, list(event.categories))
                ground = (event.reference_code, list(event.relies_on))
                found = (_broken(event), _broken(event, excused=True))
                tables["sharing_history"].append((*key, *what, *ground, *origin, *found))
    return tables


def _persons(log: list[Event]) -> dict[UUID, set[UUID]]:
    together: dict[UUID, set[UUID]] = {event.originator_id: {event.originator_id} for event in log}
    for event in log:
        if isinstance(event, events.CustomersLinked):
            joined = set().union(*(together[stream] for stream in (event.originator_id, *event.others)))
            for stream in joined:
                together[stream] = joined
    return together


def _states(tables: dict[str, list[tuple[Any, ...]]], streams: set[UUID]) -> dict[str, str]:
    mine = [row for row in tables["subscriptions"] if row[1] in streams]
    return {row[2]: row[3] for row in sorted(mine, key=lambda row: (row[6], row[0]))}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, halt=st.integers(0, 25), window=st.integers(1, 40), cuts=st.lists(st.integers(1, 400), max_size=4))
def test_any_split_into_windows_is_the_fold(
    history: History, steps: list[Step], halt: int, window: int, cuts: list[int]
) -> None:
    """Catching up between appends, or afterwards in any windows, gives the tables of a plain fold, and its answers."""
    crowd = str(checkpoints.size(history.connection))
    facts = [_fact(history, step, crowd) for step in steps]
    engine.catch_up(history.connection)
    history.installation.ledger.append_many(facts[:halt])
    engine.catch_up(history.connection, window=window)
    history.installation.ledger.append_many(facts[halt:])
    engine.catch_up(history.connection, window=window)
    log = history.events()
    expected = _fold(log)
    assert history.rows() == expected

    history.start_over()
    for cut in sorted(cuts):
        engine.catch_up(history.connection, upto=cut, window=window * 7)
    reached = engine.catch_up(history.connection, window=97)
    assert set(reached.values()) == {len(log)}
    assert history.rows() == expected

    counted = {program.value: {"enrolled": 0, "opted_out": 0} for program in Program}
    persons = _persons(log)
    for streams in {frozenset(streams) for streams in persons.values()}:
        states = _states(expected, set(streams))
        for program, state in states.items():
            if state != "ended":
                counted[program][state] += 1
    assert subscriptions.counts(history.connection) == counted
    for stream in list(persons)[-8:]:
        now = subscriptions.current(history.connection, [stream])
        assert {program: change.state for program, change in now.items()} == _states(expected, persons[stream])


def _crowd(history: History, people: int) -> None:
    history.tell(
        *(
            fact
            for number in range(people)
            for fact in (
                history.collection("order", f"customer:{number}", 1, f"O-{number}"),
                history.fact("opt_out", f"customer:{number}", 2, program="email_marketing", via="portal"),
            )
        )
    )


def test_two_processes_that_catch_up_at_once_both_succeed(history: History) -> None:
    """Four connections prepare and catch up at the same time in small windows; each event counts once."""
    _crowd(history, 60)
    barrier, reached, failures = Barrier(4), [], []

    def catch_up(window: int) -> None:
        try:
            with history.installation.connect() as connection:
                barrier.wait()
                engine.prepare(connection)
                reached.append(engine.catch_up(connection, window=window))
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            failures.append(error)

    threads = [Thread(target=catch_up, args=[window]) for window in (3, 5, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    log = history.events()
    assert failures == []
    assert reached == [dict.fromkeys(("people", "subscriptions", "sharing_history"), len(log))] * 4
    assert history.rows() == _fold(log)


def test_a_break_in_the_middle_of_a_window_leaves_it_undone(history: History) -> None:
    """A process that dies inside a window has moved neither rows nor checkpoint, and the next goes on from there."""
    _crowd(history, 10)
    engine.catch_up(history.connection, upto=12, window=5)
    before = history.rows()
    dying = history.installation.connect()
    dying.execute("BEGIN")
    assert catching_up._advance(dying, subscriptions.PROJECTION, 12, 20) is not None
    dying.close()
    assert history.rows() == before
    assert engine.positions(history.connection)["subscriptions"] == 12
    engine.catch_up(history.connection)
    assert history.rows() == _fold(history.events())


def test_a_window_from_where_the_checkpoint_is_not_changes_nothing(history: History) -> None:
    """Whoever read an old checkpoint is told so, and writes nothing."""
    _crowd(history, 3)
    engine.catch_up(history.connection)
    before = history.rows()
    assert catching_up._advance(history.connection, subscriptions.PROJECTION, 0, 5) is None
    assert history.rows() == before


def test_status_tells_position_and_lag(history: History) -> None:
    """A projection says how far it has read and how much it has not, before it was ever made too."""
    _crowd(history, 3)
    size = len(history.events())
    assert engine.status(history.connection)["subscriptions"] == {"position": 0, "behind": size}
    engine.catch_up(history.connection, upto=4)
    assert engine.status(history.connection)["subscriptions"] == {"position": 4, "behind": size - 4}
    engine.catch_up(history.connection, upto=size + 100)
    assert engine.status(history.connection)["subscriptions"] == {"position": size, "behind": 0}


def test_a_connection_inside_a_transaction_is_refused(history: History) -> None:
    """Windows commit one by one, so a connection whose caller holds the transaction cannot be used."""
    with (
        history.installation.database.connect(autocommit=False) as connection,
        pytest.raises(ValueError, match="autoc"),
    ):
        engine.catch_up(connection)


def test_a_window_of_nothing_is_refused(history: History) -> None:
    """A window must hold an event, or catching up would never end."""
    with pytest.raises(ValueError, match="window"):
        engine.catch_up(history.connection, window=0)


@pytest.mark.parametrize("projection", engine.PROJECTIONS, ids=lambda projection: projection.name)
def test_statements_are_immutable_and_stay_in_the_schema(projection: Projection) -> None:
    """What a statement writes depends on its window alone, and it runs in a distributed schema too."""
    text = f"{projection.tables} {projection.statement} {projection.purge}".lower()
    for banned in ("now()", "clock_timestamp", "default", "serial", "format(", "jsonb_build", "::timestamptz", "lock "):
        assert banned not in text
    assert " as select" not in projection.tables.lower()
