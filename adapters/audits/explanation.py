"""Explaining one fact of a ledger or of a trace.

The auditor judges the whole history of the person, browser or company that the fact is about. It reads coded fields
only, so it needs no key and explains an erased person's facts like any other. Nothing is written. An error never
repeats the name that was asked for.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.audits.contacts import Beside, contact_book
from adapters.audits.traces import names_of
from adapters.keys.key_file import KeyFileMissing
from adapters.ledger.linked_streams import ever_linked
from adapters.ledger.opening import namer, told_at
from adapters.policy_texts import policy_from
from adapters.postgres.connection import translated
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.audit.auditor import Auditor
from domain.audit.explanation import Explanation, document
from domain.audit.question import Question
from domain.audit.trace import line_of
from domain.elsewhere import named_elsewhere
from domain.errors import PledgerError
from domain.events import COMPANY, VISITOR, event_class
from domain.events.base import place_name
from domain.moments import UNPLACED
from domain.records.company import Company, evolve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.audits.scope import AuditScope
    from adapters.audits.traces import Trace
    from adapters.keys.keyring import Keyring
    from domain.events import Event
    from domain.policy.model import Policy

_DIGITS_MAX: Final = len(str(UNPLACED))
_HINT: Final = "Name it as it was sent (the source, a space and the id), or by its position in the log."


class UnknownEvent(PledgerError):
    """No fact has this name, or no event has this position."""

    code = "unknown_event"


class FactName(NamedTuple):
    """How a fact is named: by source and id, or by a position (in a trace, a line)."""

    source: str = ""
    fact_id: str = ""
    position: int | None = None


def parse_fact_name(text: str) -> FactName:
    """Read the name of a fact, `source id`, or a position, `1234` or `#1234`. Raises `UnknownEvent`."""
    digits = text.removeprefix(place_name(""))
    if digits.isascii() and digits.isdigit():
        return FactName(position=int(digits) if len(digits) < _DIGITS_MAX else UNPLACED)
    source, space, fact_id = text.partition(" ")
    is_text = "\x00" not in text and not any("\ud800" <= one <= "\udfff" for one in text)
    if not (source and space and fact_id and is_text):
        raise unknown("this is neither a position nor a source, a space and an id.")
    return FactName(source, fact_id)


def unknown(why: str) -> UnknownEvent:
    """Return the error that says that there is no such fact."""
    return UnknownEvent("There is no such event.", why, _HINT)


def explain_in_ledger(
    scope: AuditScope, connection: psycopg.Connection[Any], keyring: Keyring | None, event: FactName
) -> dict[str, Any]:
    """Explain a fact of a ledger, and return the document. Raises `UnknownEvent`."""
    with translated():
        stream, fact = _place_of(connection, keyring, event)
        (topic,) = connection.execute(query("first_topic"), {"stream": stream}).fetchall()[0]
        kind = event_class(topic).stream_kind
        streams = [stream] if kind in {COMPANY, VISITOR} else list(ever_linked(connection, [stream], scope.bounds))
        of_company = _events(scope, connection, [scope.company_stream])
        history = of_company if kind == COMPANY else _events(scope, connection, streams)
    company = Company(scope.company_stream)
    for one in of_company:
        evolve(company, one)
    policy = policy_from(scope.policy_text)
    own = [one for one in history if one.fact_position == fact]
    if not own:
        raise unknown("it is in the log, but later than the moment that was asked about.")
    explanation = Explanation(fact)
    auditor = Auditor(
        policy,
        company,
        scope.question,
        _no_subject,
        scope.readings,
        compares=scope.compares,
        on_statement=explanation.take,
    )
    book = contact_book(connection, streams, scope.position)
    others = Beside(connection, scope).streams(history, book)
    beside = _events(scope, connection, others) if others else []
    left_out = _events(scope, connection, sorted(named_elsewhere(history)))
    book = contact_book(connection, [*streams, *others], scope.position)
    auditor.judge(history, book, beside, elsewhere=left_out)
    own.sort(key=lambda one: one.position or 0)
    with translated():
        names = namer(connection, keyring)
        times = told_at(connection)
        return document(policy, scope.question.as_of, explanation, auditor.findings, own, names, times=times)


def explain_in_trace(
    trace: Trace, policy: Policy, event: FactName, as_of: int | datetime | None = None
) -> dict[str, Any]:
    """Explain a fact of a trace, and return the document. Raises `UnknownEvent`."""
    lines, history = trace.replayed(policy, as_of)
    name = f"{event.source} {event.fact_id}"
    asked = {line.number for line in lines if line.number == event.position or line.fact.name == name}
    parts = [history.of_company, *history.of_people, *history.of_visitors]
    every = [one for events in parts for one in events]
    own = sorted((one for one in every if line_of(one.moment.position) in asked), key=attrgetter("position"))
    if not own:
        raise unknown("the trace has no such fact by then, or its line is not a valid fact.")
    latest = max(line.fact.time for line in lines)
    question = Question(latest if as_of is None or isinstance(as_of, int) else as_of)
    explanation = Explanation(own[0].fact_position)
    auditor = Auditor(policy, history.company, question, _no_subject, on_statement=explanation.take)
    for events in parts:
        if any(one.fact_position == explanation.fact for one in events):
            auditor.judge(events, history.book, history.beside(events), elsewhere=history.elsewhere(events))
    return document(policy, question.as_of, explanation, auditor.findings, own, names_of(lines), line_of)


def _place_of(connection: psycopg.Connection[Any], keyring: Keyring | None, event: FactName) -> tuple[UUID, int]:
    """Return the stream of a fact, and the position of its first event."""
    if event.position is not None:
        row = connection.execute(query("fact_of"), {"position": event.position}).fetchone()
        if row is None:
            raise unknown("positions begin at 1, and the log ends before this one.")
        return row[0], row[1]
    if keyring is None:
        raise KeyFileMissing(
            "The fact was not looked up.",
            "there is no key file, and facts are looked up by digests under a key.",
            "Restore the key file or name it in PLEDGER_KEY_FILE; without it, name the event by its position.",
        )
    wanted = {"facts": [keyring.fact(f"{event.source} {event.fact_id}")]}
    known = connection.execute(query("known_facts"), wanted).fetchall()
    if not known:
        raise unknown("the ledger has no fact with this source and id.")
    _, _, stream, last, count, _ = known[0]
    if stream is None:
        raise UnknownEvent(
            "The events of this fact cannot be found by its name.",
            "its customer has been erased, and where their facts stand was forgotten with them.",
            "Name one of its events by its position in the log, as findings name the facts of the erased.",
        )
    return stream, last - count + 1


def _events(scope: AuditScope, connection: psycopg.Connection[Any], streams: Iterable[UUID]) -> list[Event]:
    rows = connection.execute(query("audit_streams"), {"streams": list(streams), **scope.bounds}).fetchall()
    return [to_event(row) for row in map(EventRow._make, rows)]


def _no_subject(fact: int, stream: UUID | None) -> None:
    """Return no subject: an explanation names the person in one place, with the event."""
    del fact, stream
