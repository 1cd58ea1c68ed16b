"""Generated histories: what three people, a browser and the company did, in any order, on days of one spring.

All tests of what holds of every history take theirs from here; each names the kinds of step that it wants. The people
are customers with a number, or, where a test wants it, of any kind of name.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from hypothesis import strategies as st

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import RECIPIENTS, fact

if TYPE_CHECKING:
    from collections.abc import Iterable

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
CORRECTED: Final = (NAME, EMAIL, "user.contact", "user")
LAWFUL: Final = {"purpose": "legal_obligation", "kind": "legal_obligation"}
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
    "delete",
    "delete",
    "link",
    "link",
    "unlink",
    "end",
    "cookie",
    "refuse",
    "signal",
    "forward",
    "identify",
    "release",
)
OF_CONTACT_POINTS: Final = ("out_at", "out_at", "out_to", "mail_at", "mail_to", "confirm", "beside", "link_form")
"""Beside the others: what is told of an address, or under it, and what a public form says without a voucher."""
NAME_KINDS: Final = ("customer", "order", "guest", "email", "phone")
PEOPLE: Final = 3
"""How many people there are in a crowd."""
FORM: Final = "/form"
"""The end of the source of what a public form tells."""
PROTECTING: Final = ("pledger.opt_out.v1", "pledger.objection.v1", "pledger.age_learned.v1")
OF_VISITORS: Final = {"cookie", "refuse", "signal", "forward", "identify"}
COUNTS: Final = (8, 20, 22, 40, 41, 60)


class Step(NamedTuple):
    """A kind of fact, about which of the people, on which day, in which of its ways.

    The people 1 to 3 are customers with a number. Each has the same place in the crowd under every kind of name:
    1, 4 and 7 are the first person by a customer number, an order and a form.
    """

    kind: str
    who: int
    on: float
    way: int

    @property
    def place(self) -> int:
        """The place of the person in the crowd, from 1."""
        return (self.who - 1) % PEOPLE + 1

    def named(self, kinds: tuple[str, ...]) -> Step:
        """Return this step about the same person by another kind of name, as `kinds` says for each."""
        return self._replace(who=self.place + PEOPLE * NAME_KINDS.index(kinds[self.place - 1]))


def steps(  # noqa: PLR0913 - which histories
    most: int = 25,
    kinds: Iterable[str] = KINDS,
    *,
    least: int = 1,
    days: int = 120,
    at_once: bool = False,
    of_any_name: bool = False,
) -> st.SearchStrategy[list[Step]]:
    """Return histories of some kinds of step, which all happen at different times unless they may happen at once.

    A kind that is named twice comes twice as often. All people are customers with a number, unless they may be
    `of_any_name`; then each is told of under one name of any kind.
    """
    one = st.builds(Step, st.sampled_from(list(kinds)), st.integers(1, 3), st.integers(1, days), st.integers(0, 5))
    taken = st.lists(one, min_size=least, max_size=most, unique_by=None if at_once else lambda step: step.on)
    if not of_any_name:
        return taken
    names = st.tuples(*(st.sampled_from(NAME_KINDS) for _ in range(PEOPLE)))
    return st.builds(lambda history, kinds: [step.named(kinds) for step in history], taken, names)


def name_of(who: int, crowd: str) -> str:
    """Return the name under which one of a crowd is told of."""
    kind, place = NAME_KINDS[(who - 1) // PEOPLE], (who - 1) % PEOPLE + 1
    own = {"email": own_address(place, crowd), "phone": f"+4474{crc32(f'{crowd}{place}'.encode()) % 10**8:08d}"}
    return f"{kind}:{own.get(kind, f'{crowd}{place}')}"


def own_address(place: int, crowd: str) -> str:
    """Return the address that one of a crowd has alone, unless somebody else types it."""
    return f"{crowd}.{place}@example.com"


def is_vouched(fact: Fact) -> bool:
    """Return whether the sender of a fact says that they verified whom it is about; a public form does not."""
    return not fact.source.endswith(FORM)


def facts_of(taken: Iterable[Step], crowd: str = "a", mode: str = "record", *, source: str = "") -> list[Fact]:
    """Return the facts of a history, after the registration of a recipient for each role; other crowds are others."""
    made = [*RECIPIENTS]
    taken = list(taken)
    people = {step.place: step.who for step in chain((Step("", who, 0, 0) for who in range(1, PEOPLE + 1)), taken)}
    for number, step in enumerate(taken):
        others = (name_of(people[(step.way + further) % PEOPLE + 1], crowd) for further in range(PEOPLE))
        other = next(name for name in others if name != name_of(step.who, crowd))
        made.append(_fact(number, step, crowd, other, mode, source or f"/{crowd}", made))
    return made


def _fact(  # noqa: PLR0913, PLR0917 - a step and what is around it
    number: int, step: Step, crowd: str, other: str, mode: str, source: str, before: list[Fact]
) -> Fact:
    kind, who, on, _ = step
    subject = own = f"visitor:{crowd}{who}" if kind in OF_VISITORS else name_of(who, crowd)
    if kind in {"out_at", "mail_at"}:
        subject = f"email:{_address(step, crowd)}"
    if kind == "annul":
        word, data, subject = _annulled(step, before, subject)
    else:
        word, data = _entry_corrected(step, before) if kind == "wrong_entry" else _said(step, crowd, other, own)
    about = None if kind == "release" else subject
    source += FORM if kind == "link_form" else ""
    return fact(word, on, {**data, "mode": mode}, subject=about, fact_id=f"{number}-{kind}", source=source)


def _said(step: Step, crowd: str, other: str, own: str) -> tuple[str, dict[str, Any]]:
    kind, _, _, way = step
    if kind in ACTS:
        return "collection", _collected(kind, way, _address(step, crowd))
    program, reference, request = PROGRAMS[way % 2], {"reference": f"R-{way % 3}"}, {"request": f"Q-{way % 2}"}
    used = {"purpose": PURPOSES[way], "categories": CATEGORIES[way % 5]}
    link = {"with": other, "verified": "merge"}
    to = {"to": f"email:{_address(step, crowd)}"}
    words: dict[str, tuple[str, dict[str, Any]]] = {
        "out": ("opt_out", {"program": program, "via": "portal"}),
        "mail": ("message", _mailed(way)),
        "enroll": ("enrollment", {"program": program, "cause": CAUSES[way % 5]}),
        "use": ("use", {**used, **(reference if way % 2 else {})}),
        "share": ("share", {**used, **reference, "recipient": ("carrier", "helpdesk", "advertiser")[way % 3]}),
        "lawful_share": ("share", {"recipient": "authority", "categories": CATEGORIES[way % 5], **LAWFUL}),
        "cancel": ("order_cancelled", reference),
        "offer": ("opt_out_offer", {"purpose": "print_posters"}),
        "object": ("objection", {"purpose": "print_posters"}),
        "age": ("age_learned", {"under": 13}),
        "access": ("access_request", request),
        "verify": ("identity_verification", {**request, "method": "mail", "passed": way > 0}),
        "report": ("access_report_issued", request),
        "ask_correction": ("correction_request", {**request, "category": CORRECTED[way % 4], "shows_error": True}),
        "correct": ("correction", {**request, "category": CORRECTED[way % 4], "value": "A"}),
        "decline": ("correction_declined", {**request, "reason": "no"}),
        "ask_erasure": ("erasure_request", request),
        "deny": ("request_denied", {**request, "reason": "no"}),
        "erase": ("erasure", {"reason": "asked"}),
        "erase_asked": ("erasure", {"reason": "asked", **request}),
        "erase_only": ("erasure", {"reason": "asked", "only": True, **(request if way % 3 else {})}),
        "delete": _deleted(way),
        "link": ("link", link),
        "unlink": ("unlink", {"with": link["with"], "reason": "two people"}),
        "link_form": ("link", link),
        "end": ("name_ended", {"name": own if way < 4 else to["to"], "reason": "given to somebody else"}),
        "out_at": ("opt_out", {"program": program, "via": "portal"}),
        "out_to": ("opt_out", {"program": PROGRAMS[0], "via": "unsubscribe_link", **to}),
        "mail_at": ("message", {**_mailed(way), "channel": "email"}),
        "mail_to": ("message", {**_mailed(way), "channel": "email", **to}),
        "confirm": ("contact_confirmed", {"contact": to["to"], "method": "contact_confirmed"}),
        "beside": ("record_read", {"reader": "helpdesk", "purpose": "answer_message", "also": [to["to"]]}),
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


def _entry_corrected(step: Step, before: list[Fact]) -> tuple[str, dict[str, Any]]:
    """Declare one of the last collections wrong, of any customer; or an unknown one."""
    entries = [fact for fact in before if fact.type == "pledger.collection.v1"][-step.way - 1 :]
    entry = {"source": entries[0].source, "id": entries[0].id} if entries else {"source": "/no", "id": "such"}
    return "entry_correction", {"entry": entry, "reason": "mistyped"}


def _annulled(step: Step, before: list[Fact], own: str) -> tuple[str, dict[str, Any], str]:
    """Annul one of the last facts that protect somebody, under the name that it was told under; or an unknown one."""
    entries = [fact for fact in before if fact.type in PROTECTING][-step.way - 1 :]
    entry = {"source": entries[0].source, "id": entries[0].id} if entries else {"source": "/no", "id": "such"}
    return "entry_correction", {"entry": entry, "reason": "a mix-up"}, str(entries[0].subject) if entries else own


def _deleted(way: int) -> tuple[str, dict[str, Any]]:
    """Delete some categories, of one collection that may not be told yet, or of all; or say that another system did."""
    cited = {"relying_on": {"act": ACTS[way % 3], "reference": f"R-{way % 3}"}} if way % 2 else {}
    elsewhere = {"held_in": "vault"} if way in {0, 5} else {}
    data = {"categories": (CORRECTED[way % 4], "user.payment"), "reason": "no longer needed", **cited, **elsewhere}
    return ("data_anonymised" if way == 5 else "data_deleted"), data


def _released(way: int, crowd: str) -> dict[str, Any]:
    """Return a table of one crowd's counts, with or without their sum."""
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


def _address(step: Step, crowd: str) -> str:
    """Return the address that somebody gives: their own, or one that all of their crowd share."""
    return own_address(step.place, crowd) if step.way % 2 else f"{crowd}.all@example.com"


def _collected(act: str, way: int, address: str) -> dict[str, Any]:
    values = {NAME: "A", **({EMAIL: address} if way % 3 else {}), **({ADDRESS: "B"} if way % 2 else {})}
    asked = {"requests": [["updates"], ["catalog"], []][way % 3]} if act == "registration" else {}
    point = {"collection_point": "web", "notice": "2016-03-14"}
    # What another system holds, which a deletion of its own may name.
    elsewhere = {"values": {**values, "user.payment": None}, "held_in": "vault"} if way in {2, 5} else {}
    return {"act": act, "reference": f"R-{way % 3}", "values": values, **point, **asked, **elsewhere}
