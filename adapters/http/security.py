"""Who may call which endpoint.

Promise: each endpoint of the server stands in `ALLOWED`, with the roles that may call it; one that does not stand there
answers nobody. Those in `OPEN` answer without a key, and tell nothing of what is in the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Request

from adapters.access.keys import ApiKey
from adapters.access.roles import Role
from adapters.http.problems import RoleNotAllowed
from adapters.http.service import ServiceDependency

if TYPE_CHECKING:
    from collections.abc import Mapping

Endpoint = tuple[str, str]
"""A method and the path of a route."""

OPEN: Final[frozenset[Endpoint]] = frozenset(
    {
        *(("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), ("GET", "/.well-known/gpc.json")),
        *(("GET", "/u/{token}"), ("POST", "/u/{token}")),  # The token is what shows that they may.
    }
)
ALLOWED: Final[Mapping[Endpoint, frozenset[Role]]] = {
    ("POST", "/v1/events"): frozenset({Role.SERVICE, Role.OFFICER, Role.ADMIN}),
    ("POST", "/v1/decisions"): frozenset({Role.SERVICE, Role.OFFICER, Role.ADMIN}),
    ("GET", "/metrics"): frozenset({Role.OPERATOR}),
}


async def holder(request: Request, service: ServiceDependency) -> ApiKey:
    """Give the key of whoever calls, whose role may. Raises `KeyNotValid` and `RoleNotAllowed`."""
    key = await service.waits(service.keys.holder, request.headers.get("authorization"))
    endpoint = (request.method, request.scope["route"].path)
    if key.role not in ALLOWED.get(endpoint, frozenset()):
        raise RoleNotAllowed(
            "The request was not let in.",
            f"a key with the role {key.role.value} is not for this.",
            "Use a key whose role is; pledger keys create makes one.",
        )
    return key


Holder = Annotated[ApiKey, Depends(holder)]
