"""Generated facts of a few people who share addresses, told in any order, with corrections of any of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import cancellation, collection, fact, link, message, opt_out, unlink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.facts import Fact

ADDRESSES: Final = {"customer:1": "one@marker.test", "customer:2": "two@marker.test", "guest:g": "all@marker.test"}
NAMES: Final = tuple(ADDRESSES)
ACTS: Final = ("order", "contest_entry", "catalog_request", "promotional_request", "registration", "gift")
ASKING: Final = (*ACTS[:4], "registration", "cancel", "out", "enroll", "mail", "mail")
OF_ADDRESSES: Final = (
    "order",
    "contest_entry",
    "promotional_request",
    "out_at",
    "out_at",
    "confirm",
    "mail_at",
    "mail",
)
OF_RIGHTS: Final = ("order", "gift", "access", "verify", "report", "offer", "object", "use", "use", "share")
CORRECTIONS: Final = ("wrong", "wrong", "wrong")
PARTING: Final = ("link", "link", "unlink", "unlink")
DAYS: Final = 10


def facts_of(
    seed: int, kinds: Sequence[str], *, least: int = 3, most: int = 8, names: Sequence[str] = NAMES[:2]
) -> list[Fact]:
    """Return facts in the order in which they are told: those of a correction's entry before or behind it."""
    chosen = random.Random(seed)  # noqa: S311 - any history will do
    told: list[Fact] = []
    for number in range(chosen.randint(least, most)):
        kind = chosen.choice(kinds)
        on = chosen.randint(1, DAYS) + chosen.choice((0, 0, 0.5))
        who = chosen.choice(names) if chosen.random() < 0.8 else chosen.choice(NAMES)
        address = chosen.choice((ADDRESSES.get(who, f"{who[-1]}@marker.test"), ADDRESSES["guest:g"]))
        made = _MADE.get(kind, _collected)
        found = made(chosen, kind, on, f"email:{address}", {"subject": who, "fact_id": f"{kind}-{number}"}, told)
        told += [found] if found else []
    if chosen.random() < 0.5:
        chosen.shuffle(told)
    return told


def _collected(chosen: random.Random, kind: str, on: float, address: str, named: dict[str, str], _: list[Fact]) -> Fact:
    given = ({EMAIL}, {EMAIL, ADDRESS}, {ADDRESS, NAME})
    every = {EMAIL: address.removeprefix("email:"), ADDRESS: "1 Lantern Row", NAME: "Ada Example"}
    values = {category: every[category] for category in sorted(chosen.choice(given))}
    more: dict[str, Any] = {"source": "customer:9"} if kind == "gift" else {}
    if kind == "registration":
        more["requests"] = chosen.choice((["updates"], ["catalog"], []))
    return collection(kind, on, reference=_reference(chosen), values=values, **more, **named)


def _wrong(chosen: random.Random, _: str, on: float, __: str, named: dict[str, str], told: list[Fact]) -> Fact | None:
    """Correct any fact told so far, the correction of another one too."""
    if not told:
        return None
    entry = chosen.choice(told)
    data = {"entry": {"source": entry.source, "id": entry.id}, "reason": "a mix-up"}
    return fact("entry_correction", on, data, subject=str(entry.subject), fact_id=named["fact_id"])


def _out_at(_: random.Random, __: str, on: float, address: str, named: dict[str, str], ___: list[Fact]) -> Fact:
    data = {"program": "email_marketing", "via": "portal"}
    return fact("opt_out", on, data, subject=address, fact_id=named["fact_id"])


def _out(chosen: random.Random, _: str, on: float, __: str, named: dict[str, str], ___: list[Fact]) -> Fact:
    program = chosen.choice(("email_marketing", "email_marketing", "physical_mailings"))
    if program == "physical_mailings":
        return opt_out(on, program, **named)
    return fact("opt_out", on, {"program": program, "via": "portal"}, **named)


def _enrolled(chosen: random.Random, _: str, on: float, __: str, named: dict[str, str], ___: list[Fact]) -> Fact:
    cause = chosen.choice(("contest_entry", "purchase", "import", "registration"))
    program = chosen.choice(("email_marketing", "physical_mailings"))
    reference = {"reference": _reference(chosen)} if chosen.random() < 0.4 else {}
    return fact("enrollment", on, {"program": program, "cause": cause, **reference}, **named)


def _used(chosen: random.Random, kind: str, on: float, _: str, named: dict[str, str], __: list[Fact]) -> Fact:
    purposes = ("deliver_order",) if kind == "share" else ("deliver_order", "run_contest", "deliver_ads")
    data = {"purpose": chosen.choice(purposes), "categories": [ADDRESS if kind == "share" else EMAIL]}
    data |= {"recipient": "post"} if kind == "share" else {}
    data |= {"reference": _reference(chosen)} if chosen.random() < 0.5 else {}
    return fact(kind, on, data, **named)


def _said(word: str, **data: Any) -> Callable[..., Fact]:  # noqa: ANN401 - the data of a fact
    def made(chosen: random.Random, _: str, on: float, address: str, named: dict[str, str], __: list[Fact]) -> Fact:
        given = {"request": lambda: _reference(chosen), "contact": lambda: address}
        whole = {name: given[name]() if value is None else value for name, value in data.items()}
        return fact(word, on, whole, **named)

    return made


def _reference(chosen: random.Random) -> str:
    return chosen.choice(("R-0", "R-1"))


def _parted(_: random.Random, kind: str, on: float, __: str, named: dict[str, str], ___: list[Fact]) -> Fact:
    """Link or part the two with a number."""
    one, two = NAMES[:2]
    return (link if kind == "link" else unlink)(on, two, subject=one, fact_id=named["fact_id"])


_MADE: Final[dict[str, Callable[..., Fact | None]]] = {
    "wrong": _wrong,
    "out": _out,
    "out_at": _out_at,
    "enroll": _enrolled,
    "use": _used,
    "share": _used,
    "cancel": lambda chosen, _, on, __, named, ___: cancellation(on, _reference(chosen), **named),
    "mail": lambda chosen, _, on, __, named, ___: message(
        on, channel=chosen.choice(("email", "email", "post")), **named
    ),
    "mail_at": lambda _, __, on, address, named, ___: message(on, subject=address, fact_id=named["fact_id"]),
    "link": _parted,
    "unlink": _parted,
    "confirm": _said("contact_confirmed", contact=None, method="contact_confirmed"),
    "access": _said("access_request", request=None),
    "verify": _said("identity_verification", request=None, method="login", passed=True),
    "report": _said("access_report_issued", request=None),
    "offer": _said("opt_out_offer", purpose="deliver_ads"),
    "object": _said("objection", purpose="deliver_ads"),
}
