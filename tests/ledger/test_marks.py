"""A mark in every field that a service can fill is nowhere after an erasure, nor without the key file: codes only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql

from adapters.audits import ledgers
from adapters.audits.explanation import parse_fact_name
from adapters.bootstrap import opened, opened_to_read
from adapters.contract import parse_fact
from adapters.keys.key_file import KeyFileMissing
from adapters.ledger import Receipt, utc_now
from adapters.ledger.stream_reader import find
from adapters.queries.audits import audit_scope, explanation
from adapters.queries.company_record import company_record
from adapters.queries.lists import activity_by
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.queries.status import ledger_status
from adapters.webhooks.messages import CodedEvent, MessageKind, event_message, topics_of
from domain.audit.question import Question
from domain.facts import SHAPES, CustomerFact
from domain.facts.fields import Subject
from domain.records.customer import LAST
from tests.controls import raw_example
from tests.examples import EXAMPLES

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

MARK = "Qqzzyx9"
"""In every field that a service can fill with what it likes: all but words of the contract, which stay clear."""


def _marked(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return data of a fact with the mark in every text that is no word of the contract."""
    if isinstance(value, dict):
        return {key: _marked(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, name) for one in value]
    free = {"reference", "request", "message_id", "reason", "finding", "evidence", "method", "held_in", "reader"}
    free |= {"incident", "id", "correlation", "causation"}
    return f"{MARK} {value}" if isinstance(value, str) and name in free else value


def _facts() -> list[dict[str, Any]]:
    """Return each type of fact, about people, browsers and the company, with the mark wherever one fits."""
    made = []
    for number, word in enumerate(word for word in EXAMPLES if word != "erasure"):
        fact = raw_example(word)
        data = _marked(fact["data"])
        if "values" in data:
            data["values"] = {key: value and f"{MARK} {value}" for key, value in data["values"].items()}
        if word == "correction":
            data["value"] = f"{MARK} value"
        if "also" in data:
            data["also"] = [f"email:{MARK}@example.com"]
        if SHAPES[fact["type"]][0] is CustomerFact:
            fact["subject"] = f"customer:{MARK}"
        elif "subject" in fact:
            fact["subject"] = f"visitor:{MARK}"
        made.append({**fact, "id": f"{MARK}-{number}", "data": data})
    return made


def _dump(it: Installation) -> dict[str, str]:
    """Return the text of every table of the ledger's schema, its read models included."""
    with it.connect() as connection:
        bring_up_to_date(connection)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'pledger'").fetchall()
    dump = {}
    with it.database.connect_as_owner() as connection:
        for (name,) in tables:
            table = sql.Identifier("pledger", name)
            rows = connection.execute(sql.SQL("SELECT one::text FROM {} AS one").format(table)).fetchall()
            dump[name] = "\n".join(row for (row,) in rows)
    return dump


def _holds(text: str) -> bool:
    return any(form in text.lower() for form in (MARK.lower(), MARK.encode().hex()))


def _without_the_key(it: Installation) -> dict[str, Any]:
    """Return the documents that need no key file."""
    with opened_to_read(it.settings) as ledger, ledger.connect() as connection:
        assert ledger.keyring is None
        scope = audit_scope(ledger, connection, Question(LAST.at))
        return {
            "status": ledger_status(ledger, connection),
            "audit": ledgers.audit(scope),
            "company": company_record(ledger, connection, None, 30, utc_now()),
            "explain": [explanation(ledger, connection, parse_fact_name(f"#{place}")) for place in (2, 5, 9)],
            "activity": [activity_by(connection, by, ReadPoint()) for by in ("activity", "promise", "day")],
        }


def _deliveries(it: Installation) -> list[str]:
    """Return the bodies of all messages that webhooks would be sent."""
    with it.connect() as connection:
        rows = connection.execute(
            "SELECT position, stream_id, topic, occurred_at, data FROM events"
            " WHERE topic = ANY (%s) AND (topic <> 'SuppressionRecalled.v1' OR data ? 'program')",
            (topics_of(MessageKind),),
        ).fetchall()
    assert rows
    return [event_message(it.identity.ledger_id, CodedEvent(*row)).body.decode() for row in rows]


def test_a_mark_in_every_field_is_nowhere(installation: Installation) -> None:
    """Of every type of fact nothing that a service chose stands in the database, a read model or a webhook."""
    answers = installation.ledger.append_many([parse_fact(json.dumps(fact)) for fact in _facts()])
    assert all(isinstance(one, Receipt) for one in answers), answers
    before = _dump(installation)
    assert len(before) >= 20
    assert [name for name, text in before.items() if _holds(text)] == []
    # With the key the marks are there to be seen: the search would find them.
    with installation.connect() as connection:
        assert find(connection, installation.keyring, Subject("customer", MARK))
        named = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    assert _holds(json.dumps(named))

    erasure = {**raw_example("erasure"), "id": f"{MARK}-erasure", "subject": f"customer:{MARK}"}
    erasure["data"] = {"reason": f"{MARK} asked", "request": f"{MARK} r-1"}
    (erased,) = installation.ledger.append_many([parse_fact(json.dumps(erasure))])
    assert isinstance(erased, Receipt)
    assert [name for name, text in _dump(installation).items() if _holds(text)] == []
    assert [body for body in _deliveries(installation) if _holds(body)] == []
    # The key of the company's stream is still there, and opens what is about the company; of the erased, nothing opens.
    with installation.connect() as connection:
        after = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    people = [one for one in _subjects(after) if _holds(json.dumps(one))]
    assert people == []


def _subjects(document: dict[str, Any]) -> list[Any]:
    """Return what an audit says about people."""
    verdicts = [one for reading in document["readings"].values() for one in reading.values()]
    return [one for verdict in verdicts for one in verdict["violations"] if one["subject"]]


def test_without_the_key_file_events_are_named_by_position(installation: Installation) -> None:
    """Status, audit, explanation, activity and the company's record need no key file; all else refuses without it."""
    installation.ledger.append_many([parse_fact(json.dumps(fact)) for fact in _facts()])
    with installation.connect() as connection:
        bring_up_to_date(connection)
        named = ledgers.audit(audit_scope(installation, connection, Question(LAST.at)))
    key = installation.settings.key_path
    key.rename(key.with_suffix(".away"))
    documents = _without_the_key(installation)
    assert not _holds(json.dumps(documents))
    # The verdicts are the same; only the names differ.
    coded = documents["audit"]
    for reading, verdicts in named["readings"].items():
        for promise, verdict in verdicts.items():
            other = coded["readings"][reading][promise]
            assert (verdict["status"], verdict["exercised"]) == (other["status"], other["exercised"])
            assert [len(one.get("evidence", ())) for one in verdict["violations"]] == [
                len(one.get("evidence", ())) for one in other["violations"]
            ]
            assert all(one["event"] is None or one["event"].startswith("#") for one in other["violations"])
    with opened_to_read(installation.settings) as ledger, ledger.connect() as connection:
        with pytest.raises(KeyFileMissing):
            find(connection, ledger.keyring, Subject("customer", MARK))
        with pytest.raises(KeyFileMissing):
            explanation(ledger, connection, parse_fact_name(f"/shop {MARK}-1"))
    with pytest.raises(KeyFileMissing), opened(installation.settings):
        pass
