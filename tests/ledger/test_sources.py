"""A source that is no plain code is sealed in the log; a keyed digest stands for it, in alarms and annulments too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.ledger import utc_now
from adapters.queries.annulments import OptOutSpan, annul_opt_outs
from adapters.queries.audits import audit_scope
from adapters.queries.opt_outs import opt_out_bursts
from domain.audit.question import Question
from domain.errors import FactConflict
from domain.records.customer import LAST
from tests.controls import START, fact, opt_out, order, share
from tests.reading import opened_log

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts import Fact

PLAIN = "/checkout"
MARK = "qzx7.ada@example.org"
ODD = f"https://shop.example/u/{MARK}?order=1785012"


def of(source: str, *facts: Fact) -> list[Fact]:
    """Return facts of a source."""
    return [one.model_copy(update={"source": source}) for one in facts]


def clear(it: Installation) -> list[tuple[str, str]]:
    """Return source and actor of each event, as they stand in the log."""
    with it.database.connect_as_owner() as owner:
        rows = owner.execute("SELECT source, actor FROM pledger.events ORDER BY position").fetchall()
        dump = owner.execute("SELECT one::text FROM pledger.events AS one").fetchall()
    assert MARK not in str(dump)
    return rows


def audited(it: Installation) -> str:
    """Return what an audit with the key file prints."""
    with it.connect() as connection:
        return json.dumps(ledgers.audit(audit_scope(it, connection, Question(LAST.at))))


def test_it_is_shown_as_sent_while_the_person_lives(installation: Installation) -> None:
    """Findings name it as it was sent; the log holds a digest in its place, and after an erasure nothing opens it."""
    broken = share(2, "advertiser", ["user.contact.email"], purpose="deliver_ads", reference=None)
    installation.ledger.append_many([*of(ODD, order(1), broken), *of(PLAIN, opt_out(3))])
    code = installation.keyring.source_code(ODD)
    assert code.startswith("~")
    assert {*clear(installation)[1:]} == {(code, code), (PLAIN, PLAIN)}
    assert f"{ODD} {broken.id}" in audited(installation)
    erased = installation.ledger.append(*of(ODD, fact("erasure", 4, {"reason": "asked"})))
    assert erased.fact.startswith(ODD)
    clear(installation)
    assert MARK not in audited(installation)


def test_a_fact_is_known_by_the_source_as_sent(installation: Installation) -> None:
    """A repeat is one, other content is a conflict that names nothing, and a correction finds its entry."""
    (first,) = of(ODD, order(1))
    (another,) = of(f"{ODD}1", order(1))
    answer = installation.ledger.append(first)
    assert installation.ledger.append(first).repeated
    assert installation.ledger.append(another).position > answer.position
    with pytest.raises(FactConflict) as conflict:
        installation.ledger.append(*of(ODD, order(2, fact_id=first.id)))
    assert MARK not in str(conflict.value)
    entry = {"entry": {"source": ODD, "id": first.id}, "reason": "twice"}
    installation.ledger.append(fact("entry_correction", 5, entry))
    with installation.connect() as connection:
        (found,) = connection.execute("SELECT data -> 'entry' FROM events WHERE topic = 'EntryCorrected.v1'").fetchall()
    assert found == (answer.position - answer.events + 1,)


def test_who_told_it_is_shown_as_sent(installation: Installation) -> None:
    """Without another actor its source hands a fact in, and is shown as that with the key."""
    installation.ledger.append_many([*of(ODD, order(1)), *of(PLAIN, opt_out(2))])
    events = opened_log(installation)
    assert {(event.source, event.actor) for event in events[1:]} == {(ODD, ODD), (PLAIN, PLAIN)}


@pytest.mark.parametrize("by_code", [False, True])
def test_a_burst_is_noticed_and_annulled(installation: Installation, *, by_code: bool) -> None:
    """An alarm shows the digest; by it, or by the source as sent, an officer annuls."""
    out: dict[str, Any] = {"program": "email_marketing", "via": "unsubscribe_link"}
    told = [fact("opt_out", 2, out, subject=f"email:s{n}@example.org", fact_id=f"out-{n}") for n in range(5)]
    installation.ledger.append_many(of(ODD, *told))
    settings = installation.settings.model_copy(update={"opt_out_burst": 3})
    with installation.connect() as connection:
        (burst,) = opt_out_bursts(settings, connection, utc_now())
        assert (burst.name, burst.opt_outs) == (installation.keyring.source_code(ODD), 5)
        span = OptOutSpan(burst.name if by_code else ODD, None, START, utc_now())
        assert annul_opt_outs(installation, connection, span, "a bot")["annulled"] == 5
        assert opt_out_bursts(settings, connection, utc_now()) == []


def test_a_browser_has_no_key_to_seal_it(installation: Installation) -> None:
    """Of a fact about a browser the digest alone is kept."""
    installation.ledger.append_many(of(ODD, fact("cookies_refused", 1, {}), fact("signal", 1, {"signal": "gpc"})))
    assert len(clear(installation)) == 3
