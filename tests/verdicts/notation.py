"""The short notation of the traces in `tests/verdicts`: a line a fact, which becomes a CloudEvent.

A line is a time (`04-02`, `04-02T10:15`; 2016 and noon unless it says otherwise), a name (`1` is a customer's number,
`a@` an address, `v1` a browser, `-` the company), a word, what the word takes in its order, and fields as `key=value`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE: Final = "/t"
VERSION: Final = "2016-03-14"
DIGEST: Final = "4a004dc226ab8b40b2ec598f4362a7bcef43f2bb6afc337dea58480922728e1f"
SHORT: Final = {
    "name": "user.name",
    "email": "user.contact.email",
    "address": "user.contact.address",
    "phone": "user.contact.phone_number",
    "contact": "user.contact",
    "payment": "user.payment",
    "content": "user.content",
    "gender": "user.demographic.gender",
    "behavior": "user.behavior",
    "cookie_id": "user.device.cookie_id",
}
ACTS: Final = {
    *("order", "gift", "contest_entry", "promotional_request", "catalog_request", "registration"),
    *("inbound_message", "account"),
}
PROGRAMS: Final = {"email": "email_marketing", "post": "physical_mailings"}
OF_ROLES: Final = {
    "carrier": ("name", "address", "phone"),
    "customs": ("name", "address", "phone"),
    "payment": ("name", "payment", "address"),
    "workshop": (),
    "mail_service": ("email",),
    "mailing_house": ("name", "address"),
    "helpdesk": ("email", "content"),
    "analytics": ("gender", "behavior"),
    "advertiser": (),
    "authority": ("user",),
}
"""What each role may have, as the wire contract lists it."""
WORDS: Final[dict[str, tuple[str, tuple[str, ...], dict[str, Any]]]] = {
    "use": ("use", ("purpose", "categories"), {}),
    "share": ("share", ("recipient", "purpose", "categories"), {}),
    "message": ("message", ("channel", "purpose"), {"unsubscribe_link": True, "message_id": "m"}),
    "mail": (
        "message",
        (),
        {
            "program": "email",
            "channel": "email",
            "purpose": "direct_marketing",
            "unsubscribe_link": True,
            "message_id": "m",
        },
    ),
    "post": (
        "message",
        (),
        {
            "program": "post",
            "channel": "post",
            "purpose": "direct_marketing",
            "unsubscribe_link": False,
            "message_id": "m",
        },
    ),
    "enroll": ("enrollment", ("program", "cause", "reference"), {}),
    "out": ("opt_out", ("program", "via"), {"via": "portal"}),
    "confirm": ("contact_confirmed", ("contact",), {"method": "contact_confirmed"}),
    "completed": ("order_completed", ("reference",), {}),
    "cancelled": ("order_cancelled", ("reference",), {}),
    "offer": ("opt_out_offer", ("purpose",), {}),
    "object": ("objection", ("purpose",), {}),
    "age": ("age_learned", (), {"under": 13}),
    "access": ("access_request", ("request",), {}),
    "ask_correction": ("correction_request", ("request", "category"), {"shows_error": True}),
    "ask_erasure": ("erasure_request", ("request",), {}),
    "withdraw": ("request_withdrawn", ("request",), {}),
    "verify": ("identity_verification", ("request",), {"method": "passport", "passed": True}),
    "report": ("access_report_issued", ("request",), {}),
    "correct": ("correction", ("request", "category", "value"), {"value": "new"}),
    "decline": ("correction_declined", ("request",), {"reason": "no error"}),
    "deny": ("request_denied", ("request",), {"reason": "unfounded"}),
    "erase": ("erasure", ("request",), {"reason": "asked"}),
    "delete": ("data_deleted", ("categories",), {"reason": "old"}),
    "annul": ("entry_correction", ("entry",), {"reason": "mistyped"}),
    "link": ("link", ("with",), {"verified": "login"}),
    "unlink": ("unlink", ("with",), {"reason": "two people"}),
    "ended": ("name_ended", ("name",), {"reason": "given up"}),
    "published": (
        "policy_published",
        ("version",),
        {"version": VERSION, "digest": "4a004dc226ab8b40b2ec598f4362a7bcef43f2bb6afc337dea58480922728e1f"},
    ),
    "posted": ("notice_posted", ("location", "version"), {"version": VERSION}),
    "removed": ("notice_removed", ("location", "version"), {"version": VERSION}),
    "point": ("collection_point_registered", ("collection_point",), {}),
    "closed": ("collection_point_closed", ("collection_point",), {}),
    "recipient": ("recipient_registered", ("recipient",), {}),
    "recipient_ended": ("recipient_ended", ("recipient",), {}),
    "purpose": ("purpose_registered", ("purpose",), {}),
    "released": ("aggregate_released", ("release",), {}),
    "attested": ("security_attested", ("kind", "until"), {}),
    "reviewed": ("site_reviewed", ("until",), {"finding": "nothing for children"}),
    "incident": ("incident", ("unauthorised_reads",), {"incident": "i"}),
    "cookie": ("cookie_set", ("purpose", "categories"), {"cookie": "sid"}),
    "refused": ("cookies_refused", (), {}),
    "signal": ("signal", ("signal",), {"value": True}),
    "forwarded": ("analytics_forwarded", ("categories",), {"recipient": "analytics", "server_side": False}),
    "identified": ("identifier_linked", ("to",), {}),
}
"""By word: the type of fact, what stands after the word, and what is so unless the line says otherwise."""


def fact_of(number: int, line: str) -> dict[str, Any]:
    """Return the CloudEvent of a line of a trace. Its id is its line, unless it says `id=`."""
    at, who, word, *rest = shlex.split(line)
    type_, takes, usual = ("collection", (), {}) if word in ACTS else WORDS[word]
    fields = [one for one in rest if _is_field(one, word)]
    plain = [one for one in rest if one not in fields]
    said: dict[str, Any] = {**usual, **dict(one.split("=", 1) for one in fields)}
    envelope = {"specversion": "1.0", "source": SOURCE, "id": said.pop("id", f"f{number}"), "time": time_of(at)}
    said |= _collected(word, plain, who) if word in ACTS else dict(zip(takes, plain, strict=False))
    if word == "recipient":
        said = {"roles": said["recipient"], "categories": ",".join(OF_ROLES.get(said["recipient"], ())), **said}
    if word == "released":
        public = said.pop("public", None)
        dimensions = [{"name": "area", "empty_is_public": public == "area"}] if public else "area"
        said |= {"dimensions": dimensions, "cells": [_cell(one) for one in plain[1:]]}
    subject = {} if who == "-" else {"subject": name_of(who)}
    data = {key: _value(key, value) for key, value in said.items()}
    return {**envelope, **subject, "type": f"pledger.{type_}.v1", "data": data}


def name_of(short: str) -> str:
    """Return the name that a short one stands for."""
    if short.endswith("@"):
        return f"email:{short}example.com"
    if short.startswith("v") and short[1:].isdigit():
        return f"visitor:{short}"
    return f"customer:{short}" if short.isdigit() else short


def time_of(short: str) -> str:
    """Return the time that a short one stands for."""
    day, _, clock = short.partition("T")
    year = "" if len(day) > len("04-02") else "2016-"
    clock = clock or "12:00"
    return f"{year}{day}T{clock}{':00' if clock.count(':') == 1 else ''}Z"


def _is_field(text: str, word: str) -> bool:
    key, is_said, _ = text.partition("=")
    return bool(is_said) and key not in SHORT and (word != "released" or key in {"recipient", "public"})


def _collected(act: str, plain: list[str], who: str) -> dict[str, Any]:
    reference, *given = plain
    values = {}
    for one in given:
        category, _, value = one.partition("=")
        value = value or ("c" + who if category == "email" else f"a {category}")
        is_local = category == "email" and "@" not in value
        values[_category(category)] = f"{value}@example.com" if is_local else value
    return {"act": act, "reference": reference, "collection_point": "web", "notice": VERSION, "values": values}


def _category(short: str) -> str:
    return SHORT.get(short, short)


def _cell(short: str) -> dict[str, Any]:
    """Return a cell: `north=12` counts twelve in the north, `all=40` all."""
    area, _, count = short.partition("=")
    return {"where": {"area": area} if area != "all" else {}, "count": int(count)}


def _cited(short: str) -> dict[str, str]:
    act, _, reference = short.partition("/")
    return {"act": act, "reference": reference}


def _words(short: str) -> list[str]:
    return [one for one in short.split(",") if one]


def _beside(short: str) -> list[str | dict[str, str]]:
    """Return further names: `a@` is a contact point, `2/login` a name that was verified so."""
    found: list[str | dict[str, str]] = []
    for one in short.split(","):
        name, is_verified, method = one.partition("/")
        found.append({"name": name_of(name), "verified": method} if is_verified else name_of(name))
    return found


_OF_FIELDS: Final[dict[str, Callable[[str], Any]]] = {
    "categories": lambda short: [_category(one) for one in _words(short)],
    "category": _category,
    **dict.fromkeys(("roles", "requests", "dimensions"), _words),
    "relying_on": lambda short: [_cited(one) for one in short.split(",")],
    "value_from": _cited,
    "entry": lambda short: {"source": SOURCE, "id": f"f{short}"},
    "program": lambda short: PROGRAMS.get(short, short),
    **dict.fromkeys(("to", "with", "contact", "name", "source"), name_of),
    "also": _beside,
    **dict.fromkeys(("until", "queued_at", "effective_from"), time_of),
    "unauthorised_reads": int,
}
"""By field, how its short form is read; what is in no list is a word, or true or false."""


def _value(key: str, value: Any) -> Any:  # noqa: ANN401 - what each field holds
    if not isinstance(value, str):
        return value
    if key in _OF_FIELDS:
        return _OF_FIELDS[key](value)
    return {"true": True, "false": False}.get(value, value)
