"""One process that appends the facts on its standard input, a line each, and answers in JSON, a line each.

Arguments: the database's address and the home folder. It says `ready` when the ledger is open.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from adapters.bootstrap import opened
from adapters.contract import parse_fact
from adapters.settings import load_settings
from domain.errors import PledgerError


def main(url: str, home: str) -> None:
    """Append what comes in."""
    with opened(load_settings(home=Path(home), database_url=url)) as it:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            try:
                answer = it.ledger.append(parse_fact(line))._asdict()
            except PledgerError as error:
                answer = {"error": error.code}
            sys.stdout.write(json.dumps(answer, default=str) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
