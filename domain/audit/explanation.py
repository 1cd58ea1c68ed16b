"""The explanation of one fact: what it was, and what every rule says of it under every reading.

Nothing is judged here. An `Auditor` judges the whole history of the person whom the fact is about, and passes each of
its statements to `Explanation.take`. An explanation holds no sealed value, no reference in the clear and no name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from domain.audit.particular_words import known_only
from domain.audit.particulars import as_json
from domain.audit.reasons import REASONS
from domain.audit.verdicts import why
from domain.decide import refusal_in
from domain.events import COMPANY, Refusal
from domain.naming import Named, Written, by_name, named
from domain.policy.status import Status
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.audit.findings import Amendment, Findings
    from domain.audit.tally import Statement
    from domain.events import Event, Finding
    from domain.naming import Names, Times
    from domain.policy.model import Policy
    from domain.vocabulary import Reading

_APART: Final = ("findings", "because")
"""Coded fields that an explanation shows under keys of their own."""
_CODES: Final = ("reference_code", "request_code", "entry_code")
"""Digests in a ledger. A trace has no key, so there they are what was sent itself."""


@dataclass(slots=True)
class Explanation:
    """The statements about one fact, and those that rest on it, from an audit of the history that it is part of.

    Each statement stands with the event that was judged (None: time decided). The fact is known by the position of its
    first event.
    """

    fact: int
    about: list[tuple[Statement, Event | None]] = field(default_factory=list)
    """Statements about the fact, and those about other facts that its events caused."""
    resting: list[Statement] = field(default_factory=list)
    """Statements about other facts that have this one as evidence."""

    def take(self, statement: Statement, event: Event | None) -> None:
        """Keep a statement if it concerns the fact."""
        if statement.fact == self.fact or (event is not None and event.fact_position == self.fact):
            self.about.append((statement, event))
        elif self.fact in statement.evidence:
            self.resting.append(statement)


def document(  # noqa: PLR0913, PLR0917 - what was judged, by what, and what came of it
    policy: Policy,
    as_of: datetime,
    explanation: Explanation,
    findings: Findings,
    events: Sequence[Event],
    names: Names | None = None,
    line_of: Callable[[int], int] | None = None,
    times: Times | None = None,
) -> dict[str, Any]:
    """Return an explanation as JSON. `events` are the fact's own; `line_of` returns a position's line in a trace."""
    fact = explanation.fact
    content = {
        "event": Named(fact),
        "policy": policy.label,
        "policy_digest": policy.digest,
        "as_of": rfc3339(as_of),
        "refused": refusal_in(events) is not None,
        "events": [_event(event, line_of) for event in events],
        "readings": {
            reading.value: _statements(policy, explanation, findings, reading, line_of) for reading in findings.tallies
        },
        "seen_otherwise_at_append": [
            {"then": list(one.then), "now": list(one.now)} for one in findings.revisions if one.fact == fact
        ],
        "relied_on_by": list(_resting(explanation.resting)),
        "entry_corrected": _amended(findings.amended.get(fact)),
    }
    document: dict[str, Any] = named(content, names, times)
    return document


def _amended(amendment: Amendment | None) -> dict[str, Any] | None:
    """Return what declared the entry wrong, and why; the texts are null where the seal was not opened."""
    if amendment is None:
        return None
    facts = {"by": _named(amendment.by), "replacement": _named(amendment.replacement)}
    return {**facts, "reason": amendment.reason, "evidence": amendment.evidence}


def _named(position: int | None) -> Named | None:
    return Named(position) if position else None


def _event(event: Event, line_of: Callable[[int], int] | None) -> dict[str, Any]:
    position, places = event.moment.position, event.places
    fields = {
        name: _shown(value) if name in places else value
        for name, value in event.placed(json.loads(event.data_json()), position).items()
        if name not in _APART
    }
    found: Iterable[Finding] | None = event.because if isinstance(event, Refusal) else event.findings
    subject: str | None = None if event.stream_kind == COMPANY else f"id:{event.originator_id}"
    if line_of is not None:
        for code in _CODES:
            fields.pop(code, None)
        # A trace has no findings at append, and its stream ids are made up; the line names the person.
        found = subject = None
    return {
        "position": _place(event, line_of),
        "type": type(event).topic,
        "time": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(event.recorded_at) if event.recorded_at else None,
        "subject": subject,
        "fields": fields,
        "found_at_append": None if found is None else [_found(one) for one in found],
    }


def _found(found: Finding) -> dict[str, Any]:
    return {
        "promise": found.promise,
        "code": found.code,
        "why": REASONS.get(found.code, ""),
        "relied_on": by_name(found.events),
        "excused": found.excused,
        "of": _named(found.about),
    }


def _statements(
    policy: Policy, explanation: Explanation, findings: Findings, reading: Reading, line_of: Callable[[int], int] | None
) -> list[dict[str, Any]]:
    """Return the statements under a reading, in the order of the policy; several about one event are joined.

    A statement that the fact kept a promise is left out if a later fact shows that it broke that promise.
    """
    of_reading = [one for one in explanation.about if one[0].reading is reading]
    overturned = {(one.promise, one.fact) for one, event in of_reading if _shown_by(one, event)}
    joined: dict[tuple[str, int, int | None, str], tuple[Statement, Event | None]] = {}
    for one, event in of_reading:
        if one.status is Status.KEPT and (one.promise, one.fact) in overturned:
            continue
        key = (one.promise, one.fact, event.position if event else None, one.status)
        known = joined.get(key)
        joined[key] = (one, event) if known is None else (known[0].joined(one), known[1])
    by_promise: dict[str, list[tuple[Statement, Event | None]]] = {}
    for one, event in joined.values():
        by_promise.setdefault(one.promise, []).append((one, event))
    documents = []
    for promise in policy.promises:
        late = findings.tallies[reading][promise.id].late
        documents += [
            {
                "promise": promise.id,
                "title": promise.title,
                "status": one.status.value,
                "of": _named(one.fact),
                "at": rfc3339(one.at),
                "why": why(one),
                "particulars": Written(as_json(one.details), known_only),
                "codes": list(one.codes),
                "relied_on": by_name(one.evidence),
                "late_evidence": by_name(late.get(one.fact, ())),
                "remedied": _named(one.remedied),
                "type": None if event is None else type(event).topic,
                "position": None if event is None else _place(event, line_of),
                "shown_by": _named(_shown_by(one, event)),
            }
            for one, event in by_promise.get(promise.id, ())
        ]
    return documents


def _shown_by(statement: Statement, event: Event | None) -> int | None:
    """Return the fact that proves the statement, if it is a different fact."""
    return event.fact_position if event is not None and event.fact_position != statement.fact else None


def _resting(statements: Iterable[Statement]) -> Iterator[dict[str, Any]]:
    """Return the facts about which something is stated that rests on the explained one, in order of time."""
    readings: dict[tuple[datetime, int, str, str], dict[str, None]] = {}
    for one in statements:
        key = (one.at, one.fact, one.promise, one.status.value)
        readings.setdefault(key, {})[one.reading.value] = None
    for (_, fact, promise, status), under in sorted(readings.items()):
        yield {"event": _named(fact), "promise": promise, "status": status, "readings": list(under)}


def _place(event: Event, line_of: Callable[[int], int] | None) -> int | None:
    return event.position if line_of is None else line_of(event.moment.position)


def _shown(places: Any) -> Any:  # noqa: ANN401 - a position, or several
    return Named(places) if isinstance(places, int) else by_name(places)
