"""The document of an audit: what was asked, what was found, and what a ledger cannot know.

Promise: deterministic. The same history, policy and question give the same document, and `digest` is the SHA-256 of its
canonical JSON without the digest itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from domain.audit import verdicts
from domain.audit.verdicts import zulu
from domain.canonical import canonical_json

if TYPE_CHECKING:
    from domain.audit.auditor import Findings
    from domain.audit.question import Question
    from domain.policy.model import Policy

LIMITS: Final = (
    "A prohibition is proven only within what was recorded: nobody can find here what nobody told the ledger.",
    "What is attested is somebody's word, with its evidence; it is not proven.",
    "What another company can do with what it was given is outside any ledger's knowledge.",
)
"""What no audit of recorded facts can show."""


def document(policy: Policy, question: Question, events: int, findings: Findings) -> dict[str, Any]:
    """Give an audit as JSON has it; `events` is how many facts were accepted."""
    only = None if question.promises is None else frozenset(question.promises)
    told: dict[str, Any] = {
        "policy": policy.label,
        "policy_digest": policy.digest,
        "as_of": zulu(question.as_of),
        "events": events,
        "scope": {
            "from": zulu(question.since) if question.since else None,
            "to": zulu(question.until) if question.until else None,
            "promises": None if question.promises is None else list(question.promises),
            "customer": question.customer,
        },
        "parameters": policy.parameters.model_dump(),
        "readings": verdicts.readings(policy, findings, only),
        "seen_otherwise_at_append": [
            {"event": one.event, "at": zulu(one.at), "then": list(one.then), "now": list(one.now)}
            for one in sorted(findings.revisions)
        ],
        "limits": list(LIMITS),
    }
    return {**told, "digest": hashlib.sha256(canonical_json(told).encode()).hexdigest()}
