"""Facts that Pledger itself states: what it was told by a click, a file or a page, what it counted and what it read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def own_fact(  # noqa: PLR0913, PLR0917 - the envelope of a fact
    word: str, source: str, fact_id: str, at: datetime, data: Mapping[str, Any], subject: str | None = None
) -> dict[str, Any]:
    """Return a fact of type `pledger.<word>.v1` as the CloudEvent that a service would send."""
    return {
        "specversion": "1.0",
        "id": fact_id,
        "source": source,
        "type": f"pledger.{word}.v1",
        "time": rfc3339(at),
        **({} if subject is None else {"subject": subject}),
        "data": data,
    }
