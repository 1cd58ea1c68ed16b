"""Verdicts: from what an audit found to what it says of each promise, as the wire contract prints it.

Promise: the same findings give the same document, byte for byte. Its shape is `WIRE.md`'s ("What the audit prints");
more keys stand beside those named there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.audit.reasons import reason
from domain.audit.tally import IN_FLIGHT
from domain.policy.model import Modality
from domain.policy.status import Status, dpv, worst
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.audit.auditor import Amendment, Findings
    from domain.audit.outside import Outside
    from domain.audit.tally import Spoken, Tally
    from domain.policy.model import Policy, Promise


def status_of(promise: Promise, tally: Tally) -> Status:
    """Give the one status of a promise; a permission that nobody used was not exercised, anything else was kept."""
    said = [status for status, spoken in tally.spoken.items() if spoken]
    if promise.modality is Modality.PERMISSION and tally.exercised == 0:
        said.append(Status.NOT_EXERCISED)
    return worst(said)


def readings(
    policy: Policy, findings: Findings, outside: Outside, only: frozenset[str] | None = None
) -> dict[str, Any]:
    """Give every reading's verdicts, by promise, in the order of the policy; `only` these promises, if given."""
    return {
        reading.value: {
            promise.id: _verdict(promise, tallies[promise.id], findings.amended)
            | _outside(promise, tallies[promise.id], outside, reading)
            for promise in policy.promises
            if only is None or promise.id in only
        }
        for reading, tallies in findings.tallies.items()
    }


def _verdict(promise: Promise, tally: Tally, amended: Mapping[str, Amendment]) -> dict[str, Any]:
    status = status_of(promise, tally)
    broken = tally.of(Status.BROKEN)
    # A breach that no other fact shows, such as a mail without a link, is shown by itself.
    shown = dict.fromkeys(event for spoken in broken for event in spoken.events or (spoken.event,) if event)
    kept_by = tally.evidence()
    verdict: dict[str, Any] = {
        "title": promise.title,
        "status": status.value,
        "dpv": dpv(promise.modality.value, status),
        "provable": promise.provable.value,
        "exercised": tally.exercised,
        "violations": [_told(said, amended) for said in broken],
        "evidence": list(shown) if broken else kept_by,
    }
    if broken:
        verdict |= {"first_breach": broken[0].event, "persons_affected": tally.persons, "kept_by": kept_by}
        if in_flight := [said.event for said in broken if IN_FLIGHT in said.codes]:
            verdict["in_flight"] = in_flight
    for other in (Status.OPEN, Status.EXCUSED, Status.INDETERMINATE, Status.ATTESTED):
        if said := tally.of(other):
            verdict[other.value] = [_told(one, amended) for one in said]
    if tally.late:
        verdict["late_evidence"] = [{"event": event, "evidence": list(by)} for event, by in sorted(tally.late.items())]
    return verdict


def _outside(promise: Promise, tally: Tally, outside: Outside, reading: Reading) -> dict[str, Any]:
    """Give what no fact records and would have broken a promise, and what of the record no file confirms.

    What is not on record was judged as a service that asks is answered, by the harmonised reading alone.
    """
    against = outside.against(promise.id) if reading is Reading.HARMONISED else []
    cited = (said.event for status in tally.spoken for said in tally.of(status))
    unconfirmed = outside.unconfirmed([*tally.evidence(), *cited])
    return {**({"outside": against} if against else {}), **({"unconfirmed": unconfirmed} if unconfirmed else {})}


def _told(said: Spoken, amended: Mapping[str, Amendment]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "event": said.event or None,
        "subject": said.subject,
        "at": zulu(said.at),
        "why": " ".join(reason(code) for code in said.codes),
        "codes": list(said.codes),
    }
    if said.events:
        told["evidence"] = list(said.events)
    if (amendment := amended.get(said.event)) is not None:
        told["entry_corrected"] = {key: value for key, value in amendment._asdict().items() if value is not None}
    if said.remedied:
        told["remedied"] = said.remedied
    return told


def zulu(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC, with no more digits than it needs."""
    return moment.isoformat().replace("+00:00", "Z")
