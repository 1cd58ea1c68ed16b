"""pledger demo: every planted breach is found, and a second run works too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from adapters.bootstrap import opened
from adapters.contract import parse_fact
from adapters.demo.breaches import PLANTED
from adapters.demo.life import shop_life
from adapters.demo.ownership import ACTOR
from adapters.settings import load_settings
from tests.cli.sample import COLLECTED
from tests.controls import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


SMALL = ("--customers", "120", "--days", "90")


def test_the_demo_finds_what_was_planted_and_nothing_else(pledger: Callable[..., Ran]) -> None:
    """The findings of the whole ledger are those of the planted facts; a second run, of another size, works too."""
    for size in (SMALL, ("--customers", "30", "--days", "60")):
        document = pledger("demo", *size, "--format", "json").json
        assert document["rebuilt"]["is_equal"]
        assert document["rebuilt"]["events"] == document["events"] + 1
        assert len(document["planted"]) == len(PLANTED)
        for planted, breach in zip(document["planted"], PLANTED, strict=True):
            assert {one["promise"] for one in planted["found"]} == {breach.promise, *breach.with_it}
    counted = pledger("status", "--format", "json", PLEDGER_LEDGER="demo").json["findings"]
    found = [one["promise"] for planted in document["planted"] for one in planted["found"]]
    assert sum(counted.values()) == len({(p["fact"], o["promise"]) for p in document["planted"] for o in p["found"]})
    assert set(counted) == set(found)


def test_the_demo_ends_by_saying_what_to_try_next(pledger: Callable[..., Ran]) -> None:
    """A newcomer is left with commands to type."""
    ran = pledger("demo", *SMALL)
    assert ran.code == 0
    assert "Each table holds what it held before." in ran.out
    assert "What to try next" in ran.out
    assert "ACCESS REPORT" in ran.out


def test_a_ledger_of_ones_own_called_demo_stays(pledger: Callable[..., Ran]) -> None:
    """One fact that is not the demo's is enough: it refuses, and the fact is still there."""
    assert pledger("init", PLEDGER_LEDGER="demo").code == 0
    assert pledger("append", "-", stdin=lines(COLLECTED), PLEDGER_LEDGER="demo").code == 0
    ran = pledger("demo", "--format", "json")
    assert (ran.code, ran.out) == (1, "")
    error = json.loads(ran.err.splitlines()[-1])["error"]
    assert error["code"] == "demo_ledger_in_use"
    assert error["why"]
    assert error["hint"]
    assert pledger("status", "--format", "json", PLEDGER_LEDGER="demo").json["by_type"]["DataCollected"] == 1


def test_a_schema_called_demo_that_is_no_ledger_stays(pledger: Callable[..., Ran], database_url: str) -> None:
    """What it holds is not known, so it is not dropped."""
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE SCHEMA demo CREATE TABLE facts (source text, fact_id text)")
    ran = pledger("demo")
    assert (ran.code, "demo_ledger_in_use" in ran.err) == (1, True)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM demo.facts").fetchone() == (0,)


def test_an_interrupted_demo_is_made_anew_until_somebody_appends_to_it(
    pledger: Callable[..., Ran], environment: dict[str, str]
) -> None:
    """A part of the demo's facts is replaced by all of them; a fact of somebody's own stops the next run."""
    assert pledger("init", PLEDGER_LEDGER="demo").code == 0
    settings = load_settings(
        home=Path(environment["PLEDGER_HOME"]), database_url=environment["PLEDGER_DATABASE_URL"], ledger="demo"
    )
    with opened(settings) as installation:
        installation.ledger.append_many([parse_fact(one) for one in list(shop_life())[:20]], actor=ACTOR)
    assert pledger("demo", *SMALL, "--format", "json").json["facts"] > 20
    assert pledger("append", "-", stdin=lines(COLLECTED), PLEDGER_LEDGER="demo").code == 0
    assert "demo_ledger_in_use" in pledger("demo").err
