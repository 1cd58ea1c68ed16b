"""The ledger, as services use it: append facts, ask before acting, read.

`append` answers once the fact is durable, and the same fact again changes nothing. Any number of threads may use one
`Ledger`; what they hand in at the same time shares a transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from adapters.contract import OWN
from adapters.ledger.group_commit import GroupCommit
from adapters.ledger.receipt import AppendRequest, Permission, Receipt
from domain.errors import PledgerError, Refused
from domain.store import Sender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from uuid import UUID

    from adapters.contract import Contract
    from adapters.ledger.appender import Appender
    from adapters.postgres.wake_ups import WakeUps
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records.company import Company

BATCH_MAX = 500
"""How many facts one transaction takes at most."""


class Ledger:
    """One ledger, open for appending. Made by `adapters.bootstrap`."""

    def __init__(self, appender: Appender, wake_ups: WakeUps, contract: Contract = OWN) -> None:
        self._appender = appender
        self._contract = contract
        self._wake_ups = wake_ups
        self._group: GroupCommit[AppendRequest] = GroupCommit(self._append, BATCH_MAX)

    def parse(self, raw: bytes | str | Mapping[str, Any]) -> Fact:
        """Return the fact that a CloudEvent states, with no time before the earliest that this ledger takes.

        Raises `MalformedFact`.
        """
        return self._contract.fact(raw)

    def now(self) -> datetime:
        """Return the time by the database's clock, without asking it; facts that Pledger makes itself have it."""
        return self._appender.clock.now()

    def latest(self, time: datetime | None = None) -> datetime:
        """Return the time after which a fact lies in the future.

        The database is asked where `time` seems to lie after it, and where no time is given.
        """
        return self._group.alone(lambda: self._appender.latest(time))

    def append(
        self,
        fact: Fact,
        *,
        actor: str | None = None,
        vouches: bool = True,
        is_officer: bool = True,
        expected_version: int | None = None,
    ) -> Receipt:
        """Append one fact and wait until it is durable.

        `actor` is who hands it in, by default its source. It stands in the clear, as the source does: as a digest where
        the source is no plain code. `vouches` says that the actor has verified whom the fact is
        about, and `is_officer` that they may undo what protects a person. Whoever opens a ledger with its key file may
        both; a door that takes facts from others passes on what they may. `expected_version` is the version that the
        customer's stream must have. Raises `Refused` where an enforced fact was refused, and the `PledgerError` that
        stopped any other.
        """
        sender = self._sender(fact, actor, vouches, is_officer)
        request = AppendRequest(fact, sender, expected_version)
        self._group.run([request])
        answer = request.answer
        if isinstance(answer, Receipt):
            if answer.refused:
                promises = tuple(dict.fromkeys(found.promise for found in answer.findings))
                raise Refused(promises, tuple(dict.fromkeys(found.code for found in answer.findings)))
            return answer
        assert answer is not None, "the group commit answers every request"
        raise answer

    def append_many(
        self, facts: Sequence[Fact], *, actor: str | None = None, vouches: bool = True, is_officer: bool = True
    ) -> list[Receipt | PledgerError]:
        """Append facts, in order; one answer each. A bad one does not stop the others; refusals are receipts."""
        sources = {fact.source: fact for fact in facts}
        senders = {source: self._sender(fact, actor, vouches, is_officer) for source, fact in sources.items()}
        requests = [AppendRequest(fact, senders[fact.source]) for fact in facts]
        if requests:
            self._group.run(requests)
        return [request.answer for request in requests if request.answer is not None]

    def ask(self, fact: Fact, *, vouches: bool = True, is_officer: bool = True) -> Permission:
        """Return whether a fact would be permitted, were the same sender to append it. Nothing is appended."""
        sender = self._sender(fact, None, vouches, is_officer)
        return self._group.alone(lambda: self._appender.ask(fact, sender))

    def elsewhere(self, name: Subject) -> tuple[UUID, ...]:
        """Return the streams of others on which a person's contact points stand, and about which nothing is settled.

        Raises `UnknownCustomer` for an id that is not a living customer's stream.
        """
        return self._group.alone(lambda: self._appender.ask_elsewhere(name))

    def company(self) -> Company:
        """Return the company's record as it stands in the log: recipients, collection points, purposes."""
        return self._group.alone(self._appender.company)

    def close(self) -> None:
        """Wake the readers up a last time, and close the connections."""
        self._wake_ups.close()
        self._group.alone(self._appender.close)

    def _sender(self, fact: Fact, actor: str | None, vouches: bool, is_officer: bool) -> Sender:  # noqa: FBT001 - as given
        return Sender(actor or self._appender.keyring.source_code(fact.source), vouches, is_officer)

    def _append(self, requests: list[AppendRequest]) -> None:
        self._appender.append(requests)
        self._wake_ups.appended()

    def __enter__(self) -> Self:
        """Return the ledger itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def utc_now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


__all__ = ["BATCH_MAX", "Ledger", "Permission", "Receipt", "utc_now"]
