"""Playing the shop's facts into a ledger of its own, what the ledger found of the breaches, and rebuilding it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters import bootstrap
from adapters.contract import parse_fact
from adapters.demo.breaches import PLANTED
from adapters.demo.life import shop_life
from adapters.demo.ownership import ACTOR, check_ours
from adapters.ledger import BATCH_MAX, Receipt
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.postgres.schema import drop_ledger
from adapters.queries.read_point import bring_up_to_date
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from adapters.bootstrap import Installation
    from adapters.settings import Settings
    from domain.errors import PledgerError
    from domain.facts import Fact
    from projections.engine import Progress
    from projections.projection import Connection

_DIGEST: Final = """
SELECT count(*), coalesce(sum(('x' || substr(md5(one::text), 1, 15))::bit(60)::bigint), 0)::text FROM {table} AS one
"""


class PlayedShop(NamedTuple):
    """The demo's ledger, with its read models up to date, and what came of the facts."""

    installation: Installation
    connection: Connection
    appended: dict[str, Any]
    """The numbers of facts and events, and the seconds that appending took."""
    planted: list[dict[str, Any]]
    """Each planted breach with what the ledger found."""


class RebuiltShop(NamedTuple):
    """The sums of rebuilding all read models, with whether each table holds what it held before; and each result."""

    document: dict[str, Any]
    rebuilds: dict[str, engine.Rebuilt | PledgerError]


@contextmanager
def played_shop(
    settings: Settings,
    customers: int,
    days: int,
    progress: Callable[[int], AbstractContextManager[Callable[[int, int | None], None]]],
) -> Iterator[PlayedShop]:
    """Make the demo's ledger anew and play the shop's facts into it. Raises `DemoLedgerInUse`.

    `progress` opens, for so many facts, what is told how many of them are appended.
    """
    with bootstrap.database(settings, creates=True) as place:
        check_ours(place)
        facts = [parse_fact(fact) for fact in shop_life(customers, days)]
        drop_ledger(place)
        bootstrap.create(settings)
        with bootstrap.opened(settings) as installation, installation.connect() as connection:
            with progress(len(facts)) as show:
                appended, positions = _play(installation, facts, show)
            planted = _planted(connection, positions)
            bring_up_to_date(connection)
            yield PlayedShop(installation, connection, appended, planted)


def rebuild_shop(shop: PlayedShop, told: Callable[[Progress], None]) -> RebuiltShop:
    """Rebuild all read models, and compare each table with what it held before."""
    before = _digests(shop.connection)
    began = time.perf_counter()
    rebuilds = engine.rebuild(shop.installation.connect, told=told)
    seconds = time.perf_counter() - began
    done = [rebuild for rebuild in rebuilds.values() if isinstance(rebuild, engine.Rebuilt)]
    document = {
        "events": max((one.events for one in done), default=0),
        "rows": sum(one.rows for one in done),
        "seconds": seconds,
        "is_equal": _digests(shop.connection) == before,
    }
    return RebuiltShop(document, rebuilds)


def _play(
    installation: Installation, facts: list[Fact], progress: Callable[[int, int | None], None]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Append the facts; return the sums, and the position of the first event of each planted breach."""
    events, began = 0, time.perf_counter()
    planted = dict.fromkeys((breach.fact for breach in PLANTED), 0)
    for start in range(0, len(facts), BATCH_MAX):
        for answer in installation.ledger.append_many(facts[start : start + BATCH_MAX], actor=ACTOR):
            if not isinstance(answer, Receipt):
                raise answer
            events += answer.events
            if answer.fact in planted:
                planted[answer.fact] = answer.position - answer.events + 1
        progress(min(start + BATCH_MAX, len(facts)), None)
    return {"facts": len(facts), "events": events, "seconds": time.perf_counter() - began}, planted


def _digests(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return the number of rows and a digest of each read model's table; the order of rows does not matter."""
    digests = {}
    for projection in engine.PROJECTIONS:
        ((rows, digest),) = connection.execute(projection.sql(_DIGEST)).fetchall()
        digests[projection.name] = (rows, digest)
    return digests


def _planted(connection: Connection, planted: dict[str, int]) -> list[dict[str, Any]]:
    """Return each planted breach with what the ledger found, straight from the log."""
    with translated():
        found = connection.execute(query("findings")).fetchall()
    return [
        {
            "promise": breach.promise,
            "fact": breach.fact,
            "story": breach.story,
            "found": [
                {"promise": promise, "code": code, "position": position, "event": topic}
                for position, fact, topic, _, promise, code in found
                if fact == planted[breach.fact]
            ],
        }
        for breach in PLANTED
    ]
