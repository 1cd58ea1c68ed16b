"""Appending a batch: plan it, take the head row, make sure that the plan still holds, insert, commit, answer.

Promise: many streams in one transaction; positions without a gap; one fact stored once, whatever is sent twice and
whatever breaks. Conflicts are found under the head row's lock, not by failing: every append takes that lock first, so
what is read under it cannot change before the commit. If others have appended to what a plan rests on, the plan is made
anew under the lock, and nobody loses. A row that PostgreSQL refuses is isolated by halving the batch. A connection lost
in commit is resolved by asking which facts are in.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from adapters.ledger.batch import as_json
from adapters.ledger.failures import AppendFailed, in_future, unforeseen
from adapters.ledger.planner import Planner
from adapters.ledger.receipt import Order, Permission, Receipt
from adapters.ledger.records import UNKNOWN, Records
from adapters.postgres.connection import (
    ConnectionLost,
    Database,
    DatabaseUnreachable,
    NoLedger,
    NotPermitted,
    StatementOverdue,
    translated,
)
from adapters.postgres.event_store import copy_rows
from adapters.postgres.schema import query
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from adapters.keys.keyring import Keyring
    from adapters.ledger.plan import Plan
    from domain.facts import Fact
    from domain.policy.judge import Judge
    from domain.records.company import Company

_COPY_FROM: Final = 100
"""From this many events on, COPY is faster than JSON (measured)."""
_ATTEMPTS: Final = 3
"""How often a batch is tried when the connection breaks."""
_RECONNECT_SECONDS: Final = 30
"""How long a batch waits for a server that restarts."""
_RECONNECT_PAUSE_SECONDS: Final = 0.1


class Appender:
    """Appends batches of orders to one ledger over one connection; used by one thread at a time."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of, each named
        self,
        database: Database,
        keyring: Keyring,
        company_stream: UUID,
        judge: Judge,
        policy_version: str,
        clock: Callable[[], datetime],
        tolerance: timedelta,
    ) -> None:
        self.database = database
        self.keyring = keyring
        self.company_stream = company_stream
        self.judge = judge
        self.policy_version = policy_version
        self.clock = clock
        self.tolerance = tolerance
        self.purge: Callable[[psycopg.Connection[Any], Sequence[UUID]], None] = lambda _connection, _streams: None
        self._committing: tuple[int, Plan] | None = None
        self._expect_repeats = True
        self._connect()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def process(self, orders: Sequence[Order]) -> None:
        """Answer every order."""
        try:
            latest = self.clock() + self.tolerance
            waiting = []
            for order in orders:
                if order.fact.time > latest:
                    order.answer = in_future(order)
                else:
                    waiting.append(order)
            while waiting:
                waiting = self._process(waiting)
        finally:
            for order in orders:
                if order.answer is None:  # The program is being stopped here; whoever waits must know.
                    order.answer = unforeseen(order, None)

    def ask(self, fact: Fact) -> Permission:
        """Judge a fact as if it were to be enforced, on all that is in the log now, and append nothing."""
        try:
            return self._ask(fact)
        except ConnectionLost:
            if not self._reconnect():
                raise
            return self._ask(fact)

    def _ask(self, fact: Fact) -> Permission:
        with translated():
            self.records.bound()
            ((head,),) = self.records.fetch("head")
            with self.records.checked(head):
                return self.planner.ask(fact)

    def company(self) -> Company:
        """Give the company's record as it stands in the log."""
        with translated():
            self.records.forget(())
            return self.records.company()

    def _process(self, orders: list[Order]) -> list[Order]:
        """Answer the orders that fit one transaction, and give the others back."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._append(orders)
            except ConnectionLost as error:
                # Whether the commit happened is not guessed: the next attempt asks which facts are in.
                if attempt == _ATTEMPTS or not self._reconnect():
                    return _fail(orders, error)
            except (NoLedger, NotPermitted, StatementOverdue) as error:  # It holds for every order alike.
                self._start_over()
                return _fail(orders, error)
            except Exception as error:  # noqa: BLE001 - whatever one order suffers from, the others must not
                self._start_over()
                if len(orders) == 1:
                    return _fail(orders, error if isinstance(error, PledgerError) else unforeseen(orders[0], error))
                half = len(orders) // 2
                # What the first half gives back comes before the second, so that nobody's order changes.
                given_back = self._process(orders[:half])
                return [*given_back, *orders[half:]] if given_back else self._process(orders[half:])
            except BaseException:
                self._start_over()
                raise
        return []

    def _append(self, orders: list[Order]) -> list[Order]:
        with translated():
            self.records.bound()
            plan = self.planner.plan(orders, look_up=self._expect_repeats)
            self._expect_repeats = any(isinstance(answer, Receipt) and answer.repeated for _, answer in plan.answers)
            # What is told as an error must not come from a record that is old, nor must a row have been decided from
            # events that come after its own place in the log.
            doubtful = self.records.head > plan.start or any(
                isinstance(answer, PledgerError) for _, answer in plan.answers
            )
            if doubtful or (plan.rows and not self._store(plan)):
                self._expect_repeats = True
                plan = self._append_under_lock(orders, plan)
        for order, answer in plan.answers:
            order.answer = answer
        for order, first in plan.repeats:
            order.answer = replace(first.answer, repeated=True) if isinstance(first.answer, Receipt) else first.answer
        return plan.left_over

    def _store(self, plan: Plan) -> bool:
        """Append a plan in a transaction of its own; tell whether what it was decided from still held."""
        if len(plan.rows) < _COPY_FROM and not plan.erased:
            return self._insert(plan)
        with self._transaction():
            return self._insert(plan)

    def _append_under_lock(self, orders: list[Order], failed: Plan) -> Plan:
        """Plan anew while nobody else can append, and append that."""
        with self._transaction():
            ((head,),) = self.records.fetch("lock_head")
            self.records.forget(failed.people.values(), failed.visitors)
            self.records.mistrust(head)
            plan = self.planner.plan(orders, look_up=True)
            if plan.rows and not self._insert(plan):
                raise AppendFailed(
                    "A batch was not stored.",
                    "it was planned under the lock, and yet something changed: another program writes to the tables.",
                    "Run pledger doctor.",
                )
        return plan

    def _insert(self, plan: Plan) -> bool:
        is_new = self.records.are_new(plan.people.values(), plan.streams)
        copied = len(plan.rows) >= _COPY_FROM
        batch = as_json(plan, self.keyring.holder.key_id, with_events=not copied)
        start = plan.start if is_new else UNKNOWN
        ((base, recorded_at, unchanged),) = self.records.fetch(
            "append_batch", start=start, events=len(plan.rows), batch=batch
        )
        if not unchanged:
            return False
        if copied:
            copy_rows(self.connection, plan.rows, base=base, recorded_at=recorded_at)
        if plan.erased:
            streams = {"streams": list(plan.erased)}
            owed = {"owed": list(plan.owed), "since": list(plan.owed.values())}
            self.connection.execute(query("delete_suppressions"), streams)
            self.connection.execute(query("insert_suppressions"), streams | owed)
            self.connection.execute(query("delete_names"), streams)
            self.connection.execute(query("delete_stream_keys"), streams)
            self.purge(self.connection, plan.erased)
        self._committing = (base, plan)
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            self._committed()
        return True

    def _committed(self) -> None:
        """Bring answers and records in line with a commit."""
        if self._committing is None:
            return
        (base, plan), self._committing = self._committing, None
        if base != plan.start:
            _move(plan, base - plan.start)
        self.records.appended(base, len(plan.rows), plan.people.values(), plan.streams)
        self.records.names.update(plan.named)
        if plan.erased:
            self.records.forget(plan.people.values())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute(b"BEGIN")
        yield
        self.connection.execute(b"COMMIT")
        self._committed()

    # When something breaks

    def _connect(self) -> None:
        self.connection = self.database.connect()
        self.records = Records(self.connection, self.keyring, self.company_stream)
        with translated():
            self.records.load_company_key()
            # Waiting for a row that somebody holds comes to an end, and so does a COPY whose sender froze.
            self.connection.execute(b"SET statement_timeout = '30s'")
            # An answer means that it is on disk, whatever the database's own setting is.
            self.connection.execute(b"SET synchronous_commit = on")
            # Plans are kept from when the tables were small, and reading all of one was cheaper than using its index.
            self.connection.execute(b"SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
        self._committing = None
        self.planner = Planner(self.records, self.judge, self.policy_version)
        # After a broken connection some of the facts may be in, so they are asked for.
        self._expect_repeats = True

    def _reconnect(self) -> bool:
        """Connect anew, waiting for a server that restarts; tell whether that worked."""
        deadline = time.monotonic() + _RECONNECT_SECONDS
        while True:
            self.connection.close()
            try:
                self._connect()
                with translated():
                    # Waits until a commit that is still under way is through: it holds this row.
                    self.records.fetch("lock_head")
            except (ConnectionLost, DatabaseUnreachable):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_RECONNECT_PAUSE_SECONDS)
            except PledgerError:
                return False
            else:
                return True

    def _start_over(self) -> None:
        """Roll back, and forget records that may be ahead of the log."""
        with suppress(psycopg.Error):  # A connection that broke has rolled back, and the next use of it finds out.
            self.connection.rollback()
        self.records.forget_all()
        self._committing = None


def _move(plan: Plan, by: int) -> None:
    """Let the answers of a plan name the positions at which its rows came to stand."""
    plan.answers = [
        (order, replace(answer, position=answer.position + by))
        if isinstance(answer, Receipt) and not answer.repeated
        else (order, answer)
        for order, answer in plan.answers
    ]


def _fail(orders: Iterable[Order], error: PledgerError) -> list[Order]:
    for order in orders:
        order.answer = error
    return []
