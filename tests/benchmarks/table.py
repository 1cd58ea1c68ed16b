"""The table, for a reader and for a program: a row a line, a column a workload."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.line import RATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.line import Line

WIDTH: Final = 150
_LARGE: Final = 1_000

FOOTER: Final = """\
Both sides of a line run in turn on one embedded server, round after round; a ratio is taken within each round, and the
table gives the middle one, with the smallest and the largest, and below it the medians of ours and theirs. Of a rate
the target is the least, of a time (≤) the most; where nothing stands beside ours, the target is for the figure itself.

Uniform: a shop's orders, all lawful: four facts each (collected; used; shared with the payment processor; shared with
the carrier), every third from a new customer, whom it enrolls. Lived: years of the demo's shop, with newsletters,
opt-outs, gifts, joins, requests, corrections, browsers and facts that come late, and besides erasures, corrected
entries, objections, incidents and breaches at a lifelike rate.

Appending: from the moment at which all writers were told to start to the last one's last commit; connecting, preparing
and a first round to warm up are not counted. Writers share no customer, since eventsourcing would not resolve the
conflict. A single append is one fact in one durable commit, or shared by one, validated beforehand. eventsourcing saves
the events of the same facts in as many transactions, building the event objects within the time measured; it validates,
decides and seals nothing, and an erasure is one more event for it. Batches are validated from JSON within the time
measured; each side takes the better of one process and two. COPY gets the rows that the ledger stored, in the ledger's
own transactions, as bytes made beforehand, into a table of the same columns and indexes.

Read models: ledgers are filled once with the same facts, then vacuumed. A rebuild makes all read models and puts them
in place. By hand, the same statements run over the whole log, one transaction each, on as many connections, and nothing
is put in place. eventsourcing's runner is handed every event of a store of its own with the same kind of events, and
commits once an event, as it does; its view keeps subscriptions only, one of our read models, which is in its favour.
Under load, writers and a follower are processes of their own; a lag runs from an append's answer until all read models
were seen to have it.

One customer: a report is found by name, selected, opened and folded; bare, the same rows are selected and opened. What
growth costs is measured on customers drawn by chance, not remembered from before. An old customer and a young one have
lived as the workload's customers do; what is measured is the same facts of both: orders, uses, shares, messages,
opt-outs and contest entries; warm is the mean of 27 appends, all kinds of them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured: on which machine, how, and the lines of each workload, the same ones in the same order."""

    machine: Mapping[str, object]
    lines: Mapping[str, Sequence[Line]]
    rounds: int
    size: float

    @property
    def rows(self) -> list[dict[str, Line]]:
        """Return the rows: for each line, how it came out on each workload."""
        return [dict(zip(self.lines, row, strict=True)) for row in zip(*self.lines.values(), strict=True)]


def as_text(report: Report) -> str:
    """Return the header, the table, the notes and the footer."""
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, padding=(0, 1))
    for heading in ("work", "against"):
        table.add_column(heading)
    for heading in (*report.lines, f"target {' / '.join(report.lines)}"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows:
        first, *_ = row.values()
        table.add_row(first.work, first.against, *map(_measured, row.values()), _targets(list(row.values())))
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    header = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    scaled = "" if report.size == 1 else f", work scaled by {report.size:g}: these figures say little"
    told = (f"{name}: {note}." for name, lines in report.lines.items() for line in lines for note in line.notes)
    notes = "\n".join(dict.fromkeys(told))
    rendered = "\n".join(row.rstrip() for row in captured.get().splitlines() if row.strip())
    return "\n\n".join(part for part in (f"{header}, rounds {report.rounds}{scaled}", rendered, notes, FOOTER) if part)


def _measured(line: Line) -> str:
    """Return the ratio over the figures, or the one figure where nothing stands beside it."""
    ours = _figure(median(line.ours), line.unit)
    if line.ratio is None:
        return f"{ours} {line.unit}\n({_span(line.ours)})"
    theirs = _figure(median(line.theirs), line.unit)
    return f"{line.ratio:,.2f}× ({_span(line.ratios)})\n{ours} : {theirs} {line.unit}"


def _targets(lines: Sequence[Line]) -> str:
    verdicts = [{True: "met", False: "not met", None: "–"}[line.is_met] for line in lines]
    return f"{' / '.join(map(_target, lines))}\n{' / '.join(verdicts)}"


def _target(line: Line) -> str:
    if line.target is None:
        return "–"
    return f"{'≤ ' * line.is_cost}{line.target:,.10g}{'×' if line.theirs else ''}"


def _figure(figure: float, unit: str) -> str:
    return f"{figure:,.0f}" if unit in RATES else f"{figure:,.2f}"


def _span(figures: Sequence[float]) -> str:
    """Return the smallest and the largest, with decimals where they are small."""
    decimals = 2 if max(figures) < _LARGE else 0
    return f"{min(figures):,.{decimals}f}–{max(figures):,.{decimals}f}"


def as_json(report: Report) -> str:
    """Return the same as JSON: each line, and below it each workload."""
    told = []
    for row in report.rows:
        first, *_ = row.values()
        told.append(
            {
                "line": first.key,
                "work": first.work,
                "against": first.against,
                "unit": first.unit,
                "target_is": "most" if first.is_cost else "least",
                "workloads": {name: _document(line) for name, line in row.items()},
            }
        )
    machine = dict(report.machine)
    return json.dumps({"machine": machine, "rounds": report.rounds, "size": report.size, "lines": told}, indent=2)


def _document(line: Line) -> dict[str, Any]:
    """Return one workload's figures; `rounds` has one a round; beside nothing there is no `theirs` and no `ratio`."""
    return {
        "ours": median(line.ours),
        "theirs": median(line.theirs) if line.theirs else None,
        "rounds": {"ours": line.ours, "theirs": line.theirs},
        "ratio": line.ratio,
        "min": min(line.ratios, default=None),
        "max": max(line.ratios, default=None),
        "target": line.target,
        "met": line.is_met,
        "right": line.is_right,
        "notes": line.notes,
    }
