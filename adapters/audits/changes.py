"""What changed: facts that break other promises by what is known now than by what was known when they were told.

It is worked out only where something came late, for the person of whom it did: appends do none of it. Where the company
told something late, such as a notice, it is worked out for everybody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.audits.told_late import judged_of, told_late
from adapters.ledger.opening import namer, told_at
from adapters.postgres.connection import translated
from domain.audit.particular_words import known_only
from domain.audit.particulars import as_json
from domain.audit.verdicts import why
from domain.naming import Named, Written, named
from domain.policy.status import Status
from domain.times import rfc3339
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from adapters.audits.scope import AuditScope
    from domain.audit.findings import Findings, Revision
    from domain.audit.tally import Statement

_READING: Final = Reading.HARMONISED


class PartOfChanges(NamedTuple):
    """Which of the changes one page has: those after the first `passed`, at most `limit`; `following` is the cursor."""

    passed: int
    limit: int
    following: str


def changes(scope: AuditScope, after: int = 0, part: PartOfChanges | None = None) -> dict[str, Any]:
    """Return what is seen otherwise now, of people of whom something came late after a position, as a document.

    With a part, only that of the changes, and the cursor of the next page as `next`.

    The scope has the harmonised reading, by which facts are judged when they are told.
    """
    with translated(), scope.database.connect() as connection:
        late = told_late(connection, scope.company_stream, after, scope.bounds)
        worker = judged_of(connection, scope, late)
        findings = worker.judged().findings
        revisions, paging = sorted(findings.revisions), {}
        if part is not None:
            end = part.passed + part.limit
            paging = {"next": part.following if end < len(revisions) else None}
            revisions = revisions[part.passed : end]
        content = {
            "policy": worker.policy.label,
            "as_of": rfc3339(scope.question.as_of),
            "after": after,
            "of_everybody": late.of_everybody,
            "changes": [_change(one, findings) for one in revisions],
            **paging,
        }
        document: dict[str, Any] = named(content, namer(connection, scope.keyring), told_at(connection))
    return document


def changes_as_json(scope: AuditScope, after: int, part: PartOfChanges) -> bytes:
    """Return a page of the document as JSON, which another process can pass back."""
    return json.dumps(changes(scope, after, part), ensure_ascii=False, separators=(",", ":")).encode()


def _change(revision: Revision, findings: Findings) -> dict[str, Any]:
    """Return one fact that is seen otherwise: which promises it broke then, and which now, and why."""
    stated = {promise: one for promise in revision.now if (one := _stated(findings, promise, revision.fact))}
    subjects = [one.subject for one in stated.values() if one.subject]
    return {
        "event": Named(revision.fact),
        "subject": subjects[0] if subjects else None,
        "at": rfc3339(revision.at),
        "then": list(revision.then),
        "now": list(revision.now),
        "why": {promise: why(one) for promise, one in stated.items() if promise not in revision.then},
        "particulars": {
            promise: Written(as_json(one.details), known_only)
            for promise, one in stated.items()
            if promise not in revision.then
        },
    }


def _stated(findings: Findings, promise: str, fact: int) -> Statement | None:
    return findings.tallies[_READING][promise].statements.get(Status.BROKEN, {}).get(fact)
