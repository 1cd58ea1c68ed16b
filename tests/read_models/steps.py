"""Generated histories: a step is a kind of fact, about one of three people, on a day, in one of four ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.facts import Fact
    from tests.read_models.conftest import History

Step = tuple[str, int, int, int]

CONTACTS: Final = ("user.contact.address", "user.contact.email", "user.name")
CORRECTED: Final = ("user.contact", "user.contact.email", "user.name", "user")
PROGRAMS: Final = ("email_marketing", "physical_mailings")
COLLECTIONS: Final = ("order", "contest_entry", "promotional_request", "catalog_request", "registration", "gift")
SUBSCRIBING: Final = (*COLLECTIONS, "cancel", "out", "out", "enroll", "import", "age", "message", "link", "erase")
LEAVING: Final = (*COLLECTIONS, "contest_entry", "catalog_request", "cancel", *("out",) * 6, "enroll", "enroll", "link")
ASKING: Final = ("access", "correct", "erase_me", "verify", "report", "corrected", "declined", "denied")
KINDS: Final = (*SUBSCRIBING, *ASKING, "share", "lawful_share", "wrong_entry", "read")


def steps(kinds: Iterable[str] = KINDS, least: int = 10, most: int = 40) -> st.SearchStrategy[list[Step]]:
    """Give histories of some kinds of step; one that is named twice comes twice as often."""
    one = st.tuples(st.sampled_from(list(kinds)), st.integers(1, 3), st.integers(1, 9), st.integers(1, 4))
    return st.lists(one, min_size=least, max_size=most)


def facts_of(history: History, taken: Iterable[Step], crowd: str) -> list[Fact]:
    """Make the facts of a history, after the registration of a court; people of another crowd are others."""
    court = {"recipient": "court", "roles": ["authority"], "categories": ["user"]}
    told = [history.fact("recipient_registered", None, 1, **court)]
    for step in taken:
        told.append(_fact(history, step, crowd, told))
    return told


def _fact(history: History, step: Step, crowd: str, told: list[Fact]) -> Fact:
    kind, number, day, other = step
    who = f"customer:{crowd}-{number}"
    if kind in COLLECTIONS:
        return _collected(history, kind, who, day, other)
    if kind in ASKING:
        return _asked(history, kind, who, day, other)
    program = PROGRAMS[other % 2]
    cause = ("contest_entry", "promotional_request", "purchase", "catalog_request")[other - 1]
    shared = ["user.name", "user.payment"]
    lawful = {"purpose": "legal_obligation", "kind": "legal_obligation"}
    sent = {"purpose": "direct_marketing", "unsubscribe_link": other > 1, "message_id": "m"}
    entries = [fact for fact in told if fact.type == "pledger.collection.v1"][-other:]
    entry = {"source": entries[0].source, "id": entries[0].id} if entries else {"source": "/no", "id": "such"}
    others: dict[str, tuple[str, dict[str, Any]]] = {
        "cancel": ("order_cancelled", {"reference": f"R-{other}"}),
        "out": ("opt_out", {"program": program, "via": "portal"}),
        "enroll": ("enrollment", {"program": program, "cause": cause}),
        "import": ("enrollment", {"program": program, "cause": "import"}),
        "age": ("age_learned", {"under": 13}),
        "message": ("message", {"channel": ("email", "post")[other % 2], **sent}),
        "link": ("objection", {"purpose": "deliver_ads", "also": [f"customer:{crowd}-{other}"]}),
        "erase": ("erasure", {"reason": "asked"}),
        "share": ("share", {"recipient": f"r{other}", "categories": shared, "purpose": "deliver_order"}),
        "lawful_share": ("share", {"recipient": "court", "categories": shared, **lawful}),
        "wrong_entry": ("entry_correction", {"entry": entry, "reason": "mistyped"}),
        "read": ("record_read", {"reader": "clerk", "purpose": "answer_message"}),
    }
    word, data = others[kind]
    return history.fact(word, who, day, **data)


def _collected(history: History, kind: str, who: str, day: float, other: int) -> Fact:
    """Collect one to three categories, with values that nothing else has."""
    values = {category: f"{category} {history.next_number()}" for category in CONTACTS[: 1 + other % 3][::-1]}
    more: dict[str, Any] = {"values": values}
    if kind == Act.REGISTRATION:
        more["requests"] = ["updates"] if other % 2 else ["catalog"]
    return history.collection(kind, who, day, f"R-{other}", **more)


def _asked(history: History, kind: str, who: str, day: float, other: int) -> Fact:
    """Ask for something, or answer it, under one of two names."""
    request = {"request": f"q-{other % 2}"}
    about = {"category": CORRECTED[other - 1]}
    words: dict[str, tuple[str, dict[str, Any]]] = {
        "access": ("access_request", {}),
        "correct": ("correction_request", {**about, "shows_error": True}),
        "erase_me": ("erasure_request", {}),
        "verify": ("identity_verification", {"method": "passport", "passed": other > 1}),
        "report": ("access_report_issued", {}),
        "corrected": ("correction", {**about, "value": f"right {history.next_number()}"}),
        "declined": ("correction_declined", {"reason": "no"}),
        "denied": ("request_denied", {"reason": "no"}),
    }
    word, data = words[kind]
    return history.fact(word, who, day, **request, **data)
