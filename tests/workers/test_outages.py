"""Which errors pass by themselves, and which would come again for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, PersistenceError
from psycopg import errors

from adapters.postgres.connection import ConnectionLost, DatabaseUnreachable, LoginRefused, NoLedger
from adapters.transient import Backoff, interruption, is_created_meanwhile, is_transient, tried_again
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable

PASSING = ["08006", "25P03", "40001", "40P01", "53300", "55P03", "57014", "57P01", "57P03", "58030"]
LASTING = ["22P02", "23505", "25P02", "42P01", "42501", "54000", "55000", "P0001", "XX000"]


def _library(error: psycopg.Error, kind: type[PersistenceError] = OperationalError) -> PersistenceError:
    told = kind(str(error))
    told.__cause__ = error
    return told


@pytest.mark.parametrize("sqlstate", [*PASSING, *LASTING])
def test_by_sqlstate(sqlstate: str) -> None:
    """A SQLSTATE decides, also where the library has wrapped the driver's error, and is told."""
    error = errors.lookup(sqlstate)("a text with a value in it")
    assert [is_transient(error), is_transient(_library(error))] == [sqlstate in PASSING] * 2
    told = interruption(_library(error))
    assert told.why == f"PostgreSQL interrupted it (SQLSTATE {sqlstate})."
    assert "value" not in str(told)


@pytest.mark.parametrize(
    ("error", "is_passing"),
    [
        (psycopg.OperationalError("the connection is lost"), True),
        (_library(psycopg.OperationalError("couldn't get a connection after 3.00 sec")), True),
        (psycopg.InterfaceError("the cursor is closed"), False),
        (_library(psycopg.ProgrammingError("no statement"), PersistenceError), False),
        (IntegrityError("failed to record tracking"), False),
        (ConnectionLost("lost"), True),
        (DatabaseUnreachable("away"), True),
        (LoginRefused("not let in"), False),
        (NoLedger("gone"), False),
        (PledgerError("something else"), False),
        (ValueError("a defect"), False),
        (ConnectionError("of another service"), False),
    ],
    ids=repr,
)
def test_without_a_sqlstate(error: Exception, is_passing: bool) -> None:  # noqa: FBT001 - a column of the table
    """The driver without one speaks of the connection, unless it is misused; Pledger's own errors say what they are."""
    assert is_transient(error) is is_passing


def test_backoff_grow_up_to_five_seconds_and_begin_anew() -> None:
    """Each pause is twice the last, none is longer than five seconds, and after a success the first is short again."""
    waited: list[float] = []
    backoff = Backoff(waited.append)
    for _ in range(8):
        backoff.pause()
    backoff.reset()
    backoff.pause()
    assert waited == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 0.1]


@pytest.mark.parametrize(
    ("when", "error", "calls"),
    [
        (is_transient, errors.DeadlockDetected(), 10),
        (is_transient, _library(psycopg.OperationalError("the connection is lost")), 10),
        (is_transient, errors.UniqueViolation(), 1),
        (is_created_meanwhile, _library(errors.UniqueViolation()), 10),
        (is_created_meanwhile, errors.DuplicateTable(), 10),
        (is_created_meanwhile, errors.DeadlockDetected(), 1),
        (is_created_meanwhile, ValueError("a defect"), 1),
    ],
    ids=lambda one: getattr(one, "__name__", repr(one)),
)
def test_what_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, when: Callable[[BaseException], bool], error: Exception, calls: int
) -> None:
    """A function is called up to ten times while it fails for the reason named, and once for any other."""
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    called = 0

    @tried_again(when)
    def fail() -> None:
        nonlocal called
        called += 1
        raise error

    with pytest.raises(type(error)):
        fail()
    assert (called, len(paused)) == (calls, calls - 1)
    assert sum(paused) < 3, "nobody waits for long"


def test_what_succeeds_in_the_end_is_answered() -> None:
    """An attempt that succeeds ends them, and its arguments and answer are those of the function."""
    left = [errors.DeadlockDetected(), errors.AdminShutdown()]

    @tried_again(is_transient)
    def add(one: int, *, to: int) -> int:
        if left:
            raise left.pop()
        return one + to

    assert add(1, to=2) == 3
