"""Many facts at once: each gets its own answer, in order, whatever the others suffer from."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import TYPE_CHECKING

import pytest

from adapters.ledger import Receipt
from adapters.ledger.batch import Batch
from adapters.ledger.failures import AppendFailed
from adapters.ledger.opening import names_of
from domain.errors import FactConflict, PledgerError, TimeInFuture, UnknownCustomer, VersionConflict
from tests.reading import events_of, opened_log, places_of, positions_of, stream_of
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from adapters.ledger.receipt import AppendRequest
    from tests.ledger.conftest import Say


def _versions(it: Installation, name: str) -> list[int]:
    return [event.originator_version for event in events_of(it, stream_of(it, name))]


def test_bad_facts_among_good_ones(installation: Installation, say: Say) -> None:
    """Each bad fact gets its own error, and the good ones before and after it are stored in their order."""
    ledger = installation.ledger
    ledger.append(say.opt_out("known"))
    visitor = ledger.append(say.cookie_refusal("cookies"))
    with installation.connect() as connection:
        (browser,) = connection.execute(
            "SELECT stream_id FROM events WHERE position = %s", (visitor.position,)
        ).fetchone() or (None,)
    nobody = "00000000-0000-0000-0000-000000000000"
    good = {n: say.collection(f"good{n}") for n in (0, 2, 4, 6, 8)}
    bad = {
        1: (say.opt_out("future", time="2036-01-01T00:00:00Z"), TimeInFuture),
        3: (say.collection("known"), FactConflict),
        5: (say.opt_out("nobody", subject=f"id:{nobody}"), UnknownCustomer),
        7: (say.opt_out("company", subject=f"id:{installation.identity.company_stream}"), UnknownCustomer),
        9: (say.opt_out("browser", subject=f"id:{browser}"), UnknownCustomer),
    }
    answers = ledger.append_many([good[n] if n in good else bad[n][0] for n in range(10)])
    assert len(answers) == 10
    positions = []
    for n, answer in enumerate(answers):
        if n in good:
            assert isinstance(answer, Receipt)
            assert answer.fact == good[n].name
            positions.append(answer.position)
        else:
            assert type(answer) is bad[n][1]
    assert positions == sorted(positions)
    assert places_of(installation, ["future", "nobody", "company", "browser", "good8"]).keys() == {"good8"}


def test_a_customer_whose_key_is_damaged_stops_nobody_else(
    installation: Installation, other: Installation, say: Say
) -> None:
    """Where one customer's key does not open, that customer's facts fail, and the others of the batch are stored."""
    installation.ledger.append(say.collection("a", subject="customer:damaged"))
    with installation.database.connect_as_owner() as connection:
        connection.execute(
            "UPDATE pledger.stream_keys SET wrapped = '\\x00' WHERE stream_id = %s",
            (stream_of(installation, "a"),),
        )
    answers = other.ledger.append_many([say.opt_out(f"b{n}", subject=f"customer:{n}") for n in range(5)])
    assert all(isinstance(answer, Receipt) for answer in answers)
    first, damaged, last = other.ledger.append_many(
        [say.opt_out("c"), say.opt_out("d", subject="customer:damaged"), say.opt_out("e")]
    )
    assert isinstance(first, Receipt)
    assert isinstance(last, Receipt)
    assert isinstance(damaged, PledgerError)
    assert damaged.code == "wrong_key"


def test_a_defect_of_ours_stops_nobody_else(
    installation: Installation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one fact causes a defect, its sender gets the error with its cause, and the rest of the batch is stored."""
    original = Batch.add

    def break_over_one(batch: Batch, request: AppendRequest) -> Receipt:
        if request.fact.id == "b":
            message = "a defect"
            raise ZeroDivisionError(message)
        return original(batch, request)

    monkeypatch.setattr(Batch, "add", break_over_one)
    answers = installation.ledger.append_many([say.opt_out(name) for name in ("a", "b", "c", "d")])
    assert [type(answer) for answer in answers] == [Receipt, AppendFailed, Receipt, Receipt]
    assert isinstance(answers[1], AppendFailed)
    assert isinstance(answers[1].__cause__, ZeroDivisionError)
    assert _versions(installation, "a") == [1, 2, 3]
    assert installation.connect().execute("SELECT size FROM head").fetchone() == (4,)


def test_a_row_that_postgresql_refuses_stops_nobody_else(installation: Installation, say: Say) -> None:
    """A value that PostgreSQL cannot store, in what is not part of the contract, fails alone."""
    with pytest.raises(PledgerError):
        installation.ledger.append(say.opt_out("a"), actor="NUL \x00")
    assert not places_of(installation, ["a"])
    assert not installation.ledger.append(say.opt_out("a")).repeated


@pytest.mark.parametrize("count", [1, 99, 101, 1_200])
def test_batches_of_any_size_are_in_order(installation: Installation, say: Say, count: int) -> None:
    """In small batches, large ones and several transactions, positions are in the order of facts, versions dense."""
    answers = installation.ledger.append_many([say.opt_out(f"f{n}", subject=f"customer:{n % 7}") for n in range(count)])
    positions = [answer.position for answer in answers if isinstance(answer, Receipt)]
    assert positions == list(range(2, count + 2))
    assert _versions(installation, "f0") == list(range(1, len(range(0, count, 7)) + 1))
    assert [event.fact_id for event in opened_log(installation)[1:]] == [f"f{n}" for n in range(count)]


def test_facts_of_one_customer_are_decided_in_order(installation: Installation, say: Say) -> None:
    """In one batch a message after an opt-out is found wrong, and one before it is not."""
    answers = installation.ledger.append_many(
        [say.collection("a"), say.message("b", time="2016-04-03T00:00:00Z"), say.opt_out("c"), say.message("d")]
    )
    assert [bool(answer.findings) for answer in answers if isinstance(answer, Receipt)] == [False, False, False, True]


def test_threads_get_their_own_answers(installation: Installation, say: Say) -> None:
    """What many threads hand in at the same time shares transactions, and each gets the answer to its own fact."""
    ledger, threads, each = installation.ledger, 12, 15
    ledger.append(say.opt_out("known"))
    transactions: list[int] = []
    process = ledger._group._process

    def counted(orders: list[AppendRequest]) -> None:
        transactions.append(len(orders))
        process(orders)

    ledger._group._process = counted
    barrier = Barrier(threads)

    def work(number: int) -> None:
        barrier.wait()
        for n in range(each):
            name = f"t{number}-{n}"
            if random.random() < 0.2:  # noqa: S311 - chance, not a secret
                with pytest.raises(FactConflict):
                    ledger.append(say.collection("known"))
            receipt = ledger.append(say.opt_out(name, subject=f"customer:{number % 4}"))
            assert receipt.fact == f"/shop {name}"
            with installation.connect() as connection:
                stored = names_of(connection, installation.keyring, [receipt.position])
            assert stored == {receipt.position: f"/shop {name}"}

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    with installation.connect() as connection:
        assert connection.execute("SELECT size FROM head").fetchone() == (threads * each + 2,)
    assert max(transactions) > 1


def test_the_expected_version_is_kept(installation: Installation, other: Installation, say: Say) -> None:
    """A writer that expects another version gets an error with both; one that expects the right one goes on."""
    ledger = installation.ledger
    ledger.append(say.opt_out("a"), expected_version=0)
    with pytest.raises(VersionConflict) as conflict:
        ledger.append(say.opt_out("b"), expected_version=0)
    assert (conflict.value.expected, conflict.value.actual) == (0, 1)
    assert "version 1" in str(conflict.value)
    assert "version 0" in str(conflict.value)
    other.ledger.append(say.opt_out("c"))
    # What another process appended counts, for those who know of it and for those who do not.
    with pytest.raises(VersionConflict) as conflict:
        ledger.append(say.opt_out("d"), expected_version=1)
    assert (conflict.value.expected, conflict.value.actual) == (1, 2)
    other.ledger.append(say.opt_out("e"))
    assert not ledger.append(say.opt_out("f"), expected_version=3).repeated
    assert _versions(installation, "a") == [1, 2, 3, 4]
    for fact, version in ((say.incident("g"), 1), (say.cookie_refusal("h"), 0)):
        with pytest.raises(VersionConflict) as conflict:
            ledger.append(fact, expected_version=77)
        assert conflict.value.actual == version


def test_one_of_many_who_expect_the_same_version_wins(
    installation: Installation, other: Installation, say: Say
) -> None:
    """Of two processes that append at once on the same expected version, round by round, exactly one succeeds."""
    barrier = Barrier(2)

    def work(it: Installation, name: str) -> list[bool]:
        won = []
        for version in range(20):
            barrier.wait()
            lost: VersionConflict | None = None
            try:
                it.ledger.append(say.opt_out(f"{name}{version}"), expected_version=version)
            except VersionConflict as conflict:
                lost = conflict
            assert lost is None or (lost.expected, lost.actual) == (version, version + 1)
            won.append(lost is None)
        return won

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(work, installation, "one"), pool.submit(work, other, "two")
    assert [first + second for first, second in zip(one.result(), two.result(), strict=True)] == [1] * 20


def test_asking_knows_what_others_have_appended(installation: Installation, other: Installation, say: Say) -> None:
    """`ask` answers on all that is in the log, also where another process appended it a moment ago."""
    installation.ledger.append(say.collection("a"))
    assert installation.ledger.ask(say.message("m")).allowed
    other.ledger.append(say.opt_out("b"))
    permission = installation.ledger.ask(say.message("m"))
    assert not permission.allowed
    assert {found.events for found in permission.findings} == {tuple(positions_of(installation, "b"))}
    assert not places_of(installation, ["m"])


def test_a_program_that_is_stopped_leaves_nobody_waiting(
    installation: Installation, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that is interrupted while it does the work of all tells the others, who do not wait for ever."""
    appender, barrier = installation.ledger._appender, Barrier(2)
    plan = appender._plan

    def interrupted(*_: object, **__: object) -> Batch:
        monkeypatch.setattr(appender, "_plan", plan)
        barrier.wait()  # The other thread has handed its fact in, or is about to.
        raise KeyboardInterrupt

    def wait_in_line() -> Receipt:
        barrier.wait()
        return installation.ledger.append(say.opt_out("b"))

    monkeypatch.setattr(appender, "_plan", interrupted)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait_in_line)
        with pytest.raises(KeyboardInterrupt):
            installation.ledger.append(say.opt_out("a"))
        assert waiting.result(timeout=PATIENCE).fact == "/shop b"
    # What was interrupted can be sent again.
    assert not installation.ledger.append(say.opt_out("a")).repeated


@pytest.mark.parametrize("count", [1, 700])
def test_an_interrupted_leader_passes_the_work_on(
    installation: Installation, say: Say, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """An interrupted leader, with or without more facts than one transaction holds, leaves no writer waiting."""
    ledger = installation.ledger
    appender, others = ledger._appender, 4
    plan = appender._plan

    def interrupted(*_: object, **__: object) -> Batch:
        while len(ledger._group._waiting) < others:
            sleep(0.001)
        monkeypatch.setattr(appender, "_plan", plan)
        raise KeyboardInterrupt

    monkeypatch.setattr(appender, "_plan", interrupted)
    with ThreadPoolExecutor(others + 1) as pool:
        leader = pool.submit(ledger.append_many, [say.opt_out(f"a{n}") for n in range(count)])
        sleep(0.05)
        waiting = [pool.submit(ledger.append, say.opt_out(f"b{n}")) for n in range(others)]
        assert {future.result(timeout=PATIENCE).fact for future in waiting} == {f"/shop b{n}" for n in range(others)}
        assert isinstance(leader.exception(timeout=PATIENCE), KeyboardInterrupt)
    assert ledger.append(say.opt_out("c")).events == 1
