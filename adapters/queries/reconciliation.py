"""What a file of another system shows and the ledger lacks, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger.opening import namer
from adapters.reconciliation.comparison import compare

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from adapters.bootstrap import Installation
    from adapters.reconciliation.mapping import ReconciliationMapping
    from projections.projection import Connection


def reconciliation(  # noqa: PLR0913 - what is compared with what, for which time
    installation: Installation,
    connection: Connection,
    path: Path,
    mapping: tuple[str, ReconciliationMapping],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Compare a file with the ledger; `mapping` is what `read_mapping` returns.

    Without `since` and `until` the period is that of the rows. `progress` is called with the rows judged, of how many.
    """
    digest, columns = mapping
    report = compare(installation, connection, path, columns, since=since, until=until, progress=progress)
    names = namer(connection, installation.keyring)
    return report.document(installation.settings.ledger, installation.policy, digest, names)
