"""The two sides of an unsubscribe link: making it for a message, and recording the opt-out of a click.

Every click with a token of this ledger is accepted, however old the token is; no key, role, promise or back-pressure
refuses it. It counts for the person, under all their names and on all streams that were linked since, and for the
address that the message went to, on whosever's record it stands by now. The same click twice changes nothing. A click
after the person came back, by any link of any message, ends the subscription again.

After an erasure, the person who has the name of the link is opted out, and everybody who has the address. Where
nobody has it, the digest goes on what is owed, for when the person returns, and no stream is written to.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from adapters.contract import parse_fact
from adapters.ledger.stream_reader import find, opened_events, parse_customer
from adapters.own_facts import own_fact
from adapters.postgres.connection import ConnectionLost, translated
from adapters.unsubscribe.addresses import (
    LinkedPerson,
    address_of_message,
    latest_binding,
    opened_address,
    owe,
    stream_of_returned,
    stream_under,
)
from adapters.unsubscribe.links import UnsubscribeLinks, check_base_url
from adapters.unsubscribe.tokens import NAMELESS, NO_ADDRESS, NO_STREAM, Token, Tokens
from domain.errors import FactConflict, PledgerError, UnknownCustomer
from domain.events import CUSTOMER, Event
from domain.events.customer import CustomerErased, MessageSent
from domain.facts.fields import CONTACT_KINDS, Subject
from domain.records.contacts import KIND_OF_PROGRAM
from domain.records.customer import LAST, Customer
from domain.records.customer_fold import evolve
from domain.records.entries import OPTED_OUT
from domain.vocabulary import OptOutVia, Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.bootstrap import Installation
    from domain.moments import Moment

    Connection = psycopg.Connection[Any]

SOURCE: Final = "/pledger/unsubscribe"
"""The source of the opt-outs of clicks."""
REPEAT: Final = timedelta(minutes=1)
"""A further click within this time after an opt-out says nothing new.

A later one is recorded: an enrollment in between may reach the ledger after it.
"""
_ATTEMPTS: Final = 5
_OF_A_TOKEN: Final = timedelta(seconds=1) - timedelta.resolution
"""A token's time is cut to the second."""
_T = TypeVar("_T")


class AddressNotUsable(PledgerError):
    """A link cannot carry this as the address of its message."""

    code = "address_not_usable"


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The person left `program`. `position` is that of the opt-out; None if no new one was needed."""

    program: Program
    position: int | None


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

    def headers_for(
        self, subject: str, program: Program, base_url: str, message_id: str, to: str | None = None
    ) -> UnsubscribeLinks:
        """Return the header fields and the footer link of one message to a customer, by any of their names.

        `to` is the address that the message goes to, which a click opts out as well; if an address names the customer,
        it is that one. Without it a click opts out the address that is current at the time of the message.
        The message's DKIM signature has to cover both fields, and their lines must stay whole; see `links`.
        Raise `UnknownCustomer`, `AddressNotUsable` and `BaseUrlNotUsable`.
        """
        check_base_url(base_url)
        named = parse_customer(self._contract, subject)
        goes_to = self._address(to, program) if to is not None else named if _reaches(named, program) else None
        address = self._keyring.contact(goes_to) if goes_to else NO_ADDRESS
        stream, name = self._read(lambda connection: self._named(connection, named))
        token = Token(program, self._clock(), stream, name, address, self._tokens.message(message_id))
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
            person = self._read(lambda connection: self._living_now(connection, link))
            # If they are erased at this moment, or appear, the next attempt sees it.
            with suppress(UnknownCustomer):
                if not self._owed(link, person):
                    continue
                return Unsubscribed(link.program, None) if person is None else self._opt_out(link, person, via)
        raise UnknownCustomer(
            "The opt-out was not recorded.",
            "the customer was created and erased again and again in the meantime.",
            "Try again.",
        )

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _address(self, text: str, program: Program) -> Subject:
        """Return the address that a message goes to. Raise `AddressNotUsable`."""
        try:
            address = self._contract.name(text if text.partition(":")[0] in CONTACT_KINDS else f"email:{text}")
        except ValueError:
            address = None
        if address is None or not _reaches(address, program):
            raise AddressNotUsable(
                "No unsubscribe link was created.",
                "what the message goes to is not an address that this program writes to.",
                "Give the one address of the message, such as email:ada@example.org.",
            )
        return address

    def _named(self, connection: Connection, subject: Subject) -> tuple[UUID, bytes]:
        """Return the stream of a name, and the name's digest. Raise `UnknownCustomer`."""
        try:
            stream = find(connection, self._keyring, subject)[0]
        except UnknownCustomer:
            # An address leads to nobody who only has it, and mail goes there all the same.
            if subject.kind in CONTACT_KINDS and opened_address(
                connection, self._keyring, self._keyring.contact(subject)
            ):
                return NO_STREAM, self._keyring.name(subject)
            raise
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

    def _living_now(self, connection: Connection, link: Token) -> LinkedPerson | None:
        """Return whom a link is about, read in one snapshot.

        What a person did and what binds their address are two reads. Between them another click of the same link could
        be stored, and this one would take it for the state that it ends, and say it once more.
        """
        with connection.transaction():
            connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return self._living(connection, link)

    def _living(self, connection: Connection, link: Token) -> LinkedPerson | None:
        """Return whom a link is about, or None if nobody has its stream, its name or its address.

        It is the person of its stream, else who has its name now, else that person who came back under another name,
        else one who has its address.
        """
        events, is_back = self._events(connection, link.stream), False
        if not events and (stream := stream_under(connection, link.name)):
            events = self._events(connection, stream)
        elif not events and (stream := stream_of_returned(connection, link)):
            events = self._events(connection, stream)
            is_back = bool(events)
        person = events[0].originator_id if events else NO_STREAM
        customer = Customer(person=person)
        for event in events:
            evolve(customer, event)
        sent = (event for event in events if isinstance(event, MessageSent) and event.message_id is not None)
        message = next((one for one in sent if self._tokens.message(one.message_id or "") == link.message), None)
        if link.address == NO_ADDRESS and events:
            made_at = link.issued_at + _OF_A_TOKEN
            digest = address_of_message(connection, customer, message, link.program, made_at)
            link = link._replace(address=digest)
        address = opened_address(connection, self._keyring, link.address, {event.originator_id for event in events})
        if not events and address is None:
            return None
        change = next(reversed(customer.counted(link.program, LAST)), None)
        binding = latest_binding(connection, link)
        moments = [one.moment for one in (change, binding) if one is not None]
        is_out = (not events or (change is not None and change.state == OPTED_OUT)) and (
            link.address == NO_ADDRESS or (binding is not None and binding.is_out)
        )
        name = Subject("id", str(person)) if events else address
        assert name is not None, "somebody has the stream, the name or the address"
        message_id = message.message_id if message else None
        return LinkedPerson(name, address, max(moments, default=None), is_out, message_id, is_back)

    def _events(self, connection: Connection, stream: UUID) -> list[Event]:
        """Return all events of a customer, opened; none if the customer was erased or does not exist."""
        try:
            streams = find(connection, self._keyring, Subject("id", str(stream)))
        except UnknownCustomer:
            return []
        events = opened_events(connection, self._keyring, streams)
        gone = any(isinstance(event, CustomerErased) or event.stream_kind != CUSTOMER for event in events)
        return [] if gone else events

    def _owed(self, link: Token, person: LinkedPerson | None) -> bool:
        """Put on what is owed the digests of a link that nobody has; return False if somebody has one by now."""
        name = (
            person is None
            or person.is_back
            or (person.name == person.address and self._keyring.name(person.name) != link.name)
        )
        address = person is None or person.address is None
        if not name and (not address or link.address == NO_ADDRESS):
            return True
        at = self._time_after(person.last if person else None)
        return self._read(lambda connection: owe(connection, link, at, name=name, address=address))

    def _time_after(self, last: Moment | None) -> datetime:
        """Return the time of a click: it comes after the last change, even if a clock ahead of ours reported that.

        Ties go by position.
        """
        now = self._clock()
        return now if last is None else max(now, min(last.at, now + self._tolerance))

    def _opt_out(self, link: Token, person: LinkedPerson, via: OptOutVia) -> Unsubscribed:
        """Record that a person left. Raise `UnknownCustomer` if they were erased meanwhile."""
        last = person.last
        if last is not None and person.is_out and self._clock() - last.at < REPEAT:
            return Unsubscribed(link.program, None)
        data: dict[str, Any] = {"program": link.program, "via": via}
        if person.address is not None:
            data["to"] = str(person.address)
        if person.message_id is not None:
            data["causation"] = person.message_id
        fact_id = self._tokens.fact_id(link, after=last.position if last else 0)
        fact = own_fact("opt_out", SOURCE, fact_id, self._time_after(last), data, str(person.name))
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


def _reaches(address: Subject, program: Program) -> bool:
    """Return whether a name is an address that a program's messages can carry: any for a program by post."""
    return address.kind in CONTACT_KINDS and KIND_OF_PROGRAM[program] in {None, address.kind}
