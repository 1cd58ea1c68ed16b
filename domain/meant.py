"""Whose stream a fact means, where that is not the one to which its name leads at its time.

The end of a name lists what had been told under it already of a later time, to be annulled and retold. The annulment
is told under the same name, which is another person's by then; so it means the person on whose stream its entry stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError
from domain.facts.data import EntryCorrectionData

if TYPE_CHECKING:
    from uuid import UUID

    from domain.facts import CustomerFact
    from domain.store import Sender, Store


def stream_meant(store: Store, fact: CustomerFact) -> UUID | None:
    """Return the living stream of the person whom a fact means; None: it has none yet."""
    known = store.stream_of(fact.subject, fact.time)
    if type(fact.data) is not EntryCorrectionData or fact.subject.kind == "id":
        return known
    stream, _ = store.fact_at(fact.data.entry.source, fact.data.entry.id) or (None, 0)
    if stream is None or (known is not None and stream in store.person(known).streams):
        return known
    return next((led for led in store.ever_led(fact.subject) if stream in store.person(led).streams), known)


class EntryForgotten(PledgerError):
    """An officer would correct an entry about somebody who has been erased."""

    code = "entry_forgotten"


def check_entry_is_kept(store: Store, data: EntryCorrectionData, sender: Sender) -> None:
    """Raise `EntryForgotten` where an officer would correct what was told of somebody who has been erased.

    What protects them is owed to names and contact points, and nobody knows any more which facts it came from: another
    one may have said the same. So it stays, and the officer is told so.
    """
    if sender.is_officer and store.is_forgotten(data.entry.source, data.entry.id):
        raise EntryForgotten(
            "The fact was not stored.",
            "its entry is about somebody who has been erased. Which facts their protection came from was forgotten "
            "with them, so nothing of it can be annulled, and what they are owed stays.",
            "Correct nothing here. They lift it themselves by asking anew under a name of theirs, and so does who is "
            "verified for the address (contact_confirmed).",
        )
