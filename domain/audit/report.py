"""The document of an audit: the question, the verdicts, and the limits of what a ledger can know.

The same history, policy and question give the same document. Its `digest` is the SHA-256 of its canonical JSON without
the digest itself. It can be read alone: it holds each promise with its wording and with the parameters of its rule
under each reading, and the meaning of each of its words.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from domain.audit import verdicts
from domain.audit.meanings import MEANINGS
from domain.audit.outside import Outside
from domain.canonical import canonical_json
from domain.naming import Named, by_name, named
from domain.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from domain.audit.findings import Findings, Ungrounded, Waited
    from domain.audit.linked_records import Undoing
    from domain.audit.question import Question
    from domain.naming import Names, Times
    from domain.policy.model import Policy, Promise

LIMITS: Final = (
    "A prohibition is proven only within what was recorded: an audit cannot find what was never recorded.",
    "What is attested is a person's word, with its evidence; it is not proven.",
    "No ledger can know what another company does with the data that it was given.",
)
"""What no audit of recorded facts can show."""


def document(  # noqa: PLR0913, PLR0917 - what was asked, by what it was judged, and what was found
    policy: Policy,
    question: Question,
    events: int,
    findings: Findings,
    outside: Outside | None = None,
    names: Names | None = None,
    times: Times | None = None,
) -> dict[str, Any]:
    """Return an audit as a JSON document.

    `events` is how many facts were accepted; `outside` is what other systems' files show; `names` returns the names of
    facts, without which they are named by position; `times` returns when facts were told.
    """
    outside = (outside or Outside()).within(question)
    only = None if question.promises is None else frozenset(question.promises)
    content: dict[str, Any] = {
        "policy": policy.label,
        "policy_title": policy.title,
        "policy_digest": policy.digest,
        "policy_text_digest": policy.sha256,
        "policy_observed_at": rfc3339(policy.observed_at),
        "policy_effective_from": rfc3339(policy.effective_from) if policy.effective_from else None,
        "as_of": rfc3339(question.as_of),
        "events": events,
        "scope": {
            "from": rfc3339(question.since) if question.since else None,
            "to": rfc3339(question.until) if question.until else None,
            "promises": None if question.promises is None else list(question.promises),
            "customer": question.customer,
        },
        "parameters": policy.parameters.model_dump(),
        "promises": {one.id: _promise(one) for one in policy.promises if only is None or one.id in only},
        "meanings": {sort: dict(words) for sort, words in MEANINGS.items()},
        "readings": verdicts.readings(policy, findings, outside, only),
        "seen_otherwise_at_append": [
            {"event": Named(one.fact), "at": rfc3339(one.at), "then": list(one.then), "now": list(one.now)}
            for one in sorted(findings.revisions)
        ],
        "undone": [_undone(one) for one in sorted(findings.undone, key=_when)],
        "ungrounded": [_ungrounded(one) for one in sorted(findings.ungrounded)],
        "done_while_waiting": [_waited(one) for one in sorted(findings.waited)],
        "reconciliations": list(outside.documents),
        "limits": list(LIMITS),
    }
    content = named(content, names, times)
    return {**content, "digest": hashlib.sha256(canonical_json(content).encode()).hexdigest()}


def _when(undoing: Undoing) -> tuple[datetime, int, int]:
    return undoing.at, undoing.fact, undoing.entry


def _undone(undoing: Undoing) -> dict[str, Any]:
    """Return who undid what, when and why, and what is to be looked at because of it."""
    document: dict[str, Any] = {
        "event": Named(undoing.fact),
        "what": undoing.what,
        "entry": Named(undoing.entry) if undoing.entry else None,
        "subject": undoing.subject,
        "at": rfc3339(undoing.at),
        "by": undoing.by or None,
        "reports": by_name(undoing.reports),
        "later": by_name(undoing.later),
    }
    said = {"reason": undoing.reason, "verified": undoing.verified}
    return document | {word: text for word, text in said.items() if text is not None}


def _ungrounded(used: Ungrounded) -> dict[str, Any]:
    """Return what was done with data of which no collection is on record."""
    return {
        "event": Named(used.fact),
        "subject": used.subject,
        "at": rfc3339(used.at),
        "categories": list(used.categories),
    }


def _waited(waited: Waited) -> dict[str, Any]:
    """Return what was done although a person had asked to be forgotten, and until when it should have waited."""
    return {
        "event": Named(waited.fact),
        "subject": waited.subject,
        "at": rfc3339(waited.at),
        "request": Named(waited.request) if waited.request else None,
        "until": rfc3339(waited.until),
    }


def _promise(promise: Promise) -> dict[str, Any]:
    """Return a promise as the policy has it; `otherwise` holds the parameters that differ under another reading."""
    parameters = promise.rule.model_dump(mode="json")
    return {
        "title": promise.title,
        "statement": promise.statement,
        "section": promise.section,
        "start": promise.start,
        "end": promise.end,
        "modality": promise.modality.value,
        "provable": promise.provable.value,
        "kind": promise.kind,
        "parameters": parameters,
        "otherwise": {
            reading.value: {
                name: value for name, value in rule.model_dump(mode="json").items() if value != parameters[name]
            }
            for reading, rule in promise.otherwise.items()
        },
    }
