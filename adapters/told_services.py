"""What a service is told of findings: one reason for all that say that somebody is not in a program.

By which promise that is, and by which event, can tell of somebody else's opt-out, at an address that two people have.
Officers and the command line see all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.audit.reasons import NOT_SUBSCRIBED, is_not_subscribed, reason, reasons_of
from domain.errors import Refused
from domain.naming import Named, by_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Finding


def reasons_against(findings: Iterable[Finding]) -> list[str]:
    """Return in short what stands against a fact."""
    return reasons_of(one.code for one in findings if not one.excused)


def shown_findings(findings: Iterable[Finding], *, sees_all: bool) -> list[dict[str, Any]]:
    """Return findings as documents; those that are one reason to a service are one, of no promise."""
    shown = [_shown(one, sees_all=sees_all) for one in findings]
    return [one for place, one in enumerate(shown) if one not in shown[:place]]


def refusal(findings: Sequence[Finding], *, sees_all: bool) -> Refused:
    """Return the error that the sender of a refused fact gets."""
    named = [one for one in findings if sees_all or not is_not_subscribed(one.code)]
    codes = dict.fromkeys(one.code for one in findings)
    return Refused(tuple(dict.fromkeys(one.promise for one in named)), tuple(codes if sees_all else reasons_of(codes)))


def _shown(found: Finding, *, sees_all: bool) -> dict[str, Any]:
    is_one_reason = not sees_all and is_not_subscribed(found.code)
    code = NOT_SUBSCRIBED if is_one_reason else found.code
    return {
        "promise": None if is_one_reason else found.promise,
        "code": code,
        "why": reason(code),
        "excused": found.excused,
        "events": [] if is_one_reason else by_name(found.events),
        "about": found.about and Named(found.about),
    }
