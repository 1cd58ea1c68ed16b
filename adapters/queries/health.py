"""Whether a ledger can take facts, and how well its read models and webhooks keep up with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from adapters.postgres.connection import translated
from adapters.queries.opt_outs import opt_out_bursts
from adapters.queries.webhooks import webhooks
from projections import checkpoints, engine

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.bootstrap import OpenedLedger
    from adapters.queries.opt_outs import OptOutBurst


class WebhookLoad(NamedTuple):
    """The state of a webhook, and how many events wait for it."""

    name: str
    state: str
    waiting: int


class LedgerLoad(NamedTuple):
    """How many events the log has, how many of them each read model has not read, what waits for webhooks; bursts."""

    events: int
    behind: dict[str, int]
    webhooks: list[WebhookLoad]
    opt_out_bursts: list[OptOutBurst]


def log_size(ledger: OpenedLedger) -> int:
    """Return how many events the log has, over a new connection. A database that does not answer raises an error."""
    with translated(), ledger.connect() as connection:
        return checkpoints.size(connection)


def ledger_load(ledger: OpenedLedger, now: datetime) -> LedgerLoad:
    """Return how much there is, how much of it waits, and what needs a look; nothing in it is about a person."""
    with translated(), ledger.connect() as connection:
        behind = {one.projection: one.behind for one in engine.status(connection)}
        found = webhooks(connection, now)["webhooks"]
        load = [WebhookLoad(one["name"], one["state"], one["waiting"]) for one in found]
        bursts = opt_out_bursts(ledger.settings, connection, now)
        return LedgerLoad(checkpoints.size(connection), behind, load, bursts)
