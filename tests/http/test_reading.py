"""What the server tells of persons, lists and the company: true as of any moment, in pages that hold still."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from adapters.ledger import utc_now
from projections import engine
from tests.controls import cloud_event, verified
from tests.http.conftest import entry, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from adapters.bootstrap import Installation

MARK = "marked-value@example.org"
_JSON = {"Content-Type": "application/json"}
Headers = dict[str, str]


@pytest.fixture
def officer(key: Callable[..., Headers]) -> Headers:
    """Return an officer's header."""
    return key(Role.OFFICER, "clerk-7")


@pytest.fixture
def shop(client: httpx.Client, key: Callable[..., Headers], installation: Installation) -> Callable[..., str]:
    """Return a function that appends facts as a shop, reads them into the read models, and gives the last token."""
    headers = key()

    def append(*facts: dict[str, Any], reads: bool = True) -> str:
        told = client.post("/v1/events", json=list(facts), headers=headers).json()["answers"]
        assert {one["status"] for one in told} <= {200, 201}, told
        if reads:
            catch_up(installation)
        return str(told[-1]["receipt"]["at_least"])

    return append


def catch_up(installation: Installation) -> None:
    """Bring the read models up to the log."""
    with installation.connect() as connection:
        engine.prepare(connection)
        engine.catch_up(connection)


def at(fact: dict[str, Any], time: str) -> dict[str, Any]:
    """Return a fact at another time."""
    return {**fact, "time": time}


def left(name: str, time: str = "2016-05-01T00:00:00Z", customer: int = 1) -> dict[str, Any]:
    """Return an unsubscription."""
    return cloud_event("opt_out", name, time, f"customer:{customer}", program="email_marketing", via="unsubscribe_link")


def pages(client: httpx.Client, path: str, what: str, headers: Headers, **asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Walk over a list."""
    cursor: str | None = None
    for _ in range(100):
        told = client.get(path, params={**asked, **({"cursor": cursor} if cursor else {})}, headers=headers)
        assert told.status_code == 200, told.text
        assert told.headers["cache-control"] == "no-store"
        yield from told.json()[what]
        cursor = told.json()["next"]
        if cursor is None:
            return
    pytest.fail("the list has no end")


def test_a_person_as_of_any_moment(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """Subscriptions, sharing and holdings are those of the time or the position that is asked about."""
    shop(entry("a", act="order"))
    path = "/v1/customers/customer:1"
    first = int(client.get(f"{path}/subscriptions", headers=officer).headers["pledger-position"])
    shop(at(share("s", reference="a"), "2016-04-20T00:00:00Z"), left("b"))
    told = client.get(f"{path}/subscriptions", headers=officer)
    assert told.json()["now"] == {"email_marketing": "opted_out"}
    assert [one["state"] for one in told.json()["changes"]] == ["enrolled", "opted_out"]
    assert int(told.headers["pledger-position"]) > first
    for moment in (str(first), "2016-04-03T00:00:00Z", "2016-04-03T02:00:00+02:00"):
        then = client.get(f"{path}/subscriptions", params={"as_of": moment}, headers=officer).json()
        assert (then["now"], then["as_of"]) == ({"email_marketing": "enrolled"}, moment)
        assert client.get(f"{path}/sharing", params={"as_of": moment}, headers=officer).json()["shares"] == []
    (shared,) = client.get(f"{path}/sharing", headers=officer).json()["shares"]
    assert (shared["recipient"], "P05" in shared["broken"]) == ("ads", True)
    held = client.get(f"{path}/holdings", headers=officer)
    assert [one["category"] for one in held.json()["holdings"]] == ["user.contact.email"]
    assert MARK not in held.text
    assert client.get(f"{path}/holdings", params={"as_of": 0}, headers=officer).json()["holdings"] == []


def test_who_is_owed_peace_is_never_shown_as_simply_enrolled(
    client: httpx.Client, shop: Callable[..., str], officer: Headers
) -> None:
    """An opt-out told of an address ends no enrollment: subscriptions and report say beside it what is owed."""
    address = "email:marked-value@example.org"
    shop(entry("a"), {**left("b"), "subject": address})
    told = client.get("/v1/customers/customer:1/subscriptions", headers=officer).json()
    owed = {"email_marketing": "2016-05-01T00:00:00Z"}
    assert (told["now"], told["owed"]) == ({"email_marketing": "enrolled"}, owed)
    before = client.get("/v1/customers/customer:1/subscriptions", params={"as_of": 2}, headers=officer).json()
    assert before["owed"] == {}
    path = "/v1/customers/customer:1/report?purpose=support&format="
    report = {kind: client.get(path + kind, headers=officer) for kind in ("json", "text", "html")}
    assert report["json"].json()["subscriptions"]["owed"] == owed
    assert "to be left alone since" in report["text"].text
    assert "you are to be left alone" in report["html"].text.lower()


def test_the_timeline(client: httpx.Client, shop: Callable[..., str], key: Callable[..., Headers]) -> None:
    """Every event of a person, in order of world time however it arrived, with findings and without what is sealed."""
    shop(entry("a", act="order"), left("b"), at(share("s", reference="a"), "2016-04-20T00:00:00Z"), reads=False)
    told = client.get("/v1/customers/customer:1/timeline", headers=key(Role.AUDITOR))
    events = told.json()["events"]
    assert events[0]["event"] == "DataCollected.v1"
    times = [one["time"] for one in events]
    assert times == sorted(times)
    shared = next(one for one in events if one["event"] == "DataShared.v1")
    assert (shared["fact"], shared["actor"]) == ("/shop s", "checkout")
    assert shared["data"]["findings"]
    assert MARK not in told.text
    assert [one["event"] for one in pages_of(client, key(Role.AUDITOR), 1)] == [one["event"] for one in events]


def pages_of(client: httpx.Client, headers: Headers, limit: int) -> list[dict[str, Any]]:
    """Return the timeline of customer 1 by pages of a size."""
    return list(pages(client, "/v1/customers/customer:1/timeline", "events", headers, limit=limit))


def test_names_and_ids(
    client: httpx.Client, key: Callable[..., Headers], installation: Installation, officer: Headers
) -> None:
    """A name in a body resolves to an id, which asks the same. Unknown and malformed names resolve to no customer."""
    vouches = key(vouch=True)
    assert client.post(
        "/v1/events", json=entry("a", also=[f"email:{MARK}", verified(f"order:{MARK}")]), headers=vouches
    ).is_success
    catch_up(installation)
    told = client.post("/v1/customers/resolve", json={"customer": f"order:{MARK}"}, headers=officer)
    person = told.json()["customer"]
    assert person.removeprefix("id:") in told.json()["streams"]
    by_id = client.get(f"/v1/customers/{person}/subscriptions", headers=officer).json()
    by_name = client.get("/v1/customers/customer:1/subscriptions", headers=officer).json()
    assert by_id["changes"] == by_name["changes"]
    for name in (
        "customer:2",
        f"email:{MARK}",
        "marked",
        "email:marked@b.org",
        "id:marked",
        "customer:%ED%A0%80",
        "order:/a/b c",
    ):
        unknown = client.get(f"/v1/customers/{name}/timeline", headers=officer)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_customer"), unknown.text
        assert "marked" not in unknown.text
    lone = client.post("/v1/customers/resolve", content=b'{"customer": "\\ud800"}', headers={**officer, **_JSON})
    assert lone.status_code in {404, 422}


def test_ids_that_are_no_customers(
    client: httpx.Client, key: Callable[..., Headers], officer: Headers, installation: Installation
) -> None:
    """The ids of the company's stream and of a browser's do not name a customer, for any question."""
    cookie = cloud_event("cookie_set", "v", purpose="statistics")
    told = client.post("/v1/events", json={**cookie, "subject": "visitor:v-1"}, headers=key())
    assert told.status_code == 201, told.text
    with installation.connect() as connection:
        streams = connection.execute("SELECT DISTINCT stream_id FROM events").fetchall()
    assert len(streams) == 2
    for (stream,) in streams:
        for what in ("subscriptions", "sharing", "holdings", "timeline", "report?purpose=x"):
            told = client.get(f"/v1/customers/id:{stream}/{what}", headers=officer)
            assert (told.status_code, told.json()["code"]) == (404, "unknown_customer")


def test_pages_of_one_moment(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """What is appended while somebody walks over a list is on no page of that walk, wherever it would have stood."""
    shop(entry("a"), *(at(share(f"s-{day}"), f"2016-05-{day:02}T00:00:00Z") for day in range(10, 20)))
    path = "/v1/customers/customer:1/sharing"
    for asked in ({}, {"as_of": "2017-01-01T00:00:00Z"}):
        walk = pages(client, path, "shares", officer, limit=3, **asked)
        seen = [next(walk)["fact"] for _ in range(4)]
        shop(
            at(share(f"early-{len(asked)}"), "2016-04-10T00:00:00Z"),
            at(share(f"l-{len(asked)}"), "2016-06-01T00:00:00Z"),
        )
        seen += [one["fact"] for one in walk]
        now = [one["fact"] for one in pages(client, path, "shares", officer, limit=1000, **asked)]
        assert len(now) == len(seen) + 2
        assert [one for one in now if one in seen] == seen


def test_bad_cursors(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """A cursor that was made up, or belongs to another query, is refused."""
    shop(entry("a"), *(share(f"s-{n}") for n in range(3)))
    path = "/v1/customers/customer:1/sharing"
    for cursor in ("", "x", "marked", "e30", "bnVsbA", "é", "a" * 600, "eyJxdWVzdGlvbiI6ICJ4In0"):
        told = client.get(path, params={"cursor": cursor, "limit": 1}, headers=officer)
        assert (told.status_code, told.json()["code"] in {"bad_cursor", "malformed_request"}) == (422, True)
        assert "marked" not in told.text
    good = client.get(path, params={"limit": 1}, headers=officer).json()["next"]
    for elsewhere, asked in (("timeline", {}), ("sharing", {"as_of": "1"})):
        told = client.get(f"/v1/customers/customer:1/{elsewhere}", params={"cursor": good, **asked}, headers=officer)
        assert (told.status_code, told.json()["code"]) == (422, "bad_cursor")
    assert client.get(path, params={"cursor": good, "limit": 1}, headers=officer).status_code == 200


NOT_ASKED: list[tuple[dict[str, str], str, str | None]] = [
    ({"as_of": "marked"}, "bad_as_of", None),
    ({"as_of": "2016-04-02T10:15:00"}, "bad_as_of", None),
    ({"as_of": "99"}, "not_yet_written", None),
    ({"at_least": "99"}, "not_yet_written", None),
    ({"at_least": "-1"}, "malformed_request", "query.at_least"),
    ({"at_least": "9999999999999999999"}, "malformed_request", "query.at_least"),
    ({"at_least": "marked-is-not-of-this-ledger-any"}, "malformed_request", "query.at_least"),
    ({"limit": "0"}, "malformed_request", "query.limit"),
    ({"limit": "marked"}, "malformed_request", "query.limit"),
    ({"limit": "1001"}, "malformed_request", "query.limit"),
    ({"as-of": "marked"}, "malformed_request", "query"),
    ({"marked": "1"}, "malformed_request", "query"),
]


@pytest.mark.parametrize(
    "path", ["customers/customer:1/sharing", "customers/customer:1/timeline", "suppressions", "requests"]
)
def test_what_cannot_be_asked(client: httpx.Client, shop: Callable[..., str], officer: Headers, path: str) -> None:
    """Each error has a code and names the parameter; a misspelt one is not ignored; nothing is quoted."""
    shop(entry("a"))
    for asked, code, where in NOT_ASKED:
        told = client.get(f"/v1/{path}", params=asked, headers=officer)
        assert (told.status_code, told.json()["code"]) == (422, code), asked
        assert [one["where"] for one in told.json().get("errors", [])] == ([where] if where else [])
        assert "marked" not in told.text


def test_at_least(client: httpx.Client, shop: Callable[..., str], officer: Headers, installation: Installation) -> None:
    """A question with the token of an append waits until the answer includes it, or fails after a while."""
    shop(entry("a"))
    left_at = shop(left("b"), reads=False)
    path = "/v1/customers/customer:1/subscriptions"
    assert client.get(path, headers=officer).json()["now"] == {"email_marketing": "enrolled"}
    threading.Timer(0.3, catch_up, (installation,)).start()
    told = client.get(path, params={"at_least": left_at}, headers=officer)
    assert told.json()["now"] == {"email_marketing": "opted_out"}
    position = int(told.headers["pledger-position"])
    assert client.get(path, params={"at_least": position}, headers=officer).json() == told.json()
    later = shop(share("s"), reads=False)
    behind = client.get(path, params={"at_least": later}, headers=officer)
    assert (behind.status_code, behind.json()["code"]) == (503, "projection_behind")
    assert "retry-after" in behind.headers


def test_the_report_is_recorded(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """A report holds the values, and that it was read, by whom and what for, is on the record from then on."""
    shop(entry("a"))
    path = "/v1/customers/customer:1/report"
    told = client.get(path, params={"purpose": "support"}, headers=officer)
    assert (told.status_code, MARK in told.text) == (200, True)
    page = client.get(path, params={"purpose": "support", "format": "html"}, headers=officer)
    assert page.headers["content-type"].startswith("text/html")
    text = client.get(path, params={"purpose": "support", "format": "text"}, headers=officer)
    assert (MARK in page.text, MARK in text.text) == (True, True)
    assert {one.headers["cache-control"] for one in (told, page, text)} == {"no-store"}
    events = list(pages(client, "/v1/customers/customer:1/timeline", "events", officer))
    reads = [one for one in events if one["event"] == "RecordRead.v1"]
    assert [one["data"]["purpose"] for one in reads] == ["support"] * 3
    assert {one["actor"] for one in reads} == {"clerk-7"}
    assert {one["fact"].split()[0] for one in reads} == {"/pledger/reads"}


def test_who_is_given_a_report(client: httpx.Client, shop: Callable[..., str], key: Callable[..., Headers]) -> None:
    """An auditor needs a grant, and without a purpose nobody is given one; then nothing is recorded either."""
    shop(entry("a"))
    path = "/v1/customers/customer:1/report"
    told = client.get(path, params={"purpose": "audit"}, headers=key(Role.AUDITOR))
    assert (told.status_code, told.json()["code"], MARK in told.text) == (403, "outside_of_scope", False)
    granted = key(Role.AUDITOR, "auditor", sealed_values=True)
    for asked in ({}, {"purpose": ""}, {"purpose": "a\0"}, {"purpose": "x" * 256}, {"purpose": "x", "format": "pdf"}):
        assert client.get(path, params=asked, headers=granted).status_code == 422
    assert client.get(path, params={"purpose": "x", "as_of": 99}, headers=granted).status_code == 422
    assert client.get(path.replace(":1", ":2"), params={"purpose": "x"}, headers=granted).status_code == 404
    events = list(pages(client, "/v1/customers/customer:1/timeline", "events", granted))
    assert "RecordRead.v1" not in {one["event"] for one in events}
    assert MARK in client.get(path, params={"purpose": "audit"}, headers=granted).text


def test_an_erased_person(
    client: httpx.Client, shop: Callable[..., str], officer: Headers, installation: Installation
) -> None:
    """Their names resolve to nobody; by id, the history is coded and the report holds nothing personal."""
    shop(entry("a", also=[f"email:{MARK}"]), left("b"))
    person = client.post("/v1/customers/resolve", json={"customer": "customer:1"}, headers=officer).json()["customer"]
    erasure = cloud_event("erasure", "e", utc_now().isoformat(), reason="asked")
    assert client.post("/v1/events", json=erasure, headers=officer).status_code == 201
    catch_up(installation)
    for name in ("customer:1", f"email:{MARK}"):
        assert client.get(f"/v1/customers/{name}/timeline", headers=officer).status_code == 404
    timeline = client.get(f"/v1/customers/{person}/timeline", headers=officer).json()
    assert timeline["events"][-1]["event"] == "CustomerErased.v1"
    assert client.get(f"/v1/customers/{person}/subscriptions", headers=officer).json()["erased_by"] == "#5"
    report = client.get(f"/v1/customers/{person}/report", params={"purpose": "support"}, headers=officer)
    assert (report.status_code, MARK in report.text) == (200, False)


def test_the_suppression_list(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """All who left are on some page once; from its position on, the changes tell who came after, by program."""
    addresses = [{"user.contact.email": f"{n}-{MARK}"} for n in range(9)]
    shop(*({**entry(f"e-{n}", values=addresses[n]), "subject": f"customer:{n}"} for n in range(9)))
    shop(*(left(f"l-{n}", customer=n) for n in range(7)))
    listed = list(pages(client, "/v1/suppressions", "entries", officer, limit=2, program="email_marketing"))
    assert len({one["person"] for one in listed}) == len(listed) == 7
    assert list(pages(client, "/v1/suppressions", "entries", officer, program="physical_mailings")) == []
    position = client.get("/v1/suppressions", headers=officer).json()["position"]
    shop(left("l-7", customer=7))
    found, after = [], position
    while True:
        told = client.get("/v1/suppressions/changes", params={"since": after, "limit": 1}, headers=officer).json()
        found += told["changes"]
        after = told["position"]
        if told["is_all"]:
            break
    assert [(one["state"], one["owed"]) for one in found] == [("listed", "email_marketing")]
    assert client.get("/v1/suppressions/changes", params={"since": 999}, headers=officer).status_code == 422
    assert client.get("/v1/suppressions", params={"program": "marked"}, headers=officer).status_code == 422


def test_requests(client: httpx.Client, shop: Callable[..., str], officer: Headers) -> None:
    """Requests come by deadline, in pages, judged at one moment; as of a time, as they stood then."""
    shop(
        entry("a"),
        *(cloud_event("access_request", f"r-{n}", f"2016-05-0{n + 1}T00:00:00Z", request=f"r-{n}") for n in range(5)),
    )
    told = client.get("/v1/requests", headers=officer).json()
    assert [one["request"] for one in told["requests"]] == [f"r-{n}" for n in range(5)]
    assert told["counts"]["access"]["overdue"] == 5
    names = [one["request"] for one in pages(client, "/v1/requests", "requests", officer, limit=2)]
    assert names == [f"r-{n}" for n in range(5)]
    then = client.get("/v1/requests", params={"as_of": "2016-05-03T00:00:00Z"}, headers=officer).json()
    assert [one["state"] for one in then["requests"]] == ["open"] * 3
    assert then["judged_at"] == "2016-05-03T00:00:00Z"
    some = client.get("/v1/requests", params={"state": ["open", "due"], "answer_within_days": 3650}, headers=officer)
    assert {one["state"] for one in some.json()["requests"]} <= {"open", "due"}


def test_connections_that_were_ended(
    client: httpx.Client, shop: Callable[..., str], officer: Headers, installation: Installation
) -> None:
    """A server whose connections the database ended goes on over new ones, and no request fails."""
    shop(entry("a"))
    path = "/v1/customers/customer:1/timeline"
    assert client.get(path, headers=officer).status_code == 200
    with installation.database.connect_as_owner() as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert client.get(path, headers=officer).status_code == 200
