"""What a server answers, as values; and its problems, as errors.

Promise: pure. An answer that is not in the server's own form is an error that says so, and repeats nothing of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OK: Final = range(200, 300)


class Finding(NamedTuple):
    """What speaks against a fact under a promise. `about`: an earlier fact that it shows to have been the breach."""

    promise: str
    code: str
    why: str
    excused: bool
    events: tuple[str, ...]
    about: str | None


class Receipt(NamedTuple):
    """A fact is in the log. `position` is that of the last of its `events`; `repeated`: it had been there before."""

    fact: str
    position: int
    events: int
    repeated: bool
    findings: tuple[Finding, ...]


class Decision(NamedTuple):
    """Whether a fact may be done, and what stands against it."""

    fact: str
    allowed: bool
    findings: tuple[Finding, ...]


class ServerProblem(PledgerError):
    """The server answered with a problem: its `problem_code`, and the fields or promises that it names."""

    code = "server_problem"

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        self.status = status
        self.problem_code = str(told.get("code", "unknown"))
        self.promises = tuple(map(str, told.get("promises", ())))
        self.errors = tuple((str(one.get("where", "")), str(one.get("what", ""))) for one in told.get("errors", ()))
        super().__init__(*(str(told.get(name, "")) for name in ("title", "detail", "hint")))


class Unanswered(PledgerError):
    """No server answered in time, or what answered is none of ours; whether a fact was stored is not known."""

    code = "unanswered"

    def __init__(self, why: str) -> None:
        super().__init__(
            "The ledger did not answer.", f"{why}.", "Send it again under the same id: nothing is stored twice."
        )


def receipt_in(status: int, body: bytes) -> Receipt:
    """Read the answer to one fact. Raises `ServerProblem` and `Unanswered`."""
    return _receipt(_told(status, body))


def receipts_in(status: int, body: bytes, facts: int) -> list[Receipt | ServerProblem]:
    """Read the answer to a batch of so many facts. Raises `ServerProblem` and `Unanswered`."""
    try:
        answers: Sequence[Mapping[str, Any]] = _told(status, body)["answers"]
        read = [_item(one) for one in answers]
    except (KeyError, TypeError, AttributeError):
        raise Unanswered(_FOREIGN) from None
    if len(read) != facts:
        raise Unanswered(_FOREIGN)
    return read


def decision_in(status: int, body: bytes) -> Decision:
    """Read the answer to a question. Raises `ServerProblem` and `Unanswered`."""
    told = _told(status, body)
    try:
        return Decision(told["fact"], told["allowed"], _findings(told["findings"]))
    except (KeyError, TypeError):
        raise Unanswered(_FOREIGN) from None


def document_in(status: int, body: bytes) -> dict[str, Any]:
    """Read the answer to a question about what is known. Raises `ServerProblem` and `Unanswered`."""
    told: dict[str, Any] = _told(status, body)
    return told


_FOREIGN: Final = "what answered is not a server of Pledger's, or one of another version"


def _told(status: int, body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Unanswered(_FOREIGN if status in _OK else f"it answered with status {status} and no problem details")
    if status not in _OK:
        raise ServerProblem(status, told)
    return told


def _item(told: Mapping[str, Any]) -> Receipt | ServerProblem:
    return _receipt(told["receipt"]) if "receipt" in told else ServerProblem(told["status"], told["problem"])


def _receipt(told: Mapping[str, Any]) -> Receipt:
    try:
        return Receipt(told["fact"], told["position"], told["events"], told["repeated"], _findings(told["findings"]))
    except (KeyError, TypeError):
        raise Unanswered(_FOREIGN) from None


def _findings(told: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(one["promise"], one["code"], one["why"], one["excused"], tuple(one["events"]), one["about"])
        for one in told
    )
