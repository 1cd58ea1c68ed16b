"""Unlinks, ended names and annulments: what they undo is undone in a ledger as in a trace, in every process."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits.traces import Trace, audit_trace
from adapters.queries.customers import customer_report
from adapters.queries.read_point import bring_up_to_date
from adapters.receipt_notes import AWAITS, notes_of
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.parting import OfficerOnly
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.vocabulary import EMAIL
from projections import suppression_list
from tests.controls import (
    age_learned,
    contest_entry,
    fact,
    link,
    message,
    name_ended,
    objection,
    opt_out,
    order,
    unlink,
)
from tests.ledger.test_unlinked_people import audited, said
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO, THREE, NINE = "customer:1", "customer:2", "customer:3", "customer:9"
MAILBOX = "email:ada@marker.test"
ADAS, OTHERS = {EMAIL: "ada@marker.test"}, {EMAIL: "two@marker.test"}
LIFTED: list[Fact] = [
    contest_entry(1, fact_id="mine", values=ADAS),
    order(1, "O-2", subject=TWO, fact_id="two", values=OTHERS),
    opt_out(2, subject=MAILBOX, fact_id="out"),
    link(3, TWO, fact_id="join"),
    contest_entry(4, reference="anew", subject=TWO, fact_id="anew", values=ADAS),
    order(4.5, "O-3", subject=THREE, fact_id="theirs", values=ADAS),
    *(message(5, subject=name, fact_id=f"mail {name}") for name in (ONE, TWO, THREE, MAILBOX)),
]
PARTED = unlink(6, TWO, fact_id="part")
LATER: list[Fact] = [
    *(message(7, subject=name, fact_id=f"later {name}") for name in (ONE, TWO, THREE, MAILBOX)),
    opt_out(3.5, "physical_mailings", fact_id="late"),
]


def annul(entry: str, on: float, subject: str) -> Fact:
    """Return the annulment of a fact."""
    data = {"entry": {"source": "/shop", "id": entry}, "reason": "a mix-up"}
    return fact("entry_correction", on, data, subject=subject, fact_id=f"annul {entry}")


PASSED: list[Fact] = [
    contest_entry(1, fact_id="one", values=ADAS),
    order(2, "O-2", subject=TWO, fact_id="two", values=OTHERS),
    link(3, TWO, fact_id="join"),
    opt_out(4, fact_id="out"),
    objection(4.1, fact_id="objects"),
    age_learned(4.2),
    PARTED,
    name_ended(8, TWO, subject=TWO, fact_id="end"),
    name_ended(8.5, MAILBOX, subject=ONE, fact_id="end of the address"),
    order(9, "O-9", subject=TWO, fact_id="next", values={EMAIL: "next@marker.test"}),
    order(9.5, "O-3", subject=THREE, fact_id="has it now", values=ADAS),
    message(10, subject=TWO, fact_id="mail next"),
    message(10, subject=THREE, fact_id="mail three"),
]
ANNULLED = [annul(entry, 20 + n, ONE) for n, entry in enumerate(("out", "objects", "age_learned-4.2"))]
FREE: list[Fact] = [
    order(15, "O-15", subject="order:O-15", fact_id="unrelated", values={EMAIL: "x@marker.test"}),
    message(30, subject=TWO, fact_id="mail next again"),
    message(30, subject=THREE, fact_id="mail three again"),
    order(31, "O-31", subject=TWO, fact_id="told in full", values={EMAIL: "next@marker.test"}),
]


def of_trace(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the audit of a trace of facts, a line each."""
    trace = Trace([Line(number, one) for number, one in enumerate(facts, 1)])
    return audit_trace(trace, first_policy(), Question(LAST.at))


def undecided_in(document: dict[str, Any]) -> list[int]:
    """Return how many facts an audit leaves undecided, promise by promise."""
    return [len(verdict.get("indeterminate", ())) for verdict in document["readings"]["harmonised"].values()]


def cut(installation: Installation, other: Installation, facts: Sequence[Fact], seed: int) -> None:
    """Append facts in batches of any size, by two processes in turn."""
    rest, chosen = list(facts), random.Random(seed)  # noqa: S311 - any size will do
    while rest:
        size = chosen.choice((1, 1, 2, 5, 20))
        chosen.choice((installation, other)).ledger.append_many(rest[:size])
        del rest[:size]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("history", [[*LIFTED, PARTED, *LATER], [*PASSED, *ANNULLED, *FREE]], ids=["lifted", "passed"])
def test_a_ledger_and_a_trace_agree(
    installation: Installation, other: Installation, history: list[Fact], seed: int
) -> None:
    """In whichever batches the facts come, and whichever process takes them."""
    cut(installation, other, history, seed)
    expected = said(of_trace(history))
    assert said(audited(installation)) == expected


@pytest.mark.parametrize("whose", [ONE, MAILBOX])
def test_an_annulment_told_before_what_it_annuls(installation: Installation, other: Installation, whose: str) -> None:
    """It counts for mail that was told behind it, though before the opt-out, and not for mail that was told before."""
    history = [
        contest_entry(1, fact_id="one", values=ADAS),
        message(9, fact_id="before"),
        annul("out", 5, whose),
        order(2, "O-2", subject=TWO, fact_id="two", values=OTHERS),
        message(8, fact_id="behind"),
        opt_out(6, subject=whose, fact_id="out"),
    ]
    cut(installation, other, history, 1)
    found = audited(installation)["readings"]["harmonised"]["P17"]["violations"]
    assert [one["event"] for one in found] == ["/shop before"]
    assert said(audited(installation)) == said(of_trace(history))


def test_what_only_the_link_let_in_is_undecided(installation: Installation) -> None:
    """Mail to everybody who has the address; it is out again for all of them, also for who asks the ledger."""
    installation.ledger.append_many([*LIFTED, PARTED, *LATER])
    document = audited(installation)
    undecided = document["readings"]["harmonised"]["P17"]["indeterminate"]
    assert {one["event"] for one in undecided} == {f"/shop mail {name}" for name in (ONE, TWO, THREE, MAILBOX)}
    assert {code for one in undecided for code in one["codes"]} == {"only_linked"}
    broken = {one["event"] for one in document["readings"]["harmonised"]["P17"]["violations"]}
    assert broken == {f"/shop later {name}" for name in (ONE, TWO, THREE, MAILBOX)}
    with installation.connect() as connection:
        bring_up_to_date(connection)
        mine = suppression_list.of(connection, Judge(installation.policy), [stream_of(installation, "theirs")])
    assert set(mine) == {"email_marketing"}


def test_it_stays_so_after_an_erasure(installation: Installation) -> None:
    """What the erased had lifted is kept with what bound their address."""
    installation.ledger.append_many([*LIFTED, PARTED, *LATER])
    before = [
        len(verdict.get("indeterminate", ())) for verdict in audited(installation)["readings"]["harmonised"].values()
    ]
    for number, name in enumerate((TWO, ONE, THREE)):
        installation.ledger.append(fact("erasure", 30, {"reason": "asked"}, subject=name, fact_id=f"erase {number}"))
        assert undecided_in(audited(installation)) == before


@pytest.mark.parametrize("seed", range(3))
def test_what_was_passed_on_ends_everywhere(installation: Installation, other: Installation, seed: int) -> None:
    """On both sides of an unlink, at the name's next holder and at the address; each list says so at once."""
    judge = Judge(installation.policy)
    names = ("one", "two", "next", "has it now")
    for told, is_listed in ((PASSED, True), ([*ANNULLED, *FREE], False)):
        cut(installation, other, told, seed)
        with installation.connect() as connection:
            bring_up_to_date(connection)
            for name in names:
                listed = suppression_list.of(connection, judge, [stream_of(installation, name)])
                assert bool(listed) == is_listed
    with installation.connect() as connection:
        report = customer_report(installation, connection, TWO)
    assert "suppression_ended" in json.dumps(report.as_dict())
    asked = installation.ledger.ask(message(40, subject=THREE, fact_id="ask"))
    assert not asked.findings  # What they asked for while the address was bound follows from the annulment on.
    assert not installation.ledger.append(contest_entry(41, subject=TWO, fact_id="last", online=False)).findings


def test_a_name_that_is_given_again_only_after_the_annulment(installation: Installation, other: Installation) -> None:
    """What the next one who has it was owed ended by then, and binds in what was before the annulment alone."""
    installation.ledger.append_many(PASSED[:8])
    other.ledger.append_many(ANNULLED)
    installation.ledger.append(PASSED[9])
    asked = {on: installation.ledger.ask(message(on, subject=TWO, fact_id="ask")).findings for on in (19, 40)}
    assert {on: "P17" in {one.promise for one in found} for on, found in asked.items()} == {19: True, 40: False}
    assert said(audited(installation)) == said(of_trace([*PASSED[:8], *ANNULLED, PASSED[9]]))


def test_the_facts_that_a_name_s_end_lists(installation: Installation) -> None:
    """They are annulled under the name that they were told under, by an officer where they protect, and told anew."""
    told = [
        contest_entry(1, subject=NINE, fact_id="old", values=ADAS),
        opt_out(8, subject=NINE, fact_id="already"),
        name_ended(5, NINE, subject=NINE, fact_id="end"),
    ]
    installation.ledger.append_many(told)
    with pytest.raises(OfficerOnly):
        installation.ledger.append(annul("already", 21, NINE), is_officer=False)
    receipt = installation.ledger.append(annul("already", 21, NINE))
    assert AWAITS not in list(notes_of(receipt, names_streams=True))
    retold = opt_out(8, subject=NINE, fact_id="retold")
    later = order(22, "O-22", subject=NINE, fact_id="new", values=OTHERS)
    installation.ledger.append_many([retold, later])
    assert stream_of(installation, "retold") == stream_of(installation, "new") != stream_of(installation, "old")
    assert said(audited(installation)) == said(of_trace([*told, annul("already", 21, NINE), retold, later]))
    missed = installation.ledger.append(annul("old", 23, TWO))
    assert AWAITS in list(notes_of(missed, names_streams=False))
