"""An objection outlives an erasure, an unlink and the end of a name: in every process, read model, report and audit."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.queries.audits import audit_scope
from adapters.queries.customers import customer_report, customer_subscriptions, customer_timeline
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.vocabulary import EMAIL, NAME
from projections import engine, suppression_list
from tests.controls import RECIPIENTS, day, fact, link, name_ended, objection, offer, order, purpose, unlink, use
from tests.laws.histories import NAME_KINDS, Step, facts_of, name_of
from tests.laws.numbers import part_of
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

ONE, TWO, MAILBOX = "customer:1", "customer:2", "email:ada@marker.test"
MINE, THEIRS = {EMAIL: "ada@marker.test"}, {EMAIL: "bea@marker.test"}
OBJECTED = "objection:posters"


def erased(on: float = 5, subject: str = ONE) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id=f"erase-{on:g}")


def annul(on: float) -> Fact:
    """Return an officer's annulment of the objection."""
    data = {"entry": {"source": "/shop", "id": "objection-3"}, "reason": "a bot"}
    return fact("entry_correction", on, data)


def back(on: float = 6, subject: str = ONE, values: dict[str, str] = THEIRS) -> Fact:
    """Return what somebody buys who came back, or who has something that was another's."""
    return order(on, "O-6", subject=subject, values=values, fact_id="back")


KNOWN = [purpose(0), order(1, values=MINE)]
STRANGER = order(1, "O-2", subject=TWO, fact_id="two")
LINKED = [*KNOWN, order(1, "O-2", subject=TWO, values=THEIRS, fact_id="two"), link(2, TWO)]
PATHS: dict[str, tuple[list[Fact], str]] = {
    "came back": ([*KNOWN, objection(3), erased(), back()], ONE),
    "came back again": ([*KNOWN, objection(3), erased(), order(5.1), erased(5.5), back()], ONE),
    "has the address": ([*KNOWN, objection(3), erased(), back(subject=TWO, values=MINE)], TWO),
    "told late before": ([*KNOWN, erased(), objection(3), back()], ONE),
    "told late after": ([*KNOWN, erased(), back(), objection(3)], ONE),
    "told late of the address": (
        [*KNOWN, erased(), objection(3, subject=MAILBOX), back(subject=TWO, values=MINE)],
        TWO,
    ),
    "parted": ([*LINKED, objection(3), unlink(5, TWO), back(subject=TWO)], TWO),
    "parted from the other": ([*LINKED, objection(3, subject=TWO), unlink(5, TWO), back()], ONE),
    "has the name next": ([*KNOWN, objection(3), name_ended(5, ONE), back()], ONE),
    "has the name next, told late": ([*KNOWN, name_ended(5, ONE), back(), objection(3)], ONE),
    "has the name next, erased before": ([*KNOWN, objection(3), erased(5.5), name_ended(5, ONE), back()], ONE),
    "has the name next, by another": (
        [*KNOWN, STRANGER, objection(3), erased(5.5), name_ended(5, ONE, subject=TWO), back()],
        ONE,
    ),
    "has the name after the next": ([*KNOWN, objection(3), name_ended(4, ONE), name_ended(5, ONE), back()], ONE),
    "has the address next": ([*KNOWN, objection(3), name_ended(5, MAILBOX), back(subject=TWO, values=MINE)], TWO),
}
"""How somebody comes to be owed an objection, and who."""
OTHERWISE_IN_A_TRACE = "told late of the address"
"""A trace is told in order of time, so there it was told before the erasure, of an address that was nobody's else."""
ANNULLED: dict[str, tuple[list[Fact], str]] = {
    "came back": ([*KNOWN, objection(3), annul(4), erased(), back()], ONE),
    "has the address": ([*KNOWN, objection(3), annul(4), erased(), back(subject=TWO, values=MINE)], TWO),
    "parted": ([*LINKED, objection(3), annul(4), unlink(5, TWO), back(subject=TWO)], TWO),
    "has the name next": ([*KNOWN, objection(3), annul(4), name_ended(5, ONE), back()], ONE),
    "themself": ([*KNOWN, objection(3), annul(4), back()], ONE),
}


LIVED = (
    *("order", "contest_entry", "object", "object", "offer", "use", "use", "out", "age", "beside", "cancel"),
    *("erase", "erase", "link", "link", "unlink", "end"),
)


def used(subject: str) -> list[Fact]:
    """Return an offer to somebody, and a use once it has stood long enough."""
    told = {"purpose": "posters", "categories": [EMAIL], "reference": "O-6"}
    return [offer(40, subject=subject), fact("use", 80, told, subject=subject)]


def audited(installation: Installation, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as `audit_scope` takes it
    """Return the audit of the ledger."""
    with installation.connect() as connection:
        return ledgers.audit(audit_scope(installation, connection, Question(LAST.at), **asked))


def of_trace(facts: list[Fact]) -> dict[str, Any]:
    """Return the audit of a trace of facts, a line each."""
    return audit_trace(
        Trace([Line(number, one) for number, one in enumerate(facts, 1)]), first_policy(), Question(LAST.at)
    )


def said(document: dict[str, Any]) -> dict[tuple[str, str, str], list[tuple[str, list[str]]]]:
    """Return what an audit says of people, by the times of facts: those of the erased have no names in a ledger."""
    return {
        (reading, promise, kind): sorted((one["at"], one["codes"]) for one in verdict.get(kind, ()) if one["subject"])
        for reading, of_reading in document["readings"].items()
        for promise, verdict in of_reading.items()
        for kind in ("violations", "open", "excused", "indeterminate")
    }


def listed(installation: Installation, subject: str) -> list[tuple[str, str]]:
    """Return what the suppression list shows of the person of the fact `back`, and why; it is what their page shows."""
    judge = Judge(installation.policy)
    with installation.connect() as connection:
        bring_up_to_date(connection)
        stream = stream_of(installation, "back")
        found = suppression_list.of(connection, judge, [stream])
        whole = [one for one in suppression_list.listed(connection, judge) if stream in one.streams]
        assert sorted(one.suppressed for one in whole) == sorted(found)
        at = ReadPoint()
        assert customer_subscriptions(installation, connection, subject, at)["owed"].keys() == found.keys()
    return [(word, one.because_of) for word, one in found.items()]


@pytest.mark.parametrize("path", PATHS)
def test_it_is_owed(installation: Installation, other: Installation, path: str) -> None:
    """A decision, a use, audits of the ledger and of its trace, the lists and the report all say so."""
    facts, subject = PATHS[path]
    for number, one in enumerate(facts):
        (installation, other)[number % 2].ledger.append(one)
    offered, use_of = used(subject)
    other.ledger.append(offered)
    for process in (installation, other):
        assert "P14" in {one.promise for one in process.ledger.ask(use_of).findings}
    (found,) = (one for one in installation.ledger.append(use_of).findings if one.promise == "P14")
    assert found.code == "objected"
    document = audited(installation)
    if path != OTHERWISE_IN_A_TRACE:
        assert said(document) == said(of_trace([*facts, offered, use_of]))
    harmonised = document["readings"]["harmonised"]["P14"]
    assert [one["event"] for one in harmonised["violations"]] == ["/shop use-80"]
    assert OBJECTED in dict(listed(installation, subject))
    with installation.connect() as connection:
        report = customer_report(installation, connection, subject)
        timeline = json.dumps(customer_timeline(installation, connection, subject, ReadPoint(), 0, 100))
    assert OBJECTED in report.owed
    assert "posters: not to be served with this person's data since" in " ".join(as_text(report).split())
    assert "Your objection stands" in as_html(report, policy=installation.policy, made_at=day(90))
    assert not report.peace
    assert ("SuppressionRecalled.v1" in timeline) == ("address" not in path)


@pytest.mark.parametrize("path", PATHS)
def test_one_batch_and_a_rebuild_say_the_same(installation: Installation, path: str) -> None:
    """Whether facts come one by one or at once, and whether the lists are followed or made again."""
    facts, subject = PATHS[path]
    *_, last = installation.ledger.append_many([*facts, *used(subject)])
    assert "objected" in {one.code for one in getattr(last, "findings", ())}
    if path != OTHERWISE_IN_A_TRACE:
        assert said(audited(installation)) == said(of_trace([*facts, *used(subject)]))
    before = listed(installation, subject)
    assert OBJECTED in dict(before)
    engine.rebuild(installation.connect, [suppression_list.PROJECTION])
    assert listed(installation, subject) == before


@pytest.mark.parametrize("path", ANNULLED)
def test_an_annulled_one_is_owed_to_nobody(installation: Installation, path: str) -> None:
    """Nothing is found, listed or shown."""
    facts, subject = ANNULLED[path]
    for one in facts:
        installation.ledger.append(one)
    receipts = [installation.ledger.append(one) for one in used(subject)]
    assert "P14" not in {one.promise for one in receipts[-1].findings}
    document = audited(installation)
    assert said(document) == said(of_trace([*facts, *used(subject)]))
    assert document["readings"]["harmonised"]["P14"]["status"] == "kept"
    assert listed(installation, subject) == []
    with installation.connect() as connection:
        assert not customer_report(installation, connection, subject).owed


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_generated_histories(installation: Installation, seed: int) -> None:
    """An audit of the ledger finds what one of the trace finds of people erased, back, joined, parted, named next."""
    chance, crowds = random.Random(seed), [f"c{number}" for number in range(part_of(30))]  # noqa: S311 - any history will do
    told = [*RECIPIENTS, purpose(0, "print_posters")]
    for crowd in crowds:
        kinds = tuple(chance.choice(NAME_KINDS) for _ in range(3))
        days = chance.sample(range(1, 120), 25)
        taken = [Step(chance.choice(LIVED), chance.randint(1, 3), on, chance.randint(0, 5)) for on in days]
        told += facts_of([step.named(kinds) for step in taken], crowd)[len(RECIPIENTS) :]
        for place in (1, 2, 3):
            name = name_of(Step("", place, 0, 0).named(kinds).who, crowd)
            told.append(offer(200, "print_posters", subject=name, fact_id=f"{name} offer"))
            told.append(
                fact("use", 240, {"purpose": "print_posters", "categories": [NAME]}, subject=name, fact_id=name)
            )
    told.sort(key=lambda one: one.time)
    for first in range(0, len(told), 100):
        installation.ledger.append_many(told[first : first + 100])
    expected = said(of_trace(told))
    assert said(audited(installation)) == expected
    objected = [codes for _, codes in expected["harmonised", "P14", "violations"] if "objected" in codes]
    assert len(objected) > len(crowds)


def test_as_of_before_and_after(installation: Installation) -> None:
    """The list, the report and the audit show an objection from its own time on, and an annulled one until then."""
    installation.ledger.append_many([*KNOWN, objection(3), order(3.5, "O-3"), annul(4)])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        stream, judge = stream_of(installation, "order-1"), Judge(installation.policy)
        for on, is_owed in ((2, False), (3.5, True), (4.5, False)):
            assert (OBJECTED in suppression_list.of(connection, judge, [stream], as_of=day(on))) == is_owed
            assert (OBJECTED in customer_report(installation, connection, ONE, day(on)).owed) == is_owed


def test_the_changes_of_the_list(installation: Installation) -> None:
    """Whoever keeps a list of their own hears of an objection, of its return after an erasure, and of an annulment."""
    installation.ledger.append_many([*KNOWN, objection(3), erased(), back(), objection(7, "raffles")])
    data = {"entry": {"source": "/shop", "id": "objection-7"}, "reason": "a bot"}
    installation.ledger.append(fact("entry_correction", 8, data))
    installation.ledger.append(use(9, "keep_books"))
    with installation.connect() as connection:
        bring_up_to_date(connection)
        page = suppression_list.changes(connection, Judge(installation.policy), after=0)
    assert [(one.state, one.suppressed) for one in page.changes] == [
        ("erased", None),
        ("listed", OBJECTED),
        ("listed", "objection:raffles"),
        ("lifted", "objection:raffles"),
    ]


def test_no_erasure_changes_a_verdict(installation: Installation) -> None:
    """Who has the address of somebody erased is judged by its objection when they are erased as well."""
    facts, subject = PATHS["has the address"]
    installation.ledger.append_many([*facts, *used(subject)])
    before = audited(installation)["readings"]["harmonised"]["P14"]["violations"]
    installation.ledger.append(erased(90, TWO))
    after = audited(installation)["readings"]["harmonised"]["P14"]["violations"]
    assert [(one["at"], one["codes"]) for one in before] == [(one["at"], one["codes"]) for one in after]
    assert before
