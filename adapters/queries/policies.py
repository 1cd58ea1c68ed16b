"""Policies: the one in force, what is in a policy file, and how two of them differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from adapters.bootstrap import policy_text
from domain.audit.reasons import reason
from domain.policy.contradictions import contradictions
from domain.policy.difference import changes
from domain.times import rfc3339
from domain.vocabulary import Program

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.policy.model import Policy
    from projections.projection import Connection


class PromiseSummary(TypedDict):
    """One promise of the policy, and the kind of rule that holds the company to it."""

    id: str
    title: str
    kind: str


class PolicyInForce(TypedDict):
    """The policy in force: `text` is the file and `digest` its SHA-256; `text_digest` is that of the company's text."""

    version: str
    digest: str
    text_digest: str
    text: str
    promises: list[PromiseSummary]


def policy_in_force(installation: Installation, connection: Connection) -> PolicyInForce:
    """Return the policy in force: its file, and its promises."""
    policy = installation.policy
    return {
        "version": policy.version,
        "digest": policy.digest,
        "text_digest": policy.sha256,
        "text": policy_text(connection),
        "promises": [{"id": one.id, "title": one.title, "kind": one.kind} for one in policy.promises],
    }


def policy_check(policy: Policy) -> dict[str, Any]:
    """Return what is in a policy that can be used, and where it contradicts itself."""
    return {
        "is_valid": True,
        "policy": policy.label,
        "title": policy.title,
        "digest": policy.digest,
        "text_digest": policy.sha256,
        "observed_at": rfc3339(policy.observed_at),
        "effective_from": rfc3339(policy.effective_from) if policy.effective_from else None,
        "promises": len(policy.promises),
        "modalities": dict(Counter(one.modality.value for one in policy.promises)),
        "provable": dict(Counter(one.provable.value for one in policy.promises)),
        "kinds": dict(sorted(Counter(one.kind for one in policy.promises).items())),
        "not_enforced": [one.id for one in policy.promises if not one.enforced],
        "otherwise": {
            one.id: sorted(reading.value for reading in one.otherwise) for one in policy.promises if one.otherwise
        },
        "parameters": policy.parameters.model_dump(),
        "purposes": {name: list(purposes) for name, purposes in policy.purposes.items()},
        "roles": {role.value: list(categories) for role, categories in policy.roles.items()},
        "programs": [program.value for program in Program],
        "contradictions": [
            {
                "permits": one.permits,
                "forbids": one.forbids,
                "codes": list(one.codes),
                "why": " ".join(map(reason, one.codes)),
                "readings": {
                    reading.value: [
                        {name: getattr(value, "value", value) for name, value in combination._asdict().items()}
                        for combination in combinations
                    ]
                    for reading, combinations in one.combinations.items()
                },
            }
            for one in contradictions(policy)
        ],
    }


def policy_difference(before: Policy, after: Policy, history: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return how two policies differ; `history` is which verdicts of a ledger or a trace differ, if that was asked."""
    return {
        "before": before.label,
        "after": after.label,
        "changes": [change._asdict() for change in changes(before, after)],
        "history": history,
    }
