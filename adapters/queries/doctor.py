"""Check an installation: server, ledger, key, addresses, roles, log, read models, webhooks, opt-outs and seals.

Each check says in one line what it found, and changes nothing. A fault is a finding here, not an error. A check that
cannot be made because an earlier one failed is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters import bootstrap
from adapters.addresses import LibraryAddresses
from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from adapters.queries.opt_outs import opt_out_bursts
from adapters.queries.webhooks import webhook_problem, webhooks
from domain.errors import PledgerError
from domain.times import rfc3339
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.settings import Settings

_SEALS = 200


class Check(NamedTuple):
    """One check, and what it found."""

    what: str
    is_well: bool
    found: str


def _well(what: str, found: str) -> Check:
    return Check(what, is_well=True, found=found)


def installation_checks(settings: Settings) -> Iterator[Check]:
    """Make every check that can be made, in order."""
    try:
        with bootstrap.opened(settings) as installation, installation.connect() as connection, translated():
            yield _well("server", f"PostgreSQL {connection.info.server_version // 10_000}, reachable")
            yield _well("ledger", f"{settings.ledger}, schema up to date, policy {installation.policy.label}")
            yield _well("key", f"{settings.key_path}, private, the ledger's own")
            yield _well("addresses", LibraryAddresses(settings.phone_region).version)
            yield from _roles(connection)
            yield from _log(connection)
            yield _read_models(connection)
            yield _webhooks(connection)
            yield _opt_outs(settings, connection)
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
    yield _facts(connection)


def _facts(connection: psycopg.Connection[Any]) -> Check:
    """Look for facts that would be stored a second time, or answered with what another one made."""
    ((unnamed, doubled, unclaimed, erased),) = connection.execute(query("doctor_facts")).fetchall()
    faults = (
        (unnamed, "are in fact_places only, and would be stored again"),
        (doubled, "claim the same events"),
        (erased, "of erased customers still say where they stand"),
    )
    found = [f"{count:,} facts {what}" for count, what in faults if count]
    if unclaimed:
        found.append(f"{unclaimed:,} events belong to no fact")
    return Check("facts", not found, "; ".join(found) or "each event is of one fact, and nothing of the erased is left")


def _read_models(connection: psycopg.Connection[Any]) -> Check:
    """Look for tables that nothing keeps up to date any more, and that an erasure does not reach."""
    if left_over := engine.left_over(connection):
        removed = " and ".join(f"pledger projections --remove {name}" for name in left_over)
        found = f"tables of former read models are left: {', '.join(left_over)}; erased people stay in them; {removed}"
        return Check("read models", is_well=False, found=found)
    return _well("read models", "no table of a former read model is left")


def _webhooks(connection: psycopg.Connection[Any]) -> Check:
    """Look for webhooks that opt-outs, corrections and erasures do not reach any more."""
    found = webhooks(connection, utc_now())["webhooks"]
    ill = [(one["name"], ailment) for one in found if (ailment := webhook_problem(one))]
    if not ill:
        return _well("webhooks", f"{len(found)} receive what they are registered for" if found else "there are none")
    faults = "; ".join(f"{name}: {ailment.what}; {ailment.hint}" for name, ailment in ill)
    return Check("webhooks", is_well=False, found=faults)


def _opt_outs(settings: Settings, connection: psycopg.Connection[Any]) -> Check:
    """Look for a source or an actor that may have opted out a list of strangers."""
    limit = f"{settings.opt_out_burst:,} that bind addresses within {settings.opt_out_burst_hours} hours"
    found = opt_out_bursts(settings, connection, utc_now())
    if not found:
        return _well("opt-outs", f"nobody told more than {limit}")
    bursts = "; ".join(
        f"{one.told_by} {one.name} told {one.opt_outs:,} since {rfc3339(one.since)}, the last at {rfc3339(one.until)}"
        for one in found
    )
    hint = "ask who sent them, and let an officer annul what nobody asked for: pledger annul"
    return Check("opt-outs", is_well=False, found=f"{bursts}; more than {limit} is a burst: {hint}")


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
