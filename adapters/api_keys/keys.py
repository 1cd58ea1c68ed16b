"""API keys: created once, shown once, stored as a digest.

A key is `plk_`, eight hex digits that name it, `_`, and 256 random bits. Only the SHA-256 of these bits is stored, so
nobody who reads the table can use a key. (The bits are random and many, so a slow digest would gain nothing.) A key has
a role, a scope, perhaps an expiry, and can be revoked. It is never deleted, because events name their actors. A server
refuses a revoked key within `FRESH_SECONDS`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.json import Jsonb

from adapters.api_keys.roles import Role, Scope
from adapters.postgres.connection import translated
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import psycopg

FRESH_SECONDS: Final = 2.0
_FORM: Final = re.compile(r"plk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


class KeyNotValid(PledgerError):
    """A request has no key that is valid now."""

    code = "key_not_valid"


class GrantNotForRole(PledgerError):
    """A grant has no meaning with this role."""

    code = "grant_not_for_role"


class NoSuchKey(PledgerError):
    """There is no key with this name."""

    code = "no_such_key"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored, without its secret. `label` says who holds it."""

    key_id: str
    label: str
    role: Role
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key can be used at a time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(  # noqa: PLR0913 - what a key is
    connection: psycopg.Connection[Any],
    label: str,
    role: Role,
    scope: Scope,
    *,
    now: datetime,
    days: int | None = None,
) -> tuple[str, ApiKey]:
    """Create a key, which ends after `days`; return its text, shown this once, and the stored key.

    Raise `GrantNotForRole`.
    """
    if scope.sealed_values and role is not Role.AUDITOR:
        raise GrantNotForRole(
            "No key was created.",
            f"the grant to read sealed values is for auditors, and the role is {role.value}.",
            "Leave the grant out: an officer needs none, and no other role reads personal values.",
        )
    if scope.vouch and role is not Role.SERVICE:
        raise GrantNotForRole(
            "No key was created.",
            f"the grant to vouch is for services, and the role is {role.value}.",
            "Leave the grant out: an officer needs none, and no other role tells facts about customers.",
        )
    key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    expires_at = None if days is None else now + timedelta(days=days)
    kept = ApiKey(key_id, label, role, scope, now, expires_at, None)
    with translated(), connection.transaction():
        connection.execute(
            "INSERT INTO api_keys (key_id, digest, label, role, scope, created_at, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (key_id, _digest(secret), label, role.value, Jsonb(scope.model_dump(mode="json")), now, expires_at),
        )
    return f"plk_{key_id}_{secret}", kept


def revoke(connection: psycopg.Connection[Any], key_id: str, now: datetime) -> None:
    """Revoke a key for good; a revoked key keeps its time. Raise `NoSuchKey`."""
    with translated(), connection.transaction():
        found = connection.execute(
            "UPDATE api_keys SET revoked_at = coalesce(revoked_at, %s) WHERE key_id = %s", (now, key_id)
        )
        if not found.rowcount:
            raise NoSuchKey("There is no such key.", "no key has this name.", "pledger keys list shows the names.")


def list_keys(connection: psycopg.Connection[Any]) -> list[ApiKey]:
    """Return all keys, the oldest first."""
    return [key for key, _ in _all(connection)]


def _all(connection: psycopg.Connection[Any]) -> list[tuple[ApiKey, bytes]]:
    with translated():
        rows = connection.execute(
            "SELECT key_id, label, role, scope, created_at, expires_at, revoked_at, digest FROM api_keys "
            "ORDER BY created_at, key_id"
        ).fetchall()
    return [
        (ApiKey(key_id, label, Role(role), Scope.model_validate(scope), *times), digest)
        for key_id, label, role, scope, *times, digest in rows
    ]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class ApiKeys:
    """The keys of one ledger, as a server looks them up; any number of threads may use it."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], clock: Callable[[], datetime]) -> None:
        self._connect = connect
        self._clock = clock
        self._known: dict[str, tuple[ApiKey, bytes]] = {}
        self._read_at = float("-inf")
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def holder(self, authorization: str | None) -> ApiKey:
        """Return the key in an Authorization header. Raise `KeyNotValid`, which does not say what is wrong."""
        scheme, _, presented = (authorization or "").partition(" ")
        form = _FORM.fullmatch(presented.strip())
        if scheme.lower() == "bearer" and form is not None:
            key_id, secret = form.groups()
            key, digest = self._found(key_id)
            if hmac.compare_digest(digest, _digest(secret)) and key is not None and key.is_valid(self._clock()):
                return key
        raise KeyNotValid(
            "The request was refused.",
            "it has no key, or one that is wrong, has expired or was revoked.",
            "Send the header Authorization: Bearer plk_…, with a key that pledger keys create has shown.",
        )

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _found(self, key_id: str) -> tuple[ApiKey | None, bytes]:
        with self._lock:
            # An unknown key may have been created at this moment.
            if key_id not in self._known or time.monotonic() - self._read_at > FRESH_SECONDS:
                self._known = {key.key_id: (key, digest) for key, digest in self._read()}
                self._read_at = time.monotonic()
            return self._known.get(key_id, (None, b""))

    def _read(self) -> list[tuple[ApiKey, bytes]]:
        """Read all keys, over a new connection if the last one broke."""
        if self._connection is not None:
            try:
                return _all(self._connection)
            except PledgerError:
                self._drop()
        self._connection = self._connect()
        return _all(self._connection)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
