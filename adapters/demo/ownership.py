"""Whether the ledger `demo` is the demo's own, so that it may be made anew.

Promise: it is only if it is a ledger and holds no fact but those that the demo tells, all or, after a run that was cut
short, some of them. Refused: everything else of that name; it is somebody's, and it stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from adapters.postgres.connection import translated
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.postgres.connection import Database
    from domain.commands import Fact

_TABLES: Final = ["events", "facts", "head", "ledger", "policies"]
_FOREIGN: Final = """
SELECT count(*) FROM {ledger}.facts
WHERE source <> '/pledger/init'
    AND (source, fact_id) NOT IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


class DemoLedgerInUse(PledgerError):
    """The schema `demo` holds something that the demo did not put there."""

    code = "demo_ledger_in_use"


def check_ours(database: Database, facts: Sequence[Fact]) -> None:
    """Make sure that the demo's schema is missing, or holds no fact but these. Raises `DemoLedgerInUse`."""
    with translated(), database.connect_as_owner() as connection:
        name = database.ledger
        if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)).fetchone():
            return
        found = connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = ANY (%s)", (name, _TABLES)
        ).fetchall()
        if len(found) < len(_TABLES):
            raise _in_use(database, "it is no ledger, so the demo did not make it.")
        names = [fact.source for fact in facts], [fact.id for fact in facts]
        ((foreign,),) = connection.execute(sql.SQL(_FOREIGN).format(ledger=sql.Identifier(name)), names).fetchall()
        if foreign:
            raise _in_use(database, f"{foreign:,} of its facts are not the demo's, and they would be lost.")


def _in_use(database: Database, why: str) -> DemoLedgerInUse:
    return DemoLedgerInUse(
        f"The demo was not run: the schema {database.ledger!r} at {database.place} is in use.",
        why,
        "Run the demo in another database (PLEDGER_DATABASE_URL) or folder (PLEDGER_HOME); if nothing in the schema is "
        "needed, DROP SCHEMA demo CASCADE removes it.",
    )
