"""Who may call which endpoint.

An endpoint names the roles that it `admits`; one that admits no role answers nobody. The endpoints in `OPEN` answer
without a key, and reveal nothing of the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from fastapi import Depends, Request

from adapters.api_keys.keys import ApiKey
from adapters.api_keys.roles import Role
from adapters.http.problems import RoleNotAllowed
from adapters.http.service import ServiceDependency

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN: Final = frozenset(
    {
        *(("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), ("GET", "/.well-known/gpc.json")),
        *(("GET", "/u/{token}"), ("POST", "/u/{token}")),  # The token is the permission.
    }
)
READERS: Final = (Role.OFFICER, Role.AUDITOR)
"""The roles that read what is coded."""
_ADMITTED: Final[dict[object, frozenset[Role]]] = {}  # By the function that answers.

_F = TypeVar("_F", bound="Callable[..., object]")


def admits(*roles: Role) -> Callable[[_F], _F]:
    """Let keys with these roles call the endpoint that the decorated function answers."""

    def decorate(endpoint: _F) -> _F:
        _ADMITTED[endpoint] = frozenset(roles)
        return endpoint

    return decorate


def admitted(endpoint: object) -> frozenset[Role]:
    """Return the roles that may call an endpoint."""
    return _ADMITTED.get(endpoint, frozenset())


async def holder(request: Request, service: ServiceDependency) -> ApiKey:
    """Return the caller's key, if its role may call this. Raises `KeyNotValid` and `RoleNotAllowed`."""
    key = await service.waits(service.keys.holder, request.headers.get("authorization"))
    if key.role not in admitted(request.scope["route"].endpoint):
        raise RoleNotAllowed(
            "The request was not admitted.",
            f"a key with the role {key.role.value} may not do this.",
            "Use a key with another role; pledger keys create makes one.",
        )
    return key


Holder = Annotated[ApiKey, Depends(holder)]
