"""Send one webhook a signed test message, which reports nothing."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from adapters.webhooks import registry, signing
from adapters.webhooks.messages import trial_message
from adapters.webhooks.posting import Poster, WebhookRequest

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

    from adapters.bootstrap import Installation


class Trial(NamedTuple):
    """The id of the test message, and why the receiver did not take it; None: it did."""

    id: str
    why: str | None


def send_trial(installation: Installation, connection: psycopg.Connection[Any], name: str, now: datetime) -> Trial:
    """Send a webhook a test message, and wait for the answer. Raise `NoSuchWebhook`."""
    url, allows_private = registry.url_of(connection, name)
    secrets = registry.secrets_of(connection, installation.keyring.holder, name, now)
    message = trial_message(installation.identity.ledger_id, uuid4(), now)
    with closing(Poster()) as poster:
        headers = signing.headers(message, now, secrets)
        outcome = poster.post(WebhookRequest(url, allows_private, headers, message.body)).result()
    return Trial(message.id, outcome.why)
