"""Traces: a history as a list of facts, told to the ledger's core without a database.

Facts are told in the order of the lines. That decides which are rejected, and which are refused. Where they did not
happen in that order, those that were taken are told again in order of time, ties by line, and erasures and undoings by
line alone; what was refused stays refused, and nothing else is.
"""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain import ledger
from domain.audit.trace import EVENTS_OF_A_LINE, MemoryStore
from domain.audit.trace_order import in_order
from domain.errors import FactConflict, PledgerError
from domain.events import Refusal
from domain.policy.judge import Judge
from domain.store import Sender

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.audit.history import History
    from domain.audit.trace_order import Line
    from domain.events import Finding
    from domain.facts.addresses import Addresses
    from domain.policy.model import Policy

_ANYBODY: Final = Sender(vouches=True, is_officer=True)
"""Who tells a trace: the file says what is so, and nobody else is asked."""


def replay(lines: Iterable[Line], policy: Policy, latest: datetime, addresses: Addresses) -> History:
    """Return what a ledger would hold, had it been told these facts, by somebody who may vouch.

    Facts later than `latest` cannot have happened yet, and are rejected. An id is taken once a fact was accepted.
    """
    told = sorted(lines, key=attrgetter("number"))
    ordered = in_order(told, addresses)
    first = _tell(MemoryStore(Judge(policy), latest, addresses), told)
    if ordered != told:
        store = MemoryStore(Judge(policy), latest, addresses)
        store.refusals = {line.fact.key: first.refusals.get(line.fact.key, ()) for line in first.accepted}
        taken = {line.number for line in first.accepted}
        again = _tell(store, [line for line in ordered if line.number in taken])
        first = again._replace(rejected=[*first.rejected, *again.rejected])
    history = first.store.history(sorted(first.rejected, key=itemgetter(0)))
    history.accepted = first.accepted
    return history


class _Told(NamedTuple):
    """What came of facts that were told one by one; `refusals` are those of enforced facts, each with its reasons."""

    store: MemoryStore
    accepted: list[Line]
    rejected: list[tuple[int, PledgerError]]
    refusals: dict[tuple[str, str], tuple[Finding, ...]]


def _tell(store: MemoryStore, lines: Iterable[Line]) -> _Told:
    """Tell a store of facts, one line after the other."""
    rejected: list[tuple[int, PledgerError]] = []
    accepted: dict[tuple[str, str], Line] = {}
    refusals: dict[tuple[str, str], tuple[Finding, ...]] = {}
    for line in lines:
        fact = line.fact
        store.place = line.number * EVENTS_OF_A_LINE
        try:
            if fact.key not in accepted:
                events = ledger.handle(store, fact, _ANYBODY).events
                store.keep(events)
                accepted[fact.key] = line
                if isinstance(events[-1], Refusal):
                    refusals[fact.key] = events[-1].because
            elif fact.content() != accepted[fact.key].fact.content():
                raise FactConflict
        except PledgerError as error:
            rejected.append((line.number, error))
    return _Told(store, list(accepted.values()), rejected, refusals)
