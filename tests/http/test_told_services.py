"""What a service learns from answers about who is not in a program: one reason, and nothing by which to tell why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.outbox.destinations import LedgerDestination
from adapters.outbox.rows import OutboxRow
from tests.controls import cloud_event, lines
from tests.http.conftest import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation

SHARED = {"user.contact.email": "shared@example.org", "user.contact.address": "1 Quay Lane"}
OWN = {"user.contact.email": "own@example.org", "user.contact.address": "2 Quay Lane"}
CHANNELS = {"email": "email_marketing", "post": "physical_mailings"}
STRANGER, LEFT, SHARES = "customer:1", "customer:2", "customer:3"


def mail(to: str, channel: str, name: str = "m", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a message of a channel's program to somebody."""
    given = {"program": CHANNELS[channel], "channel": channel, "purpose": "direct_marketing", "message_id": "m-1"}
    return {**cloud_event("message", name, 9, **given, unsubscribe_link=True, **data), "subject": to}


@pytest.fixture
def told(client: httpx.Client, key: Callable[..., dict[str, str]]) -> httpx.Client:
    """Tell of a stranger, of somebody who left, and of somebody who has the address of another who left."""
    headers = key()
    facts = [
        entry("a", act="registration", values=OWN) | {"subject": STRANGER},
        entry("b", act="contest_entry", values=SHARED) | {"subject": LEFT},
        entry("c", act="catalog_request", values=SHARED) | {"subject": LEFT},
        entry("d", act="registration", values=SHARED) | {"subject": SHARES},
        *(
            cloud_event("opt_out", f"left-{program}", 5, program=program, via="unsubscribe_link") | {"subject": LEFT}
            for program in CHANNELS.values()
        ),
    ]
    answers = client.post("/v1/events", json=facts, headers=headers).json()["answers"]
    assert [one["status"] for one in answers] == [201] * len(facts)
    return client


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("who", [LEFT, SHARES])
def test_a_service_cannot_tell_who_left(
    told: httpx.Client, key: Callable[..., dict[str, str]], who: str, channel: str
) -> None:
    """Decision, receipt and refusal about somebody who left are those about somebody who was never in the program."""
    service = key()
    for mode in ({}, {"mode": "enforce"}):
        answers = []
        for to in (STRANGER, who):
            sent = mail(to, channel, f"m-{to}-{mode}", **mode)
            decided = told.post("/v1/decisions", json=sent, headers=service).json()
            appended = told.post("/v1/events", json=sent, headers=service)
            (in_batch,) = told.post("/v1/events", json=[sent], headers=service).json()["answers"]
            assert decided.pop("allowed") is False
            assert decided["reasons"] == ["not_subscribed"]
            of_batch = in_batch.get("receipt", in_batch.get("problem"))
            answers.append((appended.status_code, *map(_nameless, (decided, appended.json(), of_batch))))
        assert answers[0] == answers[1]
        assert not {"P11", "P17", "P18", "P20", "opt"} & set(_words(answers))


def test_what_else_is_wrong_is_named(told: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A mail without its link breaks P17 whoever gets it; that has its promise and its code beside the one reason."""
    sent = {**mail(LEFT, "email")}
    sent["data"] |= {"unsubscribe_link": False, "mode": "enforce"}
    problem = told.post("/v1/events", json=sent, headers=key()).json()
    assert (problem["promises"], set(problem["reasons"])) == (["P17"], {"not_subscribed", "no_unsubscribe_link"})
    assert problem["codes"] == problem["reasons"]


def test_an_enrollment_of_somebody_who_left(told: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """The same holds of an enrollment that is sent: the answer says that they are not in the program."""
    data = {"program": "email_marketing", "cause": "contest_entry", "reference": "b", "mode": "enforce"}
    sent = {**cloud_event("enrollment", "e", 9, **data), "subject": LEFT}
    problem = told.post("/v1/events", json=sent, headers=key()).json()
    assert (problem["promises"], problem["reasons"]) == ([], ["not_subscribed"])


@pytest.mark.parametrize("cause", ["contest_entry", "purchase"])
def test_whose_opt_out_keeps_somebody_out_is_not_told(
    client: httpx.Client, key: Callable[..., dict[str, str]], cause: str
) -> None:
    """Who left themself, has an address that was opted out, or one of somebody who left gets the same answers.

    An enrollment is not allowed in any of the cases, as the contract says, and the answers hold nothing else.
    """
    service, act = key(), {"contest_entry": "contest_entry", "purchase": "order"}[cause]
    asked = {"act": act, "reference": "R-1", "online": False}
    left, bound, guest = "customer:11", "customer:12", "guest:g"
    emails = {left: "left@example.org", bound: "bound@example.org", guest: "left@example.org"}
    out = {"program": "email_marketing", "via": "portal"}
    facts = [
        *(
            cloud_event("collection", f"{act}-{who}", day, **asked, values={"user.contact.email": emails[who]})
            | {"subject": who}
            for day, who in ((1, left), (6, bound), (6, guest))
        ),
        cloud_event("opt_out", "of-them", 5, **out) | {"subject": left},
        cloud_event("opt_out", "of-address", 5, **out) | {"subject": "email:bound@example.org"},
    ]
    answers = client.post("/v1/events", json=facts, headers=service).json()["answers"]
    assert [one["status"] for one in answers] == [201] * len(facts)
    found = []
    for who in emails:
        data = {"program": "email_marketing", "cause": cause, "reference": "R-1"}
        sent = {**cloud_event("enrollment", f"e-{who}", 9, **data, mode="enforce"), "subject": who}
        decided = client.post("/v1/decisions", json=sent, headers=service).json()
        refused = client.post("/v1/events", json=sent, headers=service)
        found.append((refused.status_code, _nameless(decided), _nameless(refused.json())))
    assert found[0][1]["reasons"] == ["not_subscribed"]
    assert found == [found[0]] * len(emails)


def test_a_parked_row_of_a_relay(told: httpx.Client, installation: Installation) -> None:
    """The reason in a shop's own outbox is the one reason as well."""
    texts = [lines(mail(to, "email", f"row-{to}", mode="enforce")) for to in (STRANGER, LEFT, SHARES)]
    rows = [OutboxRow(number, None, 0, text) for number, text in enumerate(texts, 1)]
    results = LedgerDestination(installation.ledger).deliver(rows).results
    assert {one.reason for one in results} == {"refused: it would break what the policy promises: not_subscribed"}
    assert all(one.is_parked for one in results)
    assert told.get("/health").status_code == 200


def _nameless(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in {"fact", "at_least"}}


def _words(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return [word for one in value.values() for word in _words(one)]
    if isinstance(value, list | tuple):
        return [word for one in value for word in _words(one)]
    return str(value).replace(",", " ").split()
