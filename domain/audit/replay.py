"""Traces: a history as a list of facts, told to the ledger's core without a database.

Facts are told in the order of the lines. That decides which are rejected, which are refused, and of which the values
are withheld, since a known child gave them. Where they did not happen in that order, those that were taken are told
again in order of time, ties by line, and erasures, deletions and undoings by line alone; what was refused stays
refused, what was withheld stays withheld, and nothing else is.
"""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from domain import ledger
from domain.audit.trace import EVENTS_OF_A_LINE, MemoryStore
from domain.audit.trace_order import in_order
from domain.errors import FactConflict, PledgerError
from domain.folding import outcome_of
from domain.policy.judge import Judge
from domain.store import Sender

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.audit.history import History
    from domain.audit.trace_order import Line
    from domain.facts.addresses import Addresses
    from domain.policy.model import Policy
    from domain.state import AsTold

_ANYBODY: Final = Sender(vouches=True, is_officer=True)
"""Who tells a trace: the file says what is so, and nobody else is asked."""


def replay(lines: Iterable[Line], policy: Policy, latest: datetime, addresses: Addresses) -> History:
    """Return what a ledger would hold, had it been told these facts, by somebody who may vouch.

    Facts later than `latest` cannot have happened yet, and are rejected. An id is taken once a fact was accepted.
    """
    told = told_in_time(lines, policy, latest, addresses)
    history = told.store.history(sorted(told.rejected, key=itemgetter(0)))
    history.accepted = told.accepted
    return history


class Told(NamedTuple):
    """What came of facts that were told one by one; `outcomes` is, by fact, what goes by telling."""

    store: MemoryStore
    accepted: list[Line]
    rejected: list[tuple[int, PledgerError]]
    outcomes: dict[tuple[str, str], AsTold]


def told_in_time(lines: Iterable[Line], policy: Policy, latest: datetime, addresses: Addresses) -> Told:
    """Tell facts line by line and, where they did not happen in that order, again in order of time."""
    told = sorted(lines, key=attrgetter("number"))
    ordered = in_order(told, addresses)
    first = _tell(MemoryStore(Judge(policy), latest, addresses), told)
    if ordered == told:
        return first
    store = MemoryStore(Judge(policy), latest, addresses)
    store.told = first.outcomes
    taken = {line.number for line in first.accepted}
    again = _tell(store, [line for line in ordered if line.number in taken])
    return again._replace(rejected=[*first.rejected, *again.rejected])


def _tell(store: MemoryStore, lines: Iterable[Line]) -> Told:
    """Tell a store of facts, one line after the other."""
    rejected: list[tuple[int, PledgerError]] = []
    accepted: dict[tuple[str, str], Line] = {}
    outcomes: dict[tuple[str, str], AsTold] = {}
    for line in lines:
        fact = line.fact
        store.place = line.number * EVENTS_OF_A_LINE
        try:
            if fact.key not in accepted:
                handled = ledger.handle(store, fact, _ANYBODY)
                store.keep(handled.events)
                accepted[fact.key] = line
                outcomes[fact.key] = outcome_of(handled.events, handled.left)
            elif fact.content() != accepted[fact.key].fact.content():
                raise FactConflict
        except PledgerError as error:
            rejected.append((line.number, error))
    return Told(store, list(accepted.values()), rejected, outcomes)
