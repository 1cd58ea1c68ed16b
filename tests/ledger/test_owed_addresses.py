"""What the erased are owed at addresses and names, in PostgreSQL: as in a trace, and in every process."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, LiteralString

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace
from adapters.queries.audits import audit_scope
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.vocabulary import EMAIL
from projections import suppression_list
from tests.controls import contest_entry, day, fact, link, message, name_ended, objection, order, unlink
from tests.laws.audit import audit
from tests.laws.histories import facts_of
from tests.laws.leaving import addresses, back, erasure, leaving, mail_to
from tests.ledger.test_erasures_as_a_trace_does import judged, said
from tests.reading import size_of, stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.laws.leaving import Leaving
    from tests.ledger.test_erasures_as_a_trace_does import Ledgers

ONE, TWO, THREE, ORDER, MAILBOX = "customer:1", "customer:2", "customer:3", "order:O-2", "email:both@marker.test"
VALUES: Final = {EMAIL: "both@marker.test"}
OTHERS: Final = {EMAIL: "other@marker.test"}
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
BOTH: Final = (
    contest_entry(1, values=VALUES, fact_id="one"),
    contest_entry(1, values=VALUES, subject=TWO, fact_id="two"),
)
OUT: Final = fact("opt_out", 3, PORTAL)
KNOWN: Final = fact("contact_confirmed", 2, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=TWO)
"""The mailbox answered for the second one; else they may have typed it."""
MAILED: Final = message(40, subject=MAILBOX, fact_id="mailed")


def erased(subject: str, on: float) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject, fact_id=f"erase {subject} {on:g}")


PATHS: Final[dict[str, list[Fact]]] = {
    "the first": [*BOTH, OUT, erased(ONE, 5), erased(TWO, 6)],
    "the second": [*BOTH, OUT, erased(TWO, 5), erased(ONE, 6)],
    "mail alone": [BOTH[0], message(2, subject=MAILBOX, fact_id="before"), OUT, erased(ONE, 5)],
    "given up": [*BOTH, OUT, erased(ONE, 5), name_ended(6, MAILBOX, subject=TWO)],
    "parted": [
        *(BOTH[0], message(2, subject=MAILBOX, fact_id="before"), OUT),
        *(contest_entry(2, values=OTHERS, subject=TWO, fact_id="two"), link(4, MAILBOX, subject=TWO), erased(ONE, 5)),
        unlink(6, MAILBOX, subject=TWO),
    ],
    "told late": [
        *(BOTH[0], order(1, "O-2", values=OTHERS, subject=ORDER, fact_id="o"), link(2, ORDER)),
        *(erased(ONE, 5), fact("opt_out", 3, PORTAL, subject=ORDER)),
    ],
    "told late of one of two": [*BOTH, erased(ONE, 5), OUT, erased(TWO, 6)],
    "another of the list": [
        *(*BOTH[:1], contest_entry(1, values=OTHERS, subject=THREE, fact_id="three"), OUT),
        *(fact("opt_out", 3, PORTAL, subject=THREE, fact_id="out three"), erased(ONE, 5), erased(THREE, 6)),
        contest_entry(7, values=VALUES, subject=THREE, reference="anew", fact_id="typed"),
    ],
    "came back": [*BOTH, OUT, erased(ONE, 5), order(5.5, values=VALUES), erased(TWO, 6), erased(ONE, 7)],
}
"""How an address comes to be bound by what an erased person is owed."""
FREE: Final[dict[str, list[Fact]]] = {
    "held": [*BOTH, KNOWN, OUT, erased(ONE, 5)],
    "lifted": [
        *(*BOTH, KNOWN, OUT, erased(ONE, 5), contest_entry(5.5, values=VALUES, reference="anew")),
        *(erased(TWO, 6), erased(ONE, 7)),
    ],
}
"""How it does not."""


def audited(installation: Installation) -> dict[str, Any]:
    """Return the audit of the ledger."""
    with installation.connect() as connection:
        return ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))


def rows(installation: Installation, query: LiteralString) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    with installation.connect() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("path", [*PATHS, *FREE])
def test_mail_to_the_address(installation: Installation, other: Installation, path: str, *, at_once: bool) -> None:
    """It is found when it is told, asked before and audited, by whichever process; a trace says the same."""
    facts = (PATHS | FREE)[path]
    if at_once:
        installation.ledger.append_many(facts)
    else:
        for number, one in enumerate(facts):
            (installation, other)[number % 2].ledger.append(one)
    expected = {"P17", "P18"} if path in PATHS else set()
    for it in (installation, other):
        assert {one.promise for one in it.ledger.ask(MAILED).findings} & {"P17", "P18"} == expected
    found = {one.promise for one in other.ledger.append(MAILED).findings}
    assert found & {"P17", "P18"} == expected
    trace = Trace([Line(number, one) for number, one in enumerate([*facts, MAILED], 1)])
    in_trace = said(audit_trace(trace, first_policy(), Question(LAST.at)))
    assert said(audited(installation)) == in_trace
    assert bool(in_trace["harmonised", "P17", "violations"]) == (path in PATHS)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("at_once", [True, False])
def test_who_had_typed_the_address_and_who_has_it_next(
    installation: Installation, other: Installation, *, at_once: bool, is_late: bool
) -> None:
    """The one is mailed as before, the other is met by it, and mail under the address is undecided; as in a trace."""
    begun = [*BOTH, erased(ONE, 5), OUT] if is_late else [*BOTH, OUT, erased(ONE, 5)]
    facts = [*begun, contest_entry(7, values=VALUES, subject=THREE, fact_id="three")]
    if at_once:
        installation.ledger.append_many(facts)
    else:
        for number, one in enumerate(facts):
            (installation, other)[number % 2].ledger.append(one)
    mails = {name: message(40, subject=name, fact_id=f"mail {name}") for name in (TWO, THREE, MAILBOX)}
    for it in (installation, other):
        allowed = {name: it.ledger.ask(one).allowed for name, one in mails.items()}
        assert allowed == {TWO: True, THREE: False, MAILBOX: False}
    for one in mails.values():
        other.ledger.append(one)
    trace = Trace([Line(number, one) for number, one in enumerate([*facts, *mails.values()], 1)])
    in_trace = said(audit_trace(trace, first_policy(), Question(LAST.at)))
    assert said(audited(installation)) == in_trace
    assert len(in_trace["harmonised", "P17", "violations"]) == 1
    assert len(in_trace["harmonised", "P17", "indeterminate"]) == 1


def test_what_waits_is_kept_and_then_is_not(installation: Installation) -> None:
    """It is a keyed digest and a word, and gone once it binds the address."""
    installation.ledger.append_many([*BOTH, KNOWN, OUT, objection(3), erased(ONE, 5)])
    words = "SELECT owed FROM waiting_suppressions ORDER BY owed"
    assert rows(installation, words) == [("email_marketing",), ("objection:posters",)]
    assert rows(installation, "SELECT count(*) FROM contact_bindings WHERE by_code = ''") == [(0,)]
    installation.ledger.append(erased(TWO, 6))
    assert rows(installation, words) == []
    bound = rows(installation, "SELECT what, occurred_at, since FROM contact_bindings WHERE by_code = '' ORDER BY what")
    assert bound == [("email_marketing", day(6), day(3)), ("objection:posters", day(6), day(3))]


def test_the_code_of_an_erasure_leads_to_nobody(installation: Installation) -> None:
    """It is random: no stream, no digest, and another one for each erasure."""
    facts = [BOTH[0], order(1, "O-2", values=OTHERS, subject=ORDER, fact_id="o"), link(2, ORDER), BOTH[1]]
    installation.ledger.append_many(facts)
    streams = rows(installation, "SELECT DISTINCT stream_id FROM events")
    installation.ledger.append_many([erased(ONE, 5), erased(TWO, 6)])
    counted = rows(
        installation, "SELECT code, count(*), count(*) FILTER (WHERE is_contact) FROM tombstones GROUP BY code"
    )
    assert sorted(one[1:] for one in counted) == [(2, 1), (4, 2)]
    assert {one[0] for one in counted}.isdisjoint(one for (one,) in streams)
    assert rows(installation, "SELECT count(*) FROM tombstones WHERE is_held") == [(0,)]
    text = str(rows(installation, "SELECT * FROM events"))
    assert not any(str(code) in text for code, *_ in counted)


def test_a_process_that_knew_the_address_before(installation: Installation, other: Installation) -> None:
    """Who remembers that somebody living had it finds out what waits there, and what began to bind."""
    other.ledger.append_many(BOTH)
    assert other.ledger.ask(message(4, subject=TWO, fact_id="ask")).allowed
    installation.ledger.append_many([OUT, erased(ONE, 5)])
    other.ledger.append(erased(TWO, 6))
    installation.ledger.append(contest_entry(7, values=VALUES, subject=THREE))
    assert not other.ledger.ask(message(40, subject=THREE, fact_id="ask")).allowed


def test_the_list_shows_who_is_met(installation: Installation) -> None:
    """Since the person left who was erased; as of a position before the address came to be bound, nobody is on it."""
    installation.ledger.append_many(PATHS["the first"][:-1])
    before = size_of(installation)
    later = contest_entry(7, values=VALUES, subject=THREE, fact_id="three")
    installation.ledger.append_many([PATHS["the first"][-1], later])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        judge, stream = Judge(installation.policy), stream_of(installation, "three")
        (entry,) = suppression_list.listed(connection, judge)
        assert (entry.streams, entry.suppressed, entry.since) == ((stream,), "email_marketing", day(3))
        page = suppression_list.changes(connection, judge, after=before)
        assert ("listed", stream) in [(one.state, one.stream) for one in page.changes]
        assert list(suppression_list.listed(connection, judge, as_of=before)) == []


def whole(history: Leaving, crowd: str) -> list[Fact]:
    """Return a history with mail between and after its erasures, what is told late, and who comes back."""
    facts = history.told(crowd)
    subjects = {one.subject for one in facts if one.subject is not None}
    subjects |= {one.data.to for one in facts if getattr(one.data, "to", None) is not None}  # type: ignore[attr-defined]
    names = sorted(str(name) for name in subjects if name.kind != "id")
    erasures = list({one.name: one for one in (*history.erasures(names), *map(erasure, names))}.values())
    mails = [
        [mail_to(address, number, on=on) for number, address in enumerate(addresses(crowd))] for on in (200, 220, 350)
    ]
    half, late = len(erasures) // 2, history.told_late(crowd)
    facts += [*erasures[:half], *late[:1], *mails[0], *late[1:], *erasures[half:], *mails[1]]
    return [*facts, *(back(name, number) for number, name in enumerate(history.names(crowd))), *mails[2]]


@pytest.mark.slow
def test_a_ledger_and_a_trace_agree(ledgers_made: Ledgers) -> None:
    """On people at common addresses who are erased in any order, and on all that is told late of them."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(leaving(), min_size=12, max_size=12))
    def holds(histories: list[Leaving]) -> None:
        facts = facts_of([])
        for number, history in enumerate(histories):
            facts += whole(history, f"crowd{number}")
        expected = audit_trace(
            Trace([Line(number, one) for number, one in enumerate(facts)]), first_policy(), Question(LAST.at)
        )
        with ledgers_made() as installation:
            installation.ledger.append_many(facts)
            assert said(audited(installation)) == said(expected)
            (waited,) = rows(installation, "SELECT count(*) FROM contact_bindings WHERE since IS NOT NULL")
            coverage["waited"] += waited[0]
        for one in expected["readings"]["harmonised"]["P17"]["violations"]:
            coverage.update(one["codes"])

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage["waited"], coverage["mailed_after_opt_out"]) >= 10, coverage


def test_no_erasure_after_another_changes_a_verdict(installation: Installation) -> None:
    """Not in a ledger either: mail that was told between the two is judged as before."""
    mails = [message(on, subject=MAILBOX, fact_id=f"mail {on}") for on in (20, 45)]
    sent = message(46, subject=THREE, to=MAILBOX, fact_id="to three")
    installation.ledger.append_many([*BOTH, OUT, erased(ONE, 5), *mails, sent])
    before = judged(installation)
    installation.ledger.append(erased(TWO, 30))
    assert judged(installation) == before
    installation.ledger.append(MAILED)
    assert judged(installation) != before


def test_who_comes_back_in_the_batch_in_which_it_is_told_late(installation: Installation) -> None:
    """What is told late under one name meets who returns under another, also where one batch tells both."""
    known = [order(1, values=VALUES), order(1, "O-2", values=OTHERS, subject=TWO, fact_id="theirs"), link(2, TWO)]
    told = [*known, erased(ONE, 5)]
    installation.ledger.append_many(told)
    late = [OUT, order(6, "O-6", values={EMAIL: "new@marker.test"}, subject=TWO), message(40, subject=TWO)]
    installation.ledger.append_many(late)
    with installation.connect() as connection:
        document = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)), workers=1)
    assert document["readings"]["harmonised"]["P17"]["status"] == "broken"
    assert audit(*told, *late).status("P17") == "broken"
