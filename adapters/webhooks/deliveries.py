"""The deliveries that webhooks wait for, in the database.

How far the log was read for a webhook and what was found there change in one transaction; so do a delivery and its
webhook after an attempt. Every change of a webhook locks its row first, so one that is removed meanwhile stays removed.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.postgres.queries import query
from adapters.transient import backoff_seconds
from adapters.webhooks import signing
from adapters.webhooks.messages import (
    ChangedVerdict,
    CodedEvent,
    MessageKind,
    change_message,
    event_message,
    topics_of,
)
from adapters.webhooks.posting import PostResult, WebhookRequest
from adapters.webhooks.registry import secrets_of
from domain.events import CUSTOMER, TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.audits.told_late import VerdictChange
    from adapters.bootstrap import Installation
    from adapters.webhooks.messages import Message

    Connection = psycopg.Connection[tuple[Any, ...]]

FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 3_600.0
RETRIED_FOR: Final = timedelta(days=3)
FAILURES_MIN: Final = 10
"""A webhook is disabled after `RETRIED_FOR` and this many failures in a row, so not because no worker ran."""
DOWN_FROM: Final = 8
"""After this many failures in a row a webhook counts as down."""
WINDOW: Final = 100_000
"""The number of positions that are read in one transaction."""
_OF_PEOPLE: Final = [topic for topic, event in TOPICS.items() if event.stream_kind == CUSTOMER]
"""No delivery is of a browser: nothing may link it to a person."""


class ActiveWebhook(NamedTuple):
    """A webhook that is not disabled."""

    name: str
    url: str
    allows_private: bool
    failures: int


class Delivery(NamedTuple):
    """A delivery that waits: its number in the queue of all, and the position of its event."""

    number: int
    position: int


class AttemptResult(NamedTuple):
    """The result of an attempt: the webhook's `failures` in a row, and why it was disabled, if it was."""

    webhook: str
    position: int
    is_delivered: bool
    failures: int = 0
    disabled_by: str | None = None


def try_lock(connection: Connection) -> bool:
    """Take the lock of this ledger's sender for as long as the connection lasts; return False if another has it."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended('pledger webhooks of ' || ledger_id::text, 0)) FROM ledger"
    ).fetchone()
    return row == (True,)


def active_webhooks(connection: Connection) -> list[ActiveWebhook]:
    """Return the webhooks that are not disabled."""
    rows = connection.execute(
        "SELECT name, url, allows_private, failures FROM webhooks WHERE disabled_at IS NULL ORDER BY created_at, name"
    ).fetchall()
    return [ActiveWebhook._make(row) for row in rows]


def enqueue(connection: Connection, webhook: ActiveWebhook, now: datetime) -> None:
    """Add the deliveries of a webhook up to the end of the log."""
    ((size,),) = connection.execute(query("head")).fetchall()
    after = -1
    while after < size:
        with connection.transaction():
            row = connection.execute(
                "SELECT position, kinds FROM webhooks WHERE name = %s AND position < %s FOR UPDATE",
                (webhook.name, size),
            ).fetchone()
            if row is None:
                return
            after, kinds = row
            window = {"webhook": webhook.name, "after": after, "upto": min(after + WINDOW, size)}
            connection.execute(query("webhook_join"), window)
            connection.execute(
                query("webhook_take_up"), {**window, "topics": topics_of(map(MessageKind, kinds)), "now": now}
            )
            connection.execute("UPDATE webhooks SET position = %s WHERE name = %s", (window["upto"], webhook.name))


def to_compare(connection: Connection) -> tuple[int, int] | None:
    """Return from which position to which it has to be worked out which verdicts changed, if it has to be."""
    row = connection.execute(
        "SELECT min(webhooks.compared), (SELECT size FROM head WHERE one) FROM webhooks "
        "WHERE disabled_at IS NULL AND %s = ANY (kinds)",
        (MessageKind.VERDICT_CHANGE,),
    ).fetchone()
    assert row
    after, size = row
    return None if after is None or after >= size else (after, size)


def add_changes(connection: Connection, after: int, upto: int, changes: Iterable[VerdictChange], now: datetime) -> None:
    """Add a delivery for each verdict that changed between two positions, for each webhook that waits for these."""
    found = [{"fact": one.fact, "broke_then": one.then, "breaks_now": one.now} for one in changes]
    with connection.transaction():
        names = connection.execute(
            "UPDATE webhooks SET compared = %s WHERE compared = %s AND %s = ANY (kinds) RETURNING name",
            (upto, after, MessageKind.VERDICT_CHANGE),
        ).fetchall()
        for (name,) in names if found else ():
            wanted = {"webhook": name, "upto": upto, "now": now, "changes": json.dumps(found), "topics": _OF_PEOPLE}
            connection.execute(query("webhook_changes"), wanted)


def due(  # noqa: PLR0913, PLR0917 - what is due, and how much of it
    connection: Connection,
    installation: Installation,
    webhook: ActiveWebhook,
    under_way: Iterable[int],
    now: datetime,
    limit: int,
) -> Iterator[tuple[Delivery, WebhookRequest]]:
    """Yield the requests that can be sent to a webhook now, each with its delivery."""
    parameters = {"webhook": webhook.name, "now": now, "under_way": list(under_way), "limit": limit}
    rows = connection.execute(query("webhook_due"), parameters).fetchall()
    secrets = secrets_of(connection, installation.keyring.holder, webhook.name, now) if rows else []
    for row in rows:
        message = _message(installation.identity.ledger_id, row[1:])
        headers = signing.headers(message, now, secrets)
        yield Delivery(*row[:2]), WebhookRequest(webhook.url, webhook.allows_private, headers, message.body)


def _message(ledger: UUID, row: Sequence[Any]) -> Message:
    *event, known_at, known_since, then, now = row
    coded = CodedEvent._make(event)
    if known_at is None:
        return event_message(ledger, coded)
    change = ChangedVerdict(coded.position, coded.stream, known_at, known_since, tuple(then), tuple(now))
    return change_message(ledger, change)


def record(connection: Connection, name: str, delivery: Delivery, posted: PostResult, now: datetime) -> AttemptResult:
    """Store the result of an attempt."""
    with connection.transaction():
        row = connection.execute(
            "SELECT failures, failing_since FROM webhooks WHERE name = %s FOR UPDATE", (name,)
        ).fetchone()
        if row is None:  # It was removed meanwhile.
            return AttemptResult(name, delivery.position, posted.why is None)
        if posted.why is None:
            return _delivered(connection, name, delivery, now, was_down=row[0] >= DOWN_FROM)
        return _failed(connection, name, delivery, posted, now, *row)


def _delivered(
    connection: Connection, name: str, delivery: Delivery, now: datetime, *, was_down: bool
) -> AttemptResult:
    connection.execute("DELETE FROM webhook_deliveries WHERE webhook = %s AND number = %s", (name, delivery.number))
    connection.execute(
        "UPDATE webhooks SET delivered = delivered + 1, delivered_at = %s, failures = 0, failing_since = NULL "
        "WHERE name = %s",
        (now, name),
    )
    if was_down:
        # It is up again: no delivery waits out its pause.
        connection.execute(
            "UPDATE webhook_deliveries SET due_at = %s WHERE webhook = %s AND due_at > %s AND due_at < 'infinity'",
            (now, name, now),
        )
    return AttemptResult(name, delivery.position, is_delivered=True)


def _failed(  # noqa: PLR0913, PLR0917 - an attempt, and its webhook's state before it
    connection: Connection,
    name: str,
    delivery: Delivery,
    posted: PostResult,
    now: datetime,
    failures: int,
    failing_since: datetime | None,
) -> AttemptResult:
    failures, since = failures + 1, failing_since or now
    disabled_by = None
    if posted.is_gone:
        disabled_by = "it answered 410: it wants no more messages"
    elif failures >= FAILURES_MIN and now - since >= RETRIED_FOR:
        disabled_by = f"nothing has arrived for {RETRIED_FOR.days} days: {posted.why}"
    row = connection.execute(
        "SELECT attempts, failing_since FROM webhook_deliveries WHERE webhook = %s AND number = %s",
        (name, delivery.number),
    ).fetchone()
    attempts, own_since = row or (0, None)
    is_stuck = disabled_by is None and now - (own_since or now) >= RETRIED_FOR and attempts + 1 >= FAILURES_MIN
    connection.execute(
        "UPDATE webhook_deliveries SET attempts = %s, due_at = %s, failing_since = %s, failed_by = %s "
        "WHERE webhook = %s AND number = %s",
        (
            attempts + 1,
            "infinity" if is_stuck else now + _pause(attempts, posted.retry_after),
            own_since or now,
            posted.why,
            name,
            delivery.number,
        ),
    )
    connection.execute(
        "UPDATE webhooks SET failures = %s, failing_since = %s, disabled_at = coalesce(disabled_at, %s), "
        "disabled_by = coalesce(disabled_by, %s) WHERE name = %s",
        # A stuck delivery is not attempted again, and must not count against the webhook for ever.
        (0 if is_stuck else failures, None if is_stuck else since, now if disabled_by else None, disabled_by, name),
    )
    return AttemptResult(name, delivery.position, is_delivered=False, failures=failures, disabled_by=disabled_by)


def _pause(attempts: int, retry_after: int | None) -> timedelta:
    """Return the pause after an attempt: longer each time, or as long as the receiver asks, up to an hour."""
    own = backoff_seconds(attempts, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=min(max(own, retry_after or 0), LONGEST_PAUSE_SECONDS))
