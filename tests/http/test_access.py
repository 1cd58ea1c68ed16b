"""Who may call what: every endpoint by every role, scopes, and keys that are wrong, ended or revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys import keys
from adapters.api_keys.roles import APPENDS, Role, Scope, objections
from adapters.http.security import OPEN, admitted
from adapters.ledger import utc_now
from domain.facts import SHAPES
from domain.vocabulary import Program
from tests.controls import CUSTOMER, VISITOR, cloud_event, example, wrong_entry
from tests.examples import EXAMPLES
from tests.http.conftest import MATRIX, entry, routes, share

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from fastapi import FastAPI

    from adapters.bootstrap import Installation
    from adapters.http.service import Service


def endpoints(app: FastAPI) -> dict[tuple[str, str], frozenset[Role]]:
    """Return every endpoint that the app routes to, in the schema or not, with the roles that it admits."""
    found = {}
    for route in routes(app):
        for method in set(getattr(route, "methods", None) or {"?"}) - {"HEAD"}:
            path = getattr(route, "path", "?").replace(":path", "")
            found[method, path] = admitted(getattr(route, "endpoint", None))
    return found


def test_the_page_has_every_endpoint_with_its_roles(app: FastAPI) -> None:
    """An endpoint that nobody decided about fails this test."""
    assert endpoints(app) == MATRIX
    assert {endpoint for endpoint, roles in MATRIX.items() if not roles} == OPEN


@pytest.mark.parametrize("role", Role)
def test_every_role_at_every_endpoint(
    client: httpx.Client, app: FastAPI, service: Service, key: Callable[..., dict[str, str]], role: Role
) -> None:
    """A role is let in exactly where the matrix says; without a key nobody is, but at the open ones."""
    headers = key(role)
    assert client.post("/v1/events", json=entry("a"), headers=key()).status_code == 201
    links = service.unsubscriber.headers_for("customer:1", Program.EMAIL_MARKETING, "https://shop.example", "m-1")
    token = links.footer_url.rpartition("/")[2]
    for method, path in sorted(endpoints(app)):
        asked = path.format(token=token, customer="customer:1", name="00000000")
        bare, told = client.request(method, asked), client.request(method, asked, headers=headers)
        if (method, path) in OPEN:
            assert (bare.status_code, told.status_code) == (200, 200)
            continue
        assert (bare.status_code, bare.json()["code"]) == (401, "key_not_valid")
        assert bare.headers["www-authenticate"] == "Bearer"
        is_kept_out = told.status_code == 403 and told.json()["code"] == "role_not_allowed"
        assert is_kept_out is (role not in MATRIX[method, path]), (method, path)


@pytest.mark.parametrize("word", sorted(EXAMPLES))
def test_which_role_appends_what(word: str) -> None:
    """Services tell of customers and browsers, officers of requests, admins of the company, and others of nothing."""
    fact = example(word)
    may = {role for role in Role if not objections(role, Scope(), fact)}
    # Of corrections an admin tells those about the company, and the example is about a person.
    others = {Role.ADMIN} if word == "entry_correction" else set()
    assert may == {role for role, types in APPENDS.items() if fact.type in types} - others
    assert may
    assert not may & {Role.AUDITOR, Role.OPERATOR}
    assert set().union(*APPENDS.values()) == set(SHAPES)


@pytest.mark.parametrize(
    ("subject", "roles"),
    [
        (None, {Role.OFFICER, Role.ADMIN}),
        (VISITOR, {Role.SERVICE, Role.OFFICER}),
        (CUSTOMER, {Role.SERVICE, Role.OFFICER}),
    ],
)
def test_who_corrects_which_entries(subject: str | None, roles: set[Role]) -> None:
    """Who tells facts about the company corrects them, services correct what they tell, and officers all."""
    told = wrong_entry(1, "entry", subject)
    assert {role for role in Role if not objections(role, Scope(), told)} == roles
    elsewhere = Scope(sources=("/contest",))
    assert objections(Role.OFFICER, elsewhere, told)


def test_a_fact_that_is_not_the_roles(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """An officer's key appends no collection, a service's no erasure, and no fact about the company."""
    for role, fact in (
        (Role.OFFICER, entry("a")),
        (Role.SERVICE, cloud_event("erasure", "b", reason="asked")),
        (Role.SERVICE, cloud_event("incident", "c", incident="i")),
    ):
        told = client.post("/v1/events", json={k: v for k, v in fact.items() if v is not None}, headers=key(role))
        assert (told.status_code, told.json()["code"]) == (403, "outside_of_scope")
        assert told.json()["errors"][0]["where"] == "type"


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        ({"sources": ["/crm"]}, "source"),
        ({"collection_points": ["till"]}, "data.collection_point"),
        ({"collection_points": []}, "data.collection_point"),
    ],
)
def test_a_scope(client: httpx.Client, key: Callable[..., dict[str, str]], scope: dict[str, Any], where: str) -> None:
    """What lies outside of a key's scope is refused, in a batch by itself, and when it is asked about."""
    headers = key(**scope)
    for path in ("/v1/events", "/v1/decisions"):
        told = client.post(path, json=entry("a"), headers=headers)
        assert (told.status_code, [one["where"] for one in told.json()["errors"]]) == (403, [where])
    assert client.post("/v1/events", json=[entry("a")], headers=headers).json()["answers"][0]["status"] == 403


def test_purposes_and_recipients(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A share is refused for its purpose and its recipient together, and let in where both are the key's."""
    told = client.post("/v1/events", json=share("s"), headers=key(purposes=["x"], recipients=["y"]))
    assert [one["where"] for one in told.json()["errors"]] == ["data.purpose", "data.recipient"]
    headers = key(purposes=["deliver_ads"], recipients=["ads"], sources=["/shop"])
    assert client.post("/v1/events", json=share("s"), headers=headers).status_code == 201


def test_a_scope_bounds_what_a_key_annuls(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A key of one source annuls no entry of another, nor asks whether it may; its own, it does; an officer any."""
    told = [entry("a"), {**entry("b"), "source": "/contest"}]
    assert client.post("/v1/events", json=told, headers=key()).status_code == 200
    contest, officer = key(sources=["/contest"]), key(Role.OFFICER, "clerk", sources=["/contest"])

    def annulled(entry_source: str, name: str, fact_id: str) -> dict[str, Any]:
        named = {"source": entry_source, "id": name}
        return cloud_event("entry_correction", fact_id, entry=named, reason="mistyped") | {"source": "/contest"}

    for path in ("/v1/events", "/v1/decisions"):
        refused = client.post(path, json=annulled("/shop", "a", "x"), headers=contest)
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_of_scope")
        assert [one["where"] for one in refused.json()["errors"]] == ["data.entry.source"]
    assert client.post("/v1/events", json=annulled("/contest", "b", "y"), headers=contest).status_code == 201
    assert client.post("/v1/events", json=annulled("/shop", "a", "z"), headers=officer).status_code == 201


def test_what_takes_the_grant_under_an_address(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Any service's key tells what is about the address and what the company did; what closes takes a voucher."""
    bare, granted = key(), key(vouch=True)
    for word in ("access_request", "opt_out", "message", "use"):
        told = {**cloud_event(word, word), "subject": "email:ada@example.org"}
        assert client.post("/v1/events", json=told, headers=bare).status_code == 201, word
    for word in ("request_denied", "access_report_issued", "request_withdrawn", "age_learned"):
        told = {**cloud_event(word, word), "subject": "email:ada@example.org"}
        refused = client.post("/v1/events", json=told, headers=bare)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_vouched"), word
        assert "guest:" in refused.json()["hint"]
        assert client.post("/v1/decisions", json=told, headers=bare).json()["code"] == "not_vouched"
    assert client.post("/v1/events", json=told, headers=granted).status_code == 201


def test_the_grant_to_vouch(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Without it a link is stored and not made, and values under an address are refused; with it both are heard."""
    linked = {"also": [{"name": "customer:2", "verified": "login"}]}
    of_address = entry("b") | {"subject": "email:ada@example.org"}
    bare, granted = key(), key(vouch=True)
    told = client.post("/v1/events", json=entry("a", **linked), headers=bare)
    assert (told.status_code, told.json()["not_linked"]) == (201, ["not_vouched"])
    refused = client.post("/v1/events", json=of_address, headers=bare)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_vouched")
    assert "ada@" not in refused.text
    told = client.post("/v1/events", json=entry("c", **linked), headers=granted)
    assert (told.status_code, told.json()["not_linked"]) == (201, [])
    assert client.post("/v1/events", json=of_address, headers=granted).status_code == 201
    answers = client.post("/v1/events", json=[{**of_address, "id": "d"}, entry("e")], headers=bare).json()["answers"]
    assert [one["status"] for one in answers] == [403, 201]


def test_who_may_be_granted_to_vouch(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A service may, by an admin's key; an officer needs no grant, and no other role may have it. The list shows it."""
    admin = key(Role.ADMIN)
    made = client.post("/v1/keys", json={"label": "login", "role": "service", "scope": {"vouch": True}}, headers=admin)
    assert (made.status_code, made.json()["scope"]["vouch"]) == (201, True)
    listed = {one["label"]: one["scope"]["vouch"] for one in client.get("/v1/keys", headers=admin).json()["keys"]}
    assert listed == {"checkout": False, "login": True}
    for role in set(Role) - {Role.SERVICE}:
        told = client.post("/v1/keys", json={"label": "x", "role": role, "scope": {"vouch": True}}, headers=admin)
        assert (told.status_code, told.json()["code"]) == (422, "grant_not_for_role")


def test_keys_that_are_not_valid(client: httpx.Client, installation: Installation, service: Service) -> None:
    """Another secret, another scheme, an end that has come, and a key that was revoked let nobody in, all alike."""
    with installation.connect() as connection:
        now = utc_now()
        good, kept = keys.create(connection, "a", Role.SERVICE, Scope(), now=now)
        ended, _ = keys.create(connection, "b", Role.SERVICE, Scope(), now=now - timedelta(days=1, seconds=1), days=1)
    answers = set()
    for authorization in (
        *(f"Bearer {good[:-1]}{'A' if good[-1] != 'A' else 'B'}", f"Bearer {good}x", f"Basic {good}", good, "Bearer"),
        *(f"Bearer {ended}", "Bearer plk_00000000_" + "A" * 43, ""),
    ):
        told = client.post("/v1/events", json=entry("a"), headers={"Authorization": authorization})
        assert told.status_code == 401
        answers.add(told.text)
    assert len(answers) == 1
    assert client.post("/v1/events", json=entry("a"), headers={"Authorization": f"bearer {good}"}).status_code == 201
    with installation.connect() as connection:
        keys.revoke(connection, kept.key_id, utc_now())
    service.keys._read_at = float("-inf")  # As if two seconds had passed.
    assert client.post("/v1/events", json=entry("b"), headers={"Authorization": f"Bearer {good}"}).status_code == 401


def test_the_secret_is_not_kept(installation: Installation) -> None:
    """The table holds a digest, and nothing from which the key could be made."""
    with installation.connect() as connection:
        secret, kept = keys.create(connection, "a", Role.ADMIN, Scope(), now=utc_now())
        (row,) = connection.execute("SELECT api_keys::text FROM api_keys").fetchall()
        assert secret.split("_", 2)[2] not in row[0]
        assert secret not in repr(kept)
        assert [one.key_id for one in keys.list_keys(connection)] == [kept.key_id]
        with pytest.raises(keys.NoSuchKey):
            keys.revoke(connection, "00000000", utc_now())
