"""API keys, without what would let anybody use one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from adapters.queries import instant

if TYPE_CHECKING:
    from adapters.api_keys.keys import ApiKey


class Key(TypedDict):
    """A key as it is kept."""

    name: str
    label: str
    role: str
    scope: dict[str, list[str] | bool | None]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


def key(one: ApiKey) -> Key:
    """Give a key as it is kept."""
    return {
        "name": one.key_id,
        "label": one.label,
        "role": one.role.value,
        "scope": one.scope.model_dump(mode="json"),
        "created_at": instant(one.created_at),
        "expires_at": instant(one.expires_at) if one.expires_at else None,
        "revoked_at": instant(one.revoked_at) if one.revoked_at else None,
    }
