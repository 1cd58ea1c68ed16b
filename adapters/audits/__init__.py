"""Audits of a trace in a file, or of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.policy.model import Policy


class NoSuchPromise(PledgerError):
    """The policy has no promise of this name."""

    code = "no_such_promise"


def check_promises(policy: Policy, named: Iterable[str] | None) -> None:
    """Raise `NoSuchPromise` if the policy lacks one of the named promises; the error repeats no name."""
    known = [promise.id for promise in policy.promises]
    if not set(named or ()) <= set(known):
        raise NoSuchPromise("The policy has no such promise.", f"it has {', '.join(known)}.", "Name one of these.")


__all__ = ["NoSuchPromise", "check_promises"]
