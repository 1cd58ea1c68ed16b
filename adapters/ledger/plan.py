"""What one transaction is to insert, and what it was decided from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.receipt import Order, Receipt
    from adapters.ledger.records import Person
    from adapters.postgres.rows import EventRow
    from domain.errors import PledgerError
    from domain.facts.fields import Subject
    from domain.records.visitor import Visitor


@dataclass(slots=True)
class Plan:
    """What one transaction is to insert. `start`: the position after which its rows were planned to stand.

    `streams`: what it rests on, each stream with the version that it was at. `visitors`: the
    browsers whose records it changes. `repeats`: facts that the batch itself repeats, with the order that each repeats.
    `owed`: what the erased are owed still, since when. `left_over`: orders for the next plan.
    """

    start: int
    rows: list[EventRow] = field(default_factory=list)
    facts: list[tuple[str, str, bytes, UUID, int, int, bool]] = field(default_factory=list)
    named: dict[Subject, UUID] = field(default_factory=dict)
    names: dict[bytes, UUID] = field(default_factory=dict)
    visitor_names: dict[bytes, UUID] = field(default_factory=dict)
    visitors: dict[UUID, Visitor] = field(default_factory=dict)
    keys: dict[UUID, bytes] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    streams: dict[UUID, int] = field(default_factory=dict)
    answers: list[tuple[Order, Receipt | PledgerError]] = field(default_factory=list)
    repeats: list[tuple[Order, Order]] = field(default_factory=list)
    erased: tuple[UUID, ...] = ()
    owed: dict[str, datetime] = field(default_factory=dict)
    left_over: list[Order] = field(default_factory=list)
