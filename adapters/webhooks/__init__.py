"""Webhooks: other systems are told of opt-outs, corrections and erasures, signed and in order, until they answer."""

from adapters.webhooks.messages import Kind
from adapters.workers.webhooks import deliver

__all__ = ["Kind", "deliver"]
