"""API keys, without what would let anybody use one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict

from adapters.api_keys import keys
from adapters.queries.documents import fields

if TYPE_CHECKING:
    from projections.projection import Connection


class KeyDocument(TypedDict):
    """One API key, without its secret."""

    name: str
    label: str
    role: str
    scope: dict[str, list[str] | bool | None]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class KeyDocuments(TypedDict):
    """All keys, the oldest first."""

    keys: list[KeyDocument]


def api_keys(connection: Connection) -> KeyDocuments:
    """Return all keys, the oldest first."""
    return {"keys": [key_document(one) for one in keys.list_keys(connection)]}


def key_document(key: keys.ApiKey) -> KeyDocument:
    """Return one key."""
    scope = {"scope": key.scope.model_dump(mode="json")}
    found = fields(key, "name=key_id label role") | scope | fields(key, "created_at expires_at revoked_at")
    return cast("KeyDocument", found)
