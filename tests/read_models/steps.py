"""Generated histories for read models: short spans, in which much happens at once and people ask for things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.laws import histories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from tests.laws.histories import Step

COLLECTIONS: Final = ("order", "contest_entry", "promotional_request", "catalog_request", "registration", "gift")
SUBSCRIBING: Final = (
    *COLLECTIONS,
    "cancel",
    "out",
    "out",
    "enroll",
    "enroll",
    "age",
    "mail",
    "link",
    "unlink",
    "end",
    "wrong_entry",
    "erase",
    "erase_only",
)
LEAVING: Final = (
    *COLLECTIONS,
    "contest_entry",
    "catalog_request",
    "cancel",
    *("out",) * 6,
    "enroll",
    "enroll",
    "link",
    "unlink",
    "end",
    *("annul",) * 3,
    *("wrong_entry",) * 2,
)
ASKING: Final = ("access", "ask_correction", "ask_erasure", "verify", "report", "correct", "decline", "deny")
KINDS: Final = (*SUBSCRIBING, *ASKING, *histories.OF_CONTACT_POINTS, "share", "lawful_share", "delete")


def steps(kinds: Iterable[str] = KINDS) -> SearchStrategy[list[Step]]:
    """Return histories of nine days, of people of any kind of name."""
    return histories.steps(40, kinds, least=10, days=9, at_once=True, of_any_name=True)
