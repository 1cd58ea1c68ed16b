"""Which version of the policy is in force when something is collected, used or shared: P01."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tests.reference.statuses import first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.reference.history import Line

AUDITED: Final = "2016-03-14"
OBSERVED_AT: Final = datetime(2016, 3, 14, 9, 18, 33, tzinfo=UTC)
DIGEST: Final = "4a004dc226ab8b40b2ec598f4362a7bcef43f2bb6afc337dea58480922728e1f"
EVER: Final = datetime.min.replace(tzinfo=UTC)
JUDGED: Final = {"collection", "use", "share"}


def status(lines: Sequence[Line]) -> str:
    """Return the status of the promise."""
    return first_of(of_line(one, lines) for one in lines if one.kind in JUDGED)


def of_line(line: Line, lines: Sequence[Line]) -> str:
    """Return what became of the promise at one fact.

    "At every instant with any DataCollected, DataUsed or DataShared a policy version is in force; its text hash matches
    the stored artefact." Of another text nothing is stored; P01 is "indeterminate before `observed_at`".
    """
    at = datetime.fromisoformat(line.at)
    published = [one for one in lines if one.kind == "policy_published"]
    begun = [one for one in published if _since(one, published) <= at]
    known = [one for one in begun if one.when < line.when]
    if known:
        # Of two that begin at one time, the one published later replaces the other, as a posting does.
        stands = max(known, key=lambda one: (_begins(one), one.when))
    elif begun:
        # What is published later governs what was before, if nothing says since when it binds.
        stands = max(begun, key=lambda one: (_since(one, published), _is_audited(one)))
    elif any(map(_is_audited, published)):
        return "broken"
    else:
        return "kept" if at >= OBSERVED_AT else "indeterminate"
    if stands.data["digest"] != DIGEST:
        return "broken" if stands.data["version"] == AUDITED else "indeterminate"
    return "kept" if at >= OBSERVED_AT or stands.data.get("effective_from") else "indeterminate"


def _is_audited(published: Line) -> bool:
    return str(published.data["version"]) == AUDITED or str(published.data["digest"]) == DIGEST


def _begins(published: Line) -> datetime:
    return datetime.fromisoformat(published.data.get("effective_from") or published.at)


def _since(published: Line, among: Sequence[Line]) -> datetime:
    """Return since when a version binds: an unknown `effective_from` "means that it governs all of the history"."""
    firsts = [among[0], next((one for one in among if _is_audited(one)), None)]
    return EVER if published in firsts and not published.data.get("effective_from") else _begins(published)
