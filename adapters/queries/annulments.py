"""Annulling the opt-outs that one source or actor told in a span of time, by an officer's word.

One `entry_correction` is told for each, on its person's stream. Those that are annulled already are left out, so the
same again after an interruption goes on where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.ledger.opening import opened_at
from adapters.own_facts import own_fact
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.errors import FactConflict, PledgerError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from adapters.bootstrap import Installation
    from projections.projection import Connection

SOURCE: Final = "/pledger/annul"
"""The source of the facts that annul."""
_CHUNK: Final = 200


class OptOutSpan(NamedTuple):
    """What is to be annulled: the opt-outs that were told between two times, by the database's clock.

    Those of a source, of an actor, or of an actor from a source. The source is the text that was sent, or the digest by
    which a list shows it. The actor is the holder of an API key.
    """

    source: str | None
    actor: str | None
    since: datetime
    until: datetime


class _Told(NamedTuple):
    """An opt-out: the positions of its event and of its fact's first one."""

    position: int
    fact: int
    stream: UUID
    is_annulled: bool
    is_erased: bool


def annul_opt_outs(
    installation: Installation, connection: Connection, span: OptOutSpan, reason: str, *, is_dry: bool = False
) -> dict[str, int]:
    """Annul the opt-outs of a span, unless `is_dry`; return how many, and how many could not be or were already.

    Raises the first `PledgerError` that stopped one; what was annulled before it stays so.
    """
    source = None if span.source is None else installation.keyring.source_asked(span.source)
    bounds = {**span._asdict(), "source": source}
    with translated():
        found = [_Told._make(row) for row in connection.execute(query("opt_outs_of_teller"), bounds).fetchall()]
    left = [one for one in found if not one.is_annulled and not one.is_erased]
    annulled = 0
    for first in range(0, 0 if is_dry else len(left), _CHUNK):
        annulled += _annul(installation, connection, left[first : first + _CHUNK], reason)
    return {
        "found": len(found),
        "annulled": annulled,
        "already": sum(one.is_annulled for one in found) + (0 if is_dry else len(left) - annulled),
        "erased": sum(one.is_erased and not one.is_annulled for one in found),
        "left": len(left) if is_dry else 0,
    }


def _annul(installation: Installation, connection: Connection, told: list[_Told], reason: str) -> int:
    """Annul some opt-outs; return how many somebody else had not annulled meanwhile."""
    ledger = installation.ledger
    with translated():
        opened = opened_at(connection, installation.keyring, [one.position for one in told])
    facts = []
    for one in told:
        event = opened[one.position]
        data: dict[str, Any] = {"entry": {"source": event.source, "id": event.fact_id}, "reason": reason}
        # Its id is that of the entry's place, so two officers who annul the same do it once.
        stated = own_fact("entry_correction", SOURCE, f"annul-{one.fact}", ledger.now(), data, f"id:{one.stream}")
        facts.append(ledger.parse(stated))
    answers = ledger.append_many(facts)
    for answer in answers:
        if isinstance(answer, PledgerError) and not isinstance(answer, FactConflict):
            raise answer
    return sum(not isinstance(answer, PledgerError) and not answer.repeated for answer in answers)
