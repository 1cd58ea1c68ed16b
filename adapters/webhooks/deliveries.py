"""What webhooks are yet to be told, in the database.

Promise: a webhook's place in the log and what was found up to there change in one transaction, and so do a delivery and
its webhook when an attempt has ended. Whoever changes anything of a webhook holds its row first, so that one that is
removed meanwhile stays removed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.postgres.schema import query
from adapters.webhooks import signing
from adapters.webhooks.messages import Happened, Kind, message, topics_of
from adapters.webhooks.posting import Letter, Outcome
from adapters.webhooks.registered import secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import psycopg

    from adapters.bootstrap import Installation

    Connection = psycopg.Connection[tuple[Any, ...]]

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
PATIENCE: Final = timedelta(days=3)
FAILURES_MIN: Final = 10
"""A webhook is given up after `PATIENCE` and so many failures in a row: none is because no worker was there."""
DOWN_FROM: Final = 8
"""After so many failures in a row it is taken that nothing arrives at a webhook."""
WINDOW: Final = 100_000
"""So many positions are looked through in one transaction."""


class Open(NamedTuple):
    """A webhook that is told of things."""

    name: str
    url: str
    allows_private: bool
    failures: int


class Told(NamedTuple):
    """What came of an attempt. `failures`: of this webhook in a row, up to it; `disabled_by`: why it was the last."""

    webhook: str
    position: int
    is_delivered: bool
    failures: int = 0
    disabled_by: str | None = None


def is_mine(connection: Connection) -> bool:
    """Take the turn to tell this ledger's webhooks, for as long as the connection lasts; False: another has it."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended('pledger webhooks of ' || ledger_id::text, 0)) FROM ledger"
    ).fetchone()
    return row == (True,)


def webhooks(connection: Connection) -> list[Open]:
    """Give the webhooks that are not disabled."""
    rows = connection.execute(
        "SELECT name, url, allows_private, failures FROM webhooks WHERE disabled_at IS NULL ORDER BY created_at, name"
    ).fetchall()
    return [Open._make(row) for row in rows]


def take_up(connection: Connection, webhook: Open, now: datetime) -> None:
    """Bring what a webhook is to be told up to the end of the log."""
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
            span = {"webhook": webhook.name, "after": after, "upto": min(after + WINDOW, size)}
            connection.execute(query("webhook_join"), span)
            connection.execute(query("webhook_take_up"), {**span, "topics": topics_of(map(Kind, kinds)), "now": now})
            connection.execute("UPDATE webhooks SET position = %s WHERE name = %s", (span["upto"], webhook.name))


def due(  # noqa: PLR0913, PLR0917 - what is due for whom, and how much of it
    connection: Connection,
    installation: Installation,
    webhook: Open,
    under_way: Iterable[int],
    now: datetime,
    limit: int,
) -> Iterator[tuple[int, Letter]]:
    """Give what a webhook can be told now, by position, ready to be sent."""
    asked = {"webhook": webhook.name, "now": now, "under_way": list(under_way), "limit": limit}
    rows = connection.execute(query("webhook_due"), asked).fetchall()
    secrets = secrets_of(connection, installation.keyring.holder, webhook.name, now) if rows else []
    for row in rows:
        told = message(installation.identity.ledger_id, Happened._make(row))
        headers = signing.headers(told, now, secrets)
        yield row[0], Letter(webhook.url, webhook.allows_private, headers, told.body)


def note(connection: Connection, name: str, position: int, outcome: Outcome, now: datetime) -> Told:
    """Write down what came of an attempt."""
    with connection.transaction():
        row = connection.execute(
            "SELECT failures, failing_since FROM webhooks WHERE name = %s FOR UPDATE", (name,)
        ).fetchone()
        if row is None:  # It was removed meanwhile.
            return Told(name, position, outcome.why is None)
        if outcome.why is None:
            return _delivered(connection, name, position, now, was_down=row[0] >= DOWN_FROM)
        return _failed(connection, name, position, outcome, now, *row)


def _delivered(connection: Connection, name: str, position: int, now: datetime, *, was_down: bool) -> Told:
    connection.execute("DELETE FROM webhook_deliveries WHERE webhook = %s AND position = %s", (name, position))
    connection.execute(
        "UPDATE webhooks SET delivered = delivered + 1, delivered_at = %s, failures = 0, failing_since = NULL "
        "WHERE name = %s",
        (now, name),
    )
    if was_down:
        # It is back: nobody waits out a pause that was for its sake.
        connection.execute(
            "UPDATE webhook_deliveries SET due_at = %s WHERE webhook = %s AND due_at > %s AND due_at < 'infinity'",
            (now, name, now),
        )
    return Told(name, position, is_delivered=True)


def _failed(  # noqa: PLR0913, PLR0917 - an attempt, and how its webhook stood before it
    connection: Connection,
    name: str,
    position: int,
    outcome: Outcome,
    now: datetime,
    failures: int,
    failing_since: datetime | None,
) -> Told:
    failures, since = failures + 1, failing_since or now
    disabled_by = None
    if outcome.is_gone:
        disabled_by = "it answered 410: it wants to be told of nothing any more"
    elif failures >= FAILURES_MIN and now - since >= PATIENCE:
        disabled_by = f"nothing has arrived for {PATIENCE.days} days: {outcome.why}"
    row = connection.execute(
        "SELECT attempts, failing_since FROM webhook_deliveries WHERE webhook = %s AND position = %s", (name, position)
    ).fetchone()
    attempts, own_since = row or (0, None)
    is_stuck = disabled_by is None and now - (own_since or now) >= PATIENCE and attempts + 1 >= FAILURES_MIN
    connection.execute(
        "UPDATE webhook_deliveries SET attempts = %s, due_at = %s, failing_since = %s, failed_by = %s "
        "WHERE webhook = %s AND position = %s",
        (
            attempts + 1,
            "infinity" if is_stuck else now + _pause(attempts, outcome.retry_after),
            own_since or now,
            outcome.why,
            name,
            position,
        ),
    )
    connection.execute(
        "UPDATE webhooks SET failures = %s, failing_since = %s, disabled_at = coalesce(disabled_at, %s), "
        "disabled_by = coalesce(disabled_by, %s) WHERE name = %s",
        # What is stuck is not attempted any more, and must not count against the webhook for ever.
        (0 if is_stuck else failures, None if is_stuck else since, now if disabled_by else None, disabled_by, name),
    )
    return Told(name, position, is_delivered=False, failures=failures, disabled_by=disabled_by)


def _pause(attempts: int, wanted: int | None) -> timedelta:
    """Give how long to wait after an attempt: longer each time, or as long as the other side asks, up to an hour."""
    own = FIRST_PAUSE * (1 << min(attempts, 12))
    return min(max(own, timedelta(seconds=wanted or 0)), LONGEST_PAUSE)
