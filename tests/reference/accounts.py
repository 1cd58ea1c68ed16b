"""Contact data of account holders and a group of companies: P33."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.reference.history import END
from tests.reference.statuses import overlap

if TYPE_CHECKING:
    from tests.reference.history import History, Line

GROUP: Final = "google"
CONTACT: Final = "user.contact"
OPENING: Final = {"registration", "account"}
"""The acts by which somebody has an account: "a registration counts as an account for P33"."""


def is_broken_by(share: Line, history: History) -> bool:
    """Return whether a share gives contact data of somebody "that ever had an account (also before and after)"."""
    if not _is_in_group(share, history) or not any(overlap(one, CONTACT) for one in share.data["categories"]):
        return False
    told = history.of(share.subject, END)
    return any(one.kind == "collection" and one.data["act"] in OPENING for one in told)


def _is_in_group(share: Line, history: History) -> bool:
    """Return whether the recipient is of the group, by its registration that stands."""
    told = [
        one
        for one in history.lines
        if one.kind.startswith("recipient_")
        and one.when < share.when
        and one.data["recipient"] == share.data["recipient"]
    ]
    registered = [one for one in told if one.kind == "recipient_registered"]
    return bool(registered) and registered[-1].data.get("group") == GROUP
