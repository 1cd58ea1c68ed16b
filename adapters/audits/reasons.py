"""Why something was undone or corrected, put into what an audit of a ledger found: it judges codes, and opens no seal.

Reasons, evidence and methods are free texts, so they are shown to those alone who hold the key file. Where a key is
gone with its person, they stay unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger.opening import opened_at
from domain.events.entry_correction import EntryCorrection
from domain.events.links import CustomersUnlinked, NameEnded

if TYPE_CHECKING:
    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.audit.findings import Findings


def put_reasons(connection: psycopg.Connection[Any], keyring: Keyring | None, findings: Findings) -> None:
    """Put the texts of the facts that undid or corrected something into the findings."""
    facts = {one.fact for one in findings.undone} | {one.by for one in findings.amended.values()}
    opened = opened_at(connection, keyring, facts)
    for number, undoing in enumerate(findings.undone):
        event = opened.get(undoing.fact)
        if isinstance(event, CustomersUnlinked):
            findings.undone[number] = undoing._replace(reason=event.reason, verified=event.method)
        elif isinstance(event, EntryCorrection | NameEnded):
            findings.undone[number] = undoing._replace(reason=event.reason)
    for entry, amendment in findings.amended.items():
        event = opened.get(amendment.by)
        if isinstance(event, EntryCorrection):
            findings.amended[entry] = amendment._replace(reason=event.reason, evidence=event.evidence)
