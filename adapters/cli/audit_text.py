"""An audit in a terminal, in plain words: what is broken first, then what is open, and last what was kept.

It is made from the audit's document alone. Lines are broken between words, and a continued line is indented under its
beginning; only a word longer than a line is folded. It shows the first breaches of each sort, and says how many more
there are; the JSON and the HTML page hold the rest.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from adapters.audits import view
from adapters.audits.view import SIGNS, listed, shown_status, shown_time, times
from adapters.cli.console import visible
from adapters.reports.words import sentence
from domain.policy.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NARROWEST, WIDEST = 40, 110
"""Narrower lines fold words; wider lines are hard to read."""
STYLES: Final[Mapping[str, str]] = {
    Status.BROKEN: "bold red",
    Status.OPEN: "yellow",
    Status.EXCUSED: "yellow",
    Status.INDETERMINATE: "magenta",
    Status.ATTESTED: "cyan",
    Status.KEPT: "green",
    Status.UNTESTED: "dim",
    Status.NOT_EXERCISED: "dim",
}
_IN_SHORT: Final = frozenset({Status.KEPT, Status.UNTESTED, Status.NOT_EXERCISED})
_REASONS_SHOWN: Final = 4
_FACTS_SHOWN: Final = 3
_REVISIONS_SHOWN: Final = 10
_PLAINLY: Final = "history"
"""How most promises can be proven: by recorded facts."""
_TIED: Final = "\u00a0"
"""A blank at which no line is broken. In a fact it would be escaped, so every one in the text is ours."""
_MARGIN: Final = " " * 5
"""Text about a promise begins under its title."""

Piece = str | tuple[str, str]
"""A text, or one with its style."""


def audit_text(document: Mapping[str, Any], width: int) -> Text:
    """Return an audit as lines of at most so many columns, each ending in a line break."""
    return Text("\n").join([*_Writer(document, min(max(width, NARROWEST), WIDEST)).all(), Text()])


class _Writer:
    """Formats one document at one width."""

    def __init__(self, document: Mapping[str, Any], width: int) -> None:
        self.document = document
        self.width = width
        self.console = Console(width=width, markup=False, emoji=False, highlight=False)
        self.meanings = document["meanings"]
        self.readings: dict[str, dict[str, Any]] = document["readings"]
        self.first = view.first_reading(document)

    def all(self) -> Iterator[Text]:
        """Yield all lines."""
        yield from self.header()
        yield from self.overview()
        for status, promises in view.by_status(self.document).items():
            yield Text()
            title = f"{SIGNS[status]} {shown_status(status).upper()}  {times(len(promises), 'promise')}"
            yield from self.line("", (title, STYLES[status]))
            yield from self.line("  ", (f"{sentence(self.meanings['statuses'][status])}.", "dim"))
            format_promise = self.in_short if status in _IN_SHORT else self.in_full
            yield from chain.from_iterable(map(format_promise, promises))
        yield from self.revisions()
        yield from self.undone()
        yield from self.ungrounded()
        yield from self.too_early()
        yield from self.reconciliations()
        yield from self.footer()

    def header(self) -> Iterator[Text]:
        """Yield the question, and the parameters that the policy leaves open."""
        document = self.document
        yield from self.line("", (f"Audit of {document['policy_title']}", "bold"))
        rows = view.frame(document)
        label = max(len(name) for name, _ in rows) + 4
        for name, text in rows:
            yield from self.line((f"  {name}".ljust(label), "dim"), text)
        yield Text()
        yield from self.line("", ("What the text leaves open is set so", "bold"))
        settings = view.settings(document)
        label = max(len(one.amount) for one in settings) + 4
        for one in settings:
            yield from self.line(f"  {one.amount}".ljust(label), (one.meaning, "dim"))

    def overview(self) -> Iterator[Text]:
        """Yield how many promises have which status under each reading."""
        yield Text()
        yield from self.line("", ("Under each reading", "bold"))
        label = max(map(len, self.readings)) + 4
        for reading in self.readings:
            pieces: list[Piece] = []
            for status, count in view.counts(self.document, reading).items():
                pieces += [", ", (f"{count}{_TIED}{shown_status(status).replace(' ', _TIED)}", STYLES[status])]
            yield from self.line(f"  {reading}".ljust(label), *pieces[1:])
            yield from self.line(" " * label, (self.meanings["readings"][reading], "dim"))
        if len(self.readings) > 1:
            yield from self.line("", f"What follows is {self.first}; the others stand where they differ.")

    def in_full(self, promise: str) -> Iterator[Text]:
        """Yield a promise with the first facts of each reason."""
        verdict = self.readings[self.first][promise]
        yield Text()
        yield from self.line((_name(promise), "bold"), (verdict["title"], "bold"))
        how = verdict["provable"]
        provable = "" if how == _PLAINLY else f" Proof: {self.meanings['provable'][how]}."
        yield from self.line(_MARGIN, (f"{sentence(view.counted(verdict))}.{provable}", "dim"))
        for status, said in view.said(verdict):
            yield from self.said(said, status)
        yield from self.beside(promise, _MARGIN)

    def in_short(self, promise: str) -> Iterator[Text]:
        """Yield a promise in one line, and the other readings where they differ."""
        verdict = self.readings[self.first][promise]
        exercised = verdict["exercised"]
        tested = (f" ({times(exercised, 'test')})" if exercised else "", "dim")
        yield from self.line((_name(promise), "bold"), verdict["title"], tested)
        yield from self.beside(promise, _MARGIN)

    def beside(self, promise: str, margin: str) -> Iterator[Text]:
        """Yield late evidence, what files show, and the other readings where they differ."""
        late = self.readings[self.first][promise].get("late_evidence", ())
        if late:
            first = f"{late[0]['event']} rests on {', '.join(late[0]['evidence'][:_FACTS_SHOWN])}"
            more = f", and {len(late) - 1:,} more" if len(late) > 1 else ""
            note = f"what permits it was recorded only after it: {first}{more}"
            yield from self.line(margin, ("look twice: ", STYLES[Status.OPEN]), note, hanging=len(margin) + 2)
        verdict = self.readings[self.first][promise]
        if note := view.outside(verdict):
            yield from self.line(margin, ("found outside: ", STYLES[Status.BROKEN]), note, hanging=len(margin) + 2)
        for other in view.others(self.document, promise):
            status = other.verdict["status"]
            verdict = (f"{SIGNS[status]} {shown_status(status)}", STYLES[status])
            yield from self.line(
                margin, f"{listed(other.readings)}: ", verdict, _briefly(other.verdict), hanging=len(margin) + 2
            )

    def said(self, said: Sequence[dict[str, Any]], status: str) -> Iterator[Text]:
        """Yield the first facts of each reason."""
        reasons = view.alike(said, status)
        for same in reasons[:_REASONS_SHOWN]:
            count = f" ({times(len(same.said), 'fact')})" if len(same.said) > 1 else ""
            yield from self.line((f"{_MARGIN}{SIGNS[status]} ", STYLES[status]), same.why, (count, "dim"))
            for one in same.said[:_FACTS_SHOWN]:
                yield from self.fact(one, status)
            yield from self.more(len(same.said) - _FACTS_SHOWN, "fact", f"{_MARGIN}  ")
        yield from self.more(len(reasons) - _REASONS_SHOWN, "reason", _MARGIN)

    def fact(self, one: Mapping[str, Any], status: str) -> Iterator[Text]:
        """Yield one fact, with the facts that show it and what became of it; nothing for what only time shows."""
        if not one["event"]:
            return
        indent = len(_MARGIN) + 2
        at = view.when(one, status, self.document["as_of"])
        subject = f", about {one['subject']}" if one["subject"] else ""
        yield from self.line(" " * indent, (f"{at}  ", "dim"), f"{one['event']}{subject}", hanging=indent + 2)
        for note in view.notes(one, _FACTS_SHOWN):
            yield from self.line(" " * (indent + 2), (note, "dim"), hanging=indent + 4)

    def more(self, count: int, noun: str, margin: str) -> Iterator[Text]:
        """Yield a line that says how many are not shown."""
        if count > 0:
            yield from self.line(margin, (f"… and {times(count, f'more {noun}')}", "dim"))

    def undone(self) -> Iterator[Text]:
        """Yield what somebody undid, with the reports that had been issued while it stood."""
        if not (undone := self.document["undone"]):
            return
        yield Text()
        yield from self.line("", (f"UNDONE  {times(len(undone), 'decision')}", "bold"))
        about = "An officer parted people who had been taken for one, ended a name, or annulled what protects somebody."
        yield from self.line("  ", (about, "dim"))
        for one in undone[:_REVISIONS_SHOWN]:
            by = f" by {one['by']}" if one["by"] else ""
            reason = f": {one['reason']}" if "reason" in one else ""
            verified = f"; verified by {one['verified']}" if "verified" in one else ""
            reports = f"; reports issued until then: {', '.join(one['reports'])}" if one["reports"] else ""
            later = f"; to be annulled and told again: {', '.join(one['later'])}" if one["later"] else ""
            entry = f" {one['entry']}" if one["entry"] else ""
            said = f"{one['at']}  {one['what']}{entry}  {one['event']}{by}{reason}{verified}{reports}{later}"
            yield from self.line("  ", said, hanging=4)
        yield from self.more(len(undone) - _REVISIONS_SHOWN, "decision", "  ")

    def ungrounded(self) -> Iterator[Text]:
        """Yield what was done with data of which no collection is on record."""
        if not (used := self.document["ungrounded"]):
            return
        yield Text()
        yield from self.line("", (f"RESTS ON NOTHING RECORDED  {times(len(used), 'fact')}", "bold"))
        yield from self.line(
            "  ", ("No collection on record holds what was used, so what permits it is not known.", "dim")
        )
        for one in used[:_REVISIONS_SHOWN]:
            yield from self.line("  ", f"{one['at']}  {one['event']}: {', '.join(one['categories'])}", hanging=4)
        yield from self.more(len(used) - _REVISIONS_SHOWN, "fact", "  ")

    def too_early(self) -> Iterator[Text]:
        """Yield what was done with the data of people who had asked to be forgotten, in the waiting period."""
        if not (done := self.document["done_while_waiting"]):
            return
        yield Text()
        yield from self.line("", (f"DONE WHILE WAITING  {times(len(done), 'fact')}", "bold"))
        yield from self.line("  ", ("The person had asked to be forgotten, and it should have waited.", "dim"))
        for one in done[:_REVISIONS_SHOWN]:
            asked = f"asked by {one['request']}" if one["request"] else "somebody who has the address asked"
            why = f"{asked}; the waiting period ends {one['until']}"
            yield from self.line("  ", f"{one['at']}  {one['event']}: {why}", hanging=4)
        yield from self.more(len(done) - _REVISIONS_SHOWN, "fact", "  ")

    def revisions(self) -> Iterator[Text]:
        """Yield the facts that were judged otherwise when they were appended."""
        revised = self.document["seen_otherwise_at_append"]
        if not revised:
            return
        yield Text()
        yield from self.line("", (f"SEEN OTHERWISE AT APPEND  {times(len(revised), 'fact')}", "bold"))
        yield from self.line("  ", ("Other facts came late, and what is judged by them now was not then.", "dim"))
        for one in revised[:_REVISIONS_SHOWN]:
            then, now = (", ".join(one[key]) or "nothing" for key in ("then", "now"))
            change = f"{one['event']}: it broke {then} as was known then, and breaks {now} as is known now"
            yield from self.line("  ", (f"{shown_time(one['at'])}  ", "dim"), change, hanging=4)
        yield from self.more(len(revised) - _REVISIONS_SHOWN, "fact", "  ")

    def reconciliations(self) -> Iterator[Text]:
        """Yield the differences between the record and files of other systems."""
        held = self.document["reconciliations"]
        if not held:
            return
        yield Text()
        yield from self.line("", (f"HELD AGAINST OTHER SYSTEMS  {times(len(held), 'file')}", "bold"))
        for one in held:
            yield from self.line("  ", (f"{one['reconciliation']}: ", "bold"), view.differs(one), hanging=4)
            found = one["discrepancies"]
            for each in found[:_REVISIONS_SHOWN]:
                text = view.discrepancy(each)
                yield from self.line("    ", (f"{shown_time(each['at'])}  ", "dim"), text, hanging=6)
            yield from self.more(len(found) - _REVISIONS_SHOWN, "difference", "    ")

    def footer(self) -> Iterator[Text]:
        """Yield what no ledger can know, and the digest of this audit."""
        yield Text()
        yield from self.line("", ("What this cannot show", "bold"))
        for limit in self.document["limits"]:
            yield from self.line("  – ", limit)
        yield Text()
        yield from self.line("", ("digest  ", "dim"), self.document["digest"])
        yield from self.line("", ("--format json holds every fact; --format html is a page.", "dim"))

    def line(self, lead: str | Piece, *pieces: Piece, hanging: int = 0) -> Iterator[Text]:
        """Yield one paragraph after its lead; its other lines begin under its first word, or at `hanging`."""
        begun = _assembled(lead)
        indent = max(hanging, begun.cell_len)
        for number, one in enumerate(_assembled(*pieces).wrap(self.console, self.width - indent, overflow="fold")):
            one.rstrip()
            one.plain = one.plain.replace(_TIED, " ")
            yield (Text(" " * indent) if number else begun) + one


def _assembled(*pieces: Piece) -> Text:
    """Return pieces as one paragraph, escaped except for our own tied blanks."""
    styled = ((piece, "") if isinstance(piece, str) else piece for piece in pieces)
    return Text.assemble(*((_TIED.join(map(_shown, text.split(_TIED))), style) for text, style in styled))


def _shown(text: str) -> str:
    return visible(text).replace("\n", "\\n")


def _name(promise: str) -> str:
    return f"{promise} ".ljust(len(_MARGIN))


def _briefly(verdict: Mapping[str, Any]) -> str:
    """Return the first statement under another reading."""
    for _, said in view.said(verdict):
        return f", {view.counted(verdict)}. First {said[0]['event'] or ''}: {said[0]['why']}"
    return ""
