"""Audits of a ledger or of a trace, the explanation of one fact, and what another policy would have said.

An audit of a ledger has two steps, so that the second can run in a process of its own: `audit_scope` fixes what is
judged, and `adapters.audits.ledgers.audit` judges it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters import bootstrap
from adapters.audits import check_promises
from adapters.audits.explanation import explain_in_ledger
from adapters.audits.ledgers import audit
from adapters.audits.scope import AuditScope
from adapters.ledger.stream_reader import find, parse_customer
from adapters.policy_texts import policy_from
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.reconciliation.report_file import read_report
from domain.audit.auditor import READINGS
from domain.audit.difference import difference
from domain.audit.outside import Outside
from domain.audit.question import Question
from domain.records.customer import LAST
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from adapters.audits.explanation import FactName
    from adapters.bootstrap import OpenedLedger
    from domain.vocabulary import Reading
    from projections.as_of import PositionOrTime
    from projections.projection import Connection


def audit_question(
    since: datetime | None = None,
    until: datetime | None = None,
    promises: Iterable[str] | None = None,
    customer: str | None = None,
) -> Question:
    """Return what an audit is to answer; what it judges gives it the time as of which. No promises are all."""
    return Question(LAST.at, since, until, tuple(promises or ()) or None, customer)


def audit_scope(  # noqa: PLR0913 - a question has many sides
    installation: OpenedLedger,
    connection: Connection,
    question: Question,
    *,
    as_of: PositionOrTime = None,
    readings: Collection[Reading] = READINGS,
    policy_text: str | None = None,
    reconciled: Sequence[Path] = (),
) -> AuditScope:
    """Fix what an audit judges: the log as it is now, or as it was at `as_of`, when deadlines are judged, too.

    No readings are all. Without `policy_text` it is judged by the policy in force. What the files `reconciled` show is
    shown beside. Raises `NoSuchPromise`, `NotYetWritten` for a position that the log does not have, `UnknownCustomer`
    and `ReconciliationUnusable`.
    """
    text = bootstrap.policy_text(connection) if policy_text is None else policy_text
    policy = policy_from(text)
    check_promises(policy, question.promises)
    time = as_of if isinstance(as_of, datetime) else None
    with translated():
        check_written(connection, as_of)
        position = as_of if isinstance(as_of, int) else checkpoints.size(connection)
        ((last_time,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
    streams = None
    if question.customer is not None:
        customer = parse_customer(installation.contract, question.customer)
        streams = find(connection, installation.keyring, customer, as_of)
    return AuditScope(
        installation.database,
        installation.identity.company_stream,
        text,
        position,
        replace(question, as_of=time or last_time),
        tuple(one for one in READINGS if not readings or one in readings),
        compares=policy_text is None,
        time=time,
        streams=streams,
        keyring=installation.keyring,
        outside=Outside([read_report(path, installation.settings.ledger, policy) for path in reconciled], time),
    )


def explanation(
    installation: OpenedLedger,
    connection: Connection,
    event: FactName,
    *,
    as_of: PositionOrTime = None,
    policy_text: str | None = None,
) -> dict[str, Any]:
    """Return what one fact was, what each rule says of it under each reading, and what that rests on.

    Raises `UnknownEvent`, and what `audit_scope` raises.
    """
    scope = audit_scope(installation, connection, audit_question(), as_of=as_of, policy_text=policy_text)
    return explain_in_ledger(scope, connection, installation.keyring, event)


def verdicts_that_differ(
    installation: OpenedLedger,
    connection: Connection,
    policy_texts: tuple[str, str],
    *,
    as_of: PositionOrTime = None,
    progress: Callable[[], AbstractContextManager[Callable[[int, int], None]]],
) -> dict[str, Any]:
    """Return which promises and facts of a ledger get another verdict under the second of two policies.

    `progress` opens what is told of each audit how many parts are done, of how many.
    """
    documents = []
    for text in policy_texts:
        scope = audit_scope(installation, connection, audit_question(), as_of=as_of, policy_text=text)
        with progress() as show:
            documents.append(audit(scope, on_progress=show))
    before, after = documents
    return {"facts": before["events"], "readings": difference(before, after)}
