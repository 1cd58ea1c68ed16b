"""The composition root: the only place where the parts are put together.

`create` makes a ledger whole, or leaves nothing behind but a key file. `opened` yields one that is ready to use, and
closes all of it afterwards; it makes neither a home nor a database.
"""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from adapters.contract import Contract, parse_fact
from adapters.keys.key_file import KeyFile, KeyFileMissing
from adapters.keys.keyring import Keyring
from adapters.ledger import Ledger
from adapters.ledger.appender import Appender
from adapters.own_facts import own_fact
from adapters.places import database, usable
from adapters.policy_texts import policy_from
from adapters.postgres.clock import DatabaseClock
from adapters.postgres.connection import Database, NoLedger, translated
from adapters.postgres.queries import query
from adapters.postgres.schema import FirstRows, Identity, LedgerExists, check_migrations, create_ledger, migrate
from adapters.postgres.wake_ups import WakeUps
from domain.errors import NoPolicy, PledgerError
from domain.policy.judge import Judge
from domain.policy.problems import PolicyInvalid, PolicyProblem
from domain.times import rfc3339
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from adapters.keys.holder import KeyHolder
    from adapters.settings import Settings
    from domain.policy.model import Policy

POLICIES: Final = Path(__file__).parent / "policies"
DEFAULT_POLICY: Final = POLICIES / "diamondnexus-2016-03-14.toml"


class PolicyUnreadable(PledgerError):
    """A policy file cannot be read."""

    code = "policy_unreadable"


@dataclass(frozen=True)
class OpenedLedger:
    """A ledger ready to be read, and what it is made of. Without its key file it has no keyring."""

    settings: Settings
    database: Database
    keyring: Keyring | None
    identity: Identity
    policy: Policy

    @cached_property
    def contract(self) -> Contract:
        """How facts and names are read here."""
        return Contract.of(self.settings)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection inside the ledger, for reading and for projections."""
        return self.database.connect()


@dataclass(frozen=True)
class Installation(OpenedLedger):
    """A ledger ready to use."""

    keyring: Keyring
    ledger: Ledger


def policy_text(connection: psycopg.Connection[Any]) -> str:
    """Return the text of the policy in force in a ledger."""
    with translated():
        ((text,),) = connection.execute("SELECT body FROM policies ORDER BY number DESC LIMIT 1").fetchall()
    return str(text)


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
    return text, policy_from(text, str(path))


def create(settings: Settings, policy_file: Path = DEFAULT_POLICY) -> None:
    """Create a ledger under a policy, with its key file unless there is one.

    One that was cut short before its first event is finished. Raises `LedgerExists`, and `PolicyInvalid` for a policy
    that says it was observed in the future.
    """
    text, policy = read_policy(policy_file)
    with database(settings, creates=True) as place:
        with translated(), place.connect_as_owner() as connection:
            if policy.observed_at > DatabaseClock().ask(connection):
                raise PolicyInvalid(str(policy_file), [PolicyProblem(1, "observed_at", "lies in the future")])
        holder = _new_ledgers_key(settings, place)
        ledger_id, company = uuid4(), uuid4()
        lookup_key = os.urandom(32)
        wrapped = holder.wrap(lookup_key, b"lookup" + ledger_id.bytes)
        keyring = Keyring(holder, lookup_key)
        first = FirstRows(keyring.wrap(company, keyring.new()), policy.version, policy.digest, text)
        try:
            create_ledger(place, Identity(ledger_id, company, holder.key_id, wrapped), first)
        except LedgerExists:
            if not _is_empty(place):
                raise
        with _opened(settings, place) as installation:
            _publish(installation)


def create_missing(settings: Settings, policy_file: Path = DEFAULT_POLICY) -> bool:
    """Create a ledger unless there is one; tell whether it did. One that was cut short is finished."""
    with database(settings, creates=True) as place:
        try:
            with translated(), place.connect() as connection:
                if connection.execute(query("head")).fetchone() != (0,):
                    return False
        except NoLedger:
            pass
    create(settings, policy_file)
    return True


def bring_schema_up_to_date(settings: Settings, policy_file: Path | None) -> tuple[bool, list[str]]:
    """Apply the migrations that a ledger lacks; with a policy, create the ledger first if there is none.

    Return whether it was created, and the names of the migrations.
    """
    created = policy_file is not None and create_missing(settings, policy_file)
    with database(settings) as place:
        return created, migrate(place)


def _publish(installation: Installation) -> None:
    """Append the first event of a ledger: which policy it is under."""
    policy = installation.policy
    data = {"version": policy.version, "digest": policy.sha256}
    if policy.effective_from is not None:
        data["effective_from"] = rfc3339(policy.effective_from)
    published = own_fact("policy_published", "/pledger/init", f"policy-{policy.version}", policy.observed_at, data)
    installation.ledger.append(parse_fact(published))


def _is_empty(place: Database) -> bool:
    """Return whether there is a ledger that has no event yet."""
    try:
        with translated(), place.connect() as connection:
            return connection.execute(query("head")).fetchone() == (0,)
    except PledgerError:
        return False


def _new_ledgers_key(settings: Settings, place: Database) -> KeyFile:
    """Open the key file, or make one where no ledger of this database could be waiting for its lost key."""
    path = settings.key_path
    with usable(path, "PLEDGER_KEY_FILE"):
        if path.exists():
            return KeyFile.open(path)
        # A server of many users can hold ledgers under many keys; the embedded one holds this home's own.
        if settings.database_url is None and (sealed := _ledgers(place)):
            raise KeyFileMissing(
                f"There is no key file at {path}, and no new one was made.",
                f"the database holds what was sealed under another key: {', '.join(sealed)}.",
                "Restore the file from its backup, or name it in PLEDGER_KEY_FILE; for a ledger under a new key, use "
                "another database.",
            )
        return KeyFile.create(path)


def _ledgers(place: Database) -> list[str]:
    with translated(), place.connect_as_owner() as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE relname = 'ledger' AND relkind = 'r' AND attname IN ('ledger_id', 'key_id', 'lookup_key') "
            "GROUP BY nspname HAVING count(*) = 3 ORDER BY nspname"
        ).fetchall()
    return [name for (name,) in rows]


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    """Open the ledger that the settings name."""
    with database(settings) as place, _opened(settings, place) as installation:
        yield installation


@contextmanager
def opened_to_read(settings: Settings) -> Iterator[OpenedLedger]:
    """Open the ledger that the settings name for questions that read coded data, also where its key file is missing."""
    with database(settings) as place:
        identity, policy = _read(place)
        keyring: Keyring | None = None
        with suppress(KeyFileMissing), usable(settings.key_path, "PLEDGER_KEY_FILE"):
            holder = KeyFile.open(settings.key_path, identity.key_id)
            keyring = Keyring(holder, _lookup_key(holder, identity))
        yield OpenedLedger(settings, place, keyring, identity, policy)


@contextmanager
def _opened(settings: Settings, place: Database) -> Iterator[Installation]:
    # The records of people live long and hold no cycles; looking through them every few hundred allocations for some
    # cost a tenth of an append (measured).
    gc.set_threshold(100_000, 50, 100)
    identity, policy = _read(place)
    with usable(settings.key_path, "PLEDGER_KEY_FILE"):
        holder = KeyFile.open(settings.key_path, identity.key_id)
    keyring = Keyring(holder, _lookup_key(holder, identity))
    contract = Contract.of(settings)
    appender = Appender(
        place,
        keyring,
        identity.company_stream,
        contract.addresses,
        Judge(policy),
        timedelta(seconds=settings.future_tolerance_seconds),
        engine.purge,
    )
    ledger = Ledger(appender, WakeUps(place), contract)
    try:
        yield Installation(settings, place, keyring, identity, policy, ledger)
    finally:
        ledger.close()


def _read(place: Database) -> tuple[Identity, Policy]:
    with translated(), place.connect() as connection:
        row = connection.execute("SELECT ledger_id, company_stream, key_id, lookup_key FROM ledger").fetchone()
        if row is None:
            raise NoLedger("The ledger's identity is missing.", "table ledger has no row.", "Restore a backup.")
        check_migrations(connection)
        policy = connection.execute("SELECT body, version FROM policies ORDER BY number DESC LIMIT 1").fetchone()
    if policy is None:
        raise NoPolicy("The ledger has no policy.", "its creation was cut short.", "Drop its schema and init again.")
    return Identity(*row), policy_from(policy[0], f"policy {policy[1]}")


def _lookup_key(holder: KeyHolder, identity: Identity) -> bytes:
    return holder.unwrap(identity.lookup_key, b"lookup" + identity.ledger_id.bytes)


__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Installation",
    "OpenedLedger",
    "bring_schema_up_to_date",
    "create",
    "database",
    "opened",
    "opened_to_read",
    "read_policy",
]
