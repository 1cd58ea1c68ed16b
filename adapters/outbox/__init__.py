"""The outbox relay: delivers the facts that a shop writes in its own transactions, each once in effect and in order."""

from adapters.outbox.connection import Outbox
from adapters.outbox.destinations import Destination, HttpDestination, LedgerDestination
from adapters.outbox.relay_worker import RelayAtWork, RelayProgress, relay

__all__ = ["Destination", "HttpDestination", "LedgerDestination", "Outbox", "RelayAtWork", "RelayProgress", "relay"]
