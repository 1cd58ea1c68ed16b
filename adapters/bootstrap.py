"""The composition root: the only place where the parts are put together.

Promise: `create` makes a ledger whole or leaves nothing behind but a key file; `opened` gives one that is ready to use
and closes all of it afterwards.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from adapters.embedded.server import EmbeddedServer
from adapters.keys.key_file import KeyFile
from adapters.ledger import Ledger, utc_now
from adapters.ledger.appender import Appender
from adapters.ledger.application import LedgerApplication
from adapters.ledger.keyring import Keyring
from adapters.postgres.connection import Database, NoLedger, translated
from adapters.postgres.schema import FirstRows, Identity, check_migrations, create_ledger
from adapters.postgres.wake_ups import WakeUps
from domain.commands import parse_fact
from domain.errors import NoPolicy, PledgerError
from domain.policy.judge import Judge
from domain.policy.loader import load_policy
from domain.policy.rules import KINDS
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import psycopg

    from adapters.keys.holder import KeyHolder
    from adapters.settings import Settings
    from domain.policy.model import Policy

DEFAULT_POLICY: Final = Path(__file__).parent / "policies" / "diamondnexus-2016-03-14.toml"


class PolicyUnreadable(PledgerError):
    """A policy file cannot be read."""

    code = "policy_unreadable"


@dataclass(frozen=True, slots=True)
class Installation:
    """A ledger ready to use, and what it is made of."""

    settings: Settings
    database: Database
    keyring: Keyring
    identity: Identity
    policy: Policy
    ledger: Ledger
    application: LedgerApplication

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection inside the ledger, for reading and for projections."""
        return self.database.connect()


def read_policy(path: Path) -> tuple[str, Policy]:
    """Read and check a policy file; give its text too. Raises `PolicyUnreadable` and `PolicyInvalid`."""
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyUnreadable(
            f"The policy file {path} cannot be read.",
            "it is missing, not readable by this user, or not UTF-8.",
            "Give the path of a policy file with --policy.",
        ) from error
    return text, load_policy(text, name=str(path), kinds=KINDS)


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Give the database that the settings name; the embedded server runs for as long as the block does."""
    if settings.database_url is not None:
        yield Database(settings.database_url.get_secret_value(), settings.ledger)
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with EmbeddedServer(settings.home, settings.postgres_version) as server:
        yield Database(server.url(), settings.ledger, as_writer=True)


def create(settings: Settings, policy_file: Path = DEFAULT_POLICY) -> None:
    """Create a ledger under a policy, with its key file unless there is one. Raises `LedgerExists`."""
    text, policy = read_policy(policy_file)
    with database(settings) as place:
        holder = KeyFile.open(settings.key_path) if settings.key_path.exists() else KeyFile.create(settings.key_path)
        ledger_id, company = uuid4(), uuid4()
        lookup_key = os.urandom(32)
        wrapped = holder.wrap(lookup_key, b"lookup" + ledger_id.bytes)
        keyring = Keyring(holder, lookup_key)
        first = FirstRows(keyring.wrap(company, keyring.new()), policy.version, policy.digest, text)
        create_ledger(place, Identity(ledger_id, company, holder.key_id, wrapped), first)
        with _opened(settings, place, utc_now) as installation:
            published = {
                "source": "/pledger/init",
                "id": f"policy-{policy.version}",
                "type": "pledger.policy_published.v1",
                "time": (policy.effective_from or policy.observed_at).isoformat(),
                "data": {"version": policy.version, "digest": policy.sha256},
            }
            installation.ledger.append(parse_fact(published))


@contextmanager
def opened(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Iterator[Installation]:
    """Open the ledger that the settings name."""
    with database(settings) as place, _opened(settings, place, clock) as installation:
        yield installation


@contextmanager
def _opened(settings: Settings, place: Database, clock: Callable[[], datetime]) -> Iterator[Installation]:
    identity, policy = _read(place)
    holder = KeyFile.open(settings.key_path, identity.key_id)
    keyring = Keyring(holder, _lookup_key(holder, identity))
    appender = Appender(
        place,
        keyring,
        identity.company_stream,
        Judge(policy),
        policy.version,
        clock,
        timedelta(seconds=settings.future_tolerance_seconds),
    )
    appender.purge = engine.purge
    ledger = Ledger(appender, WakeUps(place))
    try:
        application = LedgerApplication(place, keyring)
        try:
            yield Installation(settings, place, keyring, identity, policy, ledger, application)
        finally:
            application.close()
    finally:
        ledger.close()


def _read(place: Database) -> tuple[Identity, Policy]:
    with translated(), place.connect() as connection:
        row = connection.execute("SELECT ledger_id, company_stream, key_id, lookup_key FROM ledger").fetchone()
        if row is None:
            raise NoLedger("The ledger is empty of itself.", "its one identifying row is missing.", "Restore a backup.")
        check_migrations(connection)
        policy = connection.execute("SELECT body, version FROM policies ORDER BY number DESC LIMIT 1").fetchone()
    if policy is None:
        raise NoPolicy("The ledger has no policy.", "its creation was cut short.", "Drop its schema and init again.")
    return Identity(*row), load_policy(policy[0], name=f"policy {policy[1]}", kinds=KINDS)


def _lookup_key(holder: KeyHolder, identity: Identity) -> bytes:
    return holder.unwrap(identity.lookup_key, b"lookup" + identity.ledger_id.bytes)


__all__ = ["DEFAULT_POLICY", "Installation", "create", "database", "opened", "read_policy"]
