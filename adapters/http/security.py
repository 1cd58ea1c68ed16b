"""Who may call which endpoint.

`ALLOWED` holds the roles that may call each endpoint; an endpoint that is not in it answers nobody. The endpoints in
`OPEN` answer without a key, and reveal nothing of the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Request

from adapters.api_keys.keys import ApiKey
from adapters.api_keys.roles import Role
from adapters.http.problems import RoleNotAllowed
from adapters.http.service import ServiceDependency

if TYPE_CHECKING:
    from collections.abc import Mapping

Endpoint = tuple[str, str]
"""A method and the path of a route."""

OPEN: Final[frozenset[Endpoint]] = frozenset(
    {
        *(("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), ("GET", "/.well-known/gpc.json")),
        *(("GET", "/u/{token}"), ("POST", "/u/{token}")),  # The token is the permission.
    }
)
_CODED: Final = ("subscriptions", "sharing", "holdings", "timeline")
_READERS: Final = frozenset({Role.OFFICER, Role.AUDITOR})
ALLOWED: Final[Mapping[Endpoint, frozenset[Role]]] = {
    ("POST", "/v1/events"): frozenset({Role.SERVICE, Role.OFFICER, Role.ADMIN}),
    ("POST", "/v1/decisions"): frozenset({Role.SERVICE, Role.OFFICER, Role.ADMIN}),
    **dict.fromkeys(
        (
            ("POST", "/v1/customers/resolve"),
            *(("GET", f"/v1/customers/{{customer:path}}/{what}") for what in _CODED),
            *(("GET", f"/v1/{what}") for what in ("suppressions", "suppressions/changes", "requests")),
        ),
        _READERS,
    ),
    ("GET", "/v1/customers/{customer:path}/report"): _READERS,  # An auditor with a grant only: see customers.py.
    ("GET", "/v1/company"): _READERS | {Role.ADMIN},
    ("GET", "/v1/policy"): _READERS | {Role.ADMIN},
    ("GET", "/v1/audit"): frozenset({Role.AUDITOR}),
    **dict.fromkeys(
        (
            *(("GET", "/metrics"), ("GET", "/v1/projections")),
            *(("POST", "/v1/projections/rebuild"), ("DELETE", "/v1/projections/rebuild")),
        ),
        frozenset({Role.OPERATOR}),
    ),
    **dict.fromkeys(
        (("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/{name}")), frozenset({Role.ADMIN})
    ),
}


async def holder(request: Request, service: ServiceDependency) -> ApiKey:
    """Return the caller's key, if its role may call this. Raises `KeyNotValid` and `RoleNotAllowed`."""
    key = await service.waits(service.keys.holder, request.headers.get("authorization"))
    endpoint = (request.method, request.scope["route"].path)
    if key.role not in ALLOWED.get(endpoint, frozenset()):
        raise RoleNotAllowed(
            "The request was not admitted.",
            f"a key with the role {key.role.value} may not do this.",
            "Use a key with another role; pledger keys create makes one.",
        )
    return key


Holder = Annotated[ApiKey, Depends(holder)]
