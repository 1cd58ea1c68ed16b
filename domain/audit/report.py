"""The document of an audit: what was asked, what was found, and what a ledger cannot know.

Promise: deterministic. The same history, policy and question give the same document, and `digest` is the SHA-256 of its
canonical JSON without the digest itself. It can be read alone: each promise stands in it with its statement and the
parameters of its rule under each reading, and each word with what it means.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from domain.audit import verdicts
from domain.audit.meanings import MEANINGS
from domain.audit.outside import Outside
from domain.audit.verdicts import zulu
from domain.canonical import canonical_json

if TYPE_CHECKING:
    from domain.audit.auditor import Findings
    from domain.audit.question import Question
    from domain.policy.model import Policy, Promise

LIMITS: Final = (
    "A prohibition is proven only within what was recorded: nobody can find here what nobody told the ledger.",
    "What is attested is somebody's word, with its evidence; it is not proven.",
    "What another company can do with what it was given is outside any ledger's knowledge.",
)
"""What no audit of recorded facts can show."""


def document(
    policy: Policy, question: Question, events: int, findings: Findings, outside: Outside | None = None
) -> dict[str, Any]:
    """Give an audit as JSON has it.

    `events` is how many facts were accepted, `outside` what other systems' files show.
    """
    outside = (outside or Outside()).within(question)
    only = None if question.promises is None else frozenset(question.promises)
    told: dict[str, Any] = {
        "policy": policy.label,
        "policy_title": policy.title,
        "policy_digest": policy.digest,
        "policy_text_digest": policy.sha256,
        "policy_observed_at": zulu(policy.observed_at),
        "policy_effective_from": zulu(policy.effective_from) if policy.effective_from else None,
        "as_of": zulu(question.as_of),
        "events": events,
        "scope": {
            "from": zulu(question.since) if question.since else None,
            "to": zulu(question.until) if question.until else None,
            "promises": None if question.promises is None else list(question.promises),
            "customer": question.customer,
        },
        "parameters": policy.parameters.model_dump(),
        "promises": {one.id: _promise(one) for one in policy.promises if only is None or one.id in only},
        "meanings": {sort: dict(words) for sort, words in MEANINGS.items()},
        "readings": verdicts.readings(policy, findings, outside, only),
        "seen_otherwise_at_append": [
            {"event": one.event, "at": zulu(one.at), "then": list(one.then), "now": list(one.now)}
            for one in sorted(findings.revisions)
        ],
        "reconciliations": list(outside.documents),
        "limits": list(LIMITS),
    }
    return {**told, "digest": hashlib.sha256(canonical_json(told).encode()).hexdigest()}


def _promise(promise: Promise) -> dict[str, Any]:
    """Give a promise as the policy has it; `otherwise` holds what a reading's rule has other parameters for."""
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
