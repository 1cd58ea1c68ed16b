"""Appending JSON Lines: one fact a line, as the wire contract has it.

Promise: lines are appended in order, `BATCH_MAX` to a transaction; a bad line is reported by its number with every
problem in it, and keeps no other from being appended. Blank lines are passed over. Memory does not grow with the file.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ValidationError

from adapters.ledger import BATCH_MAX, Receipt
from domain.errors import MalformedFact, PledgerError, Problem
from domain.facts import FACT_BYTES_MAX, Fact, parse_fact
from domain.facts.fields import Source, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from adapters.ledger import Ledger


class FileUnreadable(PledgerError):
    """A file to append cannot be read."""

    code = "file_unreadable"


class Rejected(NamedTuple):
    """A line that was not appended: its error's code, and every problem in it.

    `fact` is "source id" where both could be read, and None where not.
    """

    line: int
    fact: str | None
    code: str
    problems: tuple[Problem, ...]


class Flagged(NamedTuple):
    """A fact that breaks promises: stored with findings, or refused because it was to be enforced."""

    line: int
    fact: str
    promises: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]
    """Each promise with the code of what broke it."""

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        findings = [{"promise": promise, "code": code} for promise, code in self.findings]
        return {**self._asdict(), "findings": findings}


@dataclass(slots=True)
class AppendReport:
    """What became of a file: `lines` = `appended` + `repeated` + refused + rejected, blank ones left out."""

    lines: int = 0
    appended: int = 0
    repeated: int = 0
    events: int = 0
    position: int = 0
    refused: list[Flagged] = field(default_factory=list)
    findings: list[Flagged] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.lines / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON has it; `position` is that of the last event appended, 0 if there was none."""
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
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of facts; - is standard input. Raises `FileUnreadable`."""
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
            _take(report, line, fact, answer)
        batch.clear()
        if progress:
            progress(report.lines)

    for number, raw in numbered(lines):
        report.lines += 1
        try:
            batch.append((number, parse_fact(raw)))
        except MalformedFact as error:
            report.rejected.append(Rejected(number, _name(raw), error.code, error.problems))
        if len(batch) >= BATCH_MAX:
            flush()
    flush()
    report.rejected.sort()
    report.seconds = time.perf_counter() - started
    return report


def numbered(stream: BinaryIO) -> Iterable[tuple[int, bytes]]:
    """Give each line that is not blank with its number; of one that is too long, as much as shows that it is."""
    number = 0
    while raw := _read(stream, number):
        number += 1
        if not raw.endswith(b"\n"):
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = _read(stream, number)
        text = raw.rstrip(b"\r\n")
        if number == 1:
            text = text.removeprefix(b"\xef\xbb\xbf")
        if text.strip():
            yield number, text


def _read(stream: BinaryIO, number: int) -> bytes:
    try:
        return stream.readline(FACT_BYTES_MAX + 2)
    except OSError as error:
        raise FileUnreadable(
            f"The facts cannot be read after line {number}.",
            f"{error.strerror}.",
            "Mend that and append the file again: nothing is stored twice.",
        ) from error


class _Envelope(BaseModel):
    source: Source
    id: Word


def _name(raw: bytes) -> str | None:
    """Give the name of a fact that is malformed otherwise, so that its sender finds it; nothing else is repeated."""
    try:
        envelope = _Envelope.model_validate_json(raw, strict=True)
    except ValidationError:
        return None
    return f"{envelope.source} {envelope.id}"


def _take(report: AppendReport, line: int, fact: Fact, answer: Receipt | PledgerError) -> None:
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
    if not answer.repeated:
        report.events += answer.events
        report.position = max(report.position, answer.position)


def _flagged(line: int, receipt: Receipt) -> Flagged:
    findings = tuple(dict.fromkeys((found.promise, found.code) for found in receipt.findings if not found.excused))
    return Flagged(line, receipt.fact, tuple(dict.fromkeys(promise for promise, _ in findings)), findings)
