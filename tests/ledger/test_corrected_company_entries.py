"""Corrected entries about the company and about browsers, in a ledger: audits and lists say what a trace says."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.ledger import Receipt
from adapters.queries.audits import audit_scope
from adapters.queries.company_record import company_record
from adapters.queries.signals import signal_on_record
from domain.audit.question import Question
from domain.errors import PledgerError
from domain.vocabulary import ADDRESS, NAME
from tests.controls import (
    TEXT_DIGEST,
    VERSION,
    VISITOR,
    contest_entry,
    day,
    fact,
    message,
    order,
    point,
    point_closed,
    posted,
    published,
    recipient,
    removed,
    share,
    use,
    wrong_entry,
)
from tests.laws.audit import audit
from tests.ledger.test_read_anew import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.bootstrap import Installation
    from domain.facts import Fact

AS_OF = 400
KINDS = ("registered", "ended", "point", "closed", "posted", "removed", "published", "attested", "incident", "released")
ACTS = ("order", "share", "use", "cookie", "refused", "signal", "mail", "asked")


def facts_of(seed: int) -> list[Fact]:
    """Return facts about the company, a browser and people, with corrections of the former two, in any order."""
    chosen = random.Random(seed)  # noqa: S311 - any history will do
    told: list[Fact] = []
    for number in range(chosen.randint(10, 18)):
        on = chosen.randint(1, 8) + chosen.choice((0, 0, 0.5))
        kind = chosen.choice((*KINDS, *ACTS))
        told.append(_MADE[kind](chosen, on).model_copy(update={"id": f"{kind}-{number}"}))
    for entry in chosen.sample(told, 5):
        if entry.type.split(".")[1] not in {"collection", "share", "use", "message"}:
            subject = str(entry.subject) if entry.subject else None
            told.append(wrong_entry(chosen.randint(1, 9), entry.id, subject))
    if chosen.random() < 0.6:
        chosen.shuffle(told)
    return told


def _attested(chosen: random.Random, on: float) -> Fact:
    until = day(on + chosen.choice((2, 500))).isoformat()
    if chosen.random() < 0.3:
        return fact("site_reviewed", on, {"finding": "well", "until": until})
    return fact(
        "security_attested", on, {"kind": chosen.choice(("physical", "electronic", "managerial")), "until": until}
    )


def _released(chosen: random.Random, on: float) -> Fact:
    cells = [{"where": {"gender": "female"}, "count": chosen.choice((100, 95, 60, 3))}]
    return fact("aggregate_released", on, {"release": f"r{on:g}", "dimensions": ["gender"], "cells": cells})


def _published(chosen: random.Random, on: float) -> Fact:
    version, digest = chosen.choice(((VERSION, TEXT_DIGEST), (VERSION, "ab" * 32), ("2017-01-01", "cd" * 32)))
    return published(on, version, digest=digest)


def _cookie(_: random.Random, on: float) -> Fact:
    return fact("cookie_set", on, {"cookie": "c", "purpose": "track_visits", "categories": ["user.device.cookie_id"]})


_MADE: dict[str, Callable[[random.Random, float], Fact]] = {
    "registered": lambda chosen, on: recipient(
        on,
        "posty",
        chosen.choice(("carrier", "advertiser", "payment")),
        [NAME, ADDRESS],
        chosen.choice((None, "google")),
    ),
    "ended": lambda _, on: fact("recipient_ended", on, {"recipient": "posty"}),
    "point": lambda chosen, on: point(on, online=chosen.random() < 0.8),
    "closed": lambda _, on: point_closed(on),
    "posted": lambda chosen, on: posted(
        on, chosen.choice(("web", "web", "homepage")), chosen.choice((VERSION, "2017-01-01"))
    ),
    "removed": lambda chosen, on: removed(on, chosen.choice(("web", "homepage"))),
    "published": _published,
    "attested": _attested,
    "incident": lambda chosen, on: fact("incident", on, {"incident": "i", "unauthorised_reads": chosen.choice((0, 3))}),
    "released": _released,
    "order": lambda chosen, on: order(on, chosen.choice(("O-1", "O-2"))),
    "share": lambda _, on: share(on, "posty", [ADDRESS]),
    "use": lambda _, on: use(on, "deliver_order", [ADDRESS]),
    "cookie": _cookie,
    "refused": lambda _, on: fact("cookies_refused", on, {}),
    "signal": lambda chosen, on: fact("signal", on, {"signal": "gpc", "value": chosen.choice(("1", "0"))}),
    "mail": lambda _, on: message(on),
    "asked": lambda _, on: contest_entry(on),
}


def _first(installation: Installation) -> Fact:
    """Return the publication with which the ledger began."""
    policy = installation.policy
    data = {"version": policy.version, "digest": policy.digest}
    return fact("policy_published", policy.observed_at.isoformat(), data, source="/pledger/init", fact_id="first")


def _of_ledger(installation: Installation, as_of: float = AS_OF) -> dict[str, Any]:
    with installation.connect() as connection:
        scope = audit_scope(installation, connection, Question(day(as_of)), as_of=day(as_of))
        return ledgers.audit(replace(scope, reveals=True), workers=1)


@pytest.mark.parametrize("seed", range(24))
def test_a_ledger_and_a_trace_agree(installation: Installation, seed: int) -> None:
    """Generated histories of all that the company says, told as they come, with corrections before and behind."""
    told = facts_of(seed)
    answers = installation.ledger.append_many(told)
    assert not [one for one in answers if isinstance(one, PledgerError)]
    # A browser's facts are named by position in a ledger, and in a trace as they were sent.
    first = f"/pledger/init policy-{installation.policy.version}"
    names = {f'"#{one.position - one.events + 1}"': f'"{one.fact}"' for one in answers if isinstance(one, Receipt)}
    found = re.sub(r'"#[0-9]+"', lambda sent: names[sent.group()], json.dumps(_of_ledger(installation)))
    found = found.replace(first, "/pledger/init first")
    right = said(audit(_first(installation), *told, as_of=AS_OF).document)
    now = said(json.loads(found))
    for reading, verdicts in right["readings"].items():
        for promise, verdict in verdicts.items():
            assert now["readings"][reading][promise] == verdict, [(one.id, str(one.time)) for one in told]
    assert now == right


def test_what_the_company_sees(installation: Installation) -> None:
    """The register goes by what stands, the lists name what corrected an entry."""
    told = [
        recipient(1, "posty", "carrier", [ADDRESS]),
        fact("incident", 1, {"incident": "i", "unauthorised_reads": 3}, fact_id="incident"),
        wrong_entry(2, "incident"),
        fact("recipient_registered", 3, {"recipient": "b", "roles": ["carrier"], "categories": []}, fact_id="b"),
        wrong_entry(4, "b"),
    ]
    installation.ledger.append_many(told)
    with installation.connect() as connection:
        seen = company_record(installation, connection, None, 30, day(10))
    assert [one["name"] for one in seen["recipients"]] == ["posty"]
    assert [one["corrected_by"] for one in seen["incidents"]] == ["/shop wrong incident"]


def test_a_signal_that_was_none(installation: Installation) -> None:
    """What is on record of a browser's signal is the last one that nobody corrected, in every process."""
    ledger = installation.ledger
    on, off = (fact("signal", at, {"signal": "gpc", "value": value}) for at, value in ((1, "1"), (2, "0")))
    ledger.append_many([on, off])
    assert on.subject is not None
    assert signal_on_record(installation, on.subject).last is False
    ledger.append(wrong_entry(3, off.id, VISITOR))
    assert signal_on_record(installation, on.subject).last is True


def test_a_correction_that_waits(installation: Installation, other: Installation) -> None:
    """It is kept for another process, which meets the entry; the answer says that it waits."""
    receipts = [
        installation.ledger.append(wrong_entry(3, one, subject)) for one, subject in (("p", None), ("r", VISITOR))
    ]
    assert all(one.awaits for one in receipts)
    other.ledger.append_many(
        [
            fact("notice_posted", 1, {"location": "web", "version": VERSION}, fact_id="p"),
            fact("cookies_refused", 1, {}, fact_id="r"),
            _cookie(random.Random(0), 4),  # noqa: S311 - it is not looked at
        ]
    )
    found = _of_ledger(installation)
    assert {one["what"] for one in found["undone"]} == {"refusal"}
    assert found["readings"]["harmonised"]["P31"]["status"] != "broken"
