"""What changes when the same history is judged by another policy: which promises, and which facts.

Promise: pure, from the documents of two audits of the same history. A fact changes its verdict where other promises are
broken by it than before; a promise, where its status is another, or where only one of the policies has it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Give, for each reading that both audits have, the promises and the facts whose verdict differs."""
    return {
        reading: {
            "promises": _promises(told, after["readings"][reading]),
            "facts": _facts(told, after["readings"][reading]),
        }
        for reading, told in before["readings"].items()
        if reading in after["readings"]
    }


def _promises(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for promise in dict.fromkeys((*before, *after)):
        ours, theirs = (one[promise]["status"] if promise in one else None for one in (before, after))
        if ours != theirs:
            title = (before.get(promise) or after[promise])["title"]
            found.append({"promise": promise, "title": title, "before": ours, "after": theirs})
    return found


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    ours, theirs = _broken(before), _broken(after)
    found = []
    for fact in ours.keys() | theirs.keys():
        one, other = ours.get(fact, {}), theirs.get(fact, {})
        if one.keys() != other.keys():
            said = next(iter({**other, **one}.values()))
            told = {"event": fact, "subject": said["subject"], "at": said["at"]}
            why = {
                promise: each["why"]
                for promise, each in {**one, **other}.items()
                if (promise in one) != (promise in other)
            }
            found.append({**told, "before": sorted(one), "after": sorted(other), "why": why})
    return sorted(found, key=lambda each: (each["at"], each["event"]))


def _broken(verdicts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give what is said of each fact that breaks a promise, by fact and promise."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for promise, verdict in verdicts.items():
        for said in verdict["violations"]:
            if said["event"]:
                found[said["event"]][promise] = said
    return found
