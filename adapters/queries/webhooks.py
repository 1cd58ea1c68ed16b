"""Webhooks: what each is told of, what it waits for, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.queries.documents import fields
from adapters.webhooks import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from projections.projection import Connection


class WebhookProblem(NamedTuple):
    """A problem of a webhook that somebody has to solve, and how."""

    what: str
    hint: str


def webhooks(connection: Connection, now: datetime) -> dict[str, Any]:
    """Return all webhooks, the oldest first."""
    return {"webhooks": [_webhook(one, now) for one in registry.list_webhooks(connection, now)]}


def webhook(connection: Connection, name: str, now: datetime) -> dict[str, Any]:
    """Return the webhook of this name."""
    (found,) = [one for one in registry.list_webhooks(connection, now) if one.name == name]
    return _webhook(found, now)


def webhook_problem(one: Mapping[str, Any]) -> WebhookProblem | None:
    """Return what somebody has to solve of a webhook, if anything; one that is only failing is retried by itself."""
    name = one["name"]
    hint = f"pledger webhooks waiting {name} shows it. Once it is solved: pledger webhooks retry {name}"
    match one["state"]:
        case "disabled":
            return WebhookProblem(f"disabled: {one['disabled_by']}", hint)
        case "stuck":
            return WebhookProblem(f"{one['stuck']:,} stuck, with what comes after them: {one['failed_by']}", hint)
        case "unattended":
            return WebhookProblem(f"{one['waiting']:,} wait, and no sender runs", "pledger serve")
        case _:
            return None


def waiting_deliveries(connection: Connection, name: str, limit: int) -> dict[str, Any]:
    """Return the first events that a webhook has not been told of yet, in order."""
    found = registry.waiting(connection, name, limit + 1)
    return {
        "name": name,
        "is_all": len(found) <= limit,
        "deliveries": [
            {
                **fields(one, "position kind"),
                "customer": f"id:{one.stream}",
                **fields(one, "attempts due_at failing_since failed_by"),
            }
            for one in found[:limit]
        ],
    }


def _webhook(one: registry.Webhook, now: datetime) -> dict[str, Any]:
    return {
        **fields(one, "name url for=kinds"),
        "state": registry.state(one, now),
        **fields(one, "created_at position delivered delivered_at waiting waiting_since stuck failures failing_since"),
        **fields(one, "failed_by disabled_at disabled_by secrets"),
    }
