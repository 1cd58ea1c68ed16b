"""Browsers, attestations and incidents: P21, P24, P28 to P32, and what our servers forward."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from tests.reference.statuses import first_of, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.reference.history import Line

IDENTIFYING: Final = ("user.name", "user.contact", "user.account", "user.unique_id")
PSEUDONYM: Final = "user.unique_id.pseudonymous"
OF_COOKIES: Final = {
    *("deliver_ads", "measure_activity", "track_visits", "track_performance", "test_layouts", "improve_site"),
}
TO_ANALYTICS: Final = ("user.demographic.gender", "user.behavior")


def is_identifying(category: str) -> bool:
    """Return whether a category says who somebody is, or can hold one that does."""
    if category == PSEUDONYM or category.startswith(f"{PSEUDONYM}."):
        return False
    return any(overlap(category, one) for one in IDENTIFYING)


def broken_by(line: Line, lines: Iterable[Line]) -> set[str]:
    """Return what a fact about a browser breaks."""
    found: set[str] = set()
    if line.kind == "cookie_set":
        if any(map(is_identifying, line.data["categories"])):
            found.add("P28")
        if line.data["purpose"] not in OF_COOKIES:
            found.add("P30")
        if any(one.kind == "cookies_refused" and one.subject == line.subject and one.when < line.when for one in lines):
            found.add("P31")
    elif line.kind == "identifier_linked":
        found.add("P29")
    elif line.kind == "analytics_forwarded":
        found |= {"P34"} if line.data["server_side"] else set()
        found |= set() if all(map(_is_of_list, line.data["categories"])) else {"P32"}
    return found


def _is_of_list(category: str) -> bool:
    return any(category == top or category.startswith(f"{top}.") for top in TO_ANALYTICS)


def attested(lines: Sequence[Line], as_of: datetime) -> dict[str, str]:
    """Return whether anybody vouches as of a time: the latest attestation of each kind, whose end it does not cover."""
    by_kind: dict[str, Line] = {}
    for one in lines:
        if one.kind in {"security_attested", "site_reviewed"}:
            by_kind[one.data.get("kind", "site_review")] = one
    covers = {kind: datetime.fromisoformat(one.data["until"]) > as_of for kind, one in by_kind.items()}
    secure = all(covers.get(kind) for kind in ("physical", "electronic", "managerial"))
    read = ["broken" for one in lines if one.kind == "incident" and one.data["unauthorised_reads"] > 0]
    return {
        "P21": first_of([*read, "attested" if secure else "indeterminate"]),
        "P24": "attested" if covers.get("site_review") else "indeterminate",
    }
