"""What `pledger import` shows of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from adapters.cli.console import listed, out, say, visible
from adapters.cli.tables import print_table

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.imports.file_report import FileReport, ImportCounts
    from adapters.imports.mapping import ImportMapping
    from adapters.imports.orders import OrdersReport

SKIPPED: Final = {
    "listed": "the mapping lists them",
    "state": "a state, and no request",
    "status": "by their status",
}
"""The words for each value of `Conversion.skipped`."""
STATES: Final = (
    "A state says that somebody is subscribed, and not when they asked. So it enrolls nobody,",
    "and undoes no opt-out. If the file has the time at which they asked, name its column under",
    "columns.time of the mapping.",
)
NOTES: Final = {
    "address_unusable": "Kept as a value only, since it is no e-mail address",
    "without_number": "Told under a reference of their own, for want of a person's number",
}
"""The words for each value of `Conversion.notes`."""


def show_orders(report: OrdersReport) -> None:
    """Show the report of `pledger import orders`."""
    print_table(
        "Orders",
        ("", "rows"),
        [
            ("purchases", report.purchases),
            ("  of these by guests", report.guests),
            ("cancellations", report.cancellations),
            ("skipped (adjustments of a debt)", len(report.skipped)),
            ("rejected", len(report.rejected)),
            ("rows in all", report.rows),
        ],
    )
    say(
        f"{report.facts:,} facts: {report.appended:,} appended, {report.repeated:,} there already, "
        f"{len(report.refused):,} not stored; {report.rate:,.0f} facts/s."
    )
    say(f"Registered on the Company stream: {listed(report.registered)}.")
    if report.skipped:
        say(f"Skipped: {listed(report.skipped)}.")
    _show_counts(report)
    for row in report.rejected:
        out.print(Text.assemble((f"line {row['line']}", "red"), visible(f": {listed(row['problems'])}")))
    for fact in report.refused:
        out.print(Text.assemble((f"line {fact['line']}", "red"), visible(f": {fact['fact']}: {fact['problem']}")))


def show_file(report: FileReport, mapping: ImportMapping, rejected: Path | None) -> None:
    """Show the report of `pledger import file`."""
    would = "would be " if report.is_dry else ""
    rows = [(f"{would}taken", report.taken)]
    rows += [(f"skipped: {SKIPPED[code]}", count) for code, (count, _) in sorted(report.skips.items())]
    rows += [(f"{would}rejected", report.rejected), ("rows in all", report.rows)]
    print_table(f"Rows of {mapping.kind}", ("", "rows"), rows)
    if report.kinds:
        print_table(f"Facts that {would or 'were '}appended", ("kind", "facts"), sorted(report.kinds.items()))
    say(
        f"{_several(report.facts)}: {report.appended:,} {would}appended, {report.repeated:,} there already; "
        f"{report.rate:,.0f} rows/s."
    )
    if report.registered:
        say(f"{'Would be registered' if report.is_dry else 'Registered'} first: {listed(report.registered)}.")
    _show_counts(report)
    if "state" in report.skips:
        say("\n".join(STATES))
    if report.rejected:
        reasons = [(code, rows, f"line {first}") for code, (rows, first) in sorted(report.reasons.items())]
        print_table("Rejected", ("code", "rows", "first"), reasons)
        for line, code, text in report.examples:
            out.print(Text.assemble((f"line {line}", "red"), visible(f" ({code}): {text}")))
    if report.rejected and rejected:
        say(f"The rejected rows are in {rejected}. Correct them there, and import that file under the same mapping.")
    elif report.rejected:
        say("--rejected FILE writes the rejected rows to a file, to be corrected.")
    elif report.is_dry:
        say("Nothing was appended. The same command without --dry-run imports the file.")


def _show_counts(report: ImportCounts) -> None:
    """Show what the import knows and does not: whom it enrolled, what was refused, which cells stand for nothing."""
    for title, counts in (("Promises broken", report.findings), ("Refused", report.refusals)):
        if counts:
            rows = [(promise, code, count) for (promise, code), count in sorted(counts.items())]
            print_table(title, ("promise", "why", "facts"), rows)
    if report.findings:
        say(f"Where to look, for each fact and for what to do: {listed(report.look())}")
    if report.enrolled:
        enrolled = [(program, cause, count) for (program, cause), count in sorted(report.enrolled.items())]
        print_table("Enrolled by these facts, each as of its time", ("program", "cause", "times"), enrolled)
    elif not report.is_dry:
        say("These facts enrolled nobody.")
    if report.nulls:
        nulls = [(column, cells, f"line {line}") for column, (cells, line) in sorted(report.nulls.items())]
        print_table("Cells read as nothing", ("column", "cells", "first"), nulls)
    for category, count in sorted(report.unread.items()):
        say(f"Not one address or number, so that it matches nobody: {category} of {_several(count)}.")
    for code, (count, line) in sorted(report.notes.items()):
        say(f"{NOTES[code]}: {count:,} row{'' if count == 1 else 's'}, first line {line}.")


def _several(facts: int) -> str:
    return f"{facts:,} fact{'' if facts == 1 else 's'}"
