"""The same facts told to the ledger's core over a store in memory: no table, no digest, no batch.

It says what no event says: which contact point each ordinal of a stream stands for, and what binds contact points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.contract import OWN
from adapters.ledger import Receipt
from domain import ledger
from domain.audit.trace import MemoryStore
from domain.events.customer import CustomerEvent
from domain.policy.judge import Judge
from domain.records.contacts import ContactBook
from domain.records.customer import LAST
from domain.store import Sender
from tests.laws.histories import is_vouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from domain.errors import PledgerError
    from domain.events import Event
    from domain.facts import Fact
    from domain.policy.model import Policy
    from domain.records.contacts import Point


@dataclass
class Memory:
    """What the core makes of facts, each at the positions at which a ledger has it."""

    policy: Policy
    points: dict[tuple[UUID, int], Point] = field(default_factory=dict)
    """By stream and ordinal of the ledger."""

    def __post_init__(self) -> None:
        """Begin with an empty store."""
        self._store = MemoryStore(Judge(self.policy), LAST.at, OWN.addresses)

    def take(self, told: Iterable[tuple[Fact, Receipt | PledgerError]], log: Mapping[int, Event]) -> None:
        """Tell what a ledger accepted, and note which contact points its events name; `log` is by position."""
        for fact, answer in told:
            if not isinstance(answer, Receipt) or answer.repeated:
                continue
            self._store.place = answer.position - answer.events
            made = ledger.handle(self._store, fact, Sender(fact.source, is_vouched(fact), is_officer=True)).events
            self._store.keep(made)
            assert [type(event) for event in made] == [type(log[event.moment.position]) for event in made]
            for event in made:
                self._note(event, log[event.moment.position])

    def book(self) -> ContactBook:
        """Return the contact points of the ledger's streams, and all that ever bound them."""
        return ContactBook(self.points, self._store.bound)

    def _note(self, event: Event, in_ledger: Event) -> None:
        if not isinstance(event, CustomerEvent):
            return
        known = self._store.people[event.originator_id].contacts.points
        for own, theirs in zip(_ordinals(event), _ordinals(in_ledger), strict=True):
            point = known[event.originator_id, own]
            assert self.points.setdefault((in_ledger.originator_id, theirs), point) == point


def _ordinals(event: Event) -> list[int]:
    """Return the ordinals by which an event names contact points."""
    named = (*getattr(event, "contacts", ()), getattr(event, "contact", None))
    return [ordinal for ordinal in named if ordinal is not None]
