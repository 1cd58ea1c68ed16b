"""What a service and a click do: make the links of a message, and record the opt-out that one asks for.

Promise: a click is always taken, whatever else is refused: no key, no role, no promise and no back-pressure stands in
its way, and an opt-out is recorded under a token, however old. It counts for the person: under every name of theirs, on
every stream that was joined since. The same click twice changes nothing; one of somebody who has come back since, by
whatever link of whichever message, ends their subscription again. Refused: a token that is not ours, which changes
nothing.

After an erasure no stream is written to, and none is made. If the name by which the link was made is somebody's again,
they are opted out; else that name's digest is kept on the suppression list, by which a person who returns is met.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from adapters.ledger import utc_now
from adapters.ledger.reading import find
from adapters.postgres.connection import ConnectionLost, translated
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.unsubscribe.links import UnsubscribeLinks, checked
from adapters.unsubscribe.tokens import NAMELESS, Token, Tokens
from domain.errors import FactConflict, UnknownCustomer
from domain.events import CUSTOMER, Event
from domain.events.customer import CustomerErased, MessageSent
from domain.facts import parse_fact
from domain.facts.fields import Subject, parse_subject
from domain.records import customer as customer_fold
from domain.records.customer import LAST, Customer
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
"""The source of the facts that clicks make."""
AGAIN: Final = timedelta(minutes=1)
"""How long after an opt-out a further click says nothing new.

A later one is recorded: what enrolled the person in between may reach the ledger after it.
"""
_ATTEMPTS: Final = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The person is out of `program`. `position`: of the opt-out that this click made; None if none had to be made."""

    program: Program
    position: int | None


class _Person(NamedTuple):
    """Whom a link is about. `stream`: one of theirs; `last`: the last change of the subscription that the link ends.

    `message_id`: of the message that the link stands in, once that is on record.
    """

    stream: UUID
    last: Change | None
    message_id: str | None


class Unsubscriber:
    """Makes links and takes clicks, for one ledger; any number of threads may."""

    def __init__(self, installation: Installation, clock: Callable[[], datetime] = utc_now) -> None:
        self._ledger = installation.ledger
        self._keyring = installation.keyring
        self._connect = installation.connect
        self._tolerance = timedelta(seconds=installation.settings.future_tolerance_seconds)
        self._clock = clock
        self._lock = Lock()
        self._connection: Connection | None = None
        self._tokens = Tokens(installation.keyring.unsubscribe_links)

    def headers_for(self, subject: str, program: Program, base_url: str, message_id: str) -> UnsubscribeLinks:
        """Give the header fields and the footer link of one message to a customer, by any of their names.

        Name them by e-mail address where you can: that is the name under which somebody returns after an erasure.
        The message's DKIM signature has to cover both fields, and their lines must stay whole; see `links`.
        Raises `UnknownCustomer` and `BaseUrlNotUsable`.
        """
        checked(base_url)
        stream, name = self._read(lambda connection: self._named(connection, subject))
        token = Token(program, self._clock(), stream, name, self._tokens.message(message_id))
        return UnsubscribeLinks.of(base_url, self._tokens.write(token))

    def asked(self, token: str) -> Token:
        """Give what a token asks for, without asking the database or changing anything. Raises `TokenNotValid`."""
        return self._tokens.read(token)

    def token_of(self, asked: Token, program: Program) -> str:
        """Give a token by which the holder of another leaves a second program."""
        return self._tokens.write(asked._replace(program=program))

    def unsubscribe(self, token: str, via: OptOutVia = OptOutVia.UNSUBSCRIBE_LINK) -> Unsubscribed:
        """Take a person out of a program. Raises `TokenNotValid`, and what keeps the ledger from storing anything."""
        asked = self._tokens.read(token)
        for _ in range(_ATTEMPTS):
            person = self._read(lambda connection: self._living(connection, asked))
            if person is not None:
                # Should they be erased this moment, the next turn sees it.
                with suppress(UnknownCustomer):
                    return self._opt_out(asked, person, via)
            elif self._read(lambda connection: _suppress(connection, asked, self._clock())):
                return Unsubscribed(asked.program, None)
        raise UnknownCustomer(
            "The opt-out was not recorded.",
            "the customer came back and was erased, again and again, while it was being recorded.",
            "Do it again.",
        )

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _named(self, connection: Connection, name: str) -> tuple[UUID, bytes]:
        """Give the stream of a name, and the name's digest. Raises `UnknownCustomer`."""
        stream = find(connection, self._keyring, name)[0]
        subject = parse_subject(name)
        assert isinstance(subject, Subject), "find has parsed it"
        if subject.kind != "id":
            return stream, self._keyring.name(subject)
        # Only the living have names; an id can be the company's, a browser's, or of somebody who was erased.
        if not self._events(connection, stream):
            raise UnknownCustomer(
                "No unsubscribe link was made.",
                "this id is no customer's, or of one who has been erased.",
                "Name a customer as the services do: customer:17850 or email:…; an erased one gets no message.",
            )
        return stream, NAMELESS

    def _living(self, connection: Connection, asked: Token) -> _Person | None:
        """Give the person of a token: the one of then or, once erased, who has their name now. None: nobody."""
        stream, events = asked.stream, self._events(connection, asked.stream)
        if not events:
            found = connection.execute(query("names"), {"digests": [asked.name]}).fetchone()
            if found is None:
                return None
            stream = found[1]
            events = self._events(connection, stream)
        customer = Customer(person=stream)
        for event in events:
            customer_fold.evolve(customer, event)
        sent = (event.message_id for event in events if isinstance(event, MessageSent))
        message_id = next((one for one in sent if self._tokens.message(one) == asked.message), None)
        return _Person(stream, customer.subscription(asked.program, LAST), message_id) if events else None

    def _events(self, connection: Connection, stream: UUID) -> list[Event]:
        """Give all events of a living customer, with nothing opened; none if the stream is no such customer's."""
        try:
            streams = find(connection, self._keyring, f"id:{stream}")
        except UnknownCustomer:
            return []
        rows = connection.execute(query("stream_events"), {"streams": list(streams)}, prepare=True).fetchall()
        events = [to_event(EventRow._make(row)) for row in rows]
        gone = any(isinstance(event, CustomerErased) or event.stream_kind != CUSTOMER for event in events)
        return [] if gone else events

    def _opt_out(self, asked: Token, person: _Person, via: OptOutVia) -> Unsubscribed:
        """Record that a person left. Raises `UnknownCustomer` where they have been erased meanwhile."""
        now, last = self._clock(), person.last
        if last is not None and last.state == OPTED_OUT and now - last.moment.at < AGAIN:
            return Unsubscribed(asked.program, None)
        # The click answers what had happened, also where that was told by a clock ahead of ours; ties go by position.
        at = now if last is None else max(now, min(last.moment.at, now + self._tolerance))
        data: dict[str, Any] = {"program": asked.program, "via": via}
        if person.message_id is not None:
            data["causation"] = person.message_id
        fact = {
            "source": SOURCE,
            "id": self._tokens.fact_id(asked, after=last.moment.position if last else 0),
            "type": "pledger.opt_out.v1",
            "time": at.isoformat(),
            "subject": f"id:{person.stream}",
            "data": data,
        }
        try:
            return Unsubscribed(asked.program, self._ledger.append(parse_fact(fact)).position)
        except FactConflict:
            # The same click, taken at the same moment, is in already; it differs in nothing but its time.
            return Unsubscribed(asked.program, None)

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        """Do work over the connection that is kept, and over a new one if that has broken."""
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


def _suppress(connection: Connection, asked: Token, now: datetime) -> bool:
    """Keep on the suppression list that whoever has the name of a link left; tell whether that is still nobody."""
    if asked.name == NAMELESS:
        return True
    connection.execute(query("suppress_name"), {"digest": asked.name, "owed": asked.program, "since": now})
    # Who took the name between the look before and this row was not met by it, and is to be opted out.
    return connection.execute(query("names"), {"digests": [asked.name]}).fetchone() is None
