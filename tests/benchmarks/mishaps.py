"""What the demo's year lacks, at a lifelike rate: erasures, corrected entries, objections, incidents and breaches.

The same facts and label give the same mishaps. After an erasure the shop says nothing more about that person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.shop_day import CARRIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Told = dict[str, Any]
    Step = tuple[float, str, dict[str, Any]]

BREACHES: Final[dict[tuple[str, str], tuple[float, dict[str, Any]]]] = {
    ("message", "direct_marketing"): (0.002, {"unsubscribe_link": False}),
    ("use", "keep_books"): (0.005, {"purpose": "measure_activity"}),
    ("share", "take_payment"): (0.002, {"recipient": CARRIER}),
}
"""A fact's type and purpose: how likely it breaks a promise, and what in its data does so."""

_LETTERS: Final = str.maketrans("0123456789", "abcdefghij")
"""Names that stay in clear hold no numbers that could be somebody's."""
_NEWSLETTER: Final = {"program": "email_marketing", "channel": "email", "purpose": "direct_marketing"}
FOLLOWING: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "order_completed": (("erasure", 0.015), ("age", 0.002)),
    "opt_out": (("ignored", 0.05),),
    "share": (("entry", 0.003),),
    "access_request": (("reading", 1.0),),
    "use": (("objection", 0.003),),
    "message": (("incident", 0.0002), ("review", 0.0002), ("release", 0.0001)),
}
"""A fact's type: what may follow such a fact, and how likely each."""


def with_mishaps(facts: Iterable[Told], label: str) -> Iterator[Told]:
    """Yield the facts, some of them changed, with what follows from some."""
    chance = Random(label)  # noqa: S311 - a story that can be told again, not secrets
    erased: set[str] = set()
    for fact in facts:
        if fact["subject"] in erased or fact["data"].get("source") in erased:
            erased.add(fact["subject"])  # The recipient of a gift that was never ordered goes too.
            continue
        yield _perhaps_breaking(fact, chance)
        for mishap, likely in FOLLOWING.get(_word(fact), ()):
            if chance.random() < likely:
                yield from _steps(fact, mishap)
                if mishap == "erasure":
                    erased.add(fact["subject"])
                    break


def _perhaps_breaking(fact: Told, chance: Random) -> Told:
    likely, change = BREACHES.get((_word(fact), fact["data"].get("purpose", "")), (0.0, {}))
    return {**fact, "data": fact["data"] | change} if chance.random() < likely else fact


def _steps(fact: Told, mishap: str) -> Iterator[Told]:
    """Yield what a mishap adds after a fact."""
    for hours, word, data in _mishap(fact, mishap):
        time = datetime.fromisoformat(fact["time"]) + timedelta(hours=hours)
        added = {**fact, "source": "/office", "id": f"{fact['id']}-{word}", "type": f"pledger.{word}.v1"}
        added |= {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": data}
        if mishap in {"incident", "review", "release"}:
            del added["subject"]
        yield added


def _mishap(fact: Told, mishap: str) -> tuple[Step, ...]:
    """Return each step: how many hours after the fact, its type and its data."""
    name = f"{fact['id']}-{mishap}"
    until = (datetime.fromisoformat(fact["time"]) + timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")
    match mishap:
        case "erasure":
            return (
                (1, "erasure_request", {"request": name}),
                (2, "identity_verification", {"request": name, "method": "e-mail code", "passed": True}),
                (25, "recipient_notified", {"request": name, "recipient": CARRIER}),
                (26, "erasure", {"request": name, "reason": "The customer asked to be forgotten."}),
            )
        case "age":
            return ((1, "age_learned", {"under": 13}),)
        case "ignored":
            return ((72, "message", {**_NEWSLETTER, "unsubscribe_link": True, "message_id": name}),)
        case "entry":
            entry = {"source": fact["source"], "id": fact["id"]}
            return ((30, "entry_correction", {"entry": entry, "reason": "The parcel was scanned twice."}),)
        case "reading":
            return ((1, "record_read", {"reader": "officer", "purpose": "answer_rights_request"}),)
        case "objection":
            measuring = {"purpose": "measure_activity"}
            return ((1, "opt_out_offer", measuring), (2, "objection", measuring))
        case "incident":
            return ((1, "incident", {"incident": name.translate(_LETTERS), "unauthorised_reads": 0}),)
        case "review":
            return ((1, "site_reviewed", {"finding": "Nothing is made to attract children.", "until": until}),)
        case _:
            cells = [{"where": {"area": area}, "count": count} for area, count in (("rings", 240), ("earrings", 120))]
            return (
                (
                    1,
                    "aggregate_released",
                    {"release": name.translate(_LETTERS), "dimensions": ["area"], "cells": cells},
                ),
            )


def _word(fact: Told) -> str:
    """Return the word of a fact's type."""
    return str(fact["type"]).split(".")[1]
