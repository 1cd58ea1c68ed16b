"""Auditing a trace: JSON Lines of facts, judged without a ledger and without a database.

What a ledger would reject is rejected here, by line and with every problem in it, and the other lines are judged. A
fact told twice counts once. The policy is the one whose digest, or whose source text's digest, the trace publishes;
else the one that is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from adapters.bootstrap import DEFAULT_POLICY, POLICIES, read_policy
from adapters.contract import OWN, Contract
from adapters.imports.jsonl import numbered
from adapters.settings import FUTURE_TOLERANCE_SECONDS
from domain.audit.auditor import READINGS, Auditor
from domain.audit.replay import replay
from domain.audit.report import document
from domain.audit.trace import line_of
from domain.audit.trace_order import Line
from domain.errors import MalformedFact, Problem
from domain.facts.company_data import PublicationData

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import BinaryIO
    from uuid import UUID

    from domain.audit.history import History
    from domain.audit.question import Question
    from domain.naming import Names
    from domain.policy.model import Policy
    from domain.vocabulary import Reading


@dataclass(slots=True)
class Trace:
    """The facts of a trace, each with its line, and the lines that are rejected, by number, with their problems.

    Some lines are rejected only when the facts are told (`replayed`): a ledger would not take them.
    """

    lines: list[Line] = field(default_factory=list)
    rejected: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    contract: Contract = OWN
    """How its facts are read."""

    def until(self, as_of: int | datetime | None) -> list[Line]:
        """Return what was known at a line, or had happened by a time."""
        if as_of is None:
            return self.lines
        if isinstance(as_of, datetime):
            return [line for line in self.lines if line.fact.time <= as_of]
        return [line for line in self.lines if line.number <= as_of]

    def replayed(self, policy: Policy, as_of: int | datetime | None = None) -> tuple[list[Line], History]:
        """Replay the facts; return the lines that were accepted, and the history that came of them."""
        history = replay(self.until(as_of), policy, _latest(), self.contract.addresses)
        self.rejected |= {number: (Problem("", error.why),) for number, error in history.rejected}
        return sorted(history.accepted, key=attrgetter("number")), history


def read_trace(stream: BinaryIO, contract: Contract = OWN) -> Trace:
    """Read a trace. Raises `FileUnreadable` where the stream cannot be read on."""
    trace = Trace(contract=contract)
    for number, raw in numbered(stream):
        try:
            trace.lines.append(Line(number, contract.fact(raw)))
        except MalformedFact as error:
            trace.rejected[number] = error.problems
    return trace


def policy_of(trace: Trace, given: Path | None) -> Policy:
    """Choose the policy to judge by. Raises `PolicyUnreadable` and `PolicyInvalid`."""
    paths = dict.fromkeys((*((given,) if given else ()), DEFAULT_POLICY, *sorted(POLICIES.glob("*.toml"))))
    first, *others = paths
    candidates = [read_policy(first)[1]]
    # Whether a publication is accepted depends on no policy, but on what else is told under its id.
    keys = {line.fact.key for line in trace.lines if isinstance(line.fact.data, PublicationData)}
    if not keys:
        return candidates[0]
    candidates += [read_policy(path)[1] for path in others]
    told = replay(
        [line for line in trace.lines if line.fact.key in keys], candidates[0], _latest(), trace.contract.addresses
    ).accepted
    accepted = sorted(told, key=attrgetter("number"))
    published = [line.fact.data.digest for line in accepted if isinstance(line.fact.data, PublicationData)]
    for digest in reversed(published):
        for policy in candidates:
            if digest in {policy.digest, policy.sha256}:
                return policy
    return candidates[0]


def _latest() -> datetime:
    """Return the time after which nothing can have happened yet."""
    return datetime.now(UTC) + timedelta(seconds=FUTURE_TOLERANCE_SECONDS)


def audit_trace(
    trace: Trace,
    policy: Policy,
    asked: Question,
    *,
    as_of: int | datetime | None = None,
    readings: Sequence[Reading] = READINGS,
) -> dict[str, Any]:
    """Judge a trace, and give the document; without `as_of`, as of the time of its last fact."""
    lines, history = trace.replayed(policy, as_of)
    if isinstance(as_of, datetime):
        moment = as_of
    else:
        moment = max((line.fact.time for line in lines), default=policy.observed_at)
    told = {line.number: line.fact for line in lines}

    def named(fact: int, stream: UUID | None) -> str | None:
        del stream
        line = told.get(line_of(fact))
        return str(line.subject) if line is not None and line.subject is not None else None

    auditor = Auditor(policy, history.company, replace(asked, as_of=moment), named, readings)
    auditor.the_company(history.of_company)
    for events in (*history.of_people, *history.of_visitors):
        auditor.judge(events, history.book, history.beside(events), elsewhere=history.elsewhere(events))
    return document(policy, auditor.question, len(lines), auditor.findings, names=names_of(lines))


def names_of(lines: Iterable[Line]) -> Names:
    """Return how the facts of events are named: as their lines name them, also those of the erased."""
    told = {line.number: line.fact.name for line in lines}
    return lambda positions: {place: told[line_of(place)] for place in positions if line_of(place) in told}
