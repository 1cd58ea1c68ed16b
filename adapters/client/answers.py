"""The answers of a server as values, and its problems as errors.

An answer that no Pledger server gives is an error, which repeats nothing of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OK: Final = range(200, 300)


class Finding(NamedTuple):
    """What is against a fact under a promise. `about` is an earlier fact that it shows to have been the breach."""

    promise: str | None
    """None for `not_subscribed`, of which a service is not told by which promise."""
    code: str
    why: str
    excused: bool
    events: tuple[str, ...]
    about: str | None


class Receipt(NamedTuple):
    """A fact is in the log. `at_least`: pass it on with a question, whose answer then knows of the fact.

    `repeated`: it was there before. `at_least` is None where a fact is repeated whose customer has been erased: where
    its events stand is forgotten. `unread`
    are the categories among its values that hold no contact point: something else than one address or number.
    `not_linked` says why names were not linked, a code for each. `later` are, where a name ended, the facts told under
    it already that happened later: to be annulled and retold. A repeat has none of these.
    """

    fact: str
    at_least: str | None
    repeated: bool
    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()
    not_linked: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """What stands against it in short; `not_subscribed` for all that say that the person is not in the program."""


class Decision(NamedTuple):
    """Whether a fact is allowed, and what is against it."""

    fact: str
    allowed: bool
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...] = ()


class ServerProblem(PledgerError):
    """The server answered with a problem: its `problem_code`, and the fields (`errors`) or `promises` that it names."""

    code = "server_problem"

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.problem_code = str(document.get("code", "unknown"))
        self.promises = tuple(map(str, document.get("promises", ())))
        self.reasons = tuple(map(str, document.get("reasons", ())))
        self.errors = tuple((str(one.get("where", "")), str(one.get("what", ""))) for one in document.get("errors", ()))
        super().__init__(*(str(document.get(name, "")) for name in ("title", "detail", "hint")))


class Unanswered(PledgerError):
    """No Pledger server answered in time; the client does not know whether a fact was stored."""

    code = "unanswered"

    def __init__(self, why: str) -> None:
        super().__init__(
            "The ledger did not answer.", f"{why}.", "Send it again under the same id: nothing is stored twice."
        )


def receipt_in(status: int, body: bytes) -> Receipt:
    """Read the answer to one fact. Raise `ServerProblem` and `Unanswered`."""
    return _receipt(_document(status, body))


def receipts_in(status: int, body: bytes, facts: int) -> list[Receipt | ServerProblem]:
    """Read the answer to a batch of so many facts. Raise `ServerProblem` and `Unanswered`."""
    try:
        answers: Sequence[Mapping[str, Any]] = _document(status, body)["answers"]
        read = [_item(one) for one in answers]
    except (KeyError, TypeError, AttributeError):
        raise Unanswered(_FOREIGN) from None
    if len(read) != facts:
        raise Unanswered(_FOREIGN)
    return read


def decision_in(status: int, body: bytes) -> Decision:
    """Read the answer to a question about a fact. Raise `ServerProblem` and `Unanswered`."""
    document = _document(status, body)
    try:
        return Decision(
            document["fact"], document["allowed"], _findings(document["findings"]), tuple(document.get("reasons", ()))
        )
    except (KeyError, TypeError):
        raise Unanswered(_FOREIGN) from None


def document_in(status: int, body: bytes) -> dict[str, Any]:
    """Read any other answer. Raise `ServerProblem` and `Unanswered`."""
    document: dict[str, Any] = _document(status, body)
    return document


_FOREIGN: Final = "the answer does not come from a Pledger server, or from one of another version"


def _document(status: int, body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Unanswered(_FOREIGN if status in _OK else f"it answered with status {status} and no problem details")
    if status not in _OK:
        raise ServerProblem(status, document)
    return document


def _item(one: Mapping[str, Any]) -> Receipt | ServerProblem:
    return _receipt(one["receipt"]) if "receipt" in one else ServerProblem(one["status"], one["problem"])


def _receipt(one: Mapping[str, Any]) -> Receipt:
    try:
        findings, unread, not_linked = _findings(one["findings"]), tuple(one["unread"]), tuple(one["not_linked"])
        told = one["fact"], one["at_least"], one["repeated"]
        return Receipt(*told, findings, unread, not_linked, tuple(one["later"]), tuple(one.get("reasons", ())))
    except (KeyError, TypeError):
        raise Unanswered(_FOREIGN) from None


def _findings(found: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(one["promise"], one["code"], one["why"], one["excused"], tuple(one["events"]), one["about"])
        for one in found
    )
