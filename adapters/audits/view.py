"""The contents of an audit's document in the order in which people read them, for the terminal and for the page.

All of it comes from the document, and nothing is decided here. Texts are returned as they are in the document; the
caller makes them safe to show.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.audit.particular_words import clauses
from domain.policy.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SIGNS: Final[Mapping[str, str]] = {
    Status.BROKEN: "✗",
    Status.OPEN: "◔",
    Status.EXCUSED: "§",
    Status.INDETERMINATE: "?",
    Status.ATTESTED: "✎",
    Status.KEPT: "✓",
    Status.UNTESTED: "·",
    Status.NOT_EXERCISED: "–",
}
"""A sign for each status, so that a reader does not need the colours."""
LISTS: Final = (Status.OPEN, Status.EXCUSED, Status.INDETERMINATE, Status.ATTESTED)
"""The statuses that a verdict lists besides its breaches, each under a key of this name."""
_UNSAID: Final[Mapping[str, str]] = {
    Status.OPEN: "Its time is not over yet.",
    Status.ATTESTED: "Somebody vouches for it.",
}
_RFC_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T([\d:.]+)Z")
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


class Alike(NamedTuple):
    """Facts with the same reason, in order of time; `persons` is how many different persons they are about."""

    why: str
    said: tuple[dict[str, Any], ...]
    persons: int


class Agreed(NamedTuple):
    """A verdict, and the readings that agree on it."""

    readings: tuple[str, ...]
    verdict: dict[str, Any]


class Setting(NamedTuple):
    """A parameter that the policy's text leaves open, as the company set it."""

    name: str
    amount: str
    meaning: str


DISCREPANCIES: Final[Mapping[str, str]] = {
    "not_recorded": "not on record",
    "not_confirmed": "on record and not in the file",
    "time_differs": "on record at another time",
    "address_differs": "on record, to another address",
    "several_records": "on record of one of several people who share an address",
    "unknown_person": "about a person whom the ledger does not know",
}
"""The words for each kind of discrepancy between a file and the record."""


def first_reading(document: Mapping[str, Any]) -> str:
    """Return the reading that comes first: the harmonised one, if it was asked for."""
    readings: dict[str, Any] = document["readings"]
    return next(iter(readings))


def by_status(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the promises by their status under the first reading, in order of precedence."""
    verdicts = document["readings"][first_reading(document)]
    found = {
        status.value: [promise for promise, verdict in verdicts.items() if verdict["status"] == status]
        for status in Status
    }
    return {status: promises for status, promises in found.items() if promises}


def counts(document: Mapping[str, Any], reading: str) -> dict[str, int]:
    """Count the promises of each status under a reading, in order of precedence, without those that no promise has."""
    statuses = [verdict["status"] for verdict in document["readings"][reading].values()]
    return {status.value: statuses.count(status) for status in Status if status in statuses}


def others(document: Mapping[str, Any], promise: str) -> list[Agreed]:
    """Return the verdicts of the other readings on a promise, where they differ from the first one's."""
    return _agreeing(document, promise, _substance)[1:]


def counted_alike(document: Mapping[str, Any], promise: str) -> list[Agreed]:
    """Return the verdicts on a promise that differ in their numbers, each with the readings that share it."""
    return _agreeing(document, promise, lambda verdict: (verdict["dpv"], counted(verdict)))


def alike(said: Iterable[dict[str, Any]], status: str) -> list[Alike]:
    """Group statements by their reason, in order of the first fact of each group."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in said:
        found.setdefault(one["reason"] or _UNSAID.get(status, ""), []).append(one)
    return [
        Alike(why, tuple(same), len({one["subject"] for one in same if one["subject"]})) for why, same in found.items()
    ]


def settings(document: Mapping[str, Any]) -> list[Setting]:
    """Return the parameters of the policy, each with its amount in words and what it means."""
    meanings = document["meanings"]["parameters"]
    return [Setting(name, _amount(name, value), meanings[name]) for name, value in document["parameters"].items()]


def frame(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the question and the policy of an audit, as labels with their texts."""
    asked, effective = document["scope"], document["policy_effective_from"]
    promises = f"only {', '.join(asked['promises'])}" if asked["promises"] else "every promise"
    return [
        ("policy", document["policy"]),
        ("file digest", document["policy_digest"]),
        ("text digest", document["policy_text_digest"]),
        ("observed on", shown_time(document["policy_observed_at"])),
        ("in force", f"from {shown_time(effective)}" if effective else "start unknown; treated as always"),
        ("as of", f"{shown_time(document['as_of'])}; all times are UTC"),
        ("period", _period(asked["from"], asked["to"])),
        ("scope", f"{promises}, {asked['customer'] or 'everybody'}"),
        ("facts", f"{document['events']:,}"),
    ]


def said(verdict: Mapping[str, Any]) -> list[tuple[str, Sequence[dict[str, Any]]]]:
    """Return the statements of a verdict by status, in order of precedence."""
    lists = ((Status.BROKEN.value, verdict["violations"]), *((one.value, verdict.get(one.value, ())) for one in LISTS))
    return [(status, listed) for status, listed in lists if listed]


def counted(verdict: Mapping[str, Any]) -> str:
    """Return a verdict's numbers in words."""
    exercised = verdict["exercised"]
    tested = f"{times(exercised, 'test')}" if exercised else "never put to the test"
    if not verdict["violations"]:
        return tested
    persons = verdict["persons_affected"]
    affected = f", {times(persons, 'person')} affected" if persons else ""
    return f"{times(len(verdict['violations']), 'breach', 'breaches')} in {tested}{affected}"


def when(said: Mapping[str, Any], status: str, as_of: str) -> str:
    """Return the time of a statement: when it happened, or when it will be decided."""
    at = shown_time(said["at"])
    if status == Status.ATTESTED:
        return f"until {at}"
    if status != Status.OPEN or at < shown_time(as_of):
        return at
    return "no deadline is set" if at == shown_time(as_of) else f"due {at}"


def notes(said: Mapping[str, Any], at_most: int) -> list[str]:
    """Return notes on a statement: its particulars, at most `at_most` facts that show it, and what happened since."""
    found = [known] if (known := particulars(said)) else []
    if shown_by := [name for name in said.get("evidence", ()) if name != said["event"]]:
        more = f" and {len(shown_by) - at_most:,} more" if len(shown_by) > at_most else ""
        found.append(f"shown by {', '.join(shown_by[:at_most])}{more}")
    if remedied := said.get("remedied"):
        found.append(f"set right by {remedied}")
    if corrected := said.get("entry_corrected"):
        found.append(f"the entry was declared wrong by {corrected['by']}; what was found stays")
    return found


def particulars(said: Mapping[str, Any]) -> str:
    """Return what is known of a statement besides, in words."""
    return _RFC_TIME.sub(r"\1 \2", "; ".join(clauses(said["particulars"])))


def outside(verdict: Mapping[str, Any]) -> str:
    """Return what other systems' files show about a promise; an empty text if they show nothing."""
    against, unconfirmed = (verdict.get(key, ()) for key in ("outside", "unconfirmed"))
    parts = []
    if against:
        first = against[0]
        more = f", and {len(against) - 1:,} more" if len(against) > 1 else ""
        where = f"{first['reconciliation']}, line {first['line']}, {shown_time(first['at'])}"
        parts.append(f"what is not on record would have broken it ({where}{more})")
    if unconfirmed:
        more = f", and {len(unconfirmed) - 1:,} more" if len(unconfirmed) > 1 else ""
        parts.append(f"no file confirms {unconfirmed[0]}{more}")
    return "; ".join(parts)


def differs(reconciliation: Mapping[str, Any]) -> str:
    """Return how often a file of another system differs from the record, by kind of discrepancy."""
    counts = Counter(one["kind"] for one in reconciliation["discrepancies"])
    parts = [f"{count:,} {DISCREPANCIES[kind]}" for kind, count in counts.items()]
    return f"{times(reconciliation['rows'], 'row')}, {', '.join(parts) or 'which the ledger has, and nothing besides'}"


def discrepancy(one: Mapping[str, Any]) -> str:
    """Return a sentence on one discrepancy between a file and the record."""
    where = [f"line {one['line']}"] if one["line"] is not None else []
    where += [one["fact"]] if one["fact"] else []
    text = f"{', '.join(where)}: {DISCREPANCIES[one['kind']]}"
    if one["would_break"]:
        text += f", and would have broken {listed(one['would_break'])}"
    if one["corrected_by"]:
        text += f"; declared wrong by {one['corrected_by']}"
    return text


def shown_time(text: str) -> str:
    """Return a time of the document as people read it, in UTC, with all of its digits."""
    return text.replace("T", " ").removesuffix("Z")


def shown_status(status: str) -> str:
    """Return a status as people read it."""
    return status.replace("_", " ")


def shown_value(value: object) -> str:
    """Return a parameter of a rule as people read it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value)) or "none"
        case dict():
            return "; ".join(f"{key} → {shown_value(of)}" for key, of in value.items()) or "none"
        case None:
            return "not set"
        case _:
            return str(value)


def times(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return words as a list in a sentence, such as: strict and permissive."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _agreeing(document: Mapping[str, Any], promise: str, what: Callable[[Mapping[str, Any]], object]) -> list[Agreed]:
    """Return the verdicts on a promise that differ in an aspect, each with the readings that share it."""
    found: list[tuple[object, list[str], dict[str, Any]]] = []
    for reading, verdicts in document["readings"].items():
        answer = what(verdicts[promise])
        same = next((readings for known, readings, _ in found if known == answer), None)
        if same is None:
            found.append((answer, [reading], verdicts[promise]))
        else:
            same.append(reading)
    return [Agreed(tuple(readings), verdict) for _, readings, verdict in found]


def _period(since: str | None, until: str | None) -> str:
    match since, until:
        case None, None:
            return "all that had happened by then"
        case str(), None:
            return f"from {shown_time(since)} on"
        case None, str():
            return f"up to {shown_time(until)}"
        case _:
            return f"{shown_time(str(since))} to {shown_time(str(until))}"


def _substance(verdict: Mapping[str, Any]) -> object:
    """Return the part of a verdict that a reader compares: all but how often the promise was tested, and by what."""
    return verdict["status"], verdict["violations"], [verdict.get(status) for status in LISTS]


def _amount(name: str, value: int | None) -> str:
    if value is None:
        return "not set"
    if not name.endswith("_seconds"):
        return f"{value:,}"
    if value == 0:
        return "none"
    seconds, unit = next(one for one in _UNITS if value % one[0] == 0)
    return times(value // seconds, unit)
