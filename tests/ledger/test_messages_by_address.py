"""A message that is told under an address, in a ledger: who else has the address is looked up, and judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.audits import ledgers
from adapters.audits.explanation import FactName, explain_in_ledger
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.records.customer import LAST
from tests.controls import day
from tests.reading import size_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say

MAILBOX = "email:ada@example.org"


def mailed(say: Say, name: str, **data: Any) -> Fact:  # noqa: ANN401
    """Return an advertising e-mail that a mail service tells of the address."""
    told = {"program": "email_marketing", "channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True}
    return say.fact(name, "message", MAILBOX, "2016-06-02T10:15:00Z", **{**told, "message_id": name, **data})


def statuses(it: Installation) -> dict[str, str]:
    """Return the statuses of what is said of advertising, under the harmonised reading."""
    with it.connect() as connection:
        scope = audit_scope(it, connection, Question(LAST.at))
    verdicts = ledgers.audit(scope, workers=1)["readings"]["harmonised"]
    return {promise: verdicts[promise]["status"] for promise in ("P11", "P17", "P18")}


def broken(it: Installation, fact: Fact) -> set[str]:
    """Append a fact, and return the promises that it broke."""
    return {found.promise for found in it.ledger.append(fact).findings}


def test_everybody_who_has_the_address_counts(installation: Installation, other: Installation, say: Say) -> None:
    """Whichever process told of them, in the same batch or long before; linked streams count as one person."""
    assert broken(installation, mailed(say, "to nobody")) == {"P11"}
    other.ledger.append(say.collection("order", "customer:1", act="order"))
    assert broken(installation, mailed(say, "to a customer")) == set()
    together = [say.collection("entry", "customer:2"), mailed(say, "in a batch")]
    assert [not answer.findings for answer in installation.ledger.append_many(together)] == [True, True]  # type: ignore[union-attr]
    link = {"with": "customer:2", "verified": "login"}
    other.ledger.append(say.fact("link", "link", "customer:1", "2016-05-01T00:00:00Z", **link))
    other.ledger.append(say.opt_out("out", "customer:2"))
    assert broken(installation, mailed(say, "after they left")) == {"P17", "P18"}
    assert statuses(installation) == {"P11": "indeterminate", "P17": "broken", "P18": "broken"}


def test_a_decision_says_no_where_nobody_can_know(installation: Installation, say: Say) -> None:
    """One person wants it, another left: the fact is indeterminate, and neither decided for nor enforced."""
    installation.ledger.append(say.collection("one", "customer:1"))
    assert installation.ledger.ask(mailed(say, "m")).allowed
    installation.ledger.append_many([say.collection("two", "customer:2"), say.opt_out("out", "customer:2")])
    decision = installation.ledger.ask(mailed(say, "m"))
    assert not decision.allowed
    assert {found.code for found in decision.findings} == {"holders_differ"}
    (answer,) = installation.ledger.append_many([mailed(say, "enforced", mode="enforce")])
    assert answer.refused  # type: ignore[union-attr]
    assert broken(installation, mailed(say, "recorded")) == set()
    assert statuses(installation) == {"P11": "indeterminate", "P17": "indeterminate", "P18": "indeterminate"}


def test_an_erasure_changes_no_verdict(installation: Installation, say: Say) -> None:
    """The one who let it in is erased, and then the stream under which it was told: the message is kept as before.

    Also when somebody asks what was so before the erasure.
    """
    installation.ledger.append(say.collection("entry", "customer:1"))
    assert broken(installation, mailed(say, "m")) == set()
    assert statuses(installation)["P11"] == "kept"
    installation.ledger.append(say.erasure("e", "customer:1"))
    assert statuses(installation)["P11"] == "kept"
    with installation.connect() as connection:
        scope = audit_scope(installation, connection, Question(LAST.at))
        explained = explain_in_ledger(scope, connection, installation.keyring, FactName("/shop", "m"))
    assert "not_enrolled" not in str(explained["readings"]["harmonised"])
    before = size_of(installation) - 1
    installation.ledger.append(say.erasure("e2", "email:ada@example.org"))
    for as_of in (None, before, day(300)):
        with installation.connect() as connection:
            scope = audit_scope(installation, connection, Question(LAST.at), as_of=as_of)
            assert ledgers.audit(scope)["readings"]["harmonised"]["P11"]["status"] == "kept"
