"""What changes when the same history is judged by another policy: which promises, and which facts.

It is worked out from the documents of two audits of the same history. A fact is listed if it breaks other promises than
before. A promise is listed if its status differs, or if only one of the policies has it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each reading that both audits have, the promises and the facts whose verdict differs."""
    return {
        reading: {
            "promises": _promises(verdicts, after["readings"][reading]),
            "facts": _facts(verdicts, after["readings"][reading]),
        }
        for reading, verdicts in before["readings"].items()
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
            statement = next(iter({**other, **one}.values()))
            why = {
                promise: each["why"]
                for promise, each in {**one, **other}.items()
                if (promise in one) != (promise in other)
            }
            found.append(
                {
                    "event": fact,
                    "subject": statement["subject"],
                    "at": statement["at"],
                    "before": sorted(one),
                    "after": sorted(other),
                    "why": why,
                }
            )
    return sorted(found, key=lambda each: (each["at"], each["event"]))


def _broken(verdicts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the statements about breaches, by fact and promise."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for promise, verdict in verdicts.items():
        for statement in verdict["violations"]:
            if statement["event"]:
                found[statement["event"]][promise] = statement
    return found
