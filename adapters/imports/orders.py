"""The import of a shop's orders from a CSV file.

Promise: each row becomes the same facts every time (their ids are made of the invoice number), so a second import of a
file changes nothing. A number that begins with a capital C is a cancellation, one that begins with a capital A adjusts
a debt and is skipped, every other row is a purchase: collected, used to complete the order, and shared with the carrier
and the payment processor for that order. All facts of a row have the row's time. The file has no personal values, so
every value is null and held in another system. A row without a customer is a guest, one subject an order. At most about
one batch of facts is in memory. Refused: a bad row, which is reported and does not stop the others.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.imports.options import CARRIER_CATEGORIES, CATEGORIES, PAYMENT_CATEGORIES, ImportOptions
from adapters.imports.order_rows import BadRow, OrderRow, read_rows, zone_of
from adapters.imports.registrations import registrations, rendered
from domain.errors import PledgerError
from domain.facts import parse_fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from adapters.ledger import Ledger, Receipt
    from domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass finds: the number of rows, and the time of the earliest purchase (UTC; None without one)."""

    rows: int
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """A fact that the ledger did not take: the line of its row, "source id", the error's code and its message."""

    line: int
    fact: str
    code: str
    problem: str


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    `rows` = `purchases` + `cancellations` + `skipped` + `rejected`; `guests` are among the purchases. `facts` =
    `appended` + `repeated` + `refused`. `findings` counts the newly appended facts that broke a promise, by promise and
    code. `seconds` is the time it took, `rate` is in facts a second.
    """

    rows: int = 0
    purchases: int = 0
    guests: int = 0
    cancellations: int = 0
    skipped: list[str] = field(default_factory=list)
    rejected: list[BadRow] = field(default_factory=list)
    facts: int = 0
    appended: int = 0
    repeated: int = 0
    refused: list[RefusedFact] = field(default_factory=list)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Facts a second."""
        return self.facts / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON has it: the field names above, and lists of objects."""
        return {
            **{name: getattr(self, name) for name in ("rows", "purchases", "guests", "cancellations")},
            "skipped": list(self.skipped),
            "rejected": [{"line": row.line, "problems": list(row.problems)} for row in self.rejected],
            **{name: getattr(self, name) for name in ("facts", "appended", "repeated")},
            "refused": [asdict(fact) for fact in self.refused],
            "promises": sorted({promise for promise, _ in self.findings}),
            "findings": [
                {"promise": promise, "code": code, "facts": count}
                for (promise, code), count in sorted(self.findings.items())
            ],
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
        }


def survey(path: Path, options: ImportOptions) -> Survey:
    """Read the file once for its rows and its earliest purchase; raises what `read_rows` and `zone_of` raise."""
    rows, earliest = 0, None
    for row in read_rows(path, zone_of(options.timezone)):
        rows += 1
        if isinstance(row, OrderRow) and row.kind == "purchase" and (earliest is None or row.time < earliest):
            earliest = row.time
    return Survey(rows, earliest)


def register(ledger: Ledger, path: Path, options: ImportOptions) -> list[str]:
    """Register what the file's orders need and the company lacks at the time of the first one; give their names."""
    earliest = survey(path, options).earliest
    if earliest is None:
        return []
    missing = registrations(options, earliest, ledger.company())
    for registration in missing:
        ledger.append(parse_fact(registration.fact))
    return [registration.name for registration in missing]


class OrderFacts:
    """Makes the facts of rows, as JSON text.

    The JSON is put together from parts that the options fix once, because a hundred thousand dicts cost more than the
    facts that they say.
    """

    def __init__(self, options: ImportOptions) -> None:
        self._head = f'{{"specversion":"1.0","source":{json.dumps(options.source)},"type":"pledger.'
        self._collected = (
            f',"collection_point":{json.dumps(options.collection_point)},"notice":{json.dumps(options.notice)}'
            f',"held_in":{json.dumps(options.held_in)},"values":{json.dumps(dict.fromkeys(CATEGORIES))}}}}}'
        )
        self._completes = f',"purpose":"complete_order","categories":{json.dumps(CATEGORIES)}}}}}'
        self._ships = _sharing(options.carrier, "deliver_order", CARRIER_CATEGORIES)
        self._charges = _sharing(options.payment_processor, "take_payment", PAYMENT_CATEGORIES)

    def of(self, row: OrderRow) -> tuple[bytes, ...]:
        """Give the facts of a purchase (four) or a cancellation (one), in the order in which they happened."""
        number, subject = row.number, f"customer:{row.customer}" if row.customer else f"order:{row.number}"
        rest = f'","time":"{rendered(row.time)}","subject":{json.dumps(subject)}'
        reference = f'"data":{{"reference":{json.dumps(number)}'

        def fact(word: str, suffix: str, data: str) -> bytes:
            return f'{self._head}{word}.v1{rest},"id":{json.dumps(number + suffix)},{data}'.encode()

        if row.kind == "cancellation":
            return (fact("order_cancelled", "-cancel", reference + "}}"),)
        return (
            fact("collection", "-collect", reference + ',"act":"order"' + self._collected),
            fact("use", "-use", reference + self._completes),
            fact("share", "-share-carrier", reference + self._ships),
            fact("share", "-share-payment", reference + self._charges),
        )


def _sharing(recipient: str, purpose: str, categories: Sequence[str]) -> str:
    return f',"recipient":{json.dumps(recipient)},"purpose":"{purpose}","categories":{json.dumps(categories)}}}}}'


def import_orders(
    ledger: Ledger,
    path: Path,
    options: ImportOptions,
    progress: Callable[[int, int], None] | None = None,
    batch_size: int = 500,
) -> ImportReport:
    """Append the facts of every row of the file, `batch_size` facts a transaction, and tell what was done.

    `progress` is called after each batch with the rows done and the rows in all (for which the file is read once more).
    The registrations are not among the facts: append those of `registrations` first, where the ledger lacks them.
    Raises what `read_rows` and `zone_of` raise, and what the ledger raises for a whole batch; what was appended stays.
    """
    started = time.perf_counter()
    total = survey(path, options).rows if progress else 0
    report = ImportReport()
    batch: list[tuple[int, bytes]] = []

    def flush() -> None:
        _append(ledger, batch, report)
        batch.clear()
        if progress:
            progress(report.rows, total)

    for line, facts in _facts_by_row(path, options, report):
        batch.extend((line, fact) for fact in facts)
        if len(batch) >= batch_size:
            flush()
    flush()
    report.seconds = time.perf_counter() - started
    return report


def _facts_by_row(path: Path, options: ImportOptions, report: ImportReport) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    facts = OrderFacts(options)
    for row in read_rows(path, zone_of(options.timezone)):
        report.rows += 1
        if isinstance(row, BadRow):
            report.rejected.append(row)
        elif row.kind == "adjustment":
            report.skipped.append(row.number)
        else:
            report.cancellations += row.kind == "cancellation"
            report.purchases += row.kind == "purchase"
            report.guests += row.kind == "purchase" and not row.customer
            yield row.line, facts.of(row)


def _append(ledger: Ledger, batch: Sequence[tuple[int, bytes]], report: ImportReport) -> None:
    good: list[tuple[int, Fact]] = []
    for line, raw in batch:
        report.facts += 1
        try:
            good.append((line, parse_fact(raw)))
        except PledgerError as error:
            report.refused.append(RefusedFact(line, _name(raw), error.code, str(error)))
    if not good:
        return
    results = ledger.append_many([fact for _, fact in good])
    for (line, fact), result in zip(good, results, strict=True):
        if isinstance(result, PledgerError):
            report.refused.append(RefusedFact(line, fact.name, result.code, str(result)))
        else:
            _count(result, report)


def _count(receipt: Receipt, report: ImportReport) -> None:
    if receipt.repeated:
        report.repeated += 1
        return
    report.appended += 1
    report.findings.update({(finding.promise, finding.code) for finding in receipt.findings if not finding.excused})


def _name(raw: bytes) -> str:
    fact = json.loads(raw)
    return f"{fact['source']} {fact['id']}"
