"""Deletion in part over HTTP: who may tell it, and what is shown of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from projections import engine
from tests.controls import cloud_event
from tests.http.conftest import app, client, entry, key, service

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation

__all__ = ["app", "client", "key", "service"]
MARK = "marked-value@example.org"
DELETED = "2016-08-02T00:00:00Z"


def deletion(name: str, word: str = "data_deleted", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a deletion of e-mail addresses as a CloudEvent."""
    said = {"categories": ["user.contact.email"], "reason": "no longer needed", **data}
    return {**cloud_event(word, name, DELETED), "data": said}


@pytest.mark.parametrize("word", ["data_deleted", "data_anonymised"])
def test_an_officer_deletes_and_everybody_sees_that(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation, word: str
) -> None:
    """A service may say what another system deleted, and only an officer deletes here; documents say when and why."""
    shop, officer = key(), key(Role.OFFICER, "clerk-7")
    assert client.post("/v1/events", json=entry("a"), headers=shop).status_code == 201
    for path in ("/v1/events", "/v1/decisions"):
        refused = client.post(path, json=deletion("d", word), headers=shop)
        assert (refused.status_code, refused.json()["code"]) == (403, "officer_only")
    assert client.post("/v1/events", json=deletion("there", word, held_in="vault"), headers=shop).status_code == 201
    customer = "/v1/customers/customer:1"
    assert MARK in client.get(f"{customer}/report?purpose=answer_message", headers=officer).text
    assert client.post("/v1/events", json=deletion("d", word), headers=officer).status_code == 201
    with installation.connect() as connection:
        engine.prepare(connection)
        engine.catch_up(connection)
    how = word.removeprefix("data_")
    report = client.get(f"{customer}/report?purpose=answer_message", headers=officer)
    assert MARK not in report.text
    (value,) = report.json()["data"]
    assert (value["state"], value["current"], value["value"]) == (how, False, None)
    assert value["deleted"] == {"how": how, "fact": "/shop d", "at": DELETED, "reason": "no longer needed"}
    (held,) = client.get(f"{customer}/holdings", headers=officer).json()["holdings"]
    assert (held["state"], held["deleted_by"], held["deleted_at"]) == (how, "/shop d", DELETED)
    events = client.get(f"{customer}/timeline", headers=officer).json()["events"]
    data = [one["data"] for one in events if one["fact"] == "/shop d"]
    assert data == [{"categories": ["user.contact.email"], "gone": ["user.contact.email"], "gone_from": ["/shop a"]}]
