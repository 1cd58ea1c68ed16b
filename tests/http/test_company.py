"""The company's side over HTTP: its record, the policy, audits in a process of their own, rebuilds, and keys."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from domain.vocabulary import Reading
from projections import checkpoints, engine
from tests.controls import cloud_event
from tests.http.conftest import entry, share
from tests.http.test_reading import MARK, catch_up
from tests.serving import PATIENCE, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation
    from adapters.http.service import Service

Headers = dict[str, str]


@pytest.fixture
def told_of(client: httpx.Client, key: Callable[..., Headers]) -> Callable[..., None]:
    """Return a function that appends facts."""
    headers = key()

    def append(*facts: dict[str, Any]) -> None:
        told = client.post("/v1/events", json=list(facts), headers=headers).json()
        assert {one["status"] for one in told["answers"]} == {201}, told

    return append


def test_the_companys_record(client: httpx.Client, key: Callable[..., Headers]) -> None:
    """What is on the company's record, amiss and about to lapse, as of any moment; and the policy that it is under."""
    admin = key(Role.ADMIN)
    officer = key(Role.OFFICER)
    for kind in ("physical", "electronic", "managerial"):
        fact = cloud_event("security_attested", kind, kind=kind, until="2017-01-01T00:00:00Z")
        assert client.post("/v1/events", json=fact, headers=officer).status_code == 201
    told = client.get("/v1/company", params={"as_of": "2016-12-15T00:00:00Z", "within_days": 30}, headers=admin)
    assert {one["kind"] for one in told.json()["attestations"]} == {"physical", "electronic", "managerial"}
    assert "2017-01-01T00:00:00Z" in {one["at"] for one in told.json()["lapses"]}
    assert client.get("/v1/company", params={"as_of": "1"}, headers=admin).json()["attestations"] == []
    assert client.get("/v1/company", params={"as_of": "99"}, headers=admin).json()["code"] == "not_yet_written"
    policy = client.get("/v1/policy", headers=admin).json()
    assert (len(policy["promises"]), policy["version"] in policy["text"]) == (34, True)
    (published,) = client.get("/v1/company", headers=admin).json()["publications"]
    assert policy["text_digest"] == published["digest"]
    assert hashlib.sha256(policy["text"].encode()).hexdigest() == policy["digest"]


def test_an_audit(
    client: httpx.Client, key: Callable[..., Headers], told_of: Callable[..., None], installation: Installation
) -> None:
    """An audit names what was broken and by which fact, coded, the same each time and as a command would give it."""
    told_of(entry("a", act="order"), share("s", reference="a"), {**entry("b"), "subject": "customer:2"})
    auditor = key(Role.AUDITOR)
    told = client.get("/v1/audit", headers=auditor)
    assert told.status_code == 200, told.text
    document = told.json()
    assert client.get("/v1/audit", headers=auditor).json()["digest"] == document["digest"]
    assert told.headers["pledger-position"] == str(position(installation))
    assert MARK not in told.text
    broken = verdicts(document, "harmonised")
    assert broken["P05"] == "broken"
    asked = {"promise": ["P05", "P18"], "reading": ["strict"], "to": "2016-04-01T00:00:00Z"}
    some = client.get("/v1/audit", params=asked, headers=auditor).json()
    assert verdicts(some, "strict") == {"P05": "untested", "P18": "untested"}
    other = client.get("/v1/audit", params={"customer": "customer:2"}, headers=auditor).json()
    assert verdicts(other, "harmonised")["P05"] != "broken"


def verdicts(document: dict[str, Any], reading: str) -> dict[str, str]:
    """Return the verdict on each promise under a reading."""
    return {promise: told["status"] for promise, told in document["readings"][reading].items()}


def position(installation: Installation) -> int:
    """Return how long the log is."""
    with installation.connect() as connection:
        return checkpoints.size(connection)


NOT_AUDITED: list[tuple[dict[str, str], int, str]] = [
    ({"promise": "marked"}, 422, "no_such_promise"),
    ({"customer": "customer:marked"}, 404, "unknown_customer"),
    ({"customer": "marked"}, 404, "unknown_customer"),
    ({"reading": "marked"}, 422, "malformed_request"),
    ({"from": "2016-04-02"}, 422, "malformed_request"),
    ({"from": "2017-01-01T00:00:00Z", "to": "2016-01-01T00:00:00Z"}, 422, "malformed_request"),
    ({"as_of": "99"}, 422, "not_yet_written"),
    ({"since": "2016-01-01T00:00:00Z"}, 422, "malformed_request"),
]


def test_what_cannot_be_audited(client: httpx.Client, key: Callable[..., Headers]) -> None:
    """Each gets an error with its own code, which quotes nothing."""
    auditor = key(Role.AUDITOR)
    for asked, status, code in NOT_AUDITED:
        told = client.get("/v1/audit", params=asked, headers=auditor)
        assert (told.status_code, told.json()["code"]) == (status, code), asked
        assert "marked" not in told.text


def test_one_audit_at_a_time(client: httpx.Client, key: Callable[..., Headers], service: Service) -> None:
    """While one is under way another is sent away, and everything else is answered."""
    assert service.auditing.acquire(blocking=False)
    try:
        told = client.get("/v1/audit", headers=key(Role.AUDITOR))
        assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (429, "too_busy", "1")
        assert client.get("/health").status_code == 200
    finally:
        service.auditing.release()
    assert client.get("/v1/audit", headers=key(Role.AUDITOR)).status_code == 200


def test_rebuilding(
    client: httpx.Client,
    key: Callable[..., Headers],
    told_of: Callable[..., None],
    installation: Installation,
) -> None:
    """A rebuild begins, runs beside the server, and is reported when it has ended."""
    told_of(*(entry(f"e-{n}") for n in range(20)))
    catch_up(installation)
    operator = key(Role.OPERATOR)
    begun = client.post("/v1/projections/rebuild", params={"name": ["subscriptions", "people"]}, headers=operator)
    assert (begun.status_code, begun.json()) == (202, {"rebuilding": ["subscriptions", "people"]})
    eventually(lambda: client.get("/v1/projections", headers=operator).json()["rebuilt"])
    told = client.get("/v1/projections", headers=operator).json()
    assert {name: one["events"] > 0 for name, one in told["rebuilt"].items()} == {"subscriptions": True, "people": True}
    assert {one["projection"] for one in told["projections"]} == {one.name for one in engine.PROJECTIONS}
    assert {one["rebuilding"] for one in told["projections"]} == {None}
    unknown = client.post("/v1/projections/rebuild", params={"name": "marked"}, headers=operator)
    assert (unknown.status_code, unknown.json()["code"], "marked" in unknown.text) == (404, "unknown_projection", False)
    assert client.delete("/v1/projections/rebuild", headers=operator).json() == {"cancelled": []}


def test_a_rebuild_under_way(
    client: httpx.Client, key: Callable[..., Headers], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one is refused while the first goes on; one that is cancelled says so."""
    operator, go_on = key(Role.OPERATOR), threading.Event()
    rebuild = engine.rebuild

    def held_up(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever it is given
        go_on.wait(timeout=PATIENCE)
        return rebuild(*arguments, **options)

    monkeypatch.setattr("adapters.workers.rebuilder.engine.rebuild", held_up)
    try:
        assert client.post("/v1/projections/rebuild", headers=operator).status_code == 202
        told = client.post("/v1/projections/rebuild", headers=operator)
        assert (told.status_code, told.json()["code"]) == (409, "rebuild_running")
    finally:
        go_on.set()
    eventually(lambda: service.rebuilder.results)
    assert client.post("/v1/projections/rebuild", headers=operator).status_code == 202


def test_keys(client: httpx.Client, key: Callable[..., Headers]) -> None:
    """An admin makes a key that works within its scope; it is listed without its secret; revoked, it ends."""
    admin = key(Role.ADMIN)
    wanted = {"label": "till", "role": "service", "scope": {"sources": ["/shop"]}, "days": 3}
    made = client.post("/v1/keys", json=wanted, headers=admin)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    holder = {"Authorization": f"Bearer {made.json()['key']}"}
    assert client.post("/v1/events", json=entry("a"), headers=holder).status_code == 201
    outside = client.post("/v1/events", json={**entry("b"), "source": "/crm"}, headers=holder)
    assert outside.json()["code"] == "outside_of_scope"
    listed = client.get("/v1/keys", headers=admin)
    assert made.json()["key"].rpartition("_")[2] not in listed.text
    told = {one["name"]: one for one in listed.json()["keys"]}[made.json()["name"]]
    assert (told["label"], told["role"], told["scope"]["sources"]) == ("till", "service", ["/shop"])
    assert told["expires_at"] > told["created_at"]
    name = made.json()["name"]
    assert client.delete(f"/v1/keys/{name}", headers=admin).json() == {"revoked": name}
    eventually(lambda: client.post("/v1/events", json=entry("c"), headers=holder).status_code == 401)


NOT_MADE: list[tuple[object, str]] = [
    ({}, "malformed_request"),
    ({"label": "x", "role": "marked"}, "malformed_request"),
    ({"label": "", "role": "service"}, "malformed_request"),
    ({"label": "a\0b", "role": "service"}, "malformed_request"),
    ({"label": "x", "role": "service", "days": 0}, "malformed_request"),
    ({"label": "x", "role": "service", "marked": 1}, "malformed_request"),
    ({"label": "x", "role": "service", "scope": {"marked": ["x"]}}, "malformed_request"),
    ({"label": "x", "role": "service", "scope": {"sealed_values": True}}, "grant_not_for_role"),
    ([], "malformed_request"),
]


def test_keys_that_are_not_made(client: httpx.Client, key: Callable[..., Headers]) -> None:
    """What is wrong is named, and there are no more keys than before."""
    admin = key(Role.ADMIN)
    for wanted, code in NOT_MADE:
        told = client.post("/v1/keys", json=wanted, headers=admin)
        assert (told.status_code, told.json()["code"]) == (422, code), wanted
        assert "marked" not in told.text
    assert len(client.get("/v1/keys", headers=admin).json()["keys"]) == 1
    for name in ("00000000", "marked"):
        gone = client.delete(f"/v1/keys/{name}", headers=admin)
        assert (gone.status_code in {404, 422}, "marked" in gone.text) == (True, False)


def test_every_reading_can_be_asked_for(client: httpx.Client, key: Callable[..., Headers]) -> None:
    """One reading alone is answered with that one."""
    auditor = key(Role.AUDITOR)
    for reading in Reading:
        told = client.get("/v1/audit", params={"reading": reading.value}, headers=auditor).json()
        assert set(told["readings"]) == {reading.value}
