"""The words for particulars: a reason with what is known besides, as one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def known_only(given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return particulars without those that nothing says."""
    return {name: value for name, value in given.items() if value is not None}


def sentences(said: Any) -> str:  # noqa: ANN401 - any JSON
    """Return reasons as sentences, each with its particulars: `[reason, {name: value}]`."""
    found = dict.fromkeys(sentence(reason, known_only(given)) for reason, given in said)
    return " ".join(found)


def sentence(reason: str, given: Mapping[str, Any]) -> str:
    """Return a reason with what it says besides, as one sentence."""
    said = clauses(given)
    if not reason:
        return f"{said[0][:1].upper()}{'; '.join(said)[1:]}." if said else ""
    return f"{reason.removesuffix('.')}: {'; '.join(said)}." if said else reason


def clauses(given: Mapping[str, Any]) -> list[str]:
    """Return particulars in words."""
    return [text for name, value in given.items() if (text := _clause(name, value))]


def _clause(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON
    write = SPECIAL.get(name)
    if write is not None:
        return write(value)
    text = PHRASES.get(name, f"{name.replace('_', ' ')} {{}}")
    return text.format(_words(value))


def _words(value: Any) -> str:  # noqa: ANN401 - any JSON
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_words, value))
        case _:
            return str(value)


def _because(value: Any) -> str:  # noqa: ANN401 - any JSON
    values = value if isinstance(value, list) else [value]
    return ", ".join(_BECAUSE[one] for one in values)


def _seconds(text: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:  # noqa: ANN401 - any JSON
        values = value if isinstance(value, list) else [value]
        return text.format(", ".join(map(_span, values)))

    return write


def _span(seconds: int) -> str:
    """Return a length of time in its largest units."""
    parts = []
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def _cells(text: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:  # noqa: ANN401 - any JSON
        return text.format("; ".join(map(_cell, value)))

    return write


def _cell(cell: Mapping[str, Any]) -> str:
    where = ", ".join(f"{name} {value}" for name, value in cell["where"].items()) or "everybody"
    of = f" in {cell['release']}" if "release" in cell else ""
    return f"{cell['count']} of {where}{of}"


def _groups(value: Any) -> str:  # noqa: ANN401 - any JSON
    said = (f"{one['persons']} from {'; '.join(map(_cell, one['counts']))}" for one in value)
    return f"groups that follow: {' / '.join(said)}"


_BECAUSE: Final = {
    "opt_out": "because of the opt-out",
    "never_enrolled": "nothing on record had enrolled the person",
    "enrollment_ended": "the enrollment had ended",
    "enrollment_does_not_count": "the enrollment on record does not count",
}
SPECIAL: Final[Mapping[str, Callable[[Any], str]]] = {
    "because": _because,
    "told_later": lambda _: "told only after it",
    "needed_seconds": _seconds("an offer must stand for {}"),
    "stood_seconds": _seconds("it had stood for {}"),
    "missing_seconds": _seconds("{} were missing"),
    "late_seconds": _seconds("{} over the time"),
    "without_seconds": _seconds("for {}"),
    "cells": _cells("counts: {}"),
    "groups": _groups,
}
PHRASES: Final[Mapping[str, str]] = {
    "account_since": "an account since {}",
    "act": "relying on {}",
    "answered_at": "answered {}",
    "asked": "asked for {}",
    "asked_at": "asked {}",
    "asked_times": "asked {} times",
    "attestation": "attestation {}",
    "attested_at": "attested {}",
    "cancelled_at": "cancelled {}",
    "categories": "categories {}",
    "category": "category {}",
    "cause": "cause {}",
    "channel": "channel {}",
    "closed_at": "closed {}",
    "collected_at": "collected {}",
    "collection_point": "collection point {}",
    "collections": "{} collections",
    "corrected_at": "corrected {}",
    "counts": "counts in the release: {}",
    "covered_until": "covered until {}",
    "due": "due {}",
    "ended_at": "ended {}",
    "enrolled_at": "enrolled {}",
    "erased_at": "erased {}",
    "expected": "expected {}",
    "expected_of": "expected the reference of {}",
    "expected_reference": "expected reference {}",
    "grace_until": "allowed until {}",
    "group": "group {}",
    "in_force_since": "in force since {}",
    "kind": "kind {}",
    "known_since": "known since {}",
    "linked_at": "linked {}",
    "location": "location {}",
    "missing": "missing {}",
    "missing_request": "it did not ask for {}",
    "needs": "needs one of {}",
    "not_recorded": "not recorded: {}",
    "notice": "shown notice {}",
    "objected_at": "objected {}",
    "observed_at": "first seen {}",
    "offered_at": "offered {}",
    "offers": "offers on record: {}",
    "only_act": "known only by {}",
    "opens": "opens {}",
    "opted_out_at": "opted out {}",
    "people": "people asked: {}",
    "points": "confirmed at {}",
    "program": "program {}",
    "purpose": "purpose {}",
    "queued_at": "queued {}",
    "recipient": "recipient {}",
    "reference": "given reference {}",
    "refused_at": "refused {}",
    "registered_at": "registered only {}",
    "releases": "releases known to one recipient: {}",
    "requested_at": "requested {}",
    "requests": "it asked for {}",
    "roles": "roles {}",
    "runs_since": "its time runs since {}",
    "set_aside_at": "set aside {}",
    "since": "since {}",
    "smallest_count": "smallest count allowed {}",
    "told": "told {}",
    "told_at": "told {}",
    "unauthorised_reads": "records read: {}",
    "value_of": "the value of {}",
    "verifications": "verifications on record: {}",
    "verified_at": "verified only {}",
    "version": "version {}",
    "via": "by {}",
    "without_since": "not carried since {}",
    "without_the_link": "without the link: {}",
}
"""The words for each particular; a test holds that every one that is given has its words."""
