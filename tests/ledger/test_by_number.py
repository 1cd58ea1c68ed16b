"""Opt-outs under a number, in a ledger: guests with the same address are found by every process, list and audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.audits import ledgers
from adapters.ledger.stream_reader import find
from adapters.queries.audits import audit_scope
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.facts.fields import Subject
from domain.policy.judge import Judge
from domain.records.customer import LAST
from projections import suppression_list

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say

MAIL = "email_marketing"


def mailed(say: Say, name: str, whom: str, time: str = "2016-06-02T10:15:00Z") -> Fact:
    """Return an advertising e-mail to a person."""
    told: dict[str, Any] = {
        "program": MAIL,
        "channel": "email",
        "purpose": "direct_marketing",
        "unsubscribe_link": True,
    }
    return say.fact(name, "message", whom, time, **told, message_id=name)


def statuses(it: Installation) -> list[str]:
    """Return the statuses of what is said of opt-outs, under the harmonised reading."""
    with it.connect() as connection:
        scope = audit_scope(it, connection, Question(LAST.at))
    verdicts = ledgers.audit(scope, workers=1)["readings"]["harmonised"]
    return [verdicts[promise]["status"] for promise in ("P11", "P17", "P18")]


def listed(it: Installation, kind: str, value: str) -> set[str]:
    """Return what the suppression list says of a person."""
    with it.connect() as connection:
        bring_up_to_date(connection)
        streams = find(connection, it.keyring, Subject(kind, value))
        assert streams
        return set(suppression_list.of(connection, Judge(it.policy), streams))


def test_every_process_and_list_knows(installation: Installation, other: Installation, say: Say) -> None:
    """The opt-out of one process reaches the guest of another one, in decisions, in the list, and in the audit."""
    installation.ledger.append(say.collection("guest", "guest:F-1"))
    assert other.ledger.ask(mailed(say, "m", "guest:F-1")).allowed
    other.ledger.append_many([say.collection("one", "customer:1"), say.opt_out("out", "customer:1", via="portal")])
    for it in (installation, other):
        decision = it.ledger.ask(mailed(say, "m", "guest:F-1"))
        assert {found.code for found in decision.findings} == {"out_by_number"}
        assert listed(it, "guest", "F-1") == {MAIL}
    installation.ledger.append(mailed(say, "m", "guest:F-1"))
    assert statuses(other) == ["kept", "indeterminate", "indeterminate"]
    installation.ledger.append(say.collection("again", "customer:1", time="2016-06-03T00:00:00Z"))
    for it in (installation, other):
        assert it.ledger.ask(mailed(say, "m2", "guest:F-1")).allowed is False
        assert listed(it, "guest", "F-1") == set()
    later = mailed(say, "m3", "guest:F-1", time="2016-06-04T10:15:00Z")
    assert other.ledger.ask(later).allowed
    assert statuses(installation) == ["kept", "indeterminate", "indeterminate"]


def test_an_erasure_lifts_nothing(installation: Installation, say: Say) -> None:
    """Once the one who left is erased, the guest is still not written to; once the guest is, the verdict stays."""
    installation.ledger.append_many([say.collection("guest", "guest:F-1"), say.collection("one", "customer:1")])
    installation.ledger.append(say.opt_out("out", "customer:1", via="portal"))
    installation.ledger.append(mailed(say, "m", "guest:F-1"))
    before = statuses(installation)
    installation.ledger.append(say.erasure("e", "customer:1"))
    assert not installation.ledger.ask(mailed(say, "m2", "guest:F-1")).allowed
    assert statuses(installation) == before == ["kept", "indeterminate", "indeterminate"]
    installation.ledger.append(say.erasure("f", "guest:F-1"))
    assert statuses(installation) == before
