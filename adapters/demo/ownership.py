"""Check that the schema `demo` is the demo's own, so that it may be made anew.

It is the demo's if it is a ledger that holds only facts of the demo, of any size, all of them or some of an interrupted
run. The demo's facts are known by their actor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from adapters.postgres.connection import translated
from domain.errors import PledgerError

if TYPE_CHECKING:
    from adapters.postgres.connection import Database

_TABLES: Final = ["events", "facts", "head", "ledger", "policies"]
ACTOR: Final = "/pledger/demo"
"""The actor of the demo's facts."""

_FOREIGN: Final = """
SELECT count(*) FROM {ledger}.events
WHERE part = 0 AND source <> '/pledger/init' AND actor <> %s
"""


class DemoLedgerInUse(PledgerError):
    """The schema `demo` holds something that is not the demo's."""

    code = "demo_ledger_in_use"


def check_ours(database: Database) -> None:
    """Check that the demo's schema is missing, or holds only facts of the demo. Raises `DemoLedgerInUse`."""
    with translated(), database.connect_as_owner() as connection:
        name = database.ledger
        if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)).fetchone():
            return
        found = connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = ANY (%s)", (name, _TABLES)
        ).fetchall()
        if len(found) < len(_TABLES):
            raise _in_use(database, "it is not a ledger, so the demo did not make it.")
        statement = sql.SQL(_FOREIGN).format(ledger=sql.Identifier(name))
        ((foreign,),) = connection.execute(statement, (ACTOR,)).fetchall()
        if foreign:
            raise _in_use(database, f"{foreign:,} of its facts are not the demo's, and they would be lost.")


def _in_use(database: Database, why: str) -> DemoLedgerInUse:
    return DemoLedgerInUse(
        f"The demo was not run: the schema {database.ledger!r} at {database.place} is in use.",
        why,
        "Run the demo in another database (PLEDGER_DATABASE_URL) or folder (PLEDGER_HOME); if nothing in the schema is "
        "needed, DROP SCHEMA demo CASCADE removes it.",
    )
