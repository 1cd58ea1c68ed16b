"""Whose stream a fact means, where that is not the one to which its name leads at its time.

The end of a name lists what had been told under it already of a later time, to be annulled and retold. The annulment
is told under the same name, which is another person's by then; so it means the person on whose stream its entry stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.facts.data import EntryCorrectionData

if TYPE_CHECKING:
    from uuid import UUID

    from domain.facts import CustomerFact
    from domain.store import Store


def stream_meant(store: Store, fact: CustomerFact) -> UUID | None:
    """Return the living stream of the person whom a fact means; None: it has none yet."""
    known = store.stream_of(fact.subject, fact.time)
    if type(fact.data) is not EntryCorrectionData or fact.subject.kind == "id":
        return known
    stream, _ = store.fact_at(fact.data.entry.source, fact.data.entry.id) or (None, 0)
    if stream is None or (known is not None and stream in store.person(known).streams):
        return known
    return next((led for led in store.ever_led(fact.subject) if stream in store.person(led).streams), known)
