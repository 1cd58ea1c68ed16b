"""A program of its own that rebuilds all read models in tiny windows; it is there to be killed."""

from __future__ import annotations

import sys

from adapters.postgres.connection import Database
from projections import engine

if __name__ == "__main__":
    url, ledger = sys.argv[1:]
    database = Database(url, ledger)
    print("begun", flush=True)  # noqa: T201 - whoever started it waits for this line
    engine.rebuild(database.connect, window=9, told=lambda progress: print(progress.position, flush=True))  # noqa: T201 - as above
