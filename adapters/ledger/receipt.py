"""What a caller hands in to be appended, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from domain.elsewhere import NO_REACH

if TYPE_CHECKING:
    from domain.elsewhere import Reach
    from domain.errors import PledgerError
    from domain.events import Finding
    from domain.facts import Fact
    from domain.store import Sender
    from domain.vocabulary import LinkRefusal


class Receipt(NamedTuple):
    """A fact is in the log. `position`: of the last of its `events`. `repeated`: it had been there before.

    `findings`: what the judge found wrong when it was first appended. `refused`: it was to be enforced and was not
    done, so what is in the log is the refusal. `position` and `events` are 0 where a fact is repeated whose customer
    has been erased: where its events stand is forgotten, and what was found with them.
    """

    fact: str
    position: int
    events: int
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    repeated: bool = False
    unread: tuple[str, ...] = ()
    """The categories among the values that hold no contact point: something else than one address or number."""
    not_linked: tuple[LinkRefusal, ...] = ()
    """Why names were not linked."""
    reach: Reach = NO_REACH
    """How far an erasure or a report went, and what it left out."""
    later: tuple[int, ...] = ()
    """Where a name ended, the facts told under it already that happened later: to be annulled and retold."""

    awaits: bool = False
    """Whether it corrects an entry that is not on this person's record, and awaits it."""

    def moved(self, by: int, after: int) -> Receipt:
        """Return the receipt with all that it names after the position `after` further by `by`; a repeat's stays."""
        if self.repeated:
            return self

        def shift(place: int) -> int:
            return place + by if place > after else place

        findings = tuple(found.shifted(shift) for found in self.findings)
        later = tuple(map(shift, self.later))
        return self._replace(position=self.position + by, findings=findings, later=later)


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer to "may I?": `findings` say which promises stand against it. Nothing was appended."""

    allowed: bool
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class AppendRequest:
    """A fact on its way into the log, and in the end its answer. `expected_version`: the stream's, if that matters."""

    fact: Fact
    sender: Sender
    expected_version: int | None = None
    answer: Receipt | PledgerError | None = None
