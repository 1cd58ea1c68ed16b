"""Audits of a ledger, and the explanation of one of its facts.

An audit has two steps, so that the second can run in a process of its own: `audit_scope` fixes what is judged, and
`adapters.audits.ledgers.audit` judges it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters import bootstrap
from adapters.audits import check_promises
from adapters.audits.explanation import explain_in_ledger
from adapters.audits.scope import AuditScope
from adapters.ledger.stream_reader import find, parse_customer
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.audit.auditor import READINGS
from domain.audit.question import Question
from domain.policy.loader import load_policy
from domain.records.customer import LAST
from domain.rules.common.kinds import KINDS
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.audits.explanation import FactName
    from adapters.bootstrap import OpenedLedger
    from domain.vocabulary import Reading
    from projections.as_of import PositionOrTime
    from projections.projection import Connection


def audit_scope(  # noqa: PLR0913 - a question has many sides
    installation: OpenedLedger,
    connection: Connection,
    question: Question,
    *,
    as_of: PositionOrTime = None,
    readings: Sequence[Reading] = READINGS,
    policy_text: str | None = None,
) -> AuditScope:
    """Fix what an audit judges: the log as it is now, or as it was at `as_of`, when deadlines are judged, too.

    Without `policy_text` it is judged by the policy in force. Raises `NoSuchPromise`, `NotYetWritten` for a position
    that the log does not have, and `UnknownCustomer`.
    """
    text = bootstrap.policy_text(connection) if policy_text is None else policy_text
    check_promises(load_policy(text, name="policy", kinds=KINDS), question.promises)
    time = as_of if isinstance(as_of, datetime) else None
    with translated():
        check_written(connection, as_of)
        position = as_of if isinstance(as_of, int) else checkpoints.size(connection)
        ((last_time,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
    return AuditScope(
        installation.database,
        installation.identity.company_stream,
        text,
        position,
        replace(question, as_of=time or last_time),
        tuple(readings),
        compares=policy_text is None,
        time=time,
        streams=None
        if question.customer is None
        else find(connection, installation.keyring, parse_customer(installation.contract, question.customer), as_of),
        keyring=installation.keyring,
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
    scope = audit_scope(installation, connection, Question(LAST.at), as_of=as_of, policy_text=policy_text)
    return explain_in_ledger(scope, connection, installation.keyring, event)
