"""The two sides of an unsubscribe link: making it for a message, and recording the opt-out of a click.

Every click with a token of this ledger is accepted, however old the token is; no key, role, promise or back-pressure
refuses it. It counts for the person, under all their names and on all streams that were joined since. The same click
twice changes nothing. A click after the person came back, by any link of any message, ends the subscription again.

After an erasure a click writes to no stream and creates none. If somebody has the name by which the link was made, they
are opted out. If nobody has, the digest of the name goes on the suppression list, for when the person returns.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from adapters.contract import parse_fact
from adapters.ledger.stream_reader import find, opened_events, parse_customer
from adapters.own_facts import own_fact
from adapters.postgres.connection import ConnectionLost, translated
from adapters.postgres.queries import query
from adapters.unsubscribe.links import UnsubscribeLinks, check_base_url
from adapters.unsubscribe.tokens import NAMELESS, Token, Tokens
from domain.errors import FactConflict, UnknownCustomer
from domain.events import CUSTOMER, Event
from domain.events.customer import CustomerErased, MessageSent
from domain.facts.fields import Subject
from domain.records.customer import LAST, Customer, evolve
from domain.records.entries import OPTED_OUT
from domain.vocabulary import OptOutVia, Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.bootstrap import Installation
    from domain.records.entries import Change

    Connection = psycopg.Connection[Any]

SOURCE: Final = "/pledger/unsubscribe"
"""The source of the opt-outs of clicks."""
REPEAT: Final = timedelta(minutes=1)
"""A further click within this time after an opt-out says nothing new.

A later one is recorded: an enrollment in between may reach the ledger after it.
"""
_ATTEMPTS: Final = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The person left `program`. `position` is that of the opt-out; None if no new one was needed."""

    program: Program
    position: int | None


class _Person(NamedTuple):
    """The person of a link: one of their streams, and the last change of the subscription that the link ends.

    `message_id` is that of the link's message, if the ledger has it.
    """

    stream: UUID
    last: Change | None
    message_id: str | None


class Unsubscriber:
    """Makes links and records clicks, for one ledger; any number of threads may use it."""

    def __init__(self, installation: Installation, clock: Callable[[], datetime] | None = None) -> None:
        self._ledger = installation.ledger
        self._contract = installation.contract
        self._keyring = installation.keyring
        self._connect = installation.connect
        self._tolerance = timedelta(seconds=installation.settings.future_tolerance_seconds)
        self._clock = clock or installation.ledger.now
        self._lock = Lock()
        self._connection: Connection | None = None
        self._tokens = Tokens(installation.keyring.unsubscribe_links)

    def headers_for(self, subject: str, program: Program, base_url: str, message_id: str) -> UnsubscribeLinks:
        """Return the header fields and the footer link of one message to a customer, by any of their names.

        Name the customer by e-mail address if you can: that is the name by which a person returns after an erasure.
        The message's DKIM signature has to cover both fields, and their lines must stay whole; see `links`.
        Raise `UnknownCustomer` and `BaseUrlNotUsable`.
        """
        check_base_url(base_url)
        stream, name = self._read(lambda connection: self._named(connection, subject))
        token = Token(program, self._clock(), stream, name, self._tokens.message(message_id))
        return UnsubscribeLinks.of(base_url, self._tokens.write(token))

    def read(self, token: str) -> Token:
        """Return what a token says, without a query of the database. Raise `TokenNotValid`."""
        return self._tokens.read(token)

    def token_of(self, token: Token, program: Program) -> str:
        """Return a token by which the holder of another token leaves a second program."""
        return self._tokens.write(token._replace(program=program))

    def unsubscribe(self, token: str, via: OptOutVia = OptOutVia.UNSUBSCRIBE_LINK) -> Unsubscribed:
        """Opt a person out of a program. Raise `TokenNotValid`, and every error that keeps the ledger from storing."""
        link = self._tokens.read(token)
        for _ in range(_ATTEMPTS):
            person = self._read(lambda connection: self._living(connection, link))
            if person is not None:
                # If they are erased at this moment, the next attempt sees it.
                with suppress(UnknownCustomer):
                    return self._opt_out(link, person, via)
            elif self._read(lambda connection: _suppress(connection, link, self._clock())):
                return Unsubscribed(link.program, None)
        raise UnknownCustomer(
            "The opt-out was not recorded.",
            "the customer was created and erased again and again in the meantime.",
            "Try again.",
        )

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _named(self, connection: Connection, name: str) -> tuple[UUID, bytes]:
        """Return the stream of a name, and the name's digest. Raise `UnknownCustomer`."""
        subject = parse_customer(self._contract, name)
        stream = find(connection, self._keyring, subject)[0]
        if subject.kind != "id":
            return stream, self._keyring.name(subject)
        # Only customers who are not erased have names; an id may be the company's, a browser's or an erased customer's.
        if not self._events(connection, stream):
            raise UnknownCustomer(
                "No unsubscribe link was created.",
                "this id is not a customer's, or the customer was erased.",
                "Name a customer as the services do: customer:17850 or email:…; an erased customer gets no message.",
            )
        return stream, NAMELESS

    def _living(self, connection: Connection, link: Token) -> _Person | None:
        """Return the person of a link or, after their erasure, the one who has their name now, or None."""
        stream, events = link.stream, self._events(connection, link.stream)
        if not events:
            found = connection.execute(query("names"), {"digests": [link.name]}).fetchone()
            if found is None:
                return None
            stream = found[1]
            events = self._events(connection, stream)
        customer = Customer(person=stream)
        for event in events:
            evolve(customer, event)
        sent = (event.message_id for event in events if isinstance(event, MessageSent) and event.message_id is not None)
        message_id = next((one for one in sent if self._tokens.message(one) == link.message), None)
        return _Person(stream, customer.subscription(link.program, LAST), message_id) if events else None

    def _events(self, connection: Connection, stream: UUID) -> list[Event]:
        """Return all events of a customer, opened; none if the customer was erased or does not exist."""
        try:
            streams = find(connection, self._keyring, Subject("id", str(stream)))
        except UnknownCustomer:
            return []
        events = opened_events(connection, self._keyring, streams)
        gone = any(isinstance(event, CustomerErased) or event.stream_kind != CUSTOMER for event in events)
        return [] if gone else events

    def _opt_out(self, link: Token, person: _Person, via: OptOutVia) -> Unsubscribed:
        """Record that a person left. Raise `UnknownCustomer` if they were erased meanwhile."""
        now, last = self._clock(), person.last
        if last is not None and last.state == OPTED_OUT and now - last.moment.at < REPEAT:
            return Unsubscribed(link.program, None)
        # The click comes after the last change, even if a clock ahead of ours reported that; ties go by position.
        at = now if last is None else max(now, min(last.moment.at, now + self._tolerance))
        data: dict[str, Any] = {"program": link.program, "via": via}
        if person.message_id is not None:
            data["causation"] = person.message_id
        fact_id = self._tokens.fact_id(link, after=last.moment.position if last else 0)
        fact = own_fact("opt_out", SOURCE, fact_id, at, data, f"id:{person.stream}")
        try:
            return Unsubscribed(link.program, self._ledger.append(parse_fact(fact)).position)
        except FactConflict:
            # The same click was recorded at the same moment; the two differ only in their time.
            return Unsubscribed(link.program, None)

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        """Do work over the open connection, and over a new one if that has broken."""
        with self._lock, translated():
            if self._connection is not None:
                try:
                    with translated():
                        return work(self._connection)
                except ConnectionLost:
                    self._drop()
            self._connection = self._connect()
            self._connection.execute(b"SET statement_timeout = '30s'")
            return work(self._connection)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _suppress(connection: Connection, link: Token, now: datetime) -> bool:
    """Put the name of a link on the suppression list; return whether still nobody has that name."""
    if link.name == NAMELESS:
        return True
    connection.execute(query("suppress_name"), {"digest": link.name, "owed": link.program, "since": now})
    # A customer who got the name after the look-up above did not meet this row, and has to be opted out.
    return connection.execute(query("names"), {"digests": [link.name]}).fetchone() is None
