"""The events by which streams become one person's, and a contact point is shown to be theirs."""

from __future__ import annotations

from uuid import UUID

from domain.events.base import Place, Places, SealedText, TextApart
from domain.events.customer import CustomerEvent
from domain.events.past_answers import PastAnswer
from domain.moments import Turn
from domain.vocabulary import LinkRefusal


class CustomersLinked(CustomerEvent, turn=Turn.LINK):
    """These streams are one person from here on; `person` is the id that all of them answer to.

    A link joins from its own time on. Links of a later time may be told already, of either of the two: then its fact
    says once more, at each of these times, who is one person from there on (`follows`).
    A reference that has been on several of them has a code on each. In each pair of `same_codes`, the first code stands
    for the same reference as the second from here on.
    """

    person: UUID
    others: tuple[UUID, ...] = ()
    """None where both names of a link led to this stream already."""
    direct: tuple[UUID, ...] = ()
    """Those of the others whom the fact itself names beside this stream; the rest are so by other links."""
    same_codes: tuple[tuple[str, str], ...] = ()
    method: SealedText = None
    """How the sender verified it; the actor of the event vouches for it."""
    evidence: SealedText = None
    follows: bool | None = None
    """Whether more streams are one person's from here on by a link that another fact tells."""


class CustomersUnlinked(CustomerEvent, turn=Turn.UNDOING):
    """This stream is no longer one person's with `others`; what is told later is told of two people.

    For the stream that leaves, `others` are all other streams of the person; for each of those, the one that leaves.
    There are none where the two names of the fact were not one person's, so that nothing was undone. `person` is the
    id that this stream and those `together` with it answer to from here on. With `by_erasure`, the stream that leaves
    is erased, and the person goes on with the others: no link is undone for what was done before.
    """

    person: UUID
    together: tuple[UUID, ...] = ()
    parted: UUID | None = None
    """The stream that leaves."""
    others: tuple[UUID, ...] = ()
    reports: Places = ()
    """The reports that were issued on any of the streams while they were one person's."""
    same_codes: tuple[tuple[str, str], ...] = ()
    """Codes of this stream's references that are under another stream's key, each with the one that stands for it."""
    by_erasure: bool | None = None
    was_asked: bool | None = None
    """Whether the person had asked, under the stream that leaves and is erased alone, to be forgotten: all of it is."""
    answers: tuple[PastAnswer, ...] = ()
    """With `by_erasure`, what a stream of the other side told of requests of this one, and what it corrected."""
    answered_by: Places = ()
    """The event of each."""
    method: SealedText = None
    """How the sender verified that they are two, if they said so."""
    reason: SealedText = None
    evidence: SealedText = None


class NameEnded(CustomerEvent, turn=Turn.UNDOING):
    """A name was given up; who is named so from here on is another person.

    It stands on the stream that the fact was told of, and on the stream to which the name led. `later` are the facts
    that had been told under the name already and happened later, to be annulled and retold. `waited`: the end had been
    told before anything was told of the person who had the name until then. The name itself is kept where it was this
    person's.
    """

    kind: str
    """The kind of the name."""
    led_here: bool | None = None
    """Whether the name led to this stream until then."""
    waited: bool | None = None
    later: Places = ()
    name: SealedText = None
    reason: SealedText = None
    evidence: SealedText = None


class LinkProposed(CustomerEvent, turn=Turn.LINK):
    """A sender said that another name is this person's, and nothing was linked; `because` is a code that says why."""

    because: LinkRefusal
    name_code: str = ""
    """The digest of the name under this person's key: the same name proposed again has the same."""
    method: SealedText = None
    name: TextApart = None
    """Gone when the person of that name is erased, with the key that it is sealed under."""
    evidence: SealedText = None


class LinkRejected(CustomerEvent, turn=Turn.LINK):
    """Somebody decided that another name is not this person's, so that nobody is asked about the two again.

    `others` are the streams to which the name led, and `erased` is where the person of that name was erased, if they
    were. It parts nobody, and binds no later link.
    """

    name_code: str
    others: tuple[UUID, ...] = ()
    erased: Place = None
    name: TextApart = None
    """Gone when the person of that name is erased, with the key that it is sealed under."""
    reason: SealedText = None


class ContactConfirmed(CustomerEvent, turn=Turn.VERIFICATION):
    """A contact point answered: whoever holds it is this person."""

    contact: int
    method: SealedText = None
