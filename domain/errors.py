"""The error tree.

Every error that Pledger raises on purpose is a `PledgerError` with a stable `code`. Its text says what happened, why,
and what to do. It holds no personal value: it names promises, fields and codes only. It names no fact either, because
the id of a fact may hold an order number or an address, and errors are logged and kept. The one who answers the sender
names the fact beside the error, or its place among those that were sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: `where` is a dotted path such as `data.act`, `what` a plain sentence."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class PledgerError(Exception):
    """An error in three sentences: what happened, why, and what to do."""

    code: ClassVar[str] = "pledger_error"

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        self.what, self.why, self.hint = what, why, hint
        parts = [what]
        if why:
            parts.append(f"Why: {why}")
        if hint:
            parts.append(f"Do: {hint}")
        super().__init__(" ".join(parts))


class MalformedFact(PledgerError):
    """A fact breaks the wire contract; `problems` lists everything that is wrong with it."""

    code = "malformed_fact"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "The fact was not stored.",
            "; ".join(str(problem) for problem in self.problems) + ".",
            "Correct the fact and send it again under the same id.",
        )


class TimeInFuture(PledgerError):
    """A fact's time is later than the ledger's clock allows."""

    code = "time_in_future"


class FactConflict(PledgerError):
    """The ledger knows a fact with this source and id, and with other content."""

    code = "fact_conflict"

    def __init__(self) -> None:
        super().__init__(
            "The fact was not stored.",
            "a fact of this source and id is there already, and says something else or is about somebody else.",
            "Send it again under an id of its own; until then it is not stored. Correct an entry with an "
            "entry_correction that cites it.",
        )


class UnknownCustomer(PledgerError):
    """The ledger has no customer with this name or id."""

    code = "unknown_customer"


class VersionConflict(PledgerError):
    """A stream is not at the version that the writer expected; the error has both numbers."""

    code = "version_conflict"

    def __init__(self, *, expected: int, actual: int) -> None:
        self.expected, self.actual = expected, actual
        super().__init__(
            f"Nothing was appended: the stream is at version {actual}, and version {expected} was expected.",
            "another writer has appended to this stream since it was read.",
            "Read the stream again, decide again, and append with the new version.",
        )


class Refused(PledgerError):
    """An enforced fact would break a promise, so the ledger recorded a refusal in its place.

    A repeat of a fact about somebody who has been erased since names no promise and no code: it is forgotten which they
    were. To a service the code `not_subscribed` is of no promise that is named.
    """

    code = "refused"

    def __init__(self, promises: tuple[str, ...], codes: tuple[str, ...]) -> None:
        self.promises, self.codes = promises, codes
        super().__init__(
            f"Refused because of {', '.join(promises or codes)}." if codes else "Refused, as it was the first time.",
            f"it would break what the policy promises ({', '.join(codes)}); the ledger records the refusal."
            if codes
            else "which promises it would have broken was forgotten when its customer was erased.",
            "Do not do it. If it has happened already, send it under a new id with mode record.",
        )


class UnknownTopic(PledgerError):
    """A stored event has a topic that the closed registry lacks."""

    code = "unknown_topic"


class NoPolicy(PledgerError):
    """The ledger has no policy in force, so nothing can be decided."""

    code = "no_policy"
