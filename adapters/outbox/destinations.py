"""Where an outbox's rows are delivered: to a server, or straight into an open ledger.

Promise: rows go in the order given and are answered one by one. What is wrong with a row parks that row alone, also
where it kept the server from reading the whole batch: that is halved until the row stands alone. What may pass is
tried again, and an `Outage` counts against no row. Refused: to park a row for what is not its own fault, such as a key
that is not valid; that is raised. A reason names codes, fields and promises, and repeats nothing of the row.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from adapters.client import ServerProblem, Unanswered
from adapters.client.retry import passes
from adapters.outbox.rows import REASON_MAX, Fate
from domain.errors import MalformedFact, PledgerError, Refused
from domain.facts import parse_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.client import Client
    from adapters.ledger import Ledger, Receipt
    from adapters.outbox.rows import Row
    from domain.facts import Fact

ATTEMPTS_MAX: Final = 20
"""A row that the ledger itself fails on is parked after so many attempts; one that an outage hit never is."""
_OF_THE_ROWS: Final = frozenset({400, 413, 422})
"""With these a server refuses a whole batch for what is in it; with any other but the passing ones, its sender."""
_MALFORMED: Final = "malformed_fact: it is no JSON object, or longer than a fact may be"
_FAULTS_OF_A_FACT: Final = frozenset(
    {"fact_conflict", "malformed_fact", "refused", "time_in_future", "unknown_customer", "version_conflict"}
)
"""With these the ledger does not take a fact because of what it is; with any other it may take the fact later."""
_OUTAGES: Final = frozenset(
    {
        "connection_lost",
        "database_missing",
        "database_unreachable",
        "login_refused",
        "no_ledger",
        "not_permitted",
        "statement_overdue",
        "too_busy",
    }
)


class Outage(PledgerError):
    """Nobody takes rows at present, and none of them is at fault; it names the code behind it."""

    code = "outage"

    def __init__(self, cause: str, why: str) -> None:
        super().__init__("Rows were not delivered.", f"{why} ({cause}).", "They wait until the ledger answers again.")


class Answer(NamedTuple):
    """What became of rows; those without a fate wait as they did, because of the `outage`."""

    fates: list[Fate]
    outage: Outage | None = None


class Destination(Protocol):
    """Takes rows, in order, and says of each what became of it. Raises what will not pass by itself."""

    def deliver(self, rows: Sequence[Row]) -> Answer:
        """Deliver rows."""


class OverHttp:
    """Delivers to a server, as the holder of the client's key."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deliver(self, rows: Sequence[Row]) -> Answer:
        """Deliver rows, each with the server's own answer to it."""
        facts = [(row, _object_in(row.text)) for row in rows]
        bad = [Fate(row.id, _MALFORMED, is_parked=True) for row, fact in facts if fact is None]
        sent = self._sent([(row, fact) for row, fact in facts if fact is not None])
        return Answer(bad + sent.fates, sent.outage)

    def _sent(self, facts: Sequence[tuple[Row, Mapping[str, Any]]]) -> Answer:
        if not facts:
            return Answer([])
        try:
            answers = list(self._client.append_many([fact for _, fact in facts], batch=len(facts)))
        except Unanswered as error:
            return Answer([], _outage(error))
        except ServerProblem as problem:
            if passes(problem.status):
                return Answer([], _outage(problem))
            if problem.status not in _OF_THE_ROWS:
                raise
            return self._by_halves(facts, _told(problem))
        except (ValueError, RecursionError):  # Of a number or a nesting that Python reads and does not write.
            return self._by_halves(facts, _MALFORMED)
        return _judged(
            (row, answer if isinstance(answer, ServerProblem) else None)
            for (row, _), answer in zip(facts, answers, strict=True)
        )

    def _by_halves(self, facts: Sequence[tuple[Row, Mapping[str, Any]]], reason: str) -> Answer:
        """Find what kept all of these facts from being read."""
        if len(facts) == 1:
            return Answer([Fate(facts[0][0].id, reason, is_parked=True)])
        half = len(facts) // 2
        first = self._sent(facts[:half])
        if first.outage:
            return first
        second = self._sent(facts[half:])
        return Answer(first.fates + second.fates, second.outage)


class Straight:
    """Delivers into a ledger that is open in this process; each fact's actor is its source."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def deliver(self, rows: Sequence[Row]) -> Answer:
        """Deliver rows; one that a promise refuses is parked, and its refusal is in the ledger."""
        parsed = [_parsed(row) for row in rows]
        appended = iter(self._ledger.append_many([one for one in parsed if not isinstance(one, PledgerError)]))
        answers = [one if isinstance(one, PledgerError) else _error_in(next(appended)) for one in parsed]
        return _judged(zip(rows, answers, strict=True))


def _error_in(answer: Receipt | PledgerError) -> PledgerError | None:
    if isinstance(answer, PledgerError):
        return answer
    if not answer.refused:
        return None
    promises = dict.fromkeys(found.promise for found in answer.findings)
    return Refused(tuple(promises), tuple(dict.fromkeys(found.code for found in answer.findings)))


def _judged(answers: Iterable[tuple[Row, PledgerError | None]]) -> Answer:
    """Say what became of rows that were answered one by one."""
    fates: list[Fate] = []
    outage: Outage | None = None
    for row, error in answers:
        if error is None:
            fates.append(Fate(row.id))
        elif not _passes(error):
            fates.append(Fate(row.id, _told(error), is_parked=True))
        elif _code(error) in _OUTAGES:
            outage = outage or _outage(error)
        else:
            fates.append(Fate(row.id, _told(error), is_parked=row.attempts + 1 >= ATTEMPTS_MAX))
    return Answer(fates, outage)


def _passes(error: PledgerError) -> bool:
    return passes(error.status) if isinstance(error, ServerProblem) else error.code not in _FAULTS_OF_A_FACT


def _code(error: PledgerError) -> str:
    return error.problem_code if isinstance(error, ServerProblem) else error.code


def _outage(error: PledgerError) -> Outage:
    return Outage(_code(error), error.why.rstrip(".") or error.what.rstrip("."))


def _parsed(row: Row) -> Fact | PledgerError:
    try:
        return parse_fact(row.text)
    except MalformedFact as error:
        return error


def _object_in(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _told(error: PledgerError) -> str:
    """Say what is wrong with a row, by code, in a line."""
    if isinstance(error, ServerProblem):
        problems = [f"{where}: {what}" if where else what for where, what in error.errors]
    else:
        problems = list(map(str, error.problems)) if isinstance(error, MalformedFact) else []
    if isinstance(error, ServerProblem | Refused) and error.promises:
        problems = [f"it would break {', '.join(error.promises)}"]
    return f"{_code(error)}: {'; '.join(problems) or error.why or error.what}"[:REASON_MAX]
