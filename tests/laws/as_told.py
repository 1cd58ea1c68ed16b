"""Facts told in any order: what a ledger comes to which learns them so, beside a trace of the same lines.

The ledger is the core over a store in memory, told fact by fact; its audit and what it shows are compared with those of
a trace, which tells itself the same lines in the order of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.contract import OWN
from domain import ledger
from domain.audit.auditor import Auditor
from domain.audit.question import Question
from domain.audit.replay import told_in_time
from domain.audit.report import document
from domain.audit.trace import EVENTS_OF_A_LINE, MemoryStore
from domain.audit.trace_order import Line
from domain.errors import PledgerError
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.store import Sender
from domain.vocabulary import Program
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.audit.history import History
    from domain.facts import Fact
    from domain.facts.fields import Subject

_OFFICER = Sender("test", vouches=True, is_officer=True)
_SAID: Final = ("status", "violations", "indeterminate", "open", "excused", "exercised", "evidence", "late_evidence")


def told(facts: Iterable[Fact], *, in_time: bool = False) -> MemoryStore:
    """Tell a store of facts one by one; `in_time`: as a trace tells itself the same lines."""
    lines = [Line(number, fact) for number, fact in enumerate(facts, 1)]
    if in_time:
        return told_in_time(lines, first_policy(), LAST.at, OWN.addresses).store
    store = MemoryStore(Judge(first_policy()), LAST.at, OWN.addresses)
    for line in lines:
        store.place = line.number * EVENTS_OF_A_LINE
        try:
            events = ledger.handle(store, line.fact, _OFFICER).events
        except PledgerError:
            continue
        store.keep(events)
    return store


def said(document: dict[str, Any]) -> dict[str, Any]:
    """Return what an audit says of each promise under each reading."""
    statements: dict[str, Any] = {
        f"{promise} {reading}": {key: verdict[key] for key in _SAID if key in verdict}
        for reading, found in document["readings"].items()
        for promise, verdict in found.items()
    }
    return statements | {"ungrounded": sorted((one["event"], one["categories"]) for one in document["ungrounded"])}


def audited(store: MemoryStore, as_of: Any) -> dict[str, Any]:  # noqa: ANN401 - a time
    """Audit what a store holds; facts are named as they were sent."""
    history: History = store.history()

    def named(fact: int, stream: UUID | None) -> str | None:
        del fact, stream
        return None

    auditor = Auditor(first_policy(), history.company, Question(as_of), named)
    auditor.the_company(history.of_company)
    for events in (*history.of_people, *history.of_visitors):
        auditor.judge(events, history.book, history.beside(events), elsewhere=history.elsewhere(events))
    parts = (history.of_company, *history.of_people, *history.of_visitors)
    events = [event for part in parts for event in part]
    # Of what is told late of the erased, the last event alone keeps the name of the fact.
    named_as = {event.fact_position: event.fact for event in events if event.fact_id is not None}
    names = {event.moment.position: named_as.get(event.fact_position, event.fact) for event in events}
    return document(first_policy(), auditor.question, 0, auditor.findings, names=lambda _: names)


def shown(store: MemoryStore, names: Sequence[Subject]) -> dict[str, tuple[str | None, bool, bool]]:
    """Return what a store shows and owes now: of each name and program, what is shown, who is in and who is out."""
    found = {}
    for name in names:
        stream = store.stream_of(name, LAST.at)
        for program in Program if stream else ():
            assert stream is not None, "it was asked"
            person = store.person(stream)
            change, standing = person.subscription(program, LAST), store.judge.standing(person, program, LAST)
            is_in, is_out = standing.is_enrolled, standing.out_since is not None
            found[f"{name} {program}"] = (change.state if change else None, is_in, is_out)
    return found


def now(found: dict[str, tuple[str | None, bool, bool]]) -> dict[str, tuple[bool, bool, bool]]:
    """Return who is shown as enrolled, who is, and who is out. Of who is out, it differs what is shown beside that."""
    return {what: (state == "enrolled" and not is_out, is_in, is_out) for what, (state, is_in, is_out) in found.items()}
