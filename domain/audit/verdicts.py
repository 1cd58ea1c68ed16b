"""Verdicts: what an audit says of each promise, made from what it found.

The same findings give the same document, byte for byte. The wire contract ("What the audit prints") defines its form;
the document has further keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.audit.particular_words import known_only, sentences
from domain.audit.particulars import as_json
from domain.audit.reasons import reason
from domain.audit.tally import IN_FLIGHT
from domain.naming import PLAIN, Named, NamedIfKnown, Shared, Written, by_name
from domain.policy.model import Modality
from domain.policy.status import Status, dpv, worst
from domain.times import rfc3339
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.audit.findings import Amendment, Findings
    from domain.audit.outside import Outside
    from domain.audit.tally import Statement, Tally
    from domain.policy.model import Policy, Promise


_SHOWN: Final = frozenset({"opted_out_at", "objected_at"})
"""The particulars of what shows a breach itself: where it is named by nothing but its time, nothing else shows it."""


def status_of(promise: Promise, tally: Tally) -> Status:
    """Return the one status of a promise. It is kept only where something put it to the test and nothing broke it."""
    statuses = [status for status, statements in tally.statements.items() if statements]
    if tally.exercised:
        statuses.append(Status.KEPT)
    elif promise.modality is Modality.PERMISSION:
        statuses.append(Status.NOT_EXERCISED)
    else:
        statuses.append(Status.UNTESTED)
    return worst(statuses)


def readings(
    policy: Policy, findings: Findings, outside: Outside, only: frozenset[str] | None = None
) -> dict[str, Any]:
    """Return each reading's verdicts by promise, in the order of the policy; `only` these promises, if given."""
    shown = _Shown(findings.amended)
    return {
        reading.value: {
            promise.id: _verdict(promise, tallies[promise.id], shown)
            | _outside(promise, tallies[promise.id], outside, reading)
            for promise in policy.promises
            if only is None or promise.id in only
        }
        for reading, tallies in findings.tallies.items()
    }


def _verdict(promise: Promise, tally: Tally, shown: _Shown) -> dict[str, Any]:
    status = status_of(promise, tally)
    broken = tally.of(Status.BROKEN)
    shown_by = dict.fromkeys(fact for one in broken for fact in _shown_by(one))
    kept_by = tally.evidence()
    verdict: dict[str, Any] = {
        "title": promise.title,
        "status": status.value,
        "dpv": dpv(promise.modality.value, status),
        "provable": promise.provable.value,
        "exercised": tally.exercised,
        "violations": [shown.statement(one) for one in broken],
        "evidence": list(shown_by) if broken else by_name(kept_by),
    }
    if broken:
        first = Named(broken[0].fact) if broken[0].fact else None
        verdict |= {"first_breach": first, "persons_affected": tally.affected, "kept_by": by_name(kept_by)}
        if in_flight := [Named(one.fact) for one in broken if IN_FLIGHT in one.codes]:
            verdict["in_flight"] = in_flight
    for other in (Status.OPEN, Status.EXCUSED, Status.INDETERMINATE, Status.ATTESTED):
        if statements := tally.of(other):
            verdict[other.value] = [shown.statement(one) for one in statements]
    if tally.late:
        verdict["late_evidence"] = [
            {"event": Named(event), "evidence": by_name(by)} for event, by in sorted(tally.late.items())
        ]
    return verdict


def _shown_by(statement: Statement) -> list[Named | NamedIfKnown | str]:
    """Return the facts that show a breach, an opt-out of somebody else only where its name is known.

    A breach that no other fact shows, such as a mail without a link, is shown by itself.
    """
    shown = [*by_name(statement.evidence), *map(NamedIfKnown, statement.others)]
    is_forgotten = any(name in _SHOWN for one in statement.details for name, _ in one.particulars)
    return shown or ([] if is_forgotten or not statement.fact else [Named(statement.fact)])


class _Shown:
    """The statements of a document. What is stated alike under several readings is written once."""

    def __init__(self, amended: Mapping[int, Amendment]) -> None:
        self._amended = amended
        self._known: dict[tuple[str, Status, int], tuple[Statement, Shared]] = {}

    def statement(self, statement: Statement) -> Shared:
        """Return a statement as JSON, with names still to come."""
        key = statement.promise, statement.status, statement.fact
        known = self._known.get(key)
        if known is None or known[0][1:] != statement[1:]:  # All but the reading.
            known = self._known[key] = statement, Shared(_statement(statement, self._amended))
        return known[1]


def why(statement: Statement) -> Written:
    """Return the reasons of a statement as sentences, each with its particulars."""
    return _why(statement, None)


def _why(statement: Statement, whole: dict[str, Any] | None) -> Written:
    """Return the reasons of a statement; `whole` are its particulars as JSON, which are those of its only reason."""
    codes = statement.codes
    if whole is not None and len(codes) == 1 and all(one.code == codes[0] for one in statement.details):
        return Written([[reason(codes[0]), whole]], sentences)
    given = {code: as_json(one for one in statement.details if one.code == code) for code in statement.codes}
    if rest := [one for one in statement.details if one.code not in given]:  # Of what is open or attested.
        given[""] = as_json(rest)
    return Written([[reason(code) if code else "", known] for code, known in given.items()], sentences)


def _outside(promise: Promise, tally: Tally, outside: Outside, reading: Reading) -> dict[str, Any]:
    """Return what is in an outside file alone and would have broken a promise, and what no file confirms.

    What is not on record was judged under the harmonised reading alone, as `decide` answers a service.
    """
    against = outside.against(promise.id) if reading is Reading.HARMONISED else []
    stated = (one.fact for status in tally.statements for one in tally.of(status))
    unconfirmed = outside.unconfirmed([*tally.evidence(), *stated])
    return {
        **({"outside": against} if against else {}),
        **({"unconfirmed": by_name(unconfirmed)} if unconfirmed else {}),
    }


def _statement(statement: Statement, amended: Mapping[int, Amendment]) -> dict[str, Any]:
    given = as_json(statement.details)
    said, shown = _why(statement, given), Written(given, known_only)
    # Most particulars name no event: what is written of them needs to wait for no name.
    waits = any(type(value) not in PLAIN for value in given.values())
    document: dict[str, Any] = {
        "event": Named(statement.fact) if statement.fact else None,
        "subject": statement.subject,
        "at": rfc3339(statement.at),
        "why": said if waits else said.written(),
        "particulars": shown if waits else shown.written(),
        "reason": " ".join(reason(code) for code in statement.codes),
        "codes": list(statement.codes),
    }
    if statement.evidence:
        document["evidence"] = by_name(statement.evidence)
    if (amendment := amended.get(statement.fact)) is not None:
        document["entry_corrected"] = {
            key: value if isinstance(value, str) else Named(value)
            for key, value in amendment._asdict().items()
            if value is not None
        }
    if statement.remedied:
        document["remedied"] = Named(statement.remedied)
    return document
