"""Appending a batch: plan it, take the head row, make sure that the plan still holds, insert, commit, answer.

Promise: many streams in one transaction; positions without a gap; one fact stored once, whatever is sent twice and
whatever breaks. Conflicts are found under the head row's lock, not by failing: every append takes that lock first, so
what is read under it cannot change before the commit. If others have appended to what a plan rests on, the plan is made
anew under the lock, and nobody loses. A row that PostgreSQL refuses is isolated by halving the batch. A connection lost
in commit is resolved by asking which facts are in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg

from adapters.ledger.plan import Plan, Planner
from adapters.ledger.receipt import Order, Permission, Receipt
from adapters.ledger.records import Records
from adapters.postgres.connection import ConnectionLost, Database, DatabaseFault, translated
from adapters.postgres.event_store import insert_rows
from adapters.postgres.schema import query
from domain.errors import PledgerError, TimeInFuture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from adapters.ledger.keyring import Keyring
    from domain.commands import Fact
    from domain.policy.judge import Judge

_ATTEMPTS: Final = 3
"""How often a batch is tried when the connection breaks; each try waits for the server as long as a connect may take."""


class AppendFailed(PledgerError):
    """Appending failed in a way that was not foreseen."""

    code = "append_failed"


class Appender:
    """Appends batches of orders to one ledger over one connection; used by one thread at a time."""

    def __init__(  # noqa: PLR0913 - what it is made of, each named
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
        self.purge: Callable[[psycopg.Connection[Any], tuple[UUID, ...]], None] = lambda _connection, _streams: None
        self._connect()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def process(self, orders: Sequence[Order]) -> None:
        """Answer every order."""
        latest = self.clock() + self.tolerance
        waiting = []
        for order in orders:
            if order.fact.time > latest:
                order.answer = _in_future(order)
            else:
                waiting.append(order)
        try:
            while waiting:
                waiting = self._process(waiting)
        finally:
            for order in orders:
                if order.answer is None:  # Something unforeseen is being raised here; whoever waits must know.
                    order.answer = AppendFailed(
                        f"The fact {order.fact.name} was not stored, as far as is known.",
                        "appending failed in a way that is a defect of Pledger.",
                        "Send it again under the same id: it is never stored twice. Report the trace in the log.",
                    )

    def ask(self, fact: Fact) -> Permission:
        """Judge a fact as if it were to be enforced, and append nothing."""
        with translated():
            return self.planner.ask(fact)

    def _process(self, orders: list[Order]) -> list[Order]:
        """Answer the orders that fit one transaction, and give the others back."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._append(orders)
            except ConnectionLost as error:
                # Whether the commit happened is not guessed: the next attempt asks which facts are in.
                if attempt == _ATTEMPTS or not self._reconnect():
                    return _fail(orders, error)
            except DatabaseFault as error:
                self._start_over()
                if len(orders) == 1:
                    return _fail(orders, error)
                half = len(orders) // 2
                return [*self._process(orders[:half]), *self._process(orders[half:])]
            except PledgerError as error:
                self._start_over()
                return _fail(orders, error)
            except BaseException:
                self._start_over()
                raise
        return []

    def _append(self, orders: list[Order]) -> list[Order]:
        with translated():
            plan = self.planner.plan(orders)
            if plan.rows:
                plan = self._commit(plan, orders)
        for order, answer in plan.answers:
            order.answer = answer
        return plan.left_over

    def _commit(self, plan: Plan, orders: list[Order]) -> Plan:
        run = self.connection.execute
        run(b"BEGIN")
        base, recorded_at = self._take_head(len(plan.rows))
        if base != plan.start:
            if self._has_changed(plan):
                self.records.forget(plan.people.values())
                taken = len(plan.rows)
                plan = self.planner.plan(orders, after=base)
                if not plan.rows:
                    run(b"ROLLBACK")
                    return plan
                self._take_head(len(plan.rows) - taken)
            else:
                _move(plan, base - plan.start)
        self._insert(plan, base, recorded_at)
        run(b"COMMIT")
        self.records.appended(base, len(plan.rows), plan.people.values(), plan.streams)
        self.records.names.update(plan.names)
        if plan.erased:
            self.records.forget(plan.people.values())
        return plan

    def _take_head(self, events: int) -> tuple[int, datetime]:
        row = self.connection.execute(query("take_head"), {"events": events}, prepare=True).fetchone()
        assert row is not None, "the head row is there from the creation of the ledger on"
        return row[0], row[1]

    def _has_changed(self, plan: Plan) -> bool:
        """Tell, under the lock, whether anything that the plan was decided from has changed since."""
        fetch = self.records.fetch
        keys = {"source": [fact[0] for fact in plan.facts], "fact_id": [fact[1] for fact in plan.facts]}
        return bool(
            fetch("known_facts", **keys)
            or (plan.names and fetch("names", digests=list(plan.names)))
            or (plan.visitor_names and fetch("visitor_names", digests=list(plan.visitor_names)))
            or self.records.versions(plan.streams) != plan.streams
        )

    def _insert(self, plan: Plan, base: int, recorded_at: datetime) -> None:
        def insert(name: str, **columns: Iterable[Any]) -> None:
            values = {column: list(of) if not isinstance(of, str) else of for column, of in columns.items()}
            self.connection.execute(query(name), values, prepare=True)

        if plan.keys:
            insert(
                "insert_stream_keys",
                key_id=self.keyring.holder.key_id,
                stream_id=plan.keys,
                wrapped=plan.keys.values(),
            )
        if plan.names:
            insert("insert_names", digest=plan.names, stream_id=plan.names.values())
        if plan.visitor_names:
            insert("insert_visitor_names", digest=plan.visitor_names, stream_id=plan.visitor_names.values())
        source, fact_id, digest, stream_id, position, events = zip(*plan.facts, strict=True)
        insert(
            "insert_facts",
            source=source,
            fact_id=fact_id,
            digest=digest,
            stream_id=stream_id,
            position=position,
            events=events,
        )
        insert_rows(self.connection, plan.rows, base=base, recorded_at=recorded_at)
        if plan.erased:
            insert("delete_names", streams=plan.erased)
            insert("delete_stream_keys", streams=plan.erased)
            self.purge(self.connection, plan.erased)

    # When something breaks

    def _connect(self) -> None:
        self.connection = self.database.connect()
        self.records = Records(self.connection, self.keyring, self.company_stream)
        with translated():
            self.records.load_company_key()
        self.planner = Planner(self.records, self.judge, self.policy_version)

    def _reconnect(self) -> bool:
        self.connection.close()
        try:
            self._connect()
            with translated():
                # Waits until a commit that is still under way is through: it holds this row.
                self.connection.execute(b"BEGIN")
                self._take_head(0)
                self.connection.execute(b"ROLLBACK")
        except PledgerError:
            return False
        return True

    def _start_over(self) -> None:
        """Roll back, and forget records that may be ahead of the log."""
        if not self.connection.closed:
            self.connection.rollback()
            self.records.people.clear()
            self.records.forget(())


def _move(plan: Plan, by: int) -> None:
    """Let a plan start later: nothing that it rests on has changed, only its place in the log."""
    plan.start += by
    plan.facts = [(*fact[:4], fact[4] + by, fact[5]) for fact in plan.facts]
    plan.answers = [
        (order, Receipt(answer.fact, answer.position + by, answer.events, answer.findings, answer.refused))
        if isinstance(answer, Receipt) and not answer.repeated
        else (order, answer)
        for order, answer in plan.answers
    ]


def _fail(orders: Iterable[Order], error: PledgerError) -> list[Order]:
    for order in orders:
        order.answer = error
    return []


def _in_future(order: Order) -> TimeInFuture:
    return TimeInFuture(
        f"The fact {order.fact.name} was not stored.",
        "its time lies in the future, beyond the tolerance for clocks that differ.",
        "Send a fact when it has happened, and check the sender's clock and time zone.",
    )
