"""The lines about a single customer in a big ledger: their access report, and what growth costs an append and a report.

Promise: whom is read and appended to is drawn by chance, and not remembered from before, so each has to be found.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Final

from adapters.bootstrap import opened
from adapters.contract import parse_fact
from adapters.keys.sealing import event_key, unseal_event
from adapters.ledger import stream_reader
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from adapters.queries.customers import customer_report
from adapters.reports.text import as_text
from tests.benchmarks import ledger_side
from tests.benchmarks.in_turn import in_turn, milliseconds
from tests.benchmarks.ledger_side import events_of
from tests.benchmarks.line import Line
from tests.benchmarks.long_life import LATER, live
from tests.benchmarks.shop_day import EMAIL, NAME
from tests.benchmarks.targets import target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from projections.projection import Connection
    from tests.benchmarks.filled import Filled, Known
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.workload import Workload

REPORT, GROWTH = "report", "growth"

FEW_CUSTOMERS: Final = 10_000
_EVENTS: Final = 200
_REPORTS: Final = 50
_SAMPLE: Final = 100


def report(filled: Filled, rounds: int, size: float, say: Progress) -> Line:
    """Measure the report of a customer of 200 events against reading the same events and nothing else."""
    times = max(1, round(_REPORTS * size))
    with opened(ledger_side.settings(filled.place)) as installation, installation.connect() as connection:
        live(installation.ledger, filled.place.workload, "reported", _EVENTS)
        name = "customer:reported"
        streams = stream_reader.find(connection, installation.keyring, installation.contract.name(name))
        made = customer_report(installation, connection, name)
        sides = {
            "ours": partial(_median, times, partial(customer_report, installation, connection, name)),
            "bare": partial(_median, times, partial(_select_and_open, installation, connection, streams)),
        }
        figures = in_turn(REPORT, rounds, "ms", sides, say)
        text, data = (median(milliseconds([shown] * times)) for shown in (lambda: as_text(made), made.as_dict))
    work = f"access report of a {_EVENTS}-event customer, of {filled.asked:,} events in all"
    note = f"the report's text takes another {text:.1f} ms, its JSON {data:.1f} ms"
    return Line(
        REPORT,
        work,
        "bare select and open of the same events",
        "ms",
        target(REPORT, filled.place),
        figures["ours"],
        figures["bare"],
        notes=(str(filled), note),
    )


def growth(small: Filled, large: Filled, rounds: int, size: float, say: Progress) -> list[Line]:
    """Measure appends to and reports of customers of a large ledger against those of a small one."""
    against = f"the same with {round(FEW_CUSTOMERS * size):,} customers"
    count = max(2, round(_SAMPLE * size))
    notes = (str(large), str(small))
    at_most = target(GROWTH, large.place)
    seeds = {filled: iter(range(10_000)) for filled in (small, large)}

    def appends(filled: Filled, installation: Installation) -> float:
        seed = next(seeds[filled])
        facts = [_another_use(known, f"g{seed}-{n}") for n, known in enumerate(filled.sample(count, seed))]
        works = [partial(_append, installation, filled.place.workload, fact) for fact in facts]
        return median(milliseconds(works))

    def reports(filled: Filled, installation: Installation, connection: Connection) -> float:
        sample = filled.sample(count, next(seeds[filled]))
        return median(
            milliseconds([partial(customer_report, installation, connection, known.subject) for known in sample])
        )

    with ExitStack() as stack:
        both = {
            name: (filled, stack.enter_context(opened(ledger_side.settings(filled.place))))
            for name, filled in (("ours", large), ("theirs", small))
        }
        lines = []
        for work, sides in (
            ("single append", {name: partial(appends, *pair) for name, pair in both.items()}),
            (
                "access report",
                {name: partial(reports, *pair, stack.enter_context(pair[1].connect())) for name, pair in both.items()},
            ),
        ):
            in_turn(f"{GROWTH}, warming up", 1, "ms", sides, say)
            figures = in_turn(f"{GROWTH}, {work}", rounds, "ms", sides, say)
            told = f"{work} in a ledger of {large.asked:,} events"
            lines.append(Line(GROWTH, told, against, "ms", at_most, figures["ours"], figures["theirs"], notes))
    return lines


def _median(times: int, work: Callable[[], object]) -> float:
    return median(milliseconds([work] * times))


def _select_and_open(installation: Installation, connection: Connection, streams: Sequence[UUID]) -> list[object]:
    """Read the rows of streams and open what is sealed: what a report cannot do without."""
    keys = connection.execute(query("stream_keys"), {"streams": list(streams)}).fetchall()
    deks = {stream: installation.keyring.unwrap(stream, wrapped).dek for stream, wrapped in keys}
    found = connection.execute(query("stream_events"), {"streams": list(streams)}, prepare=True).fetchall()
    return [
        unseal_event(
            event_key(deks[row.stream_id], row.stream_id.bytes, row.version),
            row.sealed,
            row.header(),
            commitment,
            row.value_keys,
        )
        for row in map(EventRow._make, found)
        if row.sealed is not None and (commitment := row.key_commitment) is not None
    ]


def _append(installation: Installation, workload: Workload, fact: Fact) -> None:
    events_of(installation.ledger.append(fact), workload)


def _another_use(known: Known, fact_id: str) -> Fact:
    """Return one more use of what an order told."""
    data = {"purpose": "complete_order", "categories": [NAME, EMAIL], "reference": known.reference}
    envelope = {"id": fact_id, "source": "/shop", "type": "pledger.use.v1", "time": LATER.isoformat()}
    return parse_fact({**envelope, "subject": known.subject, "data": data})
