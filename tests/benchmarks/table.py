"""The table, for a reader and for a program."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.lines import Line

WIDTH: Final = 150

FOOTER: Final = """\
Both sides of a line run in turn on one embedded server, round after round; a ratio is taken within each round, and the
table gives the middle one, with the smallest and the largest. Rates are medians, from the moment at which all writers
were told to start to the last one's last commit; connecting, preparing and a first round to warm up are not counted.
The work is a shop's orders: four facts each (collected; used; shared with the payment processor; shared with the
carrier), every third from a new customer, whom it enrolls. Writers share no customer, since eventsourcing would not
resolve the conflict. A single append is one fact in one durable commit, or shared by one, validated beforehand.
eventsourcing saves the events of the same facts in the same transactions, building the event objects within the time
measured; it validates, decides and seals nothing. Batches are validated from JSON within the time measured; each side
takes the better of one process and two. COPY gets the rows that the ledger stored, in the ledger's own transactions, as
bytes made beforehand, into a table of the same columns and indexes."""


def as_text(machine: Mapping[str, object], lines: Sequence[Line], *, rounds: int, size: float) -> str:
    """Give the header, the table, the notes and the footer."""
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, padding=(0, 1))
    for heading in ("work", "against"):
        table.add_column(heading)
    for heading in ("ours", "theirs", "ratio", "min–max", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for line in lines:
        table.add_row(
            line.work,
            line.against,
            f"{median(line.ours):,.0f} {line.unit}/s",
            f"{median(line.theirs):,.0f} {line.unit}/s",
            f"{line.ratio:.2f}×",
            f"{min(line.ratios):.2f}–{max(line.ratios):.2f}",
            "–" if line.target is None else f"{line.target}×",
            {True: "met", False: "not met", None: ""}[line.is_met],
        )
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    header = ", ".join(f"{name} {value}" for name, value in machine.items())
    scaled = "" if size == 1 else f", work scaled by {size:g}: these figures say little"
    notes = "\n".join(dict.fromkeys(f"{note}." for line in lines for note in line.notes))
    rendered = "\n".join(row.rstrip() for row in captured.get().splitlines() if row.strip())
    return "\n\n".join(part for part in (f"{header}, rounds {rounds}{scaled}", rendered, notes, FOOTER) if part)


def as_json(machine: Mapping[str, object], lines: Sequence[Line], *, rounds: int, size: float) -> str:
    """Give the same as JSON; rates are a second, one a round."""
    told = [
        {
            "line": line.key,
            "work": line.work,
            "against": line.against,
            "unit": line.unit,
            "ours": median(line.ours),
            "theirs": median(line.theirs),
            "rounds": {"ours": line.ours, "theirs": line.theirs},
            "ratio": line.ratio,
            "min": min(line.ratios),
            "max": max(line.ratios),
            "target": line.target,
            "met": line.is_met,
            "notes": line.notes,
        }
        for line in lines
    ]
    return json.dumps({"machine": dict(machine), "rounds": rounds, "size": size, "lines": told}, indent=2)
