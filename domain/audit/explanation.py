"""The explanation of one fact: what it was, and what every rule says of it, under every reading.

Promise: it is the audit's own judgement, overheard: an `Auditor` over the whole history of whoever the fact is about
tells `Explanation.hear` what its rules say, and nothing is judged here. Only coded fields are told. Refused: a sealed
value, a reference in the clear, the name of a person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.audit.reasons import REASONS
from domain.audit.verdicts import zulu
from domain.events import COMPANY, Refusal
from domain.policy.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.audit.auditor import Findings
    from domain.audit.tally import Spoken
    from domain.events import Event, Finding
    from domain.policy.model import Policy
    from domain.vocabulary import Reading

_TOLD_APART: Final = ("findings", "because")
_REFERENCE: Final = "reference_code"
"""In a ledger a digest; in a trace, where no key is, the reference itself."""


class Heard(NamedTuple):
    """What a rule says of a fact under a reading, as an audit hears it; `event` was judged, None: time decided."""

    reading: Reading
    promise: str
    status: Status
    said: Spoken
    event: Event | None = None


@dataclass(slots=True)
class Explanation:
    """What is heard of one fact, by its name, while the history that it is part of is judged."""

    fact: str
    heard: list[Heard] = field(default_factory=list)
    """What was said of it, or of another because of it."""
    cited: list[Heard] = field(default_factory=list)
    """What was said of others, and rests on it."""

    def hear(self, heard: Heard) -> None:
        """Keep what concerns the fact."""
        if heard.said.event == self.fact or (heard.event is not None and heard.event.fact == self.fact):
            self.heard.append(heard)
        elif self.fact in heard.said.events:
            self.cited.append(heard)


def document(  # noqa: PLR0913, PLR0917 - what was judged, by what, and what came of it
    policy: Policy,
    as_of: datetime,
    explanation: Explanation,
    findings: Findings,
    events: Sequence[Event],
    lines: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Give an explanation as JSON has it; `events` are the fact's own, `lines` give each fact's line in a trace."""
    fact = explanation.fact
    amendment = findings.amended.get(fact)
    amended = {"by": amendment.by, "replacement": amendment.replacement} if amendment else None
    return {
        "event": fact,
        "policy": policy.label,
        "policy_digest": policy.digest,
        "as_of": zulu(as_of),
        "refused": any(isinstance(event, Refusal) for event in events),
        "events": [_event(event, lines) for event in events],
        "readings": {
            reading.value: _spoken(policy, explanation.heard, findings, reading, lines) for reading in findings.tallies
        },
        "seen_otherwise_at_append": [
            {"then": list(one.then), "now": list(one.now)} for one in findings.revisions if one.event == fact
        ],
        "relied_on_by": list(_relying(explanation.cited)),
        "entry_corrected": amended,
    }


def _event(event: Event, lines: Mapping[str, int] | None) -> dict[str, Any]:
    fields = {name: value for name, value in json.loads(event.data_json()).items() if name not in _TOLD_APART}
    found: Iterable[Finding] | None = event.because if isinstance(event, Refusal) else event.findings
    subject: str | None = None if event.stream_kind == COMPANY else f"id:{event.originator_id}"
    if lines is not None:
        fields.pop(_REFERENCE, None)
        # Nobody appended it, and the stream is one of our making: the line says whom it is about.
        found = subject = None
    return {
        "position": _place(event, lines),
        "type": type(event).topic,
        "time": zulu(event.occurred_at),
        "recorded_at": zulu(event.recorded_at) if event.recorded_at else None,
        "subject": subject,
        "fields": fields,
        "found_at_append": None if found is None else [_found(one) for one in found],
    }


def _found(found: Finding) -> dict[str, Any]:
    return {
        "promise": found.promise,
        "code": found.code,
        "why": REASONS.get(found.code, ""),
        "relied_on": list(found.events),
        "excused": found.excused,
        "of": found.about,
    }


def _spoken(
    policy: Policy, heard: Sequence[Heard], findings: Findings, reading: Reading, lines: Mapping[str, int] | None
) -> list[dict[str, Any]]:
    """Give what was said under a reading, in the order of the policy; what a rule says twice of an event is one.

    That a fact kept a promise when it happened is left out where a later one shows that it broke it.
    """
    overturned = {(one.promise, one.said.event) for one in heard if one.reading is reading and _is_shown(one)}
    joined: dict[tuple[str, str, int | None, str], Heard] = {}
    for one in heard:
        is_overturned = one.status is Status.KEPT and (one.promise, one.said.event) in overturned
        if one.reading is reading and not is_overturned:
            key = (one.promise, one.said.event, one.event.position if one.event else None, one.status)
            known = joined.get(key)
            joined[key] = one if known is None else known._replace(said=known.said.joined(one.said))
    by_promise: dict[str, list[Heard]] = {}
    for one in joined.values():
        by_promise.setdefault(one.promise, []).append(one)
    told = []
    for promise in policy.promises:
        late = findings.tallies[reading][promise.id].late
        told += [
            {
                "promise": promise.id,
                "title": promise.title,
                "status": one.status.value,
                "of": one.said.event,
                "at": zulu(one.said.at),
                "why": " ".join(REASONS.get(code, "") for code in one.said.codes),
                "codes": list(one.said.codes),
                "relied_on": list(one.said.events),
                "late_evidence": list(late.get(one.said.event, ())),
                "remedied": one.said.remedied,
                "type": None if one.event is None else type(one.event).topic,
                "position": None if one.event is None else _place(one.event, lines),
                "shown_by": one.event.fact if one.event and _is_shown(one) else None,
            }
            for one in by_promise.get(promise.id, ())
        ]
    return told


def _is_shown(heard: Heard) -> bool:
    """Tell whether another fact than the one it is said of shows it."""
    return heard.event is not None and heard.event.fact != heard.said.event


def _relying(cited: Iterable[Heard]) -> Iterator[dict[str, Any]]:
    """Give the facts of which something is said that rests on the one explained, in order of time."""
    readings: dict[tuple[datetime, str, str, str], dict[str, None]] = {}
    for one in cited:
        key = (one.said.at, one.said.event, one.promise, one.status.value)
        readings.setdefault(key, {})[one.reading.value] = None
    for (_, event, promise, status), under in sorted(readings.items()):
        yield {"event": event or None, "promise": promise, "status": status, "readings": list(under)}


def _place(event: Event, lines: Mapping[str, int] | None) -> int | None:
    return event.position if lines is None else lines[event.fact]
