"""Looking an installation over: what is well, and what is not.

Promise: each check says what it found, in one line, and none changes anything. A check that cannot be made because an
earlier one failed is left out. Refused: nothing; a fault is a finding here, not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters import bootstrap
from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.webhooks import registry
from domain.errors import PledgerError
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.settings import Settings

_SEALS = 200


class Check(NamedTuple):
    """One thing that was looked at."""

    what: str
    is_well: bool
    found: str


def _well(what: str, found: str) -> Check:
    return Check(what, is_well=True, found=found)


def examine(settings: Settings) -> Iterator[Check]:
    """Look at server, ledger, key and log, in this order."""
    try:
        with bootstrap.opened(settings) as installation, installation.connect() as connection, translated():
            yield _well("server", f"PostgreSQL {connection.info.server_version // 10_000}, reachable")
            yield _well("ledger", f"{settings.ledger}, schema up to date, policy {installation.policy.label}")
            yield _well("key", f"{settings.key_path}, private, the ledger's own")
            yield from _roles(connection)
            yield from _log(connection)
            yield _read_models(connection)
            yield _webhooks(connection)
            yield _seals(installation, connection)
    except PledgerError as error:
        yield Check(error.code, is_well=False, found=str(error))


def _roles(connection: psycopg.Connection[Any]) -> Iterator[Check]:
    ((role, owner, triggers),) = connection.execute(query("doctor_roles")).fetchall()
    yield Check("role", role != owner, f"works as {role}; the tables belong to {owner}")
    expected = ["events", "facts", "ledger", "policies"]
    found = ", ".join(triggers) or "nothing"
    yield Check("immutability", triggers == expected, f"UPDATE, DELETE and TRUNCATE are refused on {found}")


def _log(connection: psycopg.Connection[Any]) -> Iterator[Check]:
    ((size, events, last, gaps),) = connection.execute(query("doctor_log")).fetchall()
    is_dense = size == events == last
    yield Check("positions", is_dense, f"{events:,} events, last position {last:,}, head {size:,}")
    yield Check(
        "streams", gaps == 0, "every stream's versions run from 1 without a gap" if not gaps else f"{gaps} gaps"
    )
    ((orphans,),) = connection.execute(query("doctor_facts")).fetchall()
    yield Check("facts", orphans == 0, "every event's fact is on record" if not orphans else f"{orphans} are not")


def _read_models(connection: psycopg.Connection[Any]) -> Check:
    """Look for tables that nobody keeps up to date, and that an erasure leaves as they are."""
    if left_over := engine.left_over(connection):
        removed = " and ".join(f"pledger projections --remove {name}" for name in left_over)
        found = f"left over of what is no more: {', '.join(left_over)}; whoever is erased stays in them; {removed}"
        return Check("read models", is_well=False, found=found)
    return _well("read models", "no table is left over of one that is no more")


def _webhooks(connection: psycopg.Connection[Any]) -> Check:
    """Look for other systems that are not told any more of opt-outs, corrections and erasures."""
    now = utc_now()
    found = registry.list_webhooks(connection, now)
    ill = [(one.name, ailment) for one in found if (ailment := registry.problem(one, now))]
    if not ill:
        return _well("webhooks", f"{len(found)} are told of what concerns them" if found else "there are none")
    told = "; ".join(f"{name}: {ailment.what}; {ailment.hint}" for name, ailment in ill)
    return Check("webhooks", is_well=False, found=told)


def _seals(installation: Installation, connection: psycopg.Connection[Any]) -> Check:
    rows = [EventRow(*row) for row in connection.execute(query("sealed_sample"), {"limit": _SEALS}).fetchall()]
    streams = list({row.stream_id for row in rows})
    wrapped = connection.execute(query("stream_keys"), {"streams": streams}).fetchall()
    keys = {stream: installation.keyring.unwrap(stream, key).dek for stream, key in wrapped}
    opened = 0
    for row in rows:
        dek = keys.get(row.stream_id)
        if dek is not None:
            to_event(row, dek)
            opened += 1
    return _well("seals", f"the last {opened} sealed events open" if opened else "nothing is sealed yet")
