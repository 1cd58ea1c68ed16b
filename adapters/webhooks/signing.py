"""Signatures of messages, after Standard Webhooks 1.0: symmetric, `v1`.

A signature is HMAC-SHA256 over the message's id, the time of the attempt and the body, joined by dots. While a secret
is being replaced, both secrets sign.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from adapters.webhooks.messages import Message

SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def display_secret(secret: bytes) -> str:
    """Return a secret as text, for the receiver that checks signatures."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(message: Message, at: datetime, secrets: Iterable[bytes]) -> dict[str, str]:
    """Return the header fields of one attempt, signed with each secret."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message.id.encode(), timestamp.encode(), message.body))
    signed = (base64.b64encode(hmac.digest(secret, content, "sha256")).decode() for secret in secrets)
    return {
        "webhook-id": message.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signed),
    }
