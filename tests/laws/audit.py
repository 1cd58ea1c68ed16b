"""Given facts, then statuses: the audit of a trace of facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.audits.traces import Trace, audit_trace
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from tests.controls import day
from tests.scenario import first_policy

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Audit:
    """The document of an audit, with short ways to ask it."""

    document: dict[str, Any]

    def verdict(self, promise: str, reading: str = "harmonised") -> dict[str, Any]:
        """Return what is said of a promise under a reading."""
        verdict: dict[str, Any] = self.document["readings"][reading][promise]
        return verdict

    def status(self, promise: str, reading: str = "harmonised") -> str:
        """Return the status of a promise under a reading."""
        return str(self.verdict(promise, reading)["status"])

    def broken(self, reading: str = "harmonised") -> set[str]:
        """Return the promises that are broken under a reading."""
        verdicts = self.document["readings"][reading]
        return {promise for promise, verdict in verdicts.items() if verdict["status"] == "broken"}

    def breaches(self, promise: str, reading: str = "harmonised") -> list[str]:
        """Return the facts that broke a promise, in order of time."""
        return [said["event"] for said in self.verdict(promise, reading)["violations"]]


def audit(*facts: Fact, as_of: float | None = None, policy: Policy | None = None) -> Audit:
    """Audit a trace of these facts, a line each, as of a day; else as of the time of the last one."""
    trace = Trace([Line(number, fact) for number, fact in enumerate(facts, 1)])
    moment = None if as_of is None else day(as_of)
    return Audit(audit_trace(trace, policy or first_policy(), Question(LAST.at), as_of=moment))
