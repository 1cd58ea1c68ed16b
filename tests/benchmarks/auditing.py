"""The line about an audit: every promise, under every reading, over a whole ledger.

Promise: what is measured is the whole command's work, from the first query to the document: starting processes,
reading, judging and adding up. Beside it, in the notes, how fast one process judges the beginning of the log where
every history is judged by itself, as if no two had the same shape.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from adapters.audits import ledgers
from adapters.bootstrap import opened
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.records.customer import LAST
from tests.benchmarks import ledger_side
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.line import Line
from tests.benchmarks.targets import target

if TYPE_CHECKING:
    from adapters.audits.scope import AuditScope
    from tests.benchmarks.filled import Filled
    from tests.benchmarks.in_turn import Progress

AUDIT: Final = "audit"
_PROCESSES: Final = 2
_EVENTS_ALONE: Final = 200_000


def measure(filled: Filled, rounds: int, say: Progress) -> Line:
    """Measure audits of a ledger, as a rate of events."""
    with opened(ledger_side.settings(filled.place)) as installation, installation.connect() as connection:
        what = audit_scope(installation, connection, Question(LAST.at))
    figures = in_turn(AUDIT, rounds, "events/s", {"ours": partial(_rate, what, _PROCESSES)}, say)
    beginning = min(what.position, _EVENTS_ALONE)
    alone = _rate(replace(what, signatures=0, position=beginning), 1)
    work = f"audit of all promises under three readings, {filled.asked:,} events, {_PROCESSES} processes"
    by_itself = f"one process judges {alone:,.0f} events/s where every history is judged by itself"
    notes = (str(filled), f"{by_itself}, of {beginning:,} events")
    return Line(AUDIT, work, "–", "events/s", target(AUDIT, filled.place), figures["ours"], notes=notes)


def _rate(what: AuditScope, processes: int) -> float:
    start = time.perf_counter()
    ledgers.audit(what, workers=processes)
    return what.position / (time.perf_counter() - start)
