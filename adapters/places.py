"""Where a ledger is, by its settings: folder, server and key file, and what is said where they are unfit."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from adapters.postgres.connection import Database, NoLedger
from adapters.postgres.embedded.server import VERSIONS as EMBEDDED_VERSIONS, EmbeddedServer
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.settings import Settings


class PlaceUnusable(PledgerError):
    """The home folder or the key file is at a place where this user may not write, or where no file can be."""

    code = "place_unusable"


@contextmanager
def database(settings: Settings, *, creates: bool = False) -> Iterator[Database]:
    """Return the database that the settings name; the embedded server runs for as long as the block does.

    Only with `creates` are a home folder and the embedded server's data made; otherwise raises `NoLedger` where there
    are none, and leaves nothing behind.
    """
    if settings.database_url is not None:
        yield Database(settings.database_url.get_secret_value(), settings.ledger)
        return
    with ExitStack() as stack:
        with usable(settings.home, "PLEDGER_HOME"):
            server = EmbeddedServer(settings.home, settings.postgres_version)
            if not creates and not server.is_made():
                raise _nothing_at(settings)
            settings.home.mkdir(parents=True, exist_ok=True)
            stack.enter_context(server)
        yield Database(server.url(), settings.ledger, as_writer=True)


def _nothing_at(settings: Settings) -> NoLedger:
    others = [version for version in EMBEDDED_VERSIONS if EmbeddedServer(settings.home, version).is_made()]
    if others:
        why = f"what is there was made by PostgreSQL {others[0]}, and {settings.postgres_version} was asked for."
        hint = f"Set PLEDGER_POSTGRES_VERSION={others[0]}."
    else:
        why = "nothing has been made there yet, and only pledger init and pledger demo make anything."
        hint = "Correct PLEDGER_HOME; or run pledger init to make a ledger there, or pledger demo to look at one."
    return NoLedger(f"There is no ledger in {settings.home.absolute()}.", why, hint)


@contextmanager
def usable(path: Path, variable: str) -> Iterator[None]:
    """Turn what the operating system says of a place into `PlaceUnusable`, which names the setting to correct."""
    try:
        yield
    except OSError as error:
        raise PlaceUnusable(
            f"{path} cannot be used.",
            f"{error.strerror or 'the operating system refused'}.",
            f"Name a place where this user may write in {variable}.",
        ) from error
