"""Facts over HTTP: one, a batch, in binary mode; asked, enforced, repeated; and each answer's shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from adapters.http.append_tokens import AppendTokens
from domain.vocabulary import EMAIL
from tests.controls import cloud_event, fact
from tests.http.conftest import entry, share
from tests.reading import size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation

SINGLE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
NOTHING_ODD: dict[str, Any] = {
    "reasons": [],
    "findings": [],
    "unread": [],
    "not_linked": [],
    "later": [],
    "took_later": False,
    "notes": [],
}
INCOMPLETE = "is not valid JSON (EOF while parsing an object at line 1 column 1)"


def test_one_fact(client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation) -> None:
    """A fact is answered with 201 and its receipt, the same again with 200 and the same receipt, and is stored once."""
    headers = {**key(), **SINGLE}
    first = client.post("/v1/events", content=json.dumps(entry("a")), headers=headers)
    assert first.status_code == 201
    token = AppendTokens(installation.keyring.append_tokens).write(size_of(installation))
    assert first.json() == {"fact": "/shop a", "at_least": token, "repeated": False, **NOTHING_ODD}
    before = size_of(installation)
    again = client.post("/v1/events", content=json.dumps(entry("a")), headers=headers)
    assert (again.status_code, again.json()) == (200, {**first.json(), "repeated": True})
    assert size_of(installation) == before


def test_who_told_it(client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation) -> None:
    """The event names the key's holder as its actor."""
    assert client.post("/v1/events", json=entry("a"), headers=key(label="till 4")).status_code == 201
    with installation.connect() as connection:
        assert connection.execute("SELECT DISTINCT actor FROM events WHERE position > 1").fetchall() == [("till 4",)]


def test_findings(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """What is recorded and breaks a promise is stored, and the receipt says which and why."""
    headers = key()
    client.post("/v1/events", json=entry("a", act="order"), headers=headers)
    told = client.post("/v1/events", json=share("s", reference="a"), headers=headers)
    assert told.status_code == 201
    found = {one["promise"]: one for one in told.json()["findings"]}
    assert found["P05"]["events"] == ["/shop a"]
    assert found["P05"]["why"].endswith(".")


def test_an_answer_that_names_an_earlier_fact(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """What a finding rests on goes by its name in receipts, batches, repeats and decisions."""
    headers = key()
    client.post("/v1/events", json=entry("a", act="order"), headers=headers)
    sent = share("s", reference="a")
    decided = client.post("/v1/decisions", json=sent, headers=headers).json()
    (in_batch,) = client.post("/v1/events", json=[sent], headers=headers).json()["answers"]
    again = client.post("/v1/events", json=sent, headers=headers).json()
    for answer in (decided, in_batch["receipt"], again):
        assert {name for one in answer["findings"] for name in one["events"]} == {"/shop a"}


def test_a_value_that_is_no_address(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """It is stored, and the answer names the category."""
    values = {"user.contact.email": "ada at example", "user.contact.phone_number": "+441632960001"}
    told = client.post("/v1/events", json=entry("a", values=values), headers=key())
    assert (told.status_code, told.json()["unread"]) == (201, ["user.contact.email"])
    (note,) = told.json()["notes"]
    assert note.startswith("The value of user.contact.email is not one address or number.")


def test_only_an_officer_learns_of_other_records(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """An erasure or a report names them to an officer, and says to no service whether there are any."""
    officer, service = key(Role.OFFICER, "officer"), key()
    told = [entry("a"), entry("b") | {"subject": "guest:F-1"}, cloud_event("access_request", "q")]
    assert client.post("/v1/events", json=told, headers=service).status_code == 200
    reported = client.post("/v1/events", json=cloud_event("access_report_issued", "r"), headers=officer).json()
    asked = client.post("/v1/events", json=cloud_event("access_report_issued", "r"), headers=service)
    erased = client.post("/v1/events", json=cloud_event("erasure", "e"), headers=officer).json()
    for receipt in (reported, erased):
        assert receipt["stays_open"]
        assert len(receipt["elsewhere"]) == 1
        assert receipt["elsewhere"][0] in " ".join(receipt["notes"])
    assert len(erased["erased"]) == 1
    alone = [entry("c", values={EMAIL: "alone@example.org"}), cloud_event("access_request", "q-3")]
    report = cloud_event("access_report_issued", "r-3") | {"subject": "customer:3"}
    client.post("/v1/events", json=[{**one, "subject": "customer:3"} for one in alone], headers=service)
    other = client.post("/v1/events", json=report, headers=service)
    said = [
        {what: one.json()[what] for what in one.json() if what not in {"fact", "at_least"}} for one in (asked, other)
    ]
    assert (asked.status_code, other.status_code) == (200, 201)
    assert said[0] == {**said[1], "repeated": True}


def test_a_report_names_other_records_beside_it(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """To an officer, in a header: the report itself is for the person."""
    officer = key(Role.OFFICER, "officer")
    told = [entry("a"), entry("b") | {"subject": "guest:F-1"}]
    client.post("/v1/events", json=told, headers=key())
    path = "/v1/customers/customer:1/report?purpose=support"
    given = client.get(path, headers=officer)
    other = client.get("/v1/customers/guest:F-1/timeline", headers=officer)
    assert given.headers["Pledger-Elsewhere"].startswith("id:")
    assert given.headers["Pledger-Elsewhere"].removeprefix("id:") not in given.text
    assert given.headers["Pledger-Elsewhere"].removeprefix("id:") in other.text
    auditor = client.get(path, headers=key(Role.AUDITOR, "auditor", sealed_values=True))
    assert (auditor.status_code, "Pledger-Elsewhere" in auditor.headers) == (200, False)


def test_enforced(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """What is to be enforced and would break a promise is a problem that names the promise; so is the repeat."""
    headers = key()
    for _ in range(2):
        told = client.post("/v1/events", json=share("s", mode="enforce"), headers=headers)
        assert told.status_code == 403
        assert told.headers["content-type"] == "application/problem+json"
        problem = told.json()
        assert (problem["code"], problem["type"], problem["status"]) == ("refused", "/problems/refused", 403)
        assert "registry" in problem["promises"]


def test_enforced_of_somebody_erased(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation
) -> None:
    """What is told late of the erased and refused is the same problem as any other refusal; so is the repeat."""
    headers = key()
    client.post("/v1/events", json=entry("a"), headers=headers)
    installation.ledger.append(fact("erasure", 200, {"reason": "asked"}, fact_id="erase"))
    for _ in range(2):
        told = client.post("/v1/events", json=share("s", mode="enforce"), headers=headers)
        assert (told.status_code, told.json()["code"]) == (403, "refused")


def test_a_batch(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Each fact of a batch has its own answer, in order; a bad one and a refused one hold up no other."""
    events: list[Any] = [entry("a"), {"id": "b"}, share("c", mode="enforce"), entry("d"), entry("a"), 7]
    told = client.post("/v1/events", content=json.dumps(events), headers={**key(), **BATCH})
    assert told.status_code == 200
    answers = told.json()["answers"]
    assert [one["status"] for one in answers] == [201, 422, 403, 201, 200, 422]
    assert answers[3]["receipt"]["fact"] == "/shop d"
    assert answers[1]["problem"]["errors"] == [{"where": "type", "what": "is missing"}]
    assert client.post("/v1/events", json=events, headers=key()).json()["answers"][0]["status"] == 200


def test_binary_mode(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """The attributes as headers and the data as body are the same fact as the structured one."""
    fact = entry("a é%")
    attributes = {f"ce-{name}": value for name, value in fact.items() if name != "data"} | {"ce-id": "a%20%C3%A9%25"}
    headers = {**key(), **attributes, "Content-Type": "application/json"}
    told = client.post("/v1/events", content=json.dumps(fact["data"]), headers=headers)
    assert told.status_code == 201, told.text
    assert client.post("/v1/events", json=fact, headers=key()).json()["repeated"]
    wrong = client.post("/v1/events", content="{", headers=headers)
    assert (wrong.status_code, wrong.json()["errors"]) == (422, [{"where": "data", "what": INCOMPLETE}])


def test_asking(client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation) -> None:
    """A decision says whether, and which promises stand against it, and nothing is stored."""
    headers = key()
    before = size_of(installation)
    assert client.post("/v1/decisions", json=entry("a"), headers=headers).json() == {
        "fact": "/shop a",
        "allowed": True,
        "reasons": [],
        "findings": [],
    }
    told = client.post("/v1/decisions", json=share("s"), headers=headers).json()
    assert not told["allowed"]
    assert {one["promise"] for one in told["findings"]} >= {"registry"}
    assert client.post("/v1/decisions", json=[entry("a")], headers=headers).status_code == 422
    assert size_of(installation) == before


@pytest.mark.parametrize(
    "body",
    [
        *("", "[", "[1", "[1,]", "[,]", "[1 2]", "[1]x", "nothing", "{}", "[" * 5_000, '"\ud800"', "\x00", "1e999"),
        *('{"specversion": "1.0"}', '{"type": ["pledger.collection.v1"]}', "[[]]"),
    ],
)
@pytest.mark.parametrize("media", ["application/json", "application/cloudevents+json", BATCH["Content-Type"]])
def test_what_is_no_fact(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation, body: str, media: str
) -> None:
    """A body that is not a fact gets a 4xx, or an answer, that says what is wrong; nothing is stored."""
    headers = {**key(), "Content-Type": media}
    told = client.post("/v1/events", content=body.encode(errors="surrogatepass"), headers=headers)
    problems = [one["problem"] for one in told.json()["answers"]] if told.status_code == 200 else [told.json()]
    for problem in problems:
        assert 400 <= problem["status"] < 500
        assert problem["code"] == "malformed_fact"
        assert problem["detail"]
        assert problem["hint"]
    assert size_of(installation) == 1


def test_other_media(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A form, a text or nothing at all is refused by its type."""
    for media in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        told = client.post("/v1/events", content=b"{}", headers={**key(), "Content-Type": media})
        assert (told.status_code, told.json()["code"]) == (415, "media_type_not_supported")


def test_conflict(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Another fact under the same name is a conflict."""
    headers = key()
    client.post("/v1/events", json=entry("a"), headers=headers)
    told = client.post("/v1/events", json=entry("a", act="order"), headers=headers)
    assert (told.status_code, told.json()["code"]) == (409, "fact_conflict")


def test_conflict_and_repeat_after_an_erasure(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation
) -> None:
    """The same fact is a repeat that stands nowhere; an id that was the erased one's is a conflict, not a repeat."""
    headers, sent = key(), entry("a")
    client.post("/v1/events", json=sent, headers=headers)
    installation.ledger.append(fact("erasure", 99, {"reason": "asked"}, subject=sent["subject"]))
    again = client.post("/v1/events", json=sent, headers=headers)
    receipt = {"fact": "/shop a", "at_least": None, "repeated": True, **NOTHING_ODD}
    assert (again.status_code, again.json()) == (200, receipt)
    told = client.post("/v1/events", json={**sent, "subject": "customer:another"}, headers=headers)
    assert (told.status_code, told.json()["code"]) == (409, "fact_conflict")
    assert "somebody else" in told.json()["detail"]
    assert "an id of its own" in told.json()["hint"]


def test_no_value_in_an_error(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A bad fact is described by its fields; nothing of what it holds comes back."""
    fact = {**entry("a"), "marked-field": "marked-value", "time": "marked-time"}
    told = client.post("/v1/events", json=fact, headers=key())
    assert told.status_code == 422
    assert "marked-value" not in told.text
    assert "marked-time" not in told.text
