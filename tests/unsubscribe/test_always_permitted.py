"""A click is taken when the rest of the server refuses: without a key, and while everything else is sent away."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import httpx

from adapters.api_keys import keys
from adapters.api_keys.keys import ApiKeys
from adapters.api_keys.roles import Role, Scope
from adapters.http.app import create_app
from adapters.http.backpressure import Backpressure
from adapters.http.service import Service
from adapters.ledger import utc_now
from tests.controls import cloud_event, contest_entry
from tests.serving import PATIENCE, app_served

if TYPE_CHECKING:
    from tests.unsubscribe.conftest import Mailing


def test_while_the_server_sends_everything_away(mailing: Mailing) -> None:
    """As many facts wait as may: a service's fact is sent away with 429, and without a key with 401; a click is not."""
    mailing.given(contest_entry(1))
    it, fact = mailing.installation, cloud_event("opt_out")
    with it.connect() as connection:
        secret, _ = keys.create(connection, "shop", Role.SERVICE, Scope(), now=utc_now())
    with closing(ApiKeys(it.connect, utc_now)) as held:
        service = Service(it, held, backpressure=Backpressure(1))
        service.unsubscriber = mailing.unsubscriber
        with (
            app_served(create_app(service)) as address,
            service.backpressure.admitted(1),
            httpx.Client(base_url=address, timeout=PATIENCE) as client,
        ):
            assert client.post("/v1/events", json=fact).status_code == 401
            sent = client.post("/v1/events", json=fact, headers={"Authorization": f"Bearer {secret}"})
            assert sent.status_code == 429
            token = mailing.token()
            for headers in ({}, {"Authorization": "Bearer wrong"}):
                assert client.post(f"/u/{token}", headers=headers).status_code == 200
    assert len(mailing.opt_outs()) == 1
