"""The client for services in Python: `Client` waits, `AsyncClient` is awaited. Both are typed and try again.

A fact is sent under its own source and id, so trying again stores nothing twice.
"""

from adapters.client.answers import Decision, Finding, Receipt, ServerProblem, Unanswered
from adapters.client.clients import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "Decision", "Finding", "Receipt", "ServerProblem", "Unanswered"]
