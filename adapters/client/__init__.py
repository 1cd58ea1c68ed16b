"""The client for services in Python: `Client` waits, `AsyncClient` is awaited; both are typed and try again.

Promise: a fact is sent under its own source and id, so trying again stores nothing twice. Needs httpx and nothing else
of ours but the errors.
"""

from adapters.client.answers import Decision, Finding, Receipt, ServerProblem, Unanswered
from adapters.client.clients import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "Decision", "Finding", "Receipt", "ServerProblem", "Unanswered"]
