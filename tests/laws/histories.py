"""Generated traces: what three people, a browser and the company did, in any order, on days of one spring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hypothesis import strategies as st

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import RECIPIENTS, fact

if TYPE_CHECKING:
    from domain.facts import Fact

ACTS: Final = (
    "order",
    "gift",
    "contest_entry",
    "promotional_request",
    "catalog_request",
    "registration",
    "inbound_message",
    "account",
)
PURPOSES: Final = ("deliver_order", "answer_message", "direct_marketing", "run_contest", "print_posters", "keep_books")
CATEGORIES: Final = ([NAME], [EMAIL], [ADDRESS], [NAME, ADDRESS], [EMAIL, "user.content"])
CAUSES: Final = ("contest_entry", "purchase", "catalog_request", "registration", "import")
PROGRAMS: Final = ("email_marketing", "physical_mailings")
KINDS: Final = (
    *ACTS,
    *("out",) * 3,
    *("mail",) * 4,
    "enroll",
    "use",
    "share",
    "share",
    "cancel",
    "offer",
    "object",
    "age",
    "access",
    "verify",
    "report",
    "correct",
    "erase",
    "link",
    "cookie",
    "refuse",
    "signal",
    "forward",
    "identify",
    "release",
)
OF_VISITORS: Final = {"cookie", "refuse", "signal", "forward", "identify"}
COUNTS: Final = (8, 20, 22, 40, 41, 60)


class Step(NamedTuple):
    """A kind of fact, about which of the people, on which day, in which of its ways."""

    kind: str
    who: int
    on: float
    way: int


def steps(most: int = 25, kinds: tuple[str, ...] = KINDS) -> st.SearchStrategy[list[Step]]:
    """Give histories whose facts all happen at different times."""
    one = st.tuples(st.sampled_from(kinds), st.integers(1, 3), st.integers(1, 120), st.integers(0, 5))
    return st.lists(one, min_size=1, max_size=most, unique_by=lambda step: step[2]).map(
        lambda taken: [Step(kind, who, on, way) for kind, who, on, way in taken]
    )


def facts_of(taken: list[Step], crowd: str = "a", mode: str = "record") -> list[Fact]:
    """Make the facts of a history, after the registration of a recipient for each role; other crowds are others."""
    return [*RECIPIENTS, *(_fact(number, step, crowd, mode) for number, step in enumerate(taken))]


def _fact(number: int, step: Step, crowd: str, mode: str) -> Fact:
    kind, who, on, _ = step
    subject = f"visitor:{crowd}{who}" if kind in OF_VISITORS else f"customer:{crowd}{who}"
    word, data = _said(step, crowd)
    about = None if kind == "release" else subject
    return fact(word, on, {**data, "mode": mode}, subject=about, fact_id=f"{number}-{kind}", source=f"/{crowd}")


def _said(step: Step, crowd: str) -> tuple[str, dict[str, Any]]:
    kind, _, _, way = step
    if kind in ACTS:
        return "collection", _collected(kind, way)
    program, reference, request = PROGRAMS[way % 2], {"reference": f"R-{way % 3}"}, {"request": f"Q-{way % 2}"}
    used = {"purpose": PURPOSES[way], "categories": CATEGORIES[way % 5]}
    words: dict[str, tuple[str, dict[str, Any]]] = {
        "out": ("opt_out", {"program": program, "via": "portal"}),
        "mail": ("message", _mailed(way)),
        "enroll": ("enrollment", {"program": program, "cause": CAUSES[way % 5]}),
        "use": ("use", {**used, **(reference if way % 2 else {})}),
        "share": ("share", {**used, **reference, "recipient": ("carrier", "helpdesk", "advertiser")[way % 3]}),
        "cancel": ("order_cancelled", reference),
        "offer": ("opt_out_offer", {"purpose": "print_posters"}),
        "object": ("objection", {"purpose": "print_posters"}),
        "age": ("age_learned", {"under": 13}),
        "access": ("access_request", request),
        "verify": ("identity_verification", {**request, "method": "mail", "passed": way > 0}),
        "report": ("access_report_issued", request),
        "correct": ("correction", {**request, "category": NAME, "value": "A"}),
        "erase": ("erasure", {"reason": "asked"}),
        "link": ("record_read", {"reader": "r", "purpose": "p", "also": [f"customer:{crowd}{way % 3 + 1}"]}),
        "cookie": ("cookie_set", {"cookie": "c", "purpose": PURPOSES[way], "categories": CATEGORIES[way % 5]}),
        "refuse": ("cookies_refused", {}),
        "signal": ("signal", {"signal": ("gpc", "dnt")[way % 2], "value": way < 4}),
        "forward": (
            "analytics_forwarded",
            {
                "recipient": "analytics",
                "categories": CATEGORIES[way % 5] if way else ["user.behavior"],
                "server_side": way > 2,
            },
        ),
        "identify": ("identifier_linked", {"to": "customer:1"}),
        "release": ("aggregate_released", _released(way, crowd)),
    }
    return words[kind]


def _released(way: int, crowd: str) -> dict[str, Any]:
    """Give a table of one crowd's counts, with or without their sum."""
    north, south = COUNTS[way], COUNTS[(way + 1) % 6]
    cells = [
        {"where": {"crowd": crowd}, "count": north + south},
        {"where": {"crowd": crowd, "area": "north"}, "count": north},
        {"where": {"crowd": crowd, "area": "south"}, "count": south},
    ]
    return {"release": f"{way}", "recipient": "advertiser", "dimensions": ["crowd", "area"], "cells": cells[way % 2 :]}


def _mailed(way: int) -> dict[str, Any]:
    purpose = "answer_message" if way == 0 else "direct_marketing"
    channel = "post" if way == 1 else "email"
    return {"channel": channel, "purpose": purpose, "unsubscribe_link": way != 2, "message_id": "m"}


def _collected(act: str, way: int) -> dict[str, Any]:
    values = {NAME: "A", **({EMAIL: "a@example.com"} if way % 3 else {}), **({ADDRESS: "B"} if way % 2 else {})}
    asked = {"requests": [["updates"], ["catalog"], []][way % 3]} if act == "registration" else {}
    point = {"collection_point": "web", "notice": "2016-03-14"}
    return {"act": act, "reference": f"R-{way % 3}", "values": values, **point, **asked}
