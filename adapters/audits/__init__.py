"""Audits of what is outside the program: a trace in a file, or a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.policy.model import Policy


class NoSuchPromise(PledgerError):
    """A promise is named that the policy does not have."""

    code = "no_such_promise"


def check_promises(policy: Policy, named: Iterable[str] | None) -> None:
    """Let nobody ask about a promise that the policy does not have. Raises `NoSuchPromise`, which repeats no name."""
    known = [promise.id for promise in policy.promises]
    if not set(named or ()) <= set(known):
        raise NoSuchPromise("The policy has no such promise.", f"it has {', '.join(known)}.", "Name one of these.")


__all__ = ["NoSuchPromise", "check_promises"]
