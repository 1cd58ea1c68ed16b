"""Appending JSON Lines: one fact a line, in the form of the wire contract.

Lines are appended in order, `BATCH_MAX` in one transaction. A bad line is reported by its number with every problem in
it, and stops no other. Blank lines are skipped. Memory does not grow with the file.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ValidationError

from adapters.imports.lines import bounded_lines
from adapters.ledger import BATCH_MAX, Receipt
from adapters.receipt_notes import beside
from domain.audit.reasons import reasons_of
from domain.errors import MalformedFact, PledgerError, Problem
from domain.facts import FACT_BYTES_MAX, Fact
from domain.facts.fields import Source, Word
from domain.json_text import NotJson, read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from adapters.ledger import Ledger


class FileUnreadable(PledgerError):
    """A file of facts cannot be read."""

    code = "file_unreadable"


class Rejected(NamedTuple):
    """A line that was not appended: the code of its error, and every problem in it.

    `fact` is "source id", or None if these cannot be read.
    """

    line: int
    fact: str | None
    code: str
    problems: tuple[Problem, ...]


class Flagged(NamedTuple):
    """A fact that breaks promises: stored with findings, or refused because its mode is enforce."""

    line: int
    fact: str
    promises: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]
    """Each promise with the code of what broke it."""

    def as_dict(self) -> dict[str, Any]:
        """Return the fact as JSON has it."""
        findings = [{"promise": promise, "code": code} for promise, code in self.findings]
        return {**self._asdict(), "reasons": self.reasons, "findings": findings}

    @property
    def reasons(self) -> list[str]:
        """What stands against it, in short."""
        return reasons_of(code for _, code in self.findings)


class Noted(NamedTuple):
    """A stored fact of which there is more to say than findings."""

    line: int
    fact: str
    said: dict[str, Any]
    """As `adapters.receipt_notes.beside` says it."""


@dataclass(slots=True)
class AppendReport:
    """The report of a file: `lines` = `appended` + `repeated` + refused + rejected, without blank lines."""

    lines: int = 0
    appended: int = 0
    repeated: int = 0
    events: int = 0
    position: int = 0
    refused: list[Flagged] = field(default_factory=list)
    findings: list[Flagged] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.lines / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it; `position` is that of the last appended event, or 0."""
        return {
            "lines": self.lines,
            "appended": self.appended,
            "repeated": self.repeated,
            "events": self.events,
            "position": self.position,
            "refused": [one.as_dict() for one in self.refused],
            "findings": [one.as_dict() for one in self.findings],
            "rejected": [
                {**one._asdict(), "problems": [asdict(problem) for problem in one.problems]} for one in self.rejected
            ],
            "noted": [{"line": one.line, "fact": one.fact, **one.said} for one in self.noted],
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of facts; - is standard input. Raise `FileUnreadable`."""
    if str(path) == "-":
        if sys.stdin is None:
            raise FileUnreadable("Standard input cannot be read.", "it is closed.", "Send JSON Lines to it.")
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise FileUnreadable(
            f"{path} cannot be read.", f"{error.strerror}.", "Give the path of a JSON Lines file."
        ) from error
    with stream:
        yield stream


def append_lines(ledger: Ledger, lines: BinaryIO, progress: Callable[[int], None] | None = None) -> AppendReport:
    """Append the facts of a stream of JSON Lines; `progress` is called with the lines done."""
    started = time.perf_counter()
    report = AppendReport()
    batch: list[tuple[int, Fact]] = []

    def flush() -> None:
        for (line, fact), answer in zip(batch, ledger.append_many([fact for _, fact in batch]), strict=True):
            _count(report, line, fact, answer)
        batch.clear()
        if progress:
            progress(report.lines)

    for number, raw in numbered(lines):
        report.lines += 1
        try:
            batch.append((number, ledger.parse(raw)))
        except MalformedFact as error:
            report.rejected.append(Rejected(number, _name(raw), error.code, error.problems))
        if len(batch) >= BATCH_MAX:
            flush()
    flush()
    report.rejected.sort()
    report.seconds = time.perf_counter() - started
    return report


def numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number; a line that is too long is cut, but stays too long."""
    number = 0
    try:
        for number, line, _ in bounded_lines(stream.readline, FACT_BYTES_MAX + 2):
            text = line.rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"")
            if text.strip():
                yield number, text
    except OSError as error:
        raise FileUnreadable(
            f"The facts cannot be read after line {number}.",
            f"{error.strerror}.",
            "Solve that and append the file again: nothing is stored twice.",
        ) from error


class _Envelope(BaseModel):
    source: Source
    id: Word


def _name(raw: bytes) -> str | None:
    """Return the name of a malformed fact, so that its sender finds it; nothing else is repeated."""
    try:
        envelope = _Envelope.model_validate(read_json(raw), strict=True)
    except (NotJson, ValidationError):
        return None
    return f"{envelope.source} {envelope.id}"


def _count(report: AppendReport, line: int, fact: Fact, answer: Receipt | PledgerError) -> None:
    if isinstance(answer, PledgerError):
        report.rejected.append(Rejected(line, fact.name, answer.code, (Problem("", str(answer)),)))
        return
    if answer.refused:
        report.refused.append(_flagged(line, answer))
    elif answer.repeated:
        report.repeated += 1
    else:
        report.appended += 1
        if any(not found.excused for found in answer.findings):
            report.findings.append(_flagged(line, answer))
    # The one who runs a command on the ledger may see its streams.
    if (said := beside(answer, names_streams=True))["notes"]:
        report.noted.append(Noted(line, answer.fact, said))
    if not answer.repeated:
        report.events += answer.events
        report.position = max(report.position, answer.position)


def _flagged(line: int, receipt: Receipt) -> Flagged:
    findings = tuple(dict.fromkeys((found.promise, found.code) for found in receipt.findings if not found.excused))
    return Flagged(line, receipt.fact, tuple(dict.fromkeys(promise for promise, _ in findings)), findings)
