"""A shop that mails its customers: links, clicks at a time that a test sets, and what is in the log after them."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.unsubscribe import Unsubscriber
from domain.events.customer import CustomerOptedOut
from domain.vocabulary import Program
from tests.controls import CUSTOMER, day, message
from tests.reading import opened_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from adapters.bootstrap import Installation
    from domain.facts import Fact

BASE_URL: Final = "https://shop.example"
EMAIL, POST = Program.EMAIL_MARKETING, Program.PHYSICAL_MAILINGS
OPTED_OUT: Final = "CustomerOptedOut.v1"
CONTACTS: Final = ("contact_points", "contact_bindings")


class Mailing:
    """A ledger and its unsubscriber, which takes `at` for the time: a day after the start, 10 unless a test says so."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.at = 10.0
        self.unsubscriber = Unsubscriber(installation, self._now)

    def _now(self) -> datetime:
        return day(self.at)

    def given(self, *facts: Fact) -> Mailing:
        """Append facts."""
        for fact in facts:
            self.installation.ledger.append(fact)
        return self

    def token(
        self, subject: str = CUSTOMER, program: Program = EMAIL, message_id: str = "m-1", to: str | None = None
    ) -> str:
        """Return the token of a link in a message, to an address if one is given."""
        links = self.unsubscriber.headers_for(subject, program, BASE_URL, message_id, to)
        return links.footer_url.removeprefix(f"{BASE_URL}/u/")

    def click(self, token: str, at: float) -> int | None:
        """Click on a day; gives the position of the opt-out that it made, None if none had to be made."""
        self.at = at
        return self.unsubscriber.unsubscribe(token).position

    def rows(self, *, customers: bool = True) -> list[tuple[str, datetime, dict[str, Any]]]:
        """Return type, time and facts of each event in the log, in order; the company's own are left out."""
        with self.installation.connect() as connection:
            rows = connection.execute(
                "SELECT topic, occurred_at, data FROM events WHERE (stream_id <> %s) = %s ORDER BY position",
                (self.installation.identity.company_stream, customers),
            ).fetchall()
        return [(topic, at, facts) for topic, at, facts in rows]

    def opt_outs(self) -> list[tuple[datetime, str]]:
        """Return time and program of each opt-out in the log."""
        return [(at, facts["program"]) for topic, at, facts in self.rows() if topic == OPTED_OUT]

    def causes(self) -> list[str | None]:
        """Return what each opt-out in the log names as its cause."""
        events = opened_log(self.installation)
        return [event.causation for event in events if isinstance(event, CustomerOptedOut)]

    def may_mail(self, on: float, subject: str = CUSTOMER, **data: Any) -> bool:  # noqa: ANN401
        """Return whether the ledger permits a marketing message on a day."""
        return self.installation.ledger.ask(message(on, subject=subject, **data)).allowed

    def all_rows(self) -> dict[str, list[Any]]:
        """Return all that is stored of facts, events, names, keys and suppressions, and of contact points."""
        tables = ("events", "facts", "fact_places", "names", "stream_keys", "suppressions", "head", *CONTACTS)
        with self.installation.connect() as connection:
            return {
                table: connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1").fetchall()  # noqa: S608 - our own words
                for table in tables
            }


@pytest.fixture
def mailing(installation: Installation) -> Iterator[Mailing]:
    """Return a mailing shop over a new ledger."""
    it = Mailing(installation)
    with closing(it.unsubscriber):
        yield it


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Catch all that is logged, by whomever."""
    caplog.set_level(logging.DEBUG)
    return caplog
