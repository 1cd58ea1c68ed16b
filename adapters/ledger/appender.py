"""Appending batches of requests to one ledger: plan, store, commit, answer.

Many streams share one transaction, positions have no gap, and one fact is stored once, also where it is sent twice or
a connection breaks. Conflicts are found under the head row's lock, not by failing: every append takes that lock first,
so what is read under it cannot change before the commit. If others have appended to what a batch rests on, it is
planned anew under the lock, and nobody loses. A row that PostgreSQL refuses is isolated by halving the batch. A
connection lost in commit is resolved by asking which facts are in.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from adapters.ledger.failures import AppendFailed, fail, unforeseen
from adapters.ledger.insertion import COPY_FROM, insert
from adapters.ledger.planning import ask, ask_elsewhere, plan
from adapters.ledger.receipt import AppendRequest, Permission, Receipt
from adapters.ledger.records import Records
from adapters.postgres.clock import DatabaseClock
from adapters.postgres.connection import (
    ConnectionLost,
    Database,
    DatabaseUnreachable,
    NoLedger,
    NotPermitted,
    StatementOverdue,
    translated,
)
from domain.errors import PledgerError
from domain.facts.name_data import NameEndedData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from adapters.keys.keyring import Keyring
    from adapters.ledger.batch import Batch
    from domain.facts import Fact
    from domain.facts.addresses import Addresses
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge
    from domain.records import Company
    from domain.store import Sender

_T = TypeVar("_T")
_ATTEMPTS: Final = 3
"""How often a batch is tried when the connection breaks."""
_RECONNECT_SECONDS: Final = 30
"""How long a batch waits for a server that restarts."""
_RECONNECT_PAUSE_SECONDS: Final = 0.1


class Appender:
    """Appends batches of requests to one ledger over one connection; one thread at a time uses it."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is made of, each named
        self,
        database: Database,
        keyring: Keyring,
        company_stream: UUID,
        addresses: Addresses,
        judge: Judge,
        tolerance: timedelta,
        purge: Callable[[psycopg.Connection[Any], Sequence[UUID]], None],
    ) -> None:
        self.database = database
        self.keyring = keyring
        self.company_stream = company_stream
        self.addresses = addresses
        self.judge = judge
        self.clock = DatabaseClock()
        self.tolerance = tolerance
        self._purge = purge
        self._committing: tuple[int, Batch] | None = None
        self._expect_repeats = True
        self._connect()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def append(self, requests: Sequence[AppendRequest]) -> None:
        """Append what the requests hold, and answer each of them after its commit."""
        try:
            waiting = list(requests)
            while waiting:
                waiting = self._append_some(waiting)
        finally:
            for request in requests:
                if request.answer is None:  # The program is being stopped here; the callers that wait must know.
                    request.answer = unforeseen(None)

    def ask(self, fact: Fact, sender: Sender) -> Permission:
        """Judge a fact as if it were to be enforced, on all that is in the log now, and append nothing."""
        return self._asked(lambda: ask(self.records, self.judge, self._latest(fact.time), fact, sender))

    def ask_elsewhere(self, name: Subject) -> tuple[UUID, ...]:
        """Return the streams of others on which contact points of a person stand."""
        return self._asked(lambda: ask_elsewhere(self.records, self.judge, self._latest(None), name))

    def _asked(self, question: Callable[[], _T], *, again: bool = True) -> _T:
        try:
            with translated():
                self.records.trim()
                ((head, owed_changes),) = self.records.fetch("head_and_owed")
                with self.records.checked(head, owed_changes):
                    return question()
        except ConnectionLost:
            if not again or not self._reconnect():
                raise
            return self._asked(question, again=False)

    def latest(self, time: datetime | None = None) -> datetime:
        """Return the time after which nothing can have happened yet, by the clock of the database.

        It is asked where `time` seems to lie after it, and where no time is given.
        """
        try:
            with translated():
                return self._latest(time)
        except ConnectionLost:
            if not self._reconnect():
                raise
            return self.clock.now() + self.tolerance

    def company(self) -> Company:
        """Return the company's record as it stands in the log."""
        with translated():
            self.records.drop(())
            return self.records.company()

    def _append_some(self, requests: list[AppendRequest]) -> list[AppendRequest]:
        """Append the requests that fit one transaction, and return the others."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._plan_and_store(requests)
            except ConnectionLost as error:
                # Whether the commit happened is not guessed: the next attempt asks which facts are in.
                if attempt == _ATTEMPTS or not self._reconnect():
                    return fail(requests, error)
            except (NoLedger, NotPermitted, StatementOverdue) as error:  # It holds for every request alike.
                self._start_over()
                return fail(requests, error)
            except Exception as error:  # noqa: BLE001 - what one request suffers from, the others must not
                self._start_over()
                if len(requests) == 1:
                    return fail(requests, error if isinstance(error, PledgerError) else unforeseen(error))
                half = len(requests) // 2
                # What the first half gives back comes before the second, so that the order stays.
                given_back = self._append_some(requests[:half])
                return [*given_back, *requests[half:]] if given_back else self._append_some(requests[half:])
            except BaseException:
                self._start_over()
                raise
        return []

    def _plan_and_store(self, requests: list[AppendRequest]) -> list[AppendRequest]:
        with translated():
            self.records.trim()
            if NameEndedData in {type(request.fact.data) for request in requests}:
                batch = self._plan_and_store_under_lock(requests)  # To whom a name led is changed there alone.
            else:
                batch = self._plan_and_store_unlocked(requests)
        batch.answer()
        return list(batch.left_over)

    def _plan_and_store_unlocked(self, requests: list[AppendRequest]) -> Batch:
        """Plan what most likely still holds under the lock; where it does not, plan anew there."""
        batch = self._plan(requests, look_up=self._expect_repeats)
        self._expect_repeats = any(isinstance(answer, Receipt) and answer.repeated for _, answer in batch.answers)
        # An error must not come from a record that is old, nor may a row be decided from events that come after its own
        # place in the log. To whom a name led is changed under the lock alone.
        doubtful = self.records.head > batch.start or batch.may_be_outdated or bool(batch.spans)
        if doubtful or (batch.rows and not self._store(batch)):
            self._expect_repeats = True
            return self._plan_and_store_under_lock(requests, batch)
        return batch

    def _plan(self, requests: Sequence[AppendRequest], *, look_up: bool) -> Batch:
        latest = self._latest(max(request.fact.time for request in requests))
        return plan(self.records, self.judge, latest, requests, look_up=look_up)

    def _latest(self, time: datetime | None) -> datetime:
        latest = self.clock.now() + self.tolerance
        return latest if time is not None and time <= latest else self.clock.ask(self.connection) + self.tolerance

    def _store(self, batch: Batch) -> bool:
        """Store a batch in a transaction of its own; tell whether what it was decided from still held."""
        if len(batch.rows) < COPY_FROM and batch.is_one_statement:
            return self._insert(batch)
        with self._transaction():
            if batch.pinned and len(batch.rows) < COPY_FROM:
                # Its rows go in with the statement that takes the lock, so where they stand has to be known before.
                ((head,),) = self.records.fetch("lock_head")
                batch.move(head)
            return self._insert(batch)

    def _plan_and_store_under_lock(self, requests: list[AppendRequest], failed: Batch | None = None) -> Batch:
        """Plan anew while no other process can append, and store that."""
        with self._transaction():
            self.records.fetch("lock_head")
            ((head, owed_changes),) = self.records.fetch("head_and_owed")
            if failed is not None:
                self.records.drop(failed.people.values(), failed.visitors)
            self.records.mistrust(head, owed_changes)
            batch = self._plan(requests, look_up=True)
            if batch.rows and not self._insert(batch):
                raise AppendFailed(
                    "A batch was not stored.",
                    "it was planned under the lock, and yet something changed: another program writes to the tables.",
                    "Run pledger doctor.",
                )
        return batch

    def _insert(self, batch: Batch) -> bool:
        base = insert(batch, self.clock)
        if base is None:
            return False
        if batch.erased:
            self._purge(self.connection, batch.erased)
        self._committing = (base, batch)
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            self._committed()
        return True

    def _committed(self) -> None:
        """Bring answers and records in line with a commit."""
        if self._committing is None:
            return
        (base, batch), self._committing = self._committing, None
        if base != batch.start:
            batch.move_answers(base - batch.start)
            if batch.contacts.bindings:
                self.records.drop_bindings()
            self.records.moved(batch.people.values(), batch.visitors, base - batch.start, batch.start)
        self.records.appended(base, len(batch.rows), batch.people.values(), batch.streams)
        self.records.names.update(batch.named)
        if batch.erased or batch.has_parted:
            self.records.read_again(batch.told_last)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute(b"BEGIN")
        yield
        self.connection.execute(b"COMMIT")
        self._committed()

    # When something breaks

    def _connect(self) -> None:
        self.connection = self.database.connect()
        self.records = Records(self.connection, self.keyring, self.company_stream, self.addresses)
        with translated():
            self.records.load_company_key()
            ((head, owed_changes),) = self.records.fetch("head_and_owed")
            self.records.mistrust(head, owed_changes)
            self.clock.ask(self.connection)
            # Waiting for a row that another session holds comes to an end, and so does a COPY whose sender froze.
            self.connection.execute(b"SET statement_timeout = '30s'")
            # An answer means that it is on disk, whatever the database's own setting is.
            self.connection.execute(b"SET synchronous_commit = on")
            # Plans are kept from when the tables were small, and reading all of one was cheaper than using its index.
            self.connection.execute(b"SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
        self._committing = None
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
        """Roll back, and drop records that may be ahead of the log."""
        with suppress(psycopg.Error):  # A connection that broke has rolled back, and the next use of it finds out.
            self.connection.rollback()
        self.records.drop_all()
        self._committing = None
