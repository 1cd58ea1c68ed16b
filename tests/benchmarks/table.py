"""The table, for a reader and for a program."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Final

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
table gives the middle one, with the smallest and the largest. Rates and times are medians of the rounds. Of a rate the
target is the least, of a time (≤) the most; where nothing stands beside a time, the target is for the time itself.

Appending: from the moment at which all writers were told to start to the last one's last commit; connecting, preparing
and a first round to warm up are not counted. The work is a shop's orders: four facts each (collected; used; shared with
the payment processor; shared with the carrier), every third from a new customer, whom it enrolls. Writers share no
customer, since eventsourcing would not resolve the conflict. A single append is one fact in one durable commit, or
shared by one, validated beforehand. eventsourcing saves the events of the same facts in the same transactions, building
the event objects within the time measured; it validates, decides and seals nothing. Batches are validated from JSON
within the time measured; each side takes the better of one process and two. COPY gets the rows that the ledger stored,
in the ledger's own transactions, as bytes made beforehand, into a table of the same columns and indexes.

Read models: ledgers are filled once with the same orders, then vacuumed. A rebuild makes all read models and puts them
in place. By hand, the same statements run over the whole log, one transaction each, on as many connections, and nothing
is put in place. eventsourcing's runner is handed every event of a store of its own with the same kind of events, and
commits once an event, as it does; its view keeps subscriptions only, one of our read models, which is in its favour.
Under load, writers and a follower are processes of their own; a lag runs from an append's answer until all read models
were seen to have it.

One customer: a report is found by name, selected, opened and folded; bare, the same rows are selected and opened. What
growth costs is measured on customers drawn by chance, not remembered from before. Ages are those of one life of orders,
uses, shares, messages, opt-outs and contest entries; warm is the mean of 27 appends, all kinds of them."""


def as_text(machine: Mapping[str, object], lines: Sequence[Line], *, rounds: int, size: float) -> str:
    """Give the header, the table, the notes and the footer."""
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, padding=(0, 1))
    for heading in ("work", "against"):
        table.add_column(heading)
    for heading in ("ours", "theirs", "ratio", "min–max", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for line in lines:
        table.add_row(*_cells(line))
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    header = ", ".join(f"{name} {value}" for name, value in machine.items())
    scaled = "" if size == 1 else f", work scaled by {size:g}: these figures say little"
    notes = "\n".join(dict.fromkeys(f"{note}." for line in lines for note in line.notes))
    rendered = "\n".join(row.rstrip() for row in captured.get().splitlines() if row.strip())
    return "\n\n".join(part for part in (f"{header}, rounds {rounds}{scaled}", rendered, notes, FOOTER) if part)


def _cells(line: Line) -> tuple[str, ...]:
    is_beside = line.ratio is not None
    target = (
        "–" if line.target is None else f"{'≤ ' * line.is_cost}{line.target:g}{'×' if is_beside else ' ' + line.unit}"
    )
    return (
        line.work,
        line.against,
        _figure(median(line.ours), line.unit),
        _figure(median(line.theirs), line.unit) if line.theirs else "–",
        f"{line.ratio:,.2f}×" if is_beside else "–",
        _span(line.ratios) if is_beside else _span(line.ours),
        target,
        {True: "met", False: "not met", None: ""}[line.is_met],
    )


def _figure(figure: float, unit: str) -> str:
    return f"{figure:,.0f} {unit}" if unit in RATES else f"{figure:,.2f} {unit}"


def _span(figures: Sequence[float]) -> str:
    """Give the smallest and the largest, with decimals where they are small."""
    decimals = 2 if max(figures) < _LARGE else 0
    return f"{min(figures):,.{decimals}f}–{max(figures):,.{decimals}f}"


def as_json(machine: Mapping[str, object], lines: Sequence[Line], *, rounds: int, size: float) -> str:
    """Give the same as JSON; `rounds` has a figure a round; beside nothing there is no `theirs` and no `ratio`."""
    told = [
        {
            "line": line.key,
            "work": line.work,
            "against": line.against,
            "unit": line.unit,
            "ours": median(line.ours),
            "theirs": median(line.theirs) if line.theirs else None,
            "rounds": {"ours": line.ours, "theirs": line.theirs},
            "ratio": line.ratio,
            "min": min(line.ratios, default=None),
            "max": max(line.ratios, default=None),
            "target": line.target,
            "target_is": "most" if line.is_cost else "least",
            "met": line.is_met,
            "right": line.is_right,
            "notes": line.notes,
        }
        for line in lines
    ]
    return json.dumps({"machine": dict(machine), "rounds": rounds, "size": size, "lines": told}, indent=2)
