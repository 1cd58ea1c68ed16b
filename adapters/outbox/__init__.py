"""The outbox relay: facts that a shop wrote in its own transactions are delivered, each once in effect and in order."""

from adapters.outbox.connecting import Outbox
from adapters.outbox.destinations import Destination, OverHttp, Straight
from adapters.outbox.relaying import RelayAtWork, Turn, relay

__all__ = ["Destination", "Outbox", "OverHttp", "RelayAtWork", "Straight", "Turn", "relay"]
