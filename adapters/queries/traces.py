"""The same questions as `audits` answers of a ledger, of a trace: a file of facts, without a ledger.

Each answer comes with the lines that a ledger would reject, since they were not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.audits import check_promises
from adapters.audits.explanation import explain_in_trace
from adapters.audits.traces import audit_trace, policy_of, read_trace
from adapters.contract import Contract
from adapters.imports.jsonl import opened
from adapters.queries.audits import audit_question
from adapters.settings import load_settings
from domain.audit.auditor import READINGS
from domain.audit.difference import difference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from adapters.audits.explanation import FactName
    from adapters.audits.traces import Trace
    from domain.audit.question import Question
    from domain.errors import Problem
    from domain.vocabulary import Reading
    from projections.as_of import PositionOrTime


class OfTrace(NamedTuple):
    """An answer about a trace, and the lines that were not judged, by number, with their problems."""

    document: dict[str, Any]
    rejected: Mapping[int, tuple[Problem, ...]]


def trace_audit(
    path: Path,
    policy: Path | None,
    question: Question,
    *,
    as_of: PositionOrTime = None,
    readings: Collection[Reading] = READINGS,
) -> OfTrace:
    """Judge a trace by the policy that it publishes, or else by the given one. No readings are all.

    Raises `FileUnreadable`, `PolicyUnreadable`, `PolicyInvalid` and `NoSuchPromise`.
    """
    trace = _read(path)
    chosen = policy_of(trace, policy)
    check_promises(chosen, question.promises)
    under = tuple(one for one in READINGS if not readings or one in readings)
    return OfTrace(audit_trace(trace, chosen, question, as_of=as_of, readings=under), trace.rejected)


def trace_explanation(path: Path, policy: Path | None, event: FactName, *, as_of: PositionOrTime = None) -> OfTrace:
    """Explain one fact of a trace. Raises `UnknownEvent`, and what `trace_audit` raises."""
    trace = _read(path)
    return OfTrace(explain_in_trace(trace, policy_of(trace, policy), event, as_of), trace.rejected)


def trace_verdicts_that_differ(path: Path, policies: tuple[Path, Path], *, as_of: PositionOrTime = None) -> OfTrace:
    """Return which promises and facts of a trace get another verdict under the second of two policies."""
    trace = _read(path)
    before, after = (audit_trace(trace, policy_of(trace, one), audit_question(), as_of=as_of) for one in policies)
    return OfTrace({"facts": before["events"], "readings": difference(before, after)}, trace.rejected)


def _read(path: Path) -> Trace:
    with opened(path) as stream:
        return read_trace(stream, Contract.of(load_settings()))
