"""The registered webhooks: created, listed, removed, retried; and their secrets.

A secret is 256 random bits. It is shown once and stored wrapped under the ledger's key file, so the database alone is
not enough to sign. A disabled webhook loses nothing: once enabled, it continues from where it was.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.webhooks import addresses
from adapters.webhooks.messages import MessageKind, delivery_kind, topics_of
from adapters.webhooks.signing import SECRET_BYTES
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    import psycopg

    from adapters.keys.holder import KeyHolder

    Connection = psycopg.Connection[Any]

NAME_BYTES: Final = 4
UNATTENDED_AFTER: Final = timedelta(minutes=10)


class NoSuchWebhook(PledgerError):
    """There is no webhook with this name."""

    code = "no_such_webhook"


class PositionAhead(PledgerError):
    """A webhook cannot begin after a position that the log does not have."""

    code = "position_ahead"


class Webhook(NamedTuple):
    """A webhook and its state. `disabled_by` is why nothing is sent to it any more."""

    name: str
    url: str
    kinds: tuple[MessageKind, ...]
    allows_private: bool
    created_at: datetime
    position: int
    """How far the log was read for it."""
    delivered: int
    delivered_at: datetime | None
    failures: int
    """Failed attempts since the last success."""
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_by: str | None
    secrets: int
    """How many secrets sign at present."""
    waiting: int
    """Events that were not delivered yet, with those that are stuck."""
    stuck: int
    """Events that are not attempted again until somebody retries them."""
    waiting_since: datetime | None
    failed_by: str | None
    """Why the last attempt at the first failed event failed."""


class WaitingDelivery(NamedTuple):
    """An event that was not delivered yet. `due_at` is None if it is stuck or the webhook is disabled."""

    position: int
    kind: MessageKind
    stream: UUID
    attempts: int
    due_at: datetime | None
    failing_since: datetime | None
    failed_by: str | None


def add(  # noqa: PLR0913 - what a webhook is
    connection: Connection,
    holder: KeyHolder,
    url: str,
    kinds: Iterable[MessageKind],
    *,
    now: datetime,
    since: int | None = None,
    allows_http: bool = False,
    allows_private: bool = False,
) -> tuple[bytes, str]:
    """Create a webhook for the events after position `since`, or after now; return its secret and its name.

    Raise `WebhookRefused` and `PositionAhead`.
    """
    parsed = addresses.check_url(url, allows_http=allows_http)
    found = addresses.resolve(parsed.raw_host.decode(), parsed.port or 0)
    if why := addresses.address_problem(found, allows_private=allows_private):
        raise addresses.refused_host(why)
    name = secrets.token_hex(NAME_BYTES)
    with translated(), connection.transaction():
        ((size,),) = connection.execute(query("head")).fetchall()
        if since is not None and since > size:
            raise PositionAhead(
                "No webhook was created.",
                f"the log ends at position {size}, and the webhook would begin after {since}.",
                "Give a position that the log has, or none to begin after its end.",
            )
        connection.execute(
            "INSERT INTO webhooks "
            "(name, url, kinds, allows_private, created_at, position, compared, delivered, failures) "
            "VALUES (%(name)s, %(url)s, %(kinds)s, %(private)s, %(now)s, %(after)s, %(after)s, 0, 0)",
            {
                "name": name,
                "url": url,
                "kinds": list(dict.fromkeys(kinds)),
                "private": allows_private,
                "now": now,
                "after": size if since is None else since,
            },
        )
        secret = _new_secret(connection, holder, name, 1, now)
    return secret, name


def list_webhooks(connection: Connection, now: datetime) -> list[Webhook]:
    """Return all webhooks, the oldest first, with what each of them waits for."""
    with translated(), connection.transaction():
        rows = connection.execute(query("webhook_standing"), {"now": now}).fetchall()
        return [_with_unread(connection, Webhook._make(row)) for row in rows]


def state(webhook: Webhook, now: datetime) -> str:
    """Return the state of a webhook: disabled, stuck (in part), failing, unattended (no sender runs) or well."""
    if webhook.disabled_at:
        return "disabled"
    if webhook.stuck:
        return "stuck"
    if webhook.failures:
        return "failing"
    return "unattended" if _is_unattended(webhook, now) else "well"


def _is_unattended(webhook: Webhook, now: datetime) -> bool:
    """Return whether a delivery has waited so long that a running sender would have tried it."""
    if webhook.waiting_since is None or webhook.failed_by is not None:
        return False
    last = max(webhook.waiting_since, webhook.created_at, webhook.delivered_at or webhook.created_at)
    return now - last > UNATTENDED_AFTER


def waiting(connection: Connection, name: str, limit: int) -> list[WaitingDelivery]:
    """Return what was not delivered to a webhook, in order, as far as the log was read. Raise `NoSuchWebhook`."""
    with translated():
        rows = connection.execute(
            "SELECT delivery.position, event.topic, delivery.known_at, delivery.stream_id, delivery.attempts, "
            "CASE WHEN webhook.disabled_at IS NULL THEN nullif(delivery.due_at, 'infinity') END, "
            "delivery.failing_since, delivery.failed_by "
            "FROM webhook_deliveries AS delivery JOIN events AS event ON event.position = delivery.position "
            "JOIN webhooks AS webhook ON webhook.name = delivery.webhook "
            "WHERE delivery.webhook = %s ORDER BY delivery.number LIMIT %s",
            (name, limit),
        ).fetchall()
        if not rows and not connection.execute("SELECT 1 FROM webhooks WHERE name = %s", (name,)).fetchone():
            raise _no_such()
    return [WaitingDelivery(place, delivery_kind(topic, known_at), *rest) for place, topic, known_at, *rest in rows]


def remove(connection: Connection, name: str) -> None:
    """Remove a webhook, with its secrets and the deliveries that wait. Raise `NoSuchWebhook`."""
    with translated(), connection.transaction():
        # The webhook's own row first: the sender locks it before it adds deliveries.
        if not connection.execute("DELETE FROM webhooks WHERE name = %s", (name,)).rowcount:
            raise _no_such()
        connection.execute("DELETE FROM webhook_secrets WHERE webhook = %s", (name,))
        connection.execute("DELETE FROM webhook_deliveries WHERE webhook = %s", (name,))


def retry(connection: Connection, name: str, now: datetime) -> int:
    """Enable a webhook, and make all its deliveries due; return how many. Raise `NoSuchWebhook`."""
    with translated(), connection.transaction():
        enabled = connection.execute(
            "UPDATE webhooks SET disabled_at = NULL, disabled_by = NULL, failures = 0, failing_since = NULL "
            "WHERE name = %s",
            (name,),
        )
        if not enabled.rowcount:
            raise _no_such()
        return connection.execute(
            "UPDATE webhook_deliveries SET due_at = %s, attempts = 0, failing_since = NULL WHERE webhook = %s",
            (now, name),
        ).rowcount


def rotate(connection: Connection, holder: KeyHolder, name: str, *, now: datetime, keeps: timedelta) -> bytes:
    """Create a new secret of a webhook; the one before it signs too for as long as `keeps`. Raise `NoSuchWebhook`."""
    with translated(), connection.transaction():
        if not connection.execute("SELECT 1 FROM webhooks WHERE name = %s FOR UPDATE", (name,)).fetchone():
            raise _no_such()
        # At most two secrets sign, so those before the newest end here.
        ((newest,),) = connection.execute(
            "SELECT max(number) FROM webhook_secrets WHERE webhook = %s", (name,)
        ).fetchall()
        connection.execute("DELETE FROM webhook_secrets WHERE webhook = %s AND number < %s", (name, newest))
        connection.execute("UPDATE webhook_secrets SET ends_at = %s WHERE webhook = %s", (now + keeps, name))
        return _new_secret(connection, holder, name, newest + 1, now)


def url_of(connection: Connection, name: str) -> tuple[str, bool]:
    """Return the URL of a webhook, and whether it may be in a private network. Raise `NoSuchWebhook`."""
    with translated():
        row = connection.execute("SELECT url, allows_private FROM webhooks WHERE name = %s", (name,)).fetchone()
    if row is None:
        raise _no_such()
    return row[0], row[1]


def secrets_of(connection: Connection, holder: KeyHolder, name: str, now: datetime) -> list[bytes]:
    """Return the secrets that sign for a webhook now, the newest first."""
    rows = connection.execute(
        "SELECT number, wrapped FROM webhook_secrets WHERE webhook = %s AND (ends_at IS NULL OR ends_at > %s) "
        "ORDER BY number DESC",
        (name, now),
    ).fetchall()
    return [holder.unwrap(wrapped, _context(name, number)) for number, wrapped in rows]


def _with_unread(connection: Connection, webhook: Webhook) -> Webhook:
    """Add what the log holds for a webhook beyond the position to which it was read."""
    kinds = tuple(map(MessageKind, webhook.kinds))
    ((unread, since),) = connection.execute(
        query("webhook_unread"), {"topics": topics_of(kinds), "after": webhook.position}
    ).fetchall()
    return webhook._replace(kinds=kinds, waiting=webhook.waiting + unread, waiting_since=webhook.waiting_since or since)


def _new_secret(connection: Connection, holder: KeyHolder, name: str, number: int, now: datetime) -> bytes:
    secret = secrets.token_bytes(SECRET_BYTES)
    connection.execute(
        "INSERT INTO webhook_secrets (webhook, number, key_id, wrapped, created_at) VALUES (%s, %s, %s, %s, %s)",
        (name, number, holder.key_id, holder.wrap(secret, _context(name, number)), now),
    )
    return secret


def _context(name: str, number: int) -> bytes:
    return f"webhook {name} {number}".encode()


def _no_such() -> NoSuchWebhook:
    return NoSuchWebhook(
        "There is no such webhook.", "no webhook has this name.", "pledger webhooks list shows the names."
    )
