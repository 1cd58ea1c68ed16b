"""Where the rows of an outbox are delivered: to a server, or into a ledger that is open in this process.

Rows go in order, and each gets a result. A row that is wrong is parked alone: if it kept the server from reading the
whole batch, the batch is halved until the row stands alone. Transient errors are tried again, and an `Outage` counts
against no row. What is not the fault of a row, such as a key that is not valid, is raised. A reason names codes, fields
and promises, and repeats nothing of the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from adapters.client import ServerProblem, Unanswered
from adapters.outbox.rows import REASON_MAX, DeliveryResult
from adapters.told_services import refusal
from adapters.transient import FAULTS_OF_FACTS, OUTAGES, is_transient_status
from domain.audit.reasons import NOT_SUBSCRIBED
from domain.errors import MalformedFact, PledgerError, Refused
from domain.json_text import NotJson, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.client import Client, Receipt as ToldReceipt
    from adapters.ledger import Ledger, Receipt
    from adapters.outbox.rows import OutboxRow
    from domain.facts import Fact

    _Answer = Receipt | ToldReceipt | PledgerError

ATTEMPTS_MAX: Final = 20
"""After this many attempts a row on which the ledger itself fails is parked. Outages do not count."""
_BATCH_FAULTS: Final = frozenset({400, 413, 422})
"""With these statuses a server refuses a batch because of a fact in it."""
_MALFORMED: Final = "malformed_fact: it is not a JSON object, or longer than a fact may be"


class Outage(PledgerError):
    """The ledger takes no facts at present, for the reason of the code that it names."""

    code = "outage"

    def __init__(self, cause: str, why: str) -> None:
        super().__init__("Rows were not delivered.", f"{why} ({cause}).", "They wait until the ledger answers again.")


class DeliveryAnswer(NamedTuple):
    """The results of rows; those without one still wait, because of the `outage`."""

    results: list[DeliveryResult]
    outage: Outage | None = None


class Destination(Protocol):
    """Takes rows in order, and returns a result for each. Raises what is not transient."""

    def deliver(self, rows: Sequence[OutboxRow]) -> DeliveryAnswer:
        """Deliver rows."""


class HttpDestination:
    """Delivers to a server, with the client's key."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deliver(self, rows: Sequence[OutboxRow]) -> DeliveryAnswer:
        """Deliver rows."""
        facts = [(row, _object_in(row.text)) for row in rows]
        bad = [DeliveryResult(row.id, fact, is_parked=True) for row, fact in facts if isinstance(fact, str)]
        sent = self._sent([(row, fact) for row, fact in facts if not isinstance(fact, str)])
        return DeliveryAnswer(bad + sent.results, sent.outage)

    def _sent(self, facts: Sequence[tuple[OutboxRow, Mapping[str, Any]]]) -> DeliveryAnswer:
        if not facts:
            return DeliveryAnswer([])
        try:
            answers = list(self._client.append_many([fact for _, fact in facts], batch=len(facts)))
        except Unanswered as error:
            return DeliveryAnswer([], _outage(error))
        except ServerProblem as problem:
            if is_transient_status(problem.status):
                return DeliveryAnswer([], _outage(problem))
            if problem.status not in _BATCH_FAULTS:
                raise
            return self._by_halves(facts, _reason(problem))
        except (ValueError, RecursionError):  # A number or a nesting that Python reads but cannot write.
            return self._by_halves(facts, _MALFORMED)
        return _results((row, answer) for (row, _), answer in zip(facts, answers, strict=True))

    def _by_halves(self, facts: Sequence[tuple[OutboxRow, Mapping[str, Any]]], reason: str) -> DeliveryAnswer:
        """Find the fact that kept the server from reading the batch."""
        if len(facts) == 1:
            return DeliveryAnswer([DeliveryResult(facts[0][0].id, reason, is_parked=True)])
        half = len(facts) // 2
        first = self._sent(facts[:half])
        if first.outage:
            return first
        second = self._sent(facts[half:])
        return DeliveryAnswer(first.results + second.results, second.outage)


class LedgerDestination:
    """Delivers into a ledger that is open in this process; the actor of each fact is its source.

    `vouches` says that the shop has verified whom its facts are about.
    """

    def __init__(self, ledger: Ledger, *, vouches: bool = False) -> None:
        self._ledger = ledger
        self._vouches = vouches

    def deliver(self, rows: Sequence[OutboxRow]) -> DeliveryAnswer:
        """Deliver rows; a row that a promise refuses is parked, and its refusal is in the ledger."""
        parsed = [self._parsed(row) for row in rows]
        good = [one for one in parsed if not isinstance(one, PledgerError)]
        appended = iter(self._ledger.append_many(good, vouches=self._vouches, is_officer=False))
        answers = [one if isinstance(one, PledgerError) else _answer_in(next(appended)) for one in parsed]
        return _results(zip(rows, answers, strict=True))

    def _parsed(self, row: OutboxRow) -> Fact | PledgerError:
        try:
            return self._ledger.parse(row.text)
        except MalformedFact as error:
            return error


def _answer_in(answer: Receipt | PledgerError) -> Receipt | PledgerError:
    if isinstance(answer, PledgerError) or not answer.refused:
        return answer
    return refusal(answer.findings, sees_all=False)


def _results(answers: Iterable[tuple[OutboxRow, _Answer]]) -> DeliveryAnswer:
    """Return the results of rows that were answered one by one."""
    results: list[DeliveryResult] = []
    outage: Outage | None = None
    for row, error in answers:
        if not isinstance(error, PledgerError):
            unread, unlinked = bool(error.unread), bool(error.not_linked)
            results.append(DeliveryResult(row.id, is_unread=unread, links_nobody=unlinked))
        elif not _may_succeed(error):
            results.append(DeliveryResult(row.id, _reason(error), is_parked=True))
        elif _code(error) in OUTAGES:
            outage = outage or _outage(error)
        else:
            results.append(DeliveryResult(row.id, _reason(error), is_parked=row.attempts + 1 >= ATTEMPTS_MAX))
    return DeliveryAnswer(results, outage)


def _may_succeed(error: PledgerError) -> bool:
    if isinstance(error, ServerProblem):
        return is_transient_status(error.status)
    return error.code not in FAULTS_OF_FACTS


def _code(error: PledgerError) -> str:
    return error.problem_code if isinstance(error, ServerProblem) else error.code


def _outage(error: PledgerError) -> Outage:
    return Outage(_code(error), error.why.rstrip(".") or error.what.rstrip("."))


def _object_in(text: str) -> Mapping[str, Any] | str:
    """Return the object that a row holds, or why it holds none."""
    try:
        found = read_json(text.encode())
    except NotJson as error:
        return _reason(MalformedFact(error.problems)) if text else _MALFORMED
    return found if isinstance(found, dict) else _MALFORMED


def _broken(error: ServerProblem | Refused) -> list[str]:
    """Return the promises that a refusal names, and the reasons that belong to none that it names."""
    reasons = error.reasons if isinstance(error, ServerProblem) else error.codes
    return [*error.promises, *(one for one in reasons if one == NOT_SUBSCRIBED)]


def _reason(error: PledgerError) -> str:
    """Return what is wrong with a row: a code and a sentence, in one line."""
    if isinstance(error, ServerProblem):
        problems = [f"{where}: {what}" if where else what for where, what in error.errors]
    else:
        problems = list(map(str, error.problems)) if isinstance(error, MalformedFact) else []
    if isinstance(error, ServerProblem | Refused) and (broken := _broken(error)):
        problems = [f"it would break what the policy promises: {', '.join(broken)}"]
    return f"{_code(error)}: {'; '.join(problems) or error.why or error.what}"[:REASON_MAX]
